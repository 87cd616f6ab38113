"""What a chart is: rows and measures, of which some are drawn. What is drawn is in its table."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import urlencode

from programme.catalogue.graphiques.dessin import Dessin, image, marques
from programme.donnees.schema import OFFRES
from programme.templatetags import portail
from territoires.reponses import SANS_OBJET

EUROS = "€"
SOURCES_EN_LIGNE = 4


class Trait(StrEnum):
    """How a measure is drawn: a class of the style sheet, never a colour alone."""

    FORT = "fort"
    MOYEN = "moyen"
    PALE = "pale"
    ACCENT = "accent"
    VIDE = "vide"
    INCONNU = "inconnu"
    """What nobody tells: hatched and outlined, everywhere."""


@dataclass(frozen=True)
class Mesure:
    """A column of the table: whole numbers, euros or decimals, of unit `unite`.

    trait: how it is drawn; None: in the table alone. decimales: digits after the comma. court: its
    title where there is little room. zero: the word of a true zero, « aucun ».
    """

    nom: str
    titre: str
    trait: Trait | None = None
    unite: str = ""
    decimales: int | None = None
    court: str = ""
    zero: str = ""

    @property
    def bref(self):
        return self.court or self.titre

    def ecrire(self, valeur):
        """The value as the table tells it; « non renseigné » for None, « sans objet » too."""
        if valeur == 0 and self.zero:
            return self.zero
        if self.decimales is not None and isinstance(valeur, int | float | Decimal):
            rounded = round(valeur, self.decimales)
            valeur = number_format(rounded, self.decimales, force_grouping=True)
        return portail.renseigne(valeur, self.unite)


@dataclass(frozen=True)
class Ligne:
    """A row: its name, the values of the measures by name, in their order if it is a time.

    court: the name under a column of the drawing, line by line. jour: where it stands in time.
    """

    titre: Any
    valeurs: dict[str, Any]
    url: str = ""
    note: str = ""
    court: tuple[str, ...] = ()
    jour: datetime.date | None = None
    trait: Trait | None = None
    """How its values are drawn, when not as their measure says: what its table tells apart."""
    mots: dict[str, str] = field(default_factory=dict)
    """What the table says of a value instead of its number, by measure: « au moins 40 »."""

    def ecrire(self, mesure):
        return self.mots.get(mesure.nom) or mesure.ecrire(self.valeurs.get(mesure.nom))

    def nombre(self, mesure):
        """What is drawn of it: a number, 0 for what is not one."""
        valeur = self.valeurs.get(mesure.nom)
        return 0 if valeur is None or valeur is SANS_OBJET else valeur

    def dit(self, mesure):
        valeur = self.valeurs.get(mesure.nom)
        return valeur is not None and valeur is not SANS_OBJET


FORMATS = ("csv", "json")
"""Of the files beside a chart: its list offers the others."""


@dataclass(frozen=True)
class Fichier:
    """Where the rows that the chart counts are read: a list of ours, and its files.

    jeu: code of the dataset. liste: name of the address, empty for a dataset without a list, whose
    files are whole. parametres: of its query string.
    """

    jeu: str
    liste: str = ""
    parametres: tuple[tuple[str, str], ...] = ()

    def adresse(self, **plus):
        query = urlencode([*self.parametres, *plus.items()])
        path = reverse(self.liste) if self.liste else reverse("api_jeu", args=[self.jeu])
        return f"{path}{'?' if query else ''}{query}"

    @property
    def adresses(self):
        """`(words, address)`: the list, then the files."""
        liste = [("la liste", self.adresse())] if self.liste else []
        files = [offre for offre in OFFRES if offre[1]["format"] in FORMATS]
        return [*liste, *((words, self.adresse(**asked)) for words, asked in files)]


@dataclass(frozen=True)
class Graphique:
    """A chart: what it finds, what it counts, from where, and its numbers.

    titre: the finding, a sentence computed from the rows. mesure: what is counted, in which unit,
    of what. entete: what a row is. sources: `source` texts of the counted rows. jour: the last day
    that these sources state, None when none does. reserve: what must be known before reading it.
    page: the address of the page that shows it. citation: its code among the figures that one may
    cite, when it is not its own; requete: the query by which it is cited.
    """

    code: str
    titre: str
    mesure: str
    entete: str
    mesures: Sequence[Mesure]
    lignes: Sequence[Ligne]
    forme: Any
    fichier: Fichier
    page: str = ""
    sources: Sequence[str] = ()
    jour: Any = None
    reserve: str = ""
    citation: str = ""
    requete: str = ""

    @property
    def ancre(self):
        return f"graphique-{self.code}"

    @property
    def adresse(self):
        return f"{self.page}#{self.ancre}"

    @property
    def nombres(self):
        """The address of its own page, which has its numbers."""
        query = f"?{self.requete}" if self.requete else ""
        return reverse("graphique", args=[self.chiffre]) + query

    @property
    def chiffre(self):
        """Its code among the figures that one may cite."""
        return f"graphique-{self.citation or self.code}"

    @property
    def sources_nombreuses(self):
        """Whether they are more than a line holds: the figure then folds them."""
        return len(self.sources) > SOURCES_EN_LIGNE

    @property
    def dessinees(self):
        return [mesure for mesure in self.mesures if mesure.trait]

    @property
    def legende(self):
        """The measures to tell apart, each with its key; none when only one is drawn."""
        return self.dessinees if len(self.dessinees) > 1 else []

    @property
    def en_barres(self):
        """Whether each row holds its own bar: the chart is the table."""
        return self.forme.en_barres

    @cached_property
    def dessin(self) -> Dessin | None:
        return self.forme.dessiner(self) if self.lignes else None

    @property
    def dessin_html(self):
        return marques(self.dessin.marques, self.code)

    @property
    def rangees(self):
        """`(row, its bar or "", [(measure, words)])`, for the table."""
        bars = self.forme.barres(self) if self.en_barres else [()] * len(self.lignes)
        return [
            (
                ligne,
                marques(bar, self.code) if bar else "",
                [(mesure, ligne.ecrire(mesure)) for mesure in self.mesures],
            )
            for ligne, bar in zip(self.lignes, bars, strict=True)
        ]

    @property
    def tableau(self):
        """The same table for a machine: header, then a list a row; None for what is missing."""
        header = [self.entete, *(mesure.titre for mesure in self.mesures)]
        rows = [
            [str(ligne.titre), *(_brut(ligne.valeurs.get(m.nom)) for m in self.mesures)]
            for ligne in self.lignes
        ]
        return [header, *rows]

    def svg(self, pied=""):
        """A whole SVG file: title, drawing, numbers, source; `pied`, what its last line says."""
        return image(self, pied)

    @property
    def hauteur_barre(self):
        return self.forme.EPAISSEUR


def dits_et_tus(dits, tus):
    """The two measures of what is told and what is not."""
    return (
        Mesure("dits", dits, Trait.MOYEN, court="disent", zero="aucun"),
        Mesure("tus", tus, Trait.INCONNU, court="taisent", zero="aucun"),
    )


def _brut(valeur):
    return str(valeur) if valeur is SANS_OBJET else valeur


@dataclass(frozen=True)
class Declaration:
    """A chart that the registry knows: its code, and how it is made now.

    nom: what it is about, whatever its numbers: « Projets du fonds par région ». page: the URL name
    of the page that shows it.
    """

    code: str
    nom: str
    page: str
    faire: Any = field(repr=False)
