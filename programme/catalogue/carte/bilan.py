"""The number that was announced beside what the records attest, and the steps between."""

import datetime
from dataclasses import dataclass

from programme.models import Jalon
from territoires.carte import LANCEMENT, Carte


@dataclass(frozen=True, slots=True)
class Etape:
    """A step of the timeline: a published number of territories, and the address of its map.

    `courante`: the last one stated at the date of the page.
    """

    jalon: Jalon
    url: str
    courante: bool


@dataclass(frozen=True, slots=True)
class Bilan:
    """What is known at `date`: a number announced (None: none yet), and the three classes.

    `entres_le` is the day by which every possible territory is attested; None without any.
    """

    date: datetime.date
    annonce: Jalon | None
    attestes: int
    possibles: int
    absents: int
    entres_le: datetime.date | None

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


def bilan(carte: Carte, annonce: Jalon | None) -> Bilan:
    return Bilan(
        date=carte.date,
        annonce=annonce,
        attestes=len(carte.attestes),
        possibles=len(carte.possibles),
        absents=len(carte.absents),
        entres_le=max((p.depuis for p in carte.possibles), default=None),
    )
