"""The read-only API: the lists themselves, in JSON by default, and their OpenAPI description."""

from django.http import JsonResponse
from django.urls import resolve, reverse
from django.views.decorators.http import require_safe

from programme.catalogue.personnes import sans_personne
from programme.donnees import openapi as description
from programme.donnees.exports import (
    ParametreInvalide,
    export_response,
    refusal,
)
from programme.donnees.jeux import JEUX
from programme.donnees.views import json_response
from programme.models import DonneesVersion
from territoires.dates import iso

PARAMETRES = ("format", "page", "taille", "separateur")


@sans_personne
@require_safe
def racine(request):
    """The datasets and the addresses of each."""
    absolute = request.build_absolute_uri
    version = DonneesVersion.objects.current()
    return json_response(
        {
            "version": version.numero,
            "modifie_le": iso(version.modifie_le),
            "openapi": absolute(reverse("openapi")),
            "jeux": [
                {
                    "code": jeu.code,
                    "titre": jeu.titre,
                    "url": absolute(jeu.get_api_url()),
                    "schema": absolute(reverse("donnees_schema", args=[jeu.code])),
                    "page": absolute(jeu.get_absolute_url()),
                }
                for jeu in JEUX.values()
            ],
        }
    )


@sans_personne
@require_safe
def openapi(request):
    return json_response(description.document(request.build_absolute_uri))


@require_safe
def jeu(request, code):
    """The rows of a dataset: its list's own view when it has one, with its filters."""
    if code not in JEUX:
        sentence = f"Le jeu de données « {code} » n’existe pas. Les voir tous : {reverse('api')}"
        return JsonResponse(
            {"erreur": sentence}, status=404, json_dumps_params={"ensure_ascii": False}
        )
    found = JEUX[code]
    request.GET = request.GET.copy()
    if not request.GET.get("format"):
        # What names no file is read page by page, from the first.
        request.GET["format"] = "json"
        request.GET.setdefault("page", "1")
    if found.liste:
        return resolve(reverse(found.liste)).func(request)
    return without_list(request, found)


def without_list(request, jeu):
    """A dataset without a list: its format, its page, and no filter."""
    chosen = request.GET["format"]
    if unknown := sorted(set(request.GET) - set(PARAMETRES)):
        sentence = f"{unknown[0]} : ce paramètre n’existe pas ici. Écrivez {', '.join(PARAMETRES)}."
        return refusal(ParametreInvalide(sentence), chosen)
    return export_response(request, jeu, jeu.published(), chosen)
