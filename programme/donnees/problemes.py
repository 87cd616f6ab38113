"""What a program is told when it is not answered: `application/problem+json` (RFC 9457).

`detail` speaks the language that was asked for, French or English; `erreur` is always the French
sentence that a person reads on the same page.
"""

import json
from http import HTTPStatus

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

API = "/api/"
TYPE = "application/problem+json"
TITRES = {
    400: "Adresse refusée",
    404: "Introuvable",
    405: "Méthode refusée",
    406: "Aucun format accepté",
    429: "Trop de demandes",
    500: "Panne du portail",
    503: "Indisponible pour l’instant",
}
ANGLAIS = {
    "inconnu": "This parameter does not exist at this address: remove it or check its spelling.",
    "repete": "This parameter is given several times: keep one value.",
    "nul": "This parameter contains a null character: remove it.",
    "longueur": "The address is too long: remove filters.",
    "page": "This page does not exist: follow `next` from the first one.",
    "curseur": "This cursor is not of this list in this order: follow `next` from curseur=debut.",
    "liste": "The list that this address comes from cannot be read again: remove `liste`.",
    "moment": "This moment cannot be read: give a past day (YYYY-MM-DD) or hour "
    "(YYYY-MM-DDTHH:MM), or remove `au`.",
    "min_value": "This number is too small.",
    "max_value": "This number is too large.",
    "invalid_choice": "This value does not exist; `erreur` lists those that do.",
}
"""By code of an `Erreur`; what has none is told in general."""
ILLISIBLE = "This value cannot be read; `erreur` says why in French, the OpenAPI document how."


def in_english(request):
    """Whether `Accept-Language` prefers English to French."""
    asked = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    known = (language[:2] for language, weight in asked if weight)
    return next((name for name in known if name in ("fr", "en")), "fr") == "en"


def probleme(request, status, phrase, *, anglais, fautes=()):
    """The answer. phrase: in French; anglais: the same; fautes: the `Erreur`s of the address."""
    english = in_english(request)
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase if english else TITRES[status],
        "status": status,
        "detail": anglais if english else phrase,
        "erreur": phrase,
    }
    if fautes:
        body["parametres"] = [
            {"nom": faute.parametre, "message": faute.anglais if english else faute.message}
            for faute in fautes
        ]
    text = json.dumps(body, ensure_ascii=False)
    response = HttpResponse(text, status=status, content_type=TYPE)
    response["Content-Language"] = "en" if english else "fr"
    patch_vary_headers(response, ["Accept-Language"])
    return response


def refus(request, fautes):
    """400: every fault of the address."""
    return probleme(
        request,
        400,
        " ".join(f"{faute.parametre} : {faute.message}" for faute in fautes),
        anglais=" ".join(f"{faute.parametre}: {faute.anglais}" for faute in fautes),
        fautes=fautes,
    )


def absent(request, phrase=""):
    """404: no record, or no address."""
    return probleme(
        request,
        404,
        phrase or "Rien n’est publié à cette adresse.",
        anglais="Nothing is published at this address. /api/v1/ lists what is.",
    )


def methode(request, permises):
    """405, with `Allow`: `permises`, as that header writes it."""
    response = probleme(
        request,
        405,
        f"{request.method} : cette adresse ne se demande pas ainsi. Elle se lit : {permises}.",
        anglais=f"{request.method} is not allowed at this address. It is read-only: {permises}.",
    )
    response["Allow"] = permises
    return response
