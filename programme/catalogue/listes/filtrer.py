"""All the filters of a list, with all their choices: what its own page leads to."""

from functools import cached_property

from django.shortcuts import render
from django.urls import reverse

from programme.catalogue.adresse import AdresseView
from programme.catalogue.pages.fiche import Introuvable
from programme.catalogue.personnes import sans_personne
from programme.donnees.jeux import JEUX
from programme.requetes import view_of


@sans_personne
class FiltrerView(AdresseView):
    """`/filtrer/<jeu>/?…`: the form of a list that was asked for so; its own address answers it."""

    def get(self, request, jeu):
        found = JEUX.get(jeu)
        if found is None or not found.liste:
            raise Introuvable("Aucune liste à filtrer à cette adresse.")
        self.liste = reverse(found.liste)
        self.vue = view_of(request, self.liste, request.META.get("QUERY_STRING", ""))
        return super().get(request)

    @cached_property
    def erreurs(self):
        return self.vue.erreurs

    def answer(self):
        vue = self.vue
        context = {
            "vue": vue,
            "liste": self.liste,
            "retour": self.liste + vue.requete.avec().removesuffix("?"),
            "lignes": vue.totaux["lignes"],
            "criteres": vue.filterset.presentations,
            "tris": vue.choix_de_tri,
            "tri_habituel": vue.tri_habituel,
            "taille": vue.requete.data.get("taille", ""),
        }
        return render(self.request, "programme/listes/filtrer.html", context)
