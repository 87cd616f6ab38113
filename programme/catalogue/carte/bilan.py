"""The number that was announced beside what the records attest, and the steps between."""

import datetime
from dataclasses import dataclass

from programme.catalogue.pages.indicateurs import calculer, compte, derniere_date
from programme.models import Jalon
from programme.templatetags.portail import pluriel
from territoires.carte import LANCEMENT, Carte
from territoires.dates import iso
from territoires.models import Liste, Territoire


@dataclass(frozen=True, slots=True)
class Etape:
    """A step of the timeline: a published number of territories, and the address of its map.

    `courante`: the last one stated at the date of the page.
    """

    jalon: Jalon
    url: str
    courante: bool


@dataclass(frozen=True, slots=True)
class EtapeComptee(Etape):
    """The same with how many territories the records have that day, some of them deduced."""

    nombre: int
    reconstitues: int
    attestee: bool

    @property
    def nommes(self) -> int:
        """Those that a list or a document says there by then."""
        return self.nombre - self.reconstitues


@dataclass(frozen=True, slots=True)
class Bilan:
    """What is known at `date`: a number announced (None: none yet), and the classes.

    After `horizon`, the day of the last list known, nothing is attested: `derniers` are its
    territories. `reconstitues` of them, attested or last, are there by deduction alone.
    `entres_le` is the day by which every possible territory is attested; None without any.
    """

    date: datetime.date
    annonce: Jalon | None
    horizon: datetime.date | None
    attestes: int
    derniers: int
    reconstitues: int
    possibles: int
    absents: int
    entres_le: datetime.date | None

    @property
    def au_dela(self) -> bool:
        """Whether no source says what the map was at `date`: only what it was at the horizon."""
        return self.horizon is not None and self.date > self.horizon

    @property
    def sources(self) -> int:
        """Those that a list or a document says on the map by then."""
        return self.attestes + self.derniers - self.reconstitues

    @property
    def legende(self) -> str:
        """The caption of the table of the map: each class with its own count, never a sum."""
        told = [
            self.attestes and pluriel(self.attestes, "territoire attesté,territoires attestés"),
            self.derniers
            and pluriel(self.derniers, "territoire,territoires") + " de la dernière liste connue",
            self.possibles and pluriel(self.possibles, "territoire possible,territoires possibles"),
        ]
        return ", ".join(filter(None, told)) or "Aucun territoire"

    @property
    def avant_lancement(self) -> bool:
        return self.date < LANCEMENT

    @property
    def lancement(self) -> datetime.date:
        return LANCEMENT


def jalons_de_la_carte() -> list[Jalon]:
    """The published milestones that state how many territories the map has, in order."""
    return list(
        Jalon.objects.published().filter(nb_territoires__isnull=False).order_by("date", "pk")
    )


def dernier_annonce(jalons, date) -> Jalon | None:
    """The last of `jalons` up to `date`: nothing says that its number still held later."""
    return next((jalon for jalon in reversed(jalons) if jalon.date <= date), None)


def etapes_comptees(jour: datetime.date) -> list[EtapeComptee]:
    """Every announced number with the list of its day, `?date=…`; the current one at `jour`.

    Two queries, whatever their number.
    """
    jalons = jalons_de_la_carte()
    courant = dernier_annonce(jalons, jour)
    counts = {iso(j.date): compte(Territoire.objects.at(j.date)) for j in jalons}
    counts |= {
        f"reconstitues_{iso(j.date)}": compte(Territoire.objects.reconstitues(j.date))
        for j in jalons
    }
    found = calculer(counts | {"horizon": derniere_date(Liste.objects.all(), "date")})
    horizon = found["horizon"]
    return [
        EtapeComptee(
            jalon,
            f"?date={iso(jalon.date)}",
            jalon == courant,
            found[iso(jalon.date)],
            found[f"reconstitues_{iso(jalon.date)}"],
            horizon is None or jalon.date <= horizon,
        )
        for jalon in jalons
    ]


def bilan(carte: Carte, annonce: Jalon | None) -> Bilan:
    return Bilan(
        date=carte.date,
        annonce=annonce,
        horizon=carte.horizon,
        attestes=len(carte.attestes),
        derniers=len(carte.derniers),
        reconstitues=len(carte.reconstitues),
        possibles=len(carte.possibles),
        absents=len(carte.absents),
        entres_le=max((p.depuis for p in carte.possibles), default=None),
    )
