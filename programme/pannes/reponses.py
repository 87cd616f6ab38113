"""503 with `Retry-After`: the sentence in the form that was asked for, and the form given back.

Nothing here asks the database: the pages are rendered without a request's context.
"""

import re

from django.contrib import admin
from django.db import DatabaseError, InterfaceError
from django.http import HttpResponse
from django.template.loader import render_to_string

from programme.backoffice.cadre.restitution import Saisie
from programme.backoffice.identite import saisies
from programme.backoffice.identite.second_facteur import OUVERTES
from programme.catalogue.context_processors import site
from programme.donnees import problemes
from programme.pannes.causes import Panne

JSON = re.compile(r"^/api/|\.(geo)?json(ld)?$|^/recherche/suggestions/$")
TEXTE = re.compile(r"\.(atom|ics|xml|txt|csv|ttl)$")
# What a form carries for itself.
RANGEMENT = re.compile(
    r"^(csrfmiddlewaretoken|saisie_de|version_vue|next|_.*|.*-(id|version_vue)|initial-.*|.*"
    r"-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS|.*__prefix__.*)$"
)
LISIBLE = {Panne.LECTURE_SEULE, Panne.PLEIN}
"""Failures under which the database is read all the same."""


def indisponible(request, panne):
    """The answer of a request that the database did not let be answered; `panne` is told in it."""
    asked = request.GET.get("format", "")
    if asked in ("json", "geojson") or (not asked and JSON.search(request.path)):
        english = f"{panne.anglais} Ask again in {panne.attente} seconds."
        response = problemes.probleme(request, 503, _sentence(panne), anglais=english)
    elif asked or TEXTE.search(request.path):
        response = HttpResponse(f"{_sentence(panne)}\n", content_type="text/plain; charset=utf-8")
    else:
        response = HttpResponse(page(request, panne))
    response.status_code = 503
    response["Retry-After"] = str(panne.attente)
    response["Cache-Control"] = "no-store"
    response.panne = panne
    return response


def page(request, panne):
    fields, files = saisies.typed(request)
    context = {
        **site(request),
        "voir_comme": None,
        "request": request,
        "phrase": panne.phrase,
        "attente": panne.attente,
        "lecture_seule": panne is Panne.LECTURE_SEULE,
        "incertain": panne is Panne.ABSENTE,
        "envoi": request.method == "POST",
        "connexion": request.path_info.startswith(OUVERTES),
        "adresse": request.get_full_path(),
        "champs": fields,
        "groupes": _in_words(request, panne) if fields else [],
        "brut": [(name, value) for name, value in fields if value and not RANGEMENT.match(name)],
        "fichiers": files,
    }
    return render_to_string("503.html", context)


def _sentence(panne):
    return f"{panne.phrase} Redemandez dans {panne.attente} secondes."


def _in_words(request, panne):
    """What was typed, under the names of the page, when the database can still be read."""
    match = request.resolver_match
    if panne not in LISIBLE or match is None or match.app_name != "admin":
        return []
    for model, screen in admin.site._registry.items():
        prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
        if match.url_name in (f"{prefix}add", f"{prefix}change"):
            try:
                return Saisie(screen, request).groups
            except (DatabaseError, InterfaceError):
                return []
    return []
