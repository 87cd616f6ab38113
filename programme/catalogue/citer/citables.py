"""The figures that can be cited or put in another site, each declared once.

A figure is read from the very view of the page that shows it, asked for a query: its rows, its
totals, its title; a chart, from the registry of charts. What a page prints, a citation keeps and
an embed shows cannot disagree.
"""

from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from django.urls import reverse

from programme.catalogue.adresse import AdresseView
from programme.catalogue.carte import changements
from programme.catalogue.carte.comparaison import DifferencesView
from programme.catalogue.carte.views import CarteView
from programme.catalogue.citer.citable import (
    Citable,
    Mesure,
    mesure_de_la_mediane,
    mesure_du_dessin,
)
from programme.catalogue.citer.fiches import CITABLES_DE_FICHES
from programme.catalogue.graphiques.registre import DECLARATIONS
from programme.catalogue.listes import urls as listes
from programme.donnees import horizon
from programme.requetes import put_to
from territoires import lignees
from territoires.dates import date_in_words, iso

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


def _signataires(vue):
    carte = vue.carte
    number = len(carte.signataires)
    table = (
        ("Statut le plus avancé", "Territoires"),
        *((statut, len(rows)) for statut, rows in carte.par_statut.items()),
    )
    return Mesure(number, number, number, tableau=table)


SIGNATAIRES = Citable(
    code="contrats-territoires",
    titre="Territoires qui ont un protocole ou un contrat",
    definition="Les territoires des contrats publiés que gardent les filtres, chacun une fois, "
    "sous le statut le plus avancé de ces contrats.",
    unite="territoires",
    page="contrats",
    mesurer=_signataires,
)


def _natures(vue):
    told = lignees.comptes()
    number = sum(nature.nombre for nature in told)
    table = (("Nature", "Territoires"), *((nature.mot, nature.nombre) for nature in told))
    return Mesure(number, number, number, tableau=table)


