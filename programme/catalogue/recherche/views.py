"""The search page, and the suggestions while typing."""

from functools import cached_property

from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View
from django.views.decorators.http import require_safe

from programme.catalogue.controles import ControlesForm
from programme.catalogue.listes.filterset import Erreur, check_parameters
from programme.catalogue.recherche.hors_regions import collectivite_hors_regions
from programme.catalogue.recherche.moteur import MAXIMUM, chercher, suggerer
from programme.catalogue.recherche.resultats import (
    adresse,
    anciennes_communes,
    resultats,
    situations,
)
from programme.catalogue.requete import Requete
from programme.donnees.exports import ParametreInvalide, refusal
from programme.models import EntreeIndex

LONGUEUR_MAXIMALE = 200
TAILLE = 25
PARAMETRES = dict.fromkeys(["q", "type", "page", "taille", "format"], False)
EXEMPLES = ["Châtellerault", "42000", "Pays de l’Aigle", "CC de Lacq-Orthez", "fonderie"]


class RechercheView(View):
    """`?q=` over everything that is public; `type=` keeps one type; `format=json` for machines.

    An empty search is the page that explains it, not an error.
    """

    def get(self, request):
        if erreurs := self.errors():
            return self.refuse(erreurs)
        if self.controles.cleaned_data["format"]:
            return self.json()
        return render(request, "programme/recherche/recherche.html", self.get_context_data())

    # --- What the address asks ----------------------------------------------------------------

    @cached_property
    def requete(self):
        return Requete(self.request.GET)

    @property
    def texte(self):
        return self.requete.data.get("q", "").strip()

    @property
    def type(self):
        return self.requete.data.get("type", "")

    @cached_property
    def controles(self):
        return ControlesForm(self.requete.data, tris={}, formats={"json": "JSON"})

    def errors(self):
        if erreurs := check_parameters(self.requete.data, PARAMETRES) or self._text_errors():
            return erreurs
        if self.controles.errors:
            return [
                Erreur(nom, nom, message)
                for nom, messages in self.controles.errors.items()
                for message in messages
            ]
        return self._page_errors()

    def _text_errors(self):
        if len(self.texte) > LONGUEUR_MAXIMALE:
            sentence = f"La recherche compte au plus {LONGUEUR_MAXIMALE} caractères : abrégez-la."
            return [Erreur("q", "Recherche", sentence)]
        if self.type and self.type not in EntreeIndex.Type.values:
            known = ", ".join(EntreeIndex.Type.values)
            return [Erreur("type", "Type", f"Ce type n’existe pas. Types possibles : {known}.")]
        return []

    def _page_errors(self):
        number = self.controles.cleaned_data["page"] or 1
        if number <= (last := self.paginator.num_pages):
            return []
        known = f"de 1 à {last}" if last > 1 else "1, la seule"
        sentence = f"La page {number} n’existe pas : demandez la page {known}."
        return [Erreur("page", "page", sentence)]

    def refuse(self, erreurs):
        """400, and what was typed is still in the box."""
        if self.request.GET.get("format"):
            sentences = " ".join(f"{erreur.parametre} : {erreur.message}" for erreur in erreurs)
            return refusal(ParametreInvalide(sentences), self.request.GET["format"])
        context = {
            "texte": self.texte[: 5 * LONGUEUR_MAXIMALE].replace("\x00", ""),
            "erreurs": erreurs,
            "longueur": LONGUEUR_MAXIMALE,
        }
        return render(self.request, "programme/recherche/refus.html", context, status=400)

    # --- The answer ---------------------------------------------------------------------------

    @cached_property
    def reponse(self):
        return chercher(self.texte, self.type)

    @cached_property
    def paginator(self):
        size = self.controles.cleaned_data["taille"] or TAILLE
        paginator = Paginator(self.reponse.entrees, size)
        paginator.count = min(self.reponse.total, MAXIMUM)
        return paginator

    @cached_property
    def page(self):
        return self.paginator.page(self.controles.cleaned_data["page"] or 1)

    @cached_property
    def resultats(self):
        sought = self.reponse.correction or self.texte
        return resultats(self.page.object_list, sought, timezone.localdate())

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
        page = self.page
        numbers = self.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
        return {
            "texte": self.texte,
            "type": self.type,
            "reponse": self.reponse,
            "hors_regions": collectivite_hors_regions(self.texte),
            "resultats": self.resultats,
            "types": [
                (EntreeIndex.Type(type_), nombre, self.requete.avec(type=type_))
                for type_, nombre in self.reponse.comptes.items()
            ],
            "tous_types": self.requete.avec(type=None),
            "page": page,
            "pages": [
                (number, self.requete.avec(page=number) if isinstance(number, int) else "")
                for number in numbers
            ],
            "precedente": self.requete.avec(page=page.number - 1),
            "suivante": self.requete.avec(page=page.number + 1),
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


@require_safe
def suggestions(request):
    """`{"correction", "results": [{"type", "nom", "precision", "url"}]}`, a few rows.

    The precision of a place says whether it is in a territory today.
    """
    texte = request.GET.get("q", "").strip()
    if erreurs := check_parameters(request.GET, {"q": False}):
        sentences = " ".join(f"{erreur.parametre} : {erreur.message}" for erreur in erreurs)
        return refusal(ParametreInvalide(sentences), "json")
    if len(texte) > LONGUEUR_MAXIMALE:
        sentence = f"q : la recherche compte au plus {LONGUEUR_MAXIMALE} caractères."
        return refusal(ParametreInvalide(sentence), "json")
    entrees, correction = suggerer(texte)
    anciennes = anciennes_communes(entrees, correction or texte)
    connues = situations(entrees, timezone.localdate())

    def precision(entree):
        place, _ = connues.get(entree.identifiant, (None, []))
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
