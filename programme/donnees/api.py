"""The read-only API: the lists themselves, in JSON by default, and their OpenAPI description."""

from functools import cached_property

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.views.decorators.http import require_safe

from programme.catalogue.adresse import AdresseView, lit
from programme.catalogue.controles import ControlesForm
from programme.catalogue.listes.champs import ClesField
from programme.catalogue.personnes import sans_personne
from programme.catalogue.vues import JeuView
from programme.donnees import openapi as description
from programme.donnees import problemes
from programme.donnees.curseur import DEBUT
from programme.donnees.exports import TAILLE, TAILLE_MAXIMALE, Metadonnees
from programme.donnees.horizon import mesures, of_rows
from programme.donnees.jeux import JEUX
from programme.donnees.views import json_response
from programme.models import DonneesVersion
from programme.requetes import request_with
from territoires import moment
from territoires.dates import iso


@sans_personne
@require_safe
def racine(request):
    """The datasets and the addresses of each."""
    absolute = request.build_absolute_uri
    version = DonneesVersion.objects.current()
    return json_response(
        {
            "version": None if moment.actuel() else version.numero,
            "modifie_le": iso(version.modifie_le),
            "documentation": absolute(reverse("api_documentation")),
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
def documentation(request):
    """How the API is asked, with examples that a browser may run."""
    context = {
        "par_minute": settings.API_PAR_MINUTE,
        "taille": TAILLE,
        "taille_maximale": TAILLE_MAXIMALE,
        "jeux": [(jeu, description.exemples(jeu)) for jeu in JEUX.values()],
    }
    return render(request, "programme/donnees/api.html", context)


@lit(None)
@require_safe
def jeu(request, code):
    """The rows of a dataset: its list's own view when it has one, with its filters."""
    if code not in JEUX:
        return problemes.absent(request, _unknown(code))
    found = JEUX[code]
    asked = request.GET.copy()
    if not asked.get("format"):
        # What names no file is read from the first row, by cursors unless pages are asked for.
        asked["format"] = "json"
        if not asked.get("page"):
            asked.setdefault("curseur", DEBUT)
    request = request_with(request, GET=asked)
    if found.liste:
        return resolve(reverse(found.liste)).func(request)
    return SansListeView.as_view(jeu=found)(request)


class FicheApiView(AdresseView):
    """One row, under the names of its dataset, at an address that never changes."""

    http_method_names = ("get", "head")

    def answer(self, code, cle):
        jeu = JEUX.get(code)
        if jeu is None or jeu.colonne_cle is None:
            return problemes.absent(self.request, self._without_records(code))
        rows = jeu.with_keys(jeu.published(), [cle])
        for record in jeu.records(rows):
            response = json_response(record)
            collection = self.request.build_absolute_uri(jeu.get_api_url())
            response["Link"] = f'<{collection}>; rel="collection"'
            told = rows.order_by().aggregate(**measures) if (measures := mesures(jeu)) else {}
            Metadonnees(1, of_rows(jeu, told), ()).write(response)
            return response
        if (kept := jeu.devenu(cle)) is not None:
            return redirect("api_fiche", code, kept, permanent=True)
        column = jeu.colonne_cle
        sentence = f"Aucune ligne publiée du jeu « {jeu.titre} » n’a pour {column.nom} « {cle} »."
        return problemes.absent(self.request, sentence)

    @staticmethod
    def _without_records(code):
        if code not in JEUX:
            return _unknown(code)
        jeu = JEUX[code]
        return (
            f"Une ligne du jeu « {jeu.titre} » se reconnaît à plusieurs colonnes "
            f"({', '.join(jeu.cle)}) : elle n’a pas d’adresse. Le jeu : {jeu.get_api_url()}"
        )


def _unknown(code):
    return f"Le jeu de données « {code} » n’existe pas. Les voir tous : {reverse('api')}"


class SansListeForm(ControlesForm):
    """The controls of a dataset without a list, and its codes when it has some."""

    tri = None

    def __init__(self, data, *, jeu):
        super().__init__(data)
        self.cle = jeu.colonne_cle
        if self.cle:
            self.fields[self.cle.nom] = ClesField(required=False)


class SansListeView(JeuView):
    """A dataset without a list: its format and its page."""

    def get_form(self):
        return SansListeForm(self.requete.data, jeu=self.jeu)

    @cached_property
    def sorted_queryset(self):
        rows, cle = self.jeu.published(), self.form.cle
        asked = self.demande[cle.nom] if cle else ()
        return self.jeu.with_keys(rows, asked) if asked else rows
