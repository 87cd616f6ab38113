"""What a figure is: how it is read from a view, and how it is told."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.urls import reverse

from programme.enonces import NBSP, enonce, quantite
from programme.requetes import view_of
from territoires.reponses import NON_RENSEIGNE, SANS_OBJET, reponse


class Mesure(NamedTuple):
    """What a figure is worth: `dites` of its `fiches` tell the value, None when nobody does.

    constat, tableau: of a chart, its finding in a sentence and its table, header first; another
    figure may have a table too. unite, nature: of a value that a record tells, its unit when the
    figure has none of its own, and its hedge.
    """

    valeur: int | Decimal | None
    fiches: int
    dites: int
    constat: str = ""
    tableau: tuple[tuple, ...] = ()
    unite: str = ""
    nature: str = ""


class Filtre(NamedTuple):
    """One filter in words. ecrit: somebody typed them, a visitor or who wrote the records."""

    libelle: str
    texte: str
    ecrit: bool


@dataclass(frozen=True)
class Citable:
    """A figure: its code in addresses, what it is, in which unit, from the view of which page.

    unite: plural words, or EUR; "" for a chart. page: the URL name of the view that reads its
    query. mesurer: from this view, its `Mesure`. somme: whether a record may not tell it. fixe:
    from the view, the parameters that a day would otherwise decide. page_titre: of a list.
    dessiner: from the view, the `Graphique` of a chart.
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
    dessiner: Callable[[Any], Any] | None = None

    @property
    def adresse(self):
        return reverse(self.page)

    def lien(self, request, requete):
        """The address of the page that shows these rows now."""
        address, mark, anchor = self.adresse.partition("#")
        return f"{address}{'?' if requete else ''}{requete}{mark}{anchor}"

    @property
    def exemple(self):
        """The query that cites it from the list of all figures; None: from the page of a record."""
        return ""

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
        return enonce(mesure.nature or "exact", told, mesure.unite or self.unite)

    def retenus(self, mesure):
        """« 1 158 projets, dont 452 sans montant »: what is counted, what does not tell it."""
        if self.est_un_graphique:
            return quantite(mesure.fiches, "lignes")
        told = quantite(mesure.fiches, "projets" if self.page == "projets" else self.unite)
        if not self.somme or mesure.fiches == mesure.dites:
            return told
        how = "sans montant" if self.unite == "EUR" else "qui ne le disent pas"
        return f"{told}, dont {quantite(mesure.fiches - mesure.dites)}{NBSP}{how}"


def nombre(value):
    """A number of a record, as it is written: whole if it can be, else every decimal, no other."""
    if not isinstance(value, float | Decimal):
        return value
    exact = Decimal(str(value)).normalize()
    return int(exact) if exact == exact.to_integral_value() else exact


def mesure_du_dessin(graphique):
    """What a `Graphique` finds, and its table."""
    table = tuple(tuple(plain(cell) for cell in row) for row in graphique.tableau)
    number = len(graphique.lignes)
    return Mesure(None, number, number, str(graphique.titre), table)


def mesure_de_la_mediane(repartition, sur, colonne):
    """The middle of what `sur` projects tell, and the largest, whose values `colonne` names."""
    largest = ((one.nom, one.valeur) for one in repartition.nommes)
    table = (("Projet", colonne), *largest) if repartition.nommes else ()
    return Mesure(repartition.mediane, sur, repartition.dits, tableau=table)


def plain(cell):
    """A cell as JSON keeps it: a number, a text, nothing."""
    if cell is None or isinstance(cell, int | float):
        return cell
    return float(cell) if isinstance(cell, Decimal) else str(cell)
