"""The number that was announced beside what the records attest, and the steps between."""

import datetime
from dataclasses import dataclass

from programme.models import Jalon
from programme.templatetags.portail import pluriel
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
