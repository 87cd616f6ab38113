"""The list of the sources; the page of one: all that the published datasets draw from it."""

import re
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet, Value
from django.shortcuts import render

from programme.catalogue.adresse import AdresseView, ParcoursForm
from programme.catalogue.pages.fiche import Introuvable
from programme.catalogue.parcours import AvecParcours, Suivie, suite
from programme.catalogue.personnes import sans_personne
from programme.donnees import provenance
from programme.donnees.jeux import JEUX
from programme.models import ComiteRegional, Seance, Source, Valeur
from territoires.models import Liste, Phase

AUTRES = (
    ("Phases du programme", Phase.objects.all),
    ("Listes de territoires", Liste.objects.all),
    ("Comités de pilotage régionaux", ComiteRegional.objects.all),
    ("Séances de comité", Seance.objects.published),
)
"""The public records that no dataset publishes."""

MONTRES = 10
"""Records named by dataset; the dataset has them all."""


@dataclass(frozen=True)
class Appui:
    """The public rows of one kind that cite the source: how many, and the first of them.

    colonnes: those of a dataset that come from it, when the rest does not.
    """

    nom: str
    url: str
    nombre: int
    fiches: list
    colonnes: str = ""

    @property
    def reste(self):
        return self.nombre - len(self.fiches)


@sans_personne
class SourcesView(AdresseView):
    """Every source, on one page."""

    titre_filtre = "Sources"
    taille = 0

    @cached_property
    def sources(self):
        return Source.objects.published().order_by("date", "code")

    @property
    def suivies(self):
        return [Suivie("source", row.pk, row.titre, row.code) for row in self.sources]

    def answer(self):
        context = {"sources": self.sources, "suite": suite(self.requete, "sources")}
        return render(self.request, "programme/pages/sources.html", context)


class SourceView(AvecParcours, AdresseView):
    jeu = "sources"
    form_class = ParcoursForm

    def answer(self, code):
        found = Source.objects.filter(pk=code).first()
        if found is None:
            raise Introuvable("Aucune source n’a ce code.")
        context = {
            "objet": found,
            "appuis": appuis(found.code),
            "parcours": self.parcours_of(found),
        }
        return render(self.request, "programme/pages/source.html", context)


def appuis(code):
    """An `Appui` for each kind of record that cites `code`, two queries a kind."""
    kinds = [(jeu.titre, jeu.get_absolute_url(), jeu.published()) for jeu in JEUX.values()]
    kinds += [(name, "", rows()) for name, rows in AUTRES]
    for name, url, rows in kinds:
        cited = None if rows.model is Valeur else citing(rows, code)
        if cited is not None and (nombre := cited.count()):
            named = hasattr(rows.model, "get_absolute_url")
            yield Appui(name, url, nombre, list(cited[:MONTRES]) if named else [])
    yield from _declared(code)


def _declared(code):
    """The datasets and the columns that declare that all of their values come from `code`."""
    for jeu in JEUX.values():
        columns = [
            colonne.titre
            for _, colonne, origine in provenance.stated(jeu)
            if isinstance(origine.source, Value)
            and re.search(provenance.citing(code), origine.source.value or "")
        ]
        if code in jeu.documents or columns:
            shown = "" if code in jeu.documents else ", ".join(columns)
            yield Appui(jeu.titre, jeu.get_absolute_url(), jeu.published().count(), [], shown)


def citing(rows, code) -> QuerySet | None:
    """Those of `rows` of which a source field holds this very code; None without such a field."""
    names = [f.name for f in rows.model._meta.fields if re.match(r"source(_|$)", f.name)]
    if not names:
        return None
    cited = Q()
    for name in names:
        cited |= Q(**{f"{name}__regex": provenance.citing(code)})
    return rows.filter(cited)
