"""The search page, and the suggestions while typing."""

from functools import cached_property

from django import forms
from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from programme.catalogue.adresse import AdresseView, MotField
from programme.catalogue.controles import ControlesForm
from programme.catalogue.parcours import Suivie, suite
from programme.catalogue.recherche.carton import LIEUX, Choix, choisir
from programme.catalogue.recherche.hors_regions import collectivite_hors_regions
from programme.catalogue.recherche.moteur import MAXIMUM, chercher, suggerer
from programme.catalogue.recherche.resultats import (
    URLS,
    adresse,
    anciennes_communes,
    resultats,
    situations,
)
from programme.catalogue.recherche.rubriques import rubriques
from programme.models import EntreeIndex
from territoires import moment

LONGUEUR_MAXIMALE = 200
TAILLE = 25
SUIVIES = (("les projets", "projets"), ("les contrats", "contrats"))
"""The lists that answer the same words, and that the journal tells."""
EXEMPLES = ["Châtellerault", "42000", "Pays de l’Aigle", "CC de Lacq-Orthez", "fonderie"]


class TexteForm(forms.Form):
    """What is sought."""

    q = forms.CharField(
        required=False,
        max_length=LONGUEUR_MAXIMALE,
        error_messages={
            "max_length": f"Une recherche a {LONGUEUR_MAXIMALE} caractères au plus : abrégez-la."
        },
    )


class RechercheForm(TexteForm, ControlesForm):
    """What is sought, of which type, and how it is shown."""

    type = MotField(EntreeIndex.Type.values)
    format = MotField(("json",))
    tri = separateur = None


class RechercheView(AdresseView):
    """`?q=` over everything that is public; `type=` keeps one type; `format=json` for machines.

    An empty search is the page that explains it, not an error.
    """

    form_class = RechercheForm
    template_name = "programme/recherche/recherche.html"
    refusal_template = "programme/recherche/refus.html"

    def answer(self):
        if self.demande["format"]:
            return self.json()
        return render(self.request, self.template_name, self.get_context_data())

    @property
    def texte(self):
        return self.demande["q"]

    @property
    def type(self):
        return self.demande["type"]

    def get_refusal_context(self):
        """What was typed is still in the box."""
        typed = self.requete.data.get("q", "").strip()
        texte = typed[: 5 * LONGUEUR_MAXIMALE].replace("\x00", "")
        return super().get_refusal_context() | {"texte": texte}

    # --- The answer ---------------------------------------------------------------------------

    @cached_property
    def reponse(self):
        return chercher(self.texte, self.type)

    @property
    def taille(self):
        return self.demande["taille"] or TAILLE

    @property
    def titre_filtre(self):
        words = [f"« {self.texte} »"] if self.texte else []
        words += [EntreeIndex.Type(self.type).label] if self.type else []
        return " : ".join(["Recherche", ", ".join(words)] if words else ["Recherche"])

    @property
    def suivies(self):
        """All that is ranked: the pages of the answers are walked as one list."""
        rows = self.reponse.entrees.valeurs("type", "identifiant", "nom", "adresse")
        return [Suivie(URLS.get(type_), *said) for type_, *said in rows]

    @cached_property
    def paginator(self):
        paginator = Paginator(self.reponse.entrees, self.taille)
        paginator.count = min(self.reponse.total, MAXIMUM)
        return paginator

    @cached_property
    def resultats(self):
        sought = self.reponse.correction or self.texte
        return resultats(self.page.object_list, sought, moment.today())

    @property
    def choix(self):
        """The card that answers, above the first results."""
        if self.page.number > 1 or self.type not in ("", *LIEUX):
            return Choix()
        return choisir(self.resultats, self.reponse.correction or self.texte, moment.today())

    def json(self):
        page, absolute = self.page, self.request.build_absolute_uri
        body = {
            "count": self.paginator.count,
            "next": absolute(self._adresse(page.number + 1)) if page.has_next() else None,
            "previous": absolute(self._adresse(page.number - 1)) if page.has_previous() else None,
            "results": [_as_json(resultat, absolute) for resultat in self.resultats],
        }
        if self.reponse.correction:
            body["correction"] = self.reponse.correction
        if hors_regions := collectivite_hors_regions(self.texte):
            body["remarque"] = hors_regions.phrase
        elif aussi := self.reponse.aussi:
            body["remarque"] = (
                f"{self.texte} est aussi le code INSEE de {', '.join(map(str, aussi))}."
            )
        return JsonResponse(body, json_dumps_params={"ensure_ascii": False})

    def _adresse(self, number):
        return f"{self.request.path}{self.requete.avec(page=number, format='json')}"

    def get_context_data(self):
        return {
            "texte": self.texte,
            "type": self.type,
            "reponse": self.reponse,
            "hors_regions": collectivite_hors_regions(self.texte),
            "rubriques": rubriques(self.texte),
            "resultats": self.resultats,
            "choix": self.choix,
            "suite": suite(self.requete, "recherche"),
            "types": [
                (EntreeIndex.Type(type_), nombre, self.requete.avec(type=type_))
                for type_, nombre in self.reponse.comptes.items()
            ],
            "tous_types": self.requete.avec(type=None),
            "a_suivre": [
                (words, f"{reverse(name)}?{urlencode({'q': self.texte})}")
                for words, name in SUIVIES
            ],
            **self.get_page_context(),
            "canonique": self.requete.canonique,
            "exemples": EXEMPLES,
            "maximum": MAXIMUM,
        }


def _as_json(resultat, absolute):
    entree, territoire = resultat.entree, resultat.territoire
    return {
        "type": entree.type,
        "code": entree.code,
        "nom": entree.nom,
        "url": absolute(resultat.url),
        "precision": entree.precision,
        "territoire": territoire
        and {"code": territoire.code, "nom": territoire.nom, "phase": territoire.phase_id},
    }


def _en_mots(appartenance):
    if appartenance.territoire:
        return f"dans le territoire {appartenance.territoire.nom}"
    return "dans aucun territoire"


class SuggestionsView(AdresseView):
    """`{"correction", "results": [{"type", "nom", "precision", "url"}]}`, a few rows.

    The precision of a place says whether it is in a territory today.
    """

    form_class = TexteForm
    machine = "json"

    def answer(self):
        texte = self.demande["q"]
        entrees, correction = suggerer(texte)
        anciennes = anciennes_communes(entrees, correction or texte)
        connues = situations(entrees, moment.today())

        def precision(entree):
            _, place, _ = connues.get(entree.identifiant, (None, None, []))
            said = [entree.precision, *anciennes.get(entree.identifiant, [])[:1]]
            return ", ".join(filter(None, [*said, place and _en_mots(place)]))

        rows = [
            {
                "type": EntreeIndex.Type(entree.type).label,
                "nom": entree.nom,
                "precision": precision(entree),
                "url": adresse(entree),
            }
            for entree in entrees
        ]
        body = {"correction": correction, "results": rows}
        return JsonResponse(body, json_dumps_params={"ensure_ascii": False})
