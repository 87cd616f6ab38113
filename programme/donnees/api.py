"""The read-only API: the lists themselves, in JSON by default, and their OpenAPI description."""

from functools import cached_property

from django.http import JsonResponse
from django.urls import resolve, reverse
from django.views.decorators.http import require_safe

from programme.catalogue.adresse import lit
from programme.catalogue.controles import ControlesForm
from programme.catalogue.personnes import sans_personne
from programme.catalogue.vues import JeuView
from programme.donnees import openapi as description
from programme.donnees.jeux import JEUX
from programme.donnees.views import json_response
from programme.models import DonneesVersion
from programme.requetes import request_with
from territoires.dates import iso


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


@lit(None)
@require_safe
def jeu(request, code):
    """The rows of a dataset: its list's own view when it has one, with its filters."""
    if code not in JEUX:
        sentence = f"Le jeu de données « {code} » n’existe pas. Les voir tous : {reverse('api')}"
        return JsonResponse(
            {"erreur": sentence}, status=404, json_dumps_params={"ensure_ascii": False}
        )
    found = JEUX[code]
    asked = request.GET.copy()
    if not asked.get("format"):
        # What names no file is read page by page, from the first.
        asked["format"] = "json"
        asked.setdefault("page", "1")
    request = request_with(request, GET=asked)
    if found.liste:
        return resolve(reverse(found.liste)).func(request)
    return SansListeView.as_view(jeu=found)(request)


class SansListeForm(ControlesForm):
    """The controls of a dataset without a list."""

    tri = None


class SansListeView(JeuView):
    """A dataset without a list: its format and its page."""

    def get_form(self):
        return SansListeForm(self.requete.data)

    @cached_property
    def sorted_queryset(self):
        return self.jeu.published()
