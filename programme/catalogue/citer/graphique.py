"""The page of one chart: where the lists that draw it lead for its numbers."""

from functools import cached_property

from django.shortcuts import render

from programme.catalogue.adresse import AdresseView
from programme.catalogue.citer.citables import CITABLES
from programme.catalogue.citer.lecture import Illisible, lire
from programme.catalogue.pages.fiche import Introuvable
from programme.catalogue.personnes import sans_personne


@sans_personne
class GraphiqueView(AdresseView):
    """`/graphiques/<code>/?…`: a chart and all its numbers, for the rows asked for."""

    def get(self, request, code):
        self.citable = CITABLES.get(code)
        if self.citable is None or not self.citable.dessiner:
            raise Introuvable("Aucun graphique à cette adresse.")
        return super().get(request)

    @cached_property
    def erreurs(self):
        try:
            self.lecture = lire(
                self.request, self.citable, self.request.META.get("QUERY_STRING", "")
            )
        except Illisible as refused:
            return refused.erreurs
        return []

    def answer(self):
        context = {
            "citable": self.citable,
            "titre": self.lecture.nom or self.citable.titre,
            "graphique": self.citable.dessiner(
                self.citable.vue(self.request, self.lecture.requete)
            ),
            "lien": self.citable.lien(self.request, self.lecture.requete),
            "filtres": self.lecture.filtres,
            "liste": self.lecture.liste,
        }
        return render(self.request, "programme/citer/graphique.html", context)
