"""The figures that can be cited or put in another site, each declared once.

A figure is read from the very view of the page that shows it, asked for a query: its rows, its
totals, its title. What a page prints, a citation keeps and an embed shows cannot disagree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.urls import reverse

from programme.catalogue.carte.views import CarteView
from programme.catalogue.listes import urls as listes
from programme.catalogue.pages.repartitions import par_annee, par_filiere, par_region
from programme.donnees import horizon
from programme.enonces import NBSP, quantite
from territoires.dates import date_in_words, iso
from territoires.reponses import NON_RENSEIGNE, SANS_OBJET, reponse


class Part(NamedTuple):
    """A line of a figure that divides: its words (empty: not told), how many, how much of each.

    ecrit: the words are those that somebody typed in the records.
    """

    libelle: str
    ecrit: bool
    projets: int
    emplois_crees: int | None
    investissement_eur: int | None


class Mesure(NamedTuple):
    """What a view's rows give: `dites` of its `fiches` tell the value; `parts` when it divides.

    valeur is None when nobody tells it.
    """

    valeur: int | None
    fiches: int
    dites: int
    parts: tuple[Part, ...] = ()

    @property
    def barres(self):
        """`(part, length of its bar out of 100)`."""
        longest = max((part.projets for part in self.parts), default=0) or 1
        return [(part, round(100 * part.projets / longest, 1)) for part in self.parts]


@dataclass(frozen=True)
class Citable:
    """A figure: its code in addresses, what it is, in which unit, from the view of which page.

    unite: plural words, or EUR. page: the URL name of the view that reads its query. mesurer: from
    this view, its `Mesure`. somme: whether a record may not tell it. divise: what its lines are,
    when it divides. fixe: from the view, the parameters that a day would otherwise decide.
    """

    code: str
    titre: str
    definition: str
    unite: str
    page: str
    mesurer: Callable[[Any], Mesure]
    somme: bool = False
    divise: str = ""
    fixe: Callable[[Any], dict[str, str]] = lambda vue: {}

    @property
    def adresse(self):
        return reverse(self.page)

    @property
    def est_une_carte(self):
        return self.page == "carte"

    def reponse(self, valeur, fiches, dites):
        """One of the four answers (`territoires.reponses`)."""
        return reponse(valeur, dits=dites, sur=fiches) if self.somme else valeur

    def dire(self, valeur, fiches, dites):
        """The value in words: « 5,4 Md€ », « 1 158 projets », « non renseigné », « sans objet »."""
        told = self.reponse(valeur, fiches, dites)
        if told is None or told is SANS_OBJET:
            return NON_RENSEIGNE if told is None else str(SANS_OBJET)
        return quantite(told, self.unite)


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

# --- Projects: sums, and how they divide --------------------------------------------------------


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


def _repartition(group, ecrit):
    def mesurer(vue):
        rows = group(vue.filterset.qs)
        parts = [
            Part(_text(row["libelle"]), ecrit, *(row[name] for name in Part._fields[2:]))
            for row in rows
        ]
        number = vue.totaux["projets"]
        return Mesure(number, number, number, tuple(parts))

    return mesurer


def _text(value):
    return "" if value is None else str(value)


def _divises(code, divise, group, precision, *, ecrit=False):
    return Citable(
        code=f"projets-{code}",
        titre=f"Projets par {divise.lower()}",
        definition="Les projets publiés que gardent les filtres, chacun compté une fois, "
        f"{precision}.",
        unite="projets",
        page="projets",
        mesurer=_repartition(group, ecrit),
        divise=divise,
    )


REPARTITIONS = [
    _divises(
        "par-region",
        "Région",
        par_region,
        "dans la région de son département ; hors des 18 régions : non renseigné",
    ),
    _divises("par-filiere", "Filière", par_filiere, "selon ce que dit sa fiche", ecrit=True),
    _divises(
        "par-annee",
        "Année",
        par_annee,
        "selon l’année de la mise à jour de la liste où il figure, pas de la décision",
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

CITABLES = {citable.code: citable for citable in (*LISTES, ACTES, *SOMMES, *REPARTITIONS, CARTE)}
"""Every figure by its code. A new one is a line above: pages, citations and embeds read it here."""

# --- What else a view says of the rows ------------------------------------------------------------


def liste_of(vue):
    """The title of the list or the map, without its filters."""
    return f"La carte au {date_in_words(vue.date)}" if isinstance(vue, CarteView) else vue.titre


def sources_of(vue):
    """The source texts that the rows cite, in order."""
    if isinstance(vue, CarteView):
        members = (membre for presence in vue.carte.presents for membre in presence.membres)
        return sorted({membre.source for membre in members} - {""})
    return list(vue.totaux.get(horizon.CITE) or vue.jeu.documents)


def horizon_of(vue):
    """The last day on which a source states the rows, as a sentence; "" when it makes no sense."""
    if isinstance(vue, CarteView):
        last = vue.carte.horizon
        return (
            f"Dernière liste connue : {date_in_words(last)} ; {horizon.SANS_SUITE}" if last else ""
        )
    told = horizon.of_rows(vue.jeu, vue.totaux)
    return "" if told is None else str(told)


def ecartes_of(vue):
    """`(words, number)` of what is left out of the count."""
    if isinstance(vue, CarteView):
        number = len(vue.carte.possibles)
        return [("possibles à cette date, qui ne comptent pas", number)] if number else []
    return [
        (f"laissés de côté : « {ecarte.libelle} » n’y est pas renseigné", ecarte.lignes)
        for ecarte in vue.ecartes
    ]


def retenus(citable, fiches, dites):
    """« 1 158 projets, dont 452 sans montant »: what is counted, and how many do not tell it."""
    told = quantite(fiches, "projets" if citable.page == "projets" else citable.unite)
    if not citable.somme or fiches == dites:
        return told
    how = "sans montant" if citable.unite == "EUR" else "qui ne le disent pas"
    return f"{told}, dont {quantite(fiches - dites)}{NBSP}{how}"
