"""The figures that can be cited or put in another site, each declared once.

A figure is read from the very view of the page that shows it, asked for a query: its rows, its
totals, its title; a chart, from the registry of charts. What a page prints, a citation keeps and
an embed shows cannot disagree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.http import QueryDict
from django.urls import reverse

from programme.catalogue.adresse import AdresseView
from programme.catalogue.carte.views import CarteView
from programme.catalogue.graphiques.registre import DECLARATIONS
from programme.catalogue.listes import urls as listes
from programme.donnees import horizon
from programme.enonces import NBSP, quantite
from programme.requetes import request_with, view_of
from territoires.dates import date_in_words, iso
from territoires.reponses import NON_RENSEIGNE, SANS_OBJET, reponse


class Mesure(NamedTuple):
    """What a figure is worth: `dites` of its `fiches` tell the value, None when nobody does.

    constat, tableau: of a chart, its finding in a sentence and its table, header first.
    """

    valeur: int | None
    fiches: int
    dites: int
    constat: str = ""
    tableau: tuple[tuple, ...] = ()


@dataclass(frozen=True)
class Citable:
    """A figure: its code in addresses, what it is, in which unit, from the view of which page.

    unite: plural words, or EUR; "" for a chart. page: the URL name of the view that reads its
    query. mesurer: from this view, its `Mesure`. somme: whether a record may not tell it. fixe:
    from the view, the parameters that a day would otherwise decide. page_titre: of a list.
    """

    code: str
    titre: str
    definition: str
    unite: str
    page: str
    mesurer: Callable[[Any], Mesure]
    somme: bool = False
    page_titre: str = ""
    fixe: Callable[[Any], dict[str, str]] = lambda vue: {}

    @property
    def adresse(self):
        return reverse(self.page)

    @property
    def est_une_carte(self):
        return self.page == "carte"

    @property
    def est_un_graphique(self):
        return not self.unite

    def vue(self, request, query):
        """What reads its rows for a query string, as a visitor of its page would ask for it."""
        return view_of(request, self.adresse, query)

    def dire(self, mesure):
        """The value in words: « 5,4 Md€ », « 1 158 projets », « non renseigné », « sans objet »."""
        if self.est_un_graphique:
            return mesure.constat
        told = mesure.valeur
        if self.somme:
            told = reponse(told, dits=mesure.dites, sur=mesure.fiches)
        if told is None or told is SANS_OBJET:
            return NON_RENSEIGNE if told is None else str(SANS_OBJET)
        return quantite(told, self.unite)

    def retenus(self, mesure):
        """« 1 158 projets, dont 452 sans montant »: what is counted, what does not tell it."""
        if self.est_un_graphique:
            return quantite(mesure.fiches, "lignes")
        told = quantite(mesure.fiches, "projets" if self.page == "projets" else self.unite)
        if not self.somme or mesure.fiches == mesure.dites:
            return told
        how = "sans montant" if self.unite == "EUR" else "qui ne le disent pas"
        return f"{told}, dont {quantite(mesure.fiches - mesure.dites)}{NBSP}{how}"


# --- Lists: how many rows ---------------------------------------------------------------------


def _lignes(vue):
    number = vue.totaux["lignes"]
    return Mesure(number, number, number)


def _liste(name, view):
    return Citable(
        code=view.jeu_code,
        titre=f"Nombre de lignes de la liste « {view.titre} »",
        definition="Les lignes publiées que gardent les filtres, chacune comptée une fois. "
        f"{view.chapo}",
        unite=_pluriel(view.nom),
        page=name,
        mesurer=_lignes,
        page_titre=view.titre,
    )


def _pluriel(nom):
    first, *others = nom.split(" ")
    return " ".join([f"{first}s", *others])


LISTES = [_liste(entry.name, entry.callback.view_class) for entry in listes.urlpatterns]


def _actes(vue):
    number = vue.totaux["lignes"] - vue.filterset.qs.doubles().count()
    return Mesure(number, number, number)


ACTES = Citable(
    code="contrats-actes",
    titre="Protocoles et contrats, chaque acte une fois",
    definition="Les contrats publiés que gardent les filtres ; ceux qui sont peut-être le même "
    "acte qu’un autre, que deux sources nomment autrement, ne comptent qu’une fois.",
    unite="actes",
    page="contrats",
    mesurer=_actes,
)

# --- Projects: sums ---------------------------------------------------------------------------


def _somme(nom):
    def mesurer(vue):
        totaux = vue.totaux
        return Mesure(totaux[nom], totaux["projets"], totaux[f"{nom}_renseignes"])

    return mesurer


UNE_FOIS = (
    "Somme des projets publiés que gardent les filtres, chacun une fois, calculée sur les fiches "
    "dont la source donne la valeur ; ce qu’elle ne donne pas ne compte pas pour zéro."
)


def _des_projets(code, nom, titre, unite, suite=""):
    return Citable(
        code=f"projets-{code}",
        titre=titre,
        definition=UNE_FOIS + suite,
        unite=unite,
        page="projets",
        mesurer=_somme(nom),
        somme=True,
    )


SOMMES = [
    _des_projets("emplois-crees", "emplois_crees", "Emplois créés", "emplois créés"),
    _des_projets(
        "emplois-maintenus", "emplois_maintenus", "Emplois maintenus", "emplois maintenus"
    ),
    _des_projets(
        "investissement",
        "investissement_eur",
        "Investissement",
        "EUR",
        " L’investissement est celui de l’entreprise, pas l’aide reçue.",
    ),
]


# --- The map ------------------------------------------------------------------------------------


def _presents(vue):
    number = len(vue.carte.presents)
    return Mesure(number, number, number)


CARTE = Citable(
    code="carte",
    titre="Territoires sur la carte",
    definition="Les territoires dont l’entrée est attestée, ou reconstituée, à cette date ; après "
    "la dernière liste connue, ceux de cette liste. Un territoire possible ne compte pas.",
    unite="territoires",
    page="carte",
    mesurer=_presents,
    fixe=lambda vue: {"date": iso(vue.date)},
)

# --- Charts -------------------------------------------------------------------------------------


class VueDeGraphique(AdresseView):
    """A chart of the registry, which has no filter: its address takes no parameter."""

    code = ""

    @cached_property
    def graphique(self):
        return DECLARATIONS[self.code].faire()


@dataclass(frozen=True)
class Dessine(Citable):
    """The citable of a chart: what it finds, and its table."""

    @property
    def graphique(self):
        """The code of its chart."""
        return self.code.removeprefix(PREFIXE)

    @property
    def adresse(self):
        return reverse(self.page) + f"#graphique-{self.graphique}"

    def vue(self, request, query):
        vue = VueDeGraphique(code=self.graphique)
        vue.setup(request_with(request, GET=QueryDict(query), META={"QUERY_STRING": query}))
        return vue


PREFIXE = "graphique-"


def _dessin(vue):
    drawn = vue.graphique
    table = tuple(tuple(_plain(cell) for cell in row) for row in drawn.tableau)
    return Mesure(None, len(drawn.lignes), len(drawn.lignes), str(drawn.titre), table)


def _plain(cell):
    """A cell as JSON keeps it: a number, a text, nothing."""
    if cell is None or isinstance(cell, int | float):
        return cell
    return float(cell) if isinstance(cell, Decimal) else str(cell)


GRAPHIQUES = [
    Dessine(
        code=f"{PREFIXE}{declaration.code}",
        titre=declaration.nom,
        definition="Graphique calculé sur les fiches publiées ; ses nombres sont ceux de son "
        "tableau, et son titre dit ce qu’ils montrent.",
        unite="",
        page=declaration.page,
        mesurer=_dessin,
    )
    for declaration in DECLARATIONS.values()
]

CITABLES = {citable.code: citable for citable in (*LISTES, ACTES, *SOMMES, CARTE, *GRAPHIQUES)}
"""Every figure by its code. A new one is a line above: pages, citations and embeds read it here."""

# --- What else a view says of the rows ------------------------------------------------------------


def liste_of(vue):
    """The title of the list, the map or the chart, without its filters."""
    if isinstance(vue, VueDeGraphique):
        return str(vue.graphique.mesure)
    return f"La carte au {date_in_words(vue.date)}" if isinstance(vue, CarteView) else vue.titre


def sources_of(vue):
    """The source texts that the rows cite, in order."""
    if isinstance(vue, VueDeGraphique):
        return list(vue.graphique.sources)
    if isinstance(vue, CarteView):
        members = (membre for presence in vue.carte.presents for membre in presence.membres)
        return sorted({membre.source for membre in members} - {""})
    return list(vue.totaux.get(horizon.CITE) or vue.jeu.documents)


def horizon_of(vue):
    """The last day on which a source states the rows, as a sentence; "" when it makes no sense."""
    if isinstance(vue, VueDeGraphique):
        last = vue.graphique.jour
        return f"Dernière source : {last} ; {horizon.SANS_SUITE}" if last else ""
    if isinstance(vue, CarteView):
        day = vue.carte.horizon
        return f"Dernière liste connue : {date_in_words(day)} ; {horizon.SANS_SUITE}" if day else ""
    told = horizon.of_rows(vue.jeu, vue.totaux)
    return "" if told is None else str(told)


def ecartes_of(vue):
    """`(words, number)` of what is left out of the count."""
    if isinstance(vue, VueDeGraphique):
        return []
    if isinstance(vue, CarteView):
        number = len(vue.carte.possibles)
        return [("possibles à cette date, qui ne comptent pas", number)] if number else []
    return [
        (f"laissés de côté : « {ecarte.libelle} » n’y est pas renseigné", ecarte.lignes)
        for ecarte in vue.ecartes
    ]