NATURES = Citable(
    code="lignees-natures",
    titre="Territoires par nature, de la phase 1 à la phase 2",
    definition="Chaque territoire une fois, par ce qu’il est devenu ou d’où il vient, d’après les "
    "communes de ses membres.",
    unite="territoires",
    page="lignees",
    mesurer=_natures,
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


def _mediane(nom, colonne):
    def mesurer(vue):
        return mesure_de_la_mediane(vue.repartitions[nom], vue.totaux["projets"], colonne)

    return mesurer


def _mediane_des_projets(code, nom, titre, unite):
    return Citable(
        code=f"projets-{code}-mediane",
        titre=f"{titre} : médiane, et les trois plus grands",
        definition="La moitié des projets publiés que gardent les filtres, et dont la source donne "
        "la valeur, ne dépasse pas ce nombre, arrondi à l’unité ; le tableau nomme les trois plus "
        "grands.",
        unite=unite,
        page="projets",
        mesurer=_mediane(nom, titre),
        somme=True,
    )


MEDIANES = [
    _mediane_des_projets("emplois-crees", "emplois_crees", "Emplois créés", "emplois créés"),
    _mediane_des_projets(
        "emplois-maintenus", "emplois_maintenus", "Emplois maintenus", "emplois maintenus"
    ),
    _mediane_des_projets("investissement", "investissement_eur", "Investissement", "EUR"),
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


def _changements(vue):
    if not vue.dates:
        return Mesure(None, 0, 0)
    found = vue.found
    number = len(changements.tableau(found, vue.passage).lignes)
    kinds = [
        ("entrées", found.entrees),
        ("sorties", found.sorties),
        ("réunis dans un autre", found.fusions),
        ("renommés", found.renommages),
        ("aux membres changés", found.membres),
    ]
    table = (("Territoires", "Nombre"), *((words, len(rows)) for words, rows in kinds))
    return Mesure(number, number, number, tableau=table)


def _deux_dates(vue):
    return dict(zip(("de", "a"), map(iso, vue.dates or ()), strict=False))


DIFFERENCES = Citable(
    code="differences",
    titre="Changements de la carte entre deux dates",
    definition="Un par entrée, sortie, territoire réuni dans un autre, renommage, membre gagné ou "
    "perdu, entre les deux dates ; d’une phase à l’autre, les territoires sont rapprochés par "
    "leurs communes.",
    unite="changements",
    page="differences",
    mesurer=_changements,
    fixe=_deux_dates,
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
        return put_to(VueDeGraphique(code=self.graphique), request, query)


PREFIXE = "graphique-"


def _graphique(vue):
    return mesure_du_dessin(vue.graphique)


GRAPHIQUES = [
    Dessine(
        code=f"{PREFIXE}{declaration.code}",
        titre=declaration.nom,
        definition="Graphique calculé sur les fiches publiées ; ses nombres sont ceux de son "
        "tableau, et son titre dit ce qu’ils montrent.",
        unite="",
        page=declaration.page,
        mesurer=_graphique,
        dessiner=attrgetter("graphique"),
    )
    for declaration in DECLARATIONS.values()
]


def _investissements(vue):
    return mesure_du_dessin(vue.investissements)


GRAPHIQUES.append(
    Citable(
        code=f"{PREFIXE}projets-investissements",
        titre="Ce qui porte l’investissement d’une liste de projets",
        definition="Répartition de l’investissement que disent les projets publiés que gardent les "
        "filtres ; les plus grands sont nommés dans le titre.",
        unite="",
        page="projets",
        mesurer=_investissements,
        dessiner=attrgetter("investissements"),
    )
)

CITABLES = {
    citable.code: citable
    for citable in (
        *LISTES,
        ACTES,
        SIGNATAIRES,
        NATURES,
        *SOMMES,
        *MEDIANES,
        CARTE,
        DIFFERENCES,
        *GRAPHIQUES,
        *CITABLES_DE_FICHES,
    )
}
"""Every figure by its code. A new one is a line above: pages, citations and embeds read it here."""

# --- What else a view says of the rows ------------------------------------------------------------


def liste_of(vue):
    """The title of the list, the map or the chart, without its filters."""
    if isinstance(vue, VueDeGraphique):
        return str(vue.graphique.mesure)
    if isinstance(vue, DifferencesView):
        between = vue.dates and " et le ".join(map(date_in_words, vue.dates))
        return f"La carte, entre le {between}" if between else "La carte"
    return f"La carte au {date_in_words(vue.date)}" if isinstance(vue, CarteView) else vue.titre


def _cartes(vue):
    """The maps that the rows are read from, the last one last; none for a list."""
    if isinstance(vue, DifferencesView):
        return [vue.found.de, vue.found.a] if vue.dates else []
    return [vue.carte] if isinstance(vue, CarteView) else []


def sources_of(vue):
    """The source texts that the rows cite, in order."""
    if isinstance(vue, VueDeGraphique):
        return list(vue.graphique.sources)
    if isinstance(vue, CarteView | DifferencesView):
        cartes = _cartes(vue)
        members = (m for carte in cartes for presence in carte.presents for m in presence.membres)
        return sorted({member.source for member in members} - {""})
    return list(vue.totaux.get(horizon.CITE) or vue.jeu.documents)


def horizon_of(vue):
    """The last day on which a source states the rows, as a sentence; "" when it makes no sense."""
    if isinstance(vue, VueDeGraphique):
        last = vue.graphique.jour
        return f"Dernière source : {last} ; {horizon.SANS_SUITE}" if last else ""
    if isinstance(vue, CarteView | DifferencesView):
        day = _cartes(vue)[-1].horizon if _cartes(vue) else None
        return f"Dernière liste connue : {date_in_words(day)} ; {horizon.SANS_SUITE}" if day else ""
    told = horizon.of_rows(vue.jeu, vue.totaux)
    return "" if told is None else str(told)


def ecartes_of(vue):
    """`(words, number)` of what is left out of the count."""
    if isinstance(vue, VueDeGraphique):
        return []
    if isinstance(vue, DifferencesView):
        return []
    if isinstance(vue, CarteView):
        number = len(vue.carte.possibles)
        return [("possibles à cette date, qui ne comptent pas", number)] if number else []
    return [
        (f"laissés de côté : « {ecarte.libelle} » n’y est pas renseigné", ecarte.lignes)
        for ecarte in vue.ecartes
    ]
