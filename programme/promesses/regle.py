"""The status of a promise, from its deadline, the evidence published, a grace and a day: one rule.

It says what is published, and accuses nobody of what is not: no evidence is not no deed.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import models

GRACE = datetime.timedelta(days=180)
"""How long after the deadline evidence may still be published: a yearly report is out by then."""


class Statut(models.TextChoices):
    TENU = "tenu", "tenu"
    TENU_APRES = "tenu après l’échéance", "tenu après l’échéance"
    EN_COURS = "en cours", "en cours"
    ECHU = "échu sans preuve publiée", "échu sans preuve publiée"
    SANS_ECHEANCE = "sans échéance", "sans échéance"
    RIEN = "rien de publié", "rien de publié"

    @property
    def definition(self):
        return DEFINITIONS[self]


DEFINITIONS = {
    Statut.TENU: "des réalisations publiées atteignent la cible, au plus tard l’année de "
    "l’échéance s’il y en a une",
    Statut.TENU_APRES: "elles l’atteignent une année plus tardive que celle de l’échéance",
    Statut.EN_COURS: "des réalisations sont publiées, la cible n’est pas atteinte, et l’échéance "
    f"ou les {GRACE.days} jours laissés pour publier ne sont pas passés",
    Statut.ECHU: f"l’échéance et {GRACE.days} jours de plus sont passés, et rien de publié ne "
    "montre la cible atteinte",
    Statut.SANS_ECHEANCE: "des réalisations sont publiées ; sans échéance, rien ne dit quand "
    "l’engagement doit être tenu",
    Statut.RIEN: "aucune réalisation n’est publiée, et aucune échéance n’est passée : on ne peut "
    "pas le vérifier",
}


@dataclass(frozen=True)
class Preuve:
    """What is published as done in a year; `valeur` None: done, without a number."""

    annee: int
    valeur: int | None = None


@dataclass(frozen=True)
class Promesse:
    """What was promised, as it can be measured.

    cible: what one `multiple` must reach, None without a target. multiples: how many territories,
    or opérateurs and territories, the target counts in, by year; empty: one. cumul: the values of
    the years add up; without, the best year is what counts. sans_fin: a yearly rhythm without a
    deadline, which nothing reaches for good.
    """

    echeance: datetime.date | None = None
    cible: int | None = None
    multiples: Mapping[int, int] = field(default_factory=dict)
    cumul: bool = True
    sans_fin: bool = False

    def cible_en(self, annee):
        """What must be reached in this year; None without a target."""
        if self.cible is None or self.sans_fin:
            return None
        if not self.multiples:
            return self.cible
        return self.cible * self.multiples.get(annee, 0) or None


@dataclass(frozen=True)
class Jugement:
    """atteinte: the year in which the evidence reaches the target. realise: what it adds up to, or
    the best year; None when nothing with a number is published. cible: that of `annee_cible`."""

    statut: Statut
    atteinte: int | None
    realise: int | None
    cible: int | None

    @property
    def ecart(self):
        """What was done less what was promised; None when either is not known."""
        if self.realise is None or self.cible is None:
            return None
        return self.realise - self.cible


def statut(*, echeance, preuve, atteinte, jour):
    """The status on `jour`. preuve: whether anything is published; atteinte: a year, or None."""
    if atteinte is not None:
        late = echeance is not None and atteinte > echeance.year
        return Statut.TENU_APRES if late else Statut.TENU
    if echeance is not None and jour > echeance + GRACE:
        return Statut.ECHU
    if not preuve:
        return Statut.RIEN
    return Statut.SANS_ECHEANCE if echeance is None else Statut.EN_COURS


def juger(promesse: Promesse, preuves: Sequence[Preuve], jour: datetime.date) -> Jugement:
    """What became of it on `jour`, from the evidence of the years that have begun by then."""
    told = sorted((p for p in preuves if p.annee <= jour.year), key=lambda p: p.annee)
    reached, total = None, None
    for year in dict.fromkeys(p.annee for p in told):
        values = [p.valeur for p in told if p.annee == year and p.valeur is not None]
        if not values:
            continue
        here = sum(values)
        total = here if total is None else total + here if promesse.cumul else max(total, here)
        goal = promesse.cible_en(year)
        counted = total if promesse.cumul else here
        if reached is None and goal is not None and counted >= goal:
            reached = year
    last = promesse.echeance.year if promesse.echeance else jour.year
    return Jugement(
        statut(echeance=promesse.echeance, preuve=bool(told), atteinte=reached, jour=jour),
        reached,
        total,
        promesse.cible_en(reached or min(last, jour.year)),
    )
