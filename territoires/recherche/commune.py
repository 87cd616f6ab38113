"""« Ma commune »: which territory a commune belongs to, at any date.

The one rule: by itself first, else through its établissement public territorial, else through its
intercommunalité, that of the geography in force at the date.
"""

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from django.db.models import Q

from territoires.carte import Classe, code_membre, est_membre
from territoires.millesimes import Geographies
from territoires.models import (
    Certitude,
    Commune,
    Intercommunalite,
    Phase,
    Rattachement,
    Territoire,
)
from territoires.models.geographie import LISTES

CODE_INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}", re.ASCII)
RAYON_TERRE = 6_371  # km

Lieu = Commune | Intercommunalite


@dataclass(frozen=True, slots=True)
class Appartenance:
    """What the records say of a commune at a date.

    `rattachement` is the attested one; for a possible commune, that of its coming entry; for an
    absent one, None.
    """

    classe: Classe
    rattachement: Rattachement | None = None

    @property
    def attestee(self) -> bool:
        return self.classe == Classe.ATTESTE

    @property
    def possible(self) -> bool:
        return self.classe == Classe.POSSIBLE

    @property
    def territoire(self) -> Territoire | None:
        """The territory to which the commune is known to belong."""
        return self.rattachement.territoire if self.attestee else None


ABSENTE = Appartenance(Classe.ABSENT)


class Appartenances:
    """The rule, over rattachements read once: those of one commune, of a page, or of all."""

    def __init__(self, rattachements: Iterable[Rattachement], geographies: Geographies):
        self.geographies = geographies
        self._par_membre = defaultdict(list)
        for rattachement in rattachements:
            self._par_membre[code_membre(rattachement)].append(rattachement)

    @classmethod
    def at(cls, date: datetime.date):
        """Those of every commune at `date`, in two queries."""
        rows = Rattachement.objects.at(date).select_related("territoire", "phase")
        return cls(rows, Geographies.toutes())

    @classmethod
    def of(cls, communes: Iterable[Commune] = (), intercommunalites: Iterable = ()):
        """Those of some communes and intercommunalités at all dates, in two queries."""
        communes = list(communes)
        geographies = Geographies.of(communes)
        bodies = {i.pk for i in intercommunalites}.union(
            *map(geographies.tous_organismes, communes)
        )
        codes = sorted(bodies)
        rows = Rattachement.objects.filter(Q(commune__in=codes) | Q(intercommunalite__in=codes))
        return cls(
            rows.select_related("territoire", "intercommunalite", "commune", "phase").order_by(
                "debut", "pk"
            ),
            geographies,
        )

    def rattachement(self, lieu: Lieu, date: datetime.date) -> Rattachement | None:
        """The membership by which `lieu` belongs to a territory at `date`."""
        for body in self._organismes(lieu, date):
            for rattachement in self._par_membre.get(body, ()):
                if est_membre(rattachement, date):
                    return self._depuis(lieu, rattachement, date)
        return None

    def _depuis(self, lieu, rattachement, date):
        """The membership as it is the commune's: since the list whose geography put it there."""
        if not isinstance(lieu, Commune) or not self.geographies.mouvements(lieu):
            return rattachement
        body, debut = code_membre(rattachement), None
        for day in sorted({rattachement.debut, *LISTES}):
            if rattachement.debut <= day <= date:
                there = body in self.geographies.organismes(lieu, day)
                debut = (debut or day) if there else None
        if debut in {None, rattachement.debut}:
            return rattachement
        its = copy(rattachement)
        its.debut, its.certitude = debut, Certitude.EXACTE
        return its

    def appartenance(self, lieu: Lieu, date: datetime.date) -> Appartenance:
        """The same with its class: possible when the next entry, "au plus tard", may have been."""
        if found := self.rattachement(lieu, date):
            return Appartenance(Classe.ATTESTE, found)
        suivants = [row for row in self._lignes(lieu) if row.debut > date]
        suivant = min(suivants, key=lambda r: r.debut, default=None)
        if suivant and suivant.possible_des and suivant.possible_des <= date:
            return Appartenance(Classe.POSSIBLE, suivant)
        return ABSENTE

    def passees(self, lieu: Lieu, date: datetime.date) -> list[Rattachement]:
        """The memberships that ended, by `date`, of what `lieu` belonged through then."""
        rows = [row for row in self._lignes(lieu) if row.terme and row.terme <= date]
        return sorted(rows, key=lambda row: row.debut)

    def _organismes(self, lieu, date):
        if isinstance(lieu, Commune):
            return self.geographies.organismes(lieu, date)
        return [lieu.pk]

    def _lignes(self, lieu):
        """The rattachements of what `lieu` belonged to when they began."""
        bodies = self.geographies.tous_organismes(lieu) if isinstance(lieu, Commune) else {lieu.pk}
        return [
            row
            for body in sorted(bodies)
            for row in self._par_membre.get(body, ())
            if body in self._organismes(lieu, row.debut)
        ]


