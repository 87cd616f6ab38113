"""What carries a sum: the middle of what the rows tell, and the few largest."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, IntegerField, Q, Sum, Value, When, Window
from django.db.models.functions import RowNumber

from territoires.reponses import pourcentage

GRANDS = 3
DITS = "_renseignes"
"""Of a total: how many rows tell it."""
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


def moyenne(values):
    """The median, from the one or two values in the middle; None of nothing."""
    return round(sum(values) / len(values)) if values else None


def classes(rows, bornes):
    """{rank: (how many of the `rows`, their sum)} of the investments that are told: how many of the
    `bornes`, in order, each reaches.
    """
    told = (When(investissement_eur__lt=top, then=Value(rank)) for rank, top in enumerate(bornes))
    classe = Case(*told, default=Value(len(bornes)), output_field=IntegerField())
    rows = rows.exclude(investissement_eur=None).order_by().annotate(_classe=classe)
    counted = rows.values_list("_classe").annotate(Count("pk"), Sum("investissement_eur"))
    return {rank: (count, int(total)) for rank, count, total in counted}


def repartitions(rows, mesures, totaux, *, nom, cle):
    """`{measure: Repartition}` of those columns of `rows` that `mesures` names.

    totaux: their sums, as counted; under `…_renseignes`, how many tell each, asked if it is not
    there. nom, cle: the columns that name a row, and its page.
    """
    sommes = {name: totaux[name] for name in mesures if name in totaux}
    asked = {f"{name}{DITS}": Count(name) for name in sommes if f"{name}{DITS}" not in totaux}
    told = totaux | (rows.order_by().aggregate(**asked) if asked else {})
    dits = {name: told[f"{name}{DITS}"] for name in sommes}
    parts = [
        part
        for name, number in dits.items()
        if number
        for part in _extraits(rows, name, number, nom, cle)
    ]
    found = {name: {"milieu": [], "grands": []} for name in sommes}
    if parts:
        first, *others = parts
        for name, extrait, *told in first.union(*others, all=True):
            found[name][extrait].append(told)
    return {name: _repartition(dits[name], sommes[name] or 0, **found[name]) for name in sommes}


def _extraits(rows, name, dits, nom, cle):
    """The largest of the rows that tell a measure, and the one or two in their middle."""
    told = rows.exclude(**{f"{name}__isnull": True}).order_by(F(name).desc(), "pk")
    slices = {"grands": told[:GRANDS], "milieu": told[(dits - 1) // 2 : dits // 2 + 1]}
    for extrait, few in slices.items():
        kept = rows.model._base_manager.filter(pk__in=few.values("pk")).order_by()
        yield kept.values_list(Value(name), Value(extrait), name, "pk", nom, cle)


def _repartition(dits, somme, milieu, grands):
    grands.sort(key=lambda row: (-row[0], row[1]))
    named = tuple(Grand(nom, cle, value) for value, _, nom, cle in grands)
    return Repartition(dits, moyenne([value for value, *_ in milieu]), named, somme)
