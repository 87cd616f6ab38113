"""Lignées: what a territory of one phase became in the next, by its communes, never by its code.

Both lists are read on one geography, so that a commune that merged since counts on both sides.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Coalesce

from territoires.millesimes import communes_des_territoires
from territoires.models import Commune, Lignee, Phase, Rattachement
from territoires.models.lignee import Nature

__all__ = ["Filiation", "Nature", "filiations", "refaire"]


@dataclass(frozen=True, slots=True)
class Filiation:
    """Two territories that share communes, or one alone: `nouveau` has no `avant`, `sorti` no
    `apres`.

    `communes`: how many they share. The parts, from 0 to 1, are what these are of each side, in
    communes and in inhabitants; None where there is no territory, or nobody known in it.
    """

    avant: str | None
    apres: str | None
    nature: Nature
    communes: int = 0
    part_communes_avant: float | None = None
    part_communes_apres: float | None = None
    part_habitants_avant: float | None = None
    part_habitants_apres: float | None = None


def filiations(
    avant: Mapping[str, str], apres: Mapping[str, str], habitants: Mapping[str, int]
) -> list[Filiation]:
    """The filiations between two lists, each as `{commune: territory}` on one geography.

    `habitants`: those of each commune. In the order of the codes: by the territory of the phase
    before, then the *nouveaux*.
    """
    before, after = _communes(avant), _communes(apres)
    pairs = {(avant[commune], apres[commune]) for commune in avant.keys() & apres.keys()}
    parents = defaultdict(set)
    for old, new in pairs:
        parents[new].add(old)
    # One alone shares nothing with the other side, which is then an empty set.
    alone = {(old, None) for old in before.keys() - {old for old, _ in pairs}}
    alone |= {(None, new) for new in after.keys() - parents.keys()}

    def filiation(old, new):
        mine, theirs = before.get(old, set()), after.get(new, set())
        common = mine & theirs
        return Filiation(
            old,
            new,
            _nature(mine, theirs, len(parents[new])),
            len(common),
            *(_part(len(common), len(side)) for side in (mine, theirs)),
            *(_part(_sum(habitants, common), _sum(habitants, side)) for side in (mine, theirs)),
        )

    in_order = sorted(pairs | alone, key=lambda pair: (pair[0] is None, *map(str, pair)))
    return [filiation(*pair) for pair in in_order]


def _communes(listed: Mapping[str, str]) -> dict[str, set[str]]:
    found = defaultdict(set)
    for commune, territoire in listed.items():
        found[territoire].add(commune)
    return dict(found)


def _nature(before: set[str], after: set[str], parents: int) -> Nature:
    if not after:
        return Nature.SORTI
    if not parents:
        return Nature.NOUVEAU
    if parents > 1:
        return Nature.RECOMPOSE
    if before == after:
        return Nature.IDENTIQUE
    if before < after:
        return Nature.ELARGI
    return Nature.REDUIT if after < before else Nature.RECOMPOSE


def _sum(habitants: Mapping[str, int], communes: set[str]) -> int:
    return sum(habitants.get(commune) or 0 for commune in communes)


def _part(common: int, whole: int) -> float | None:
    return common / whole if whole else None


# --- The table --------------------------------------------------------------------------------

CHAMPS = (
    "avant_id",
    "apres_id",
    "nature",
    "communes",
    "part_communes_avant",
    "part_communes_apres",
    "part_habitants_avant",
    "part_habitants_apres",
)
"""The columns of `Lignee`, in the order of the fields of a `Filiation`."""


def entre(de: date, a: date) -> list[Filiation]:
    """The filiations from the map at `de` to the map at `a`, on the geography of `de`."""
    habitants = Commune.objects.exclude(population=None).values_list("code", "population")
    return filiations(
        _listed(communes_des_territoires(de)),
        _listed(communes_des_territoires(de, Rattachement.objects.at(a))),
        dict(habitants),
    )


def changement_de_phase(phase: Phase) -> tuple[date, date]:
    """The last day of the phase before, the first of this one: the lists that lignées compare."""
    return phase.debut - timedelta(days=1), phase.debut


def _listed(communes: dict[str, list[str]]) -> dict[str, str]:
    return {code: territoire for territoire, codes in communes.items() for code in codes}


def calculees() -> list[Filiation]:
    """Those from each phase to the next: what the table holds."""
    later = Phase.objects.order_by("numero")[1:]
    return [line for phase in later for line in entre(*changement_de_phase(phase))]


@transaction.atomic
def refaire() -> int:
    """Compute the table anew from the map; returns its number of rows. What is right stays."""
    found = {(line.avant, line.apres): line for line in calculees()}
    known = {(row.avant_id, row.apres_id): row for row in Lignee.objects.all()}
    gone = [row.pk for key, row in known.items() if key not in found]
    Lignee.objects.filter(pk__in=gone).delete()
    new, changed = [], []
    for key, line in found.items():
        row = known.get(key, Lignee())
        values = dict(zip(CHAMPS, astuple(line), strict=True))
        if any(getattr(row, name) != value for name, value in values.items()) or row.pk is None:
            for name, value in values.items():
                setattr(row, name, value)
            (changed if row.pk else new).append(row)
    Lignee.objects.bulk_create(new)
    Lignee.objects.bulk_update(changed, CHAMPS[2:])
    return len(found)


EN_MOTS = {
    Nature.IDENTIQUE: "Territoire de la phase 2 qui a les communes mêmes d’un seul de la phase 1.",
    Nature.ELARGI: "Territoire de la phase 2 qui a toutes les communes d’un seul, et d’autres.",
    Nature.REDUIT: "Territoire de la phase 2 qui n’a qu’une partie des communes d’un seul.",
    Nature.RECOMPOSE: "Territoire de la phase 2 qui en réunit plusieurs, en tout ou partie, ou "
    "qui a une partie des communes d’un seul et d’autres.",
    Nature.NOUVEAU: "Territoire de la phase 2 sans aucune commune de la phase 1.",
    Nature.SORTI: "Territoire de la phase 1 dont aucune commune n’est en phase 2.",
}


@dataclass(frozen=True, slots=True)
class Compte:
    """How many territories are of a nature, each once, and what it means."""

    nature: Nature
    nombre: int

    @property
    def mot(self) -> str:
        """The nature, as many as there are: « 29 nouveaux »."""
        plural = "x" if self.nature == Nature.NOUVEAU else "s"
        return f"{self.nature.label}{plural if self.nombre > 1 else ''}"

    @property
    def sens(self) -> str:
        return EN_MOTS[self.nature]


def comptes() -> list[Compte]:
    """The `Compte` of each nature, in their order. One query."""
    number = Count(Coalesce("apres", "avant"), distinct=True)
    found = dict(Lignee.objects.order_by().values_list("nature").annotate(nombre=number))
    return [Compte(nature, found.get(nature, 0)) for nature in Nature]