@dataclass(frozen=True, slots=True)
class EnPhase:
    """What one phase says of a place on `jour`, the day asked for or the phase's nearest to it."""

    phase: Phase
    jour: datetime.date
    appartenance: Appartenance


def par_phase(
    connues: Appartenances, lieu: Lieu, date: datetime.date, phases: Iterable[Phase]
) -> list[EnPhase]:
    """What each phase says of `lieu`, the first phase first: at `date` in the phase of that day,
    on the last day of one that had ended, the first of one that had not begun.
    """
    days = ((phase, phase.dernier_jour(max(date, phase.debut))) for phase in phases)
    return [EnPhase(phase, day, connues.appartenance(lieu, day)) for phase, day in days]


def commune_of(code: str, date: datetime.date | None = None) -> Commune | None:
    """The commune of today for an INSEE code: its own, or that of an earlier commune or of a
    municipal arrondissement; None when no commune has or had it.

    One that is gone, and whose successor no source tells, is itself. With a `date`, the commune
    of the geography in force then.
    """
    code = code.upper()  # Corsica: 2A, 2B
    if not CODE_INSEE.fullmatch(code):
        return None
    communes = Commune.objects.select_related("departement__region", "intercommunalite", "ept")
    return communes.alors(code, date) if date else communes.aujourdhui(code)


@dataclass(frozen=True, slots=True)
class Proche:
    """A territory near a place, by its nearest member, in whole kilometres as the crow flies."""

    territoire: Territoire
    membre: object
    km: int


def territoires_proches(
    lieu: Lieu, rattachements: Iterable[Rattachement], nombre: int = 3
) -> list[Proche]:
    """The nearest territories of those that `rattachements` make, the nearest first.

    The distance goes from centre to centre, to that of the nearest member: an approximation, to
    be said as such. Empty when the place itself has no point.
    """
    if lieu.lon is None:
        return []
    proches = {}
    for row in rattachements:
        membre = row.membre
        if membre.lon is None:
            continue
        km = _distance(lieu.lon, lieu.lat, membre.lon, membre.lat)
        connu = proches.get(row.territoire_id)
        if connu is None or km < connu[0]:
            proches[row.territoire_id] = (km, row)
    choisis = sorted(proches.values(), key=lambda found: (found[0], found[1].territoire_id))
    return [Proche(row.territoire, row.membre, round(km)) for km, row in choisis[:nombre]]


def _distance(lon, lat, autre_lon, autre_lat):
    """Kilometres on the sphere, by the haversine formula."""
    lon, lat, autre_lon, autre_lat = map(radians, (lon, lat, autre_lon, autre_lat))
    corde = sin((autre_lat - lat) / 2) ** 2
    corde += cos(lat) * cos(autre_lat) * sin((autre_lon - lon) / 2) ** 2
    return 2 * RAYON_TERRE * asin(sqrt(corde))
