"""What carries a sum: the middle of what the rows tell, and the few largest."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, Value, Window
from django.db.models.functions import RowNumber

from territoires.reponses import pourcentage

GRANDS = 3
MILIEU = Q(sur=F("rang") * 2) | Q(sur=F("rang") * 2 - 1) | Q(sur=F("rang") * 2 - 2)
"""The row in the middle of `sur` of them, or both."""


class Grand(NamedTuple):
    """One of the largest: what it is called, the key of its page, what it tells."""

    nom: str
    cle: Any
    valeur: int


@dataclass(frozen=True)
class Repartition:
    """How what is told of one measure is spread over the rows that tell it.

    dits: how many tell it; mediane: of what they tell, rounded to the unit, None of nothing;
    grands: the largest, the first one first; somme: of all that is told.
    """

    dits: int = 0
    mediane: int | None = None
    grands: tuple[Grand, ...] = ()
    somme: int = 0

    @property
    def part(self):
        """The share of the sum that the largest make, in whole per cent; None without a sum."""
        return pourcentage(sum(one.valeur for one in self.grands), self.somme or None)

    @property
    def nommes(self):
        """The largest when they are a few among many: of few rows, they are nearly all."""
        return self.grands if self.dits > 2 * GRANDS else ()


def rangees(rows, nom, *par):
    """`rows` with `rang`, their rank by `nom` from 1, and `sur`, how many, in each group."""
    by = [F(name) for name in par] or None
    order = [F(nom).asc(), F("pk").desc()]
    return rows.order_by().annotate(
        rang=Window(RowNumber(), partition_by=by, order_by=order),
        sur=Window(Count("pk"), partition_by=by),
    )


def milieu(values):
    """The median, from the one or two values in the middle; None of nothing."""
    return round(sum(values) / len(values)) if values else None


def repartitions(rows, sommes, *, nom, cle):
    """`{measure: Repartition}` of columns of `rows`, in one query.

    sommes: `{measure: its sum, as counted}`; nom, cle: the columns that name a row, and its page.
    """
    parts = [
        rangees(rows.exclude(**{f"{measure}__isnull": True}), measure)
        .filter(MILIEU | Q(rang__gt=F("sur") - GRANDS))
        .values_list(Value(measure), "rang", "sur", nom, cle, measure)
        for measure in sommes
    ]
    first, *others = parts
    found = {measure: [] for measure in sommes}
    for measure, *told in first.union(*others, all=True) if others else first:
        found[measure].append(told)
    return {measure: _repartition(told, sommes[measure] or 0) for measure, told in found.items()}


def _repartition(told, somme):
    if not told:
        return Repartition()
    told.sort(key=lambda row: row[0], reverse=True)
    sur = told[0][1]
    middle = [value for rang, *_, value in told if sur <= 2 * rang <= sur + 2]
    grands = tuple(
        Grand(name, key, value) for rang, _, name, key, value in told if rang > sur - GRANDS
    )
    return Repartition(sur, milieu(middle), grands, somme)
