"""« Ma commune »: which territory a commune belongs to, at any date.

The one rule: by itself first, else through its établissement public territorial, else through its
intercommunalité.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from django.db.models import Q

from territoires.carte import Classe, est_membre
from territoires.models import Certitude, Commune, CommuneAncienne, Rattachement, Territoire

RAYON_TERRE = 6_371  # km


@dataclass(frozen=True, slots=True)
class Appartenance:
    """What the records say of a commune at a date.

    `rattachement` is the attested one; for a possible commune, that of its coming entry; for an
    absent one, None.
    """

    classe: Classe
    rattachement: Rattachement | None = None

    @property
    def territoire(self) -> Territoire | None:
        """The territory to which the commune is known to belong."""
        return self.rattachement.territoire if self.classe == Classe.ATTESTE else None


ABSENTE = Appartenance(Classe.ABSENT)


class Appartenances:
    """The rule, over rattachements read once: those of one commune, of a page, or of all."""

    def __init__(self, rattachements: Iterable[Rattachement]):
        self._par_membre = defaultdict(list)
        for rattachement in rattachements:
            membre = (rattachement.commune_id, rattachement.intercommunalite_id)
            self._par_membre[membre].append(rattachement)

    @classmethod
    def at(cls, date: datetime.date):
        """Those of every commune at `date`, in one query."""
        return cls(Rattachement.objects.at(date).select_related("territoire"))

    @classmethod
    def of(cls, communes: Iterable[Commune]):
        """Those of some communes at all dates, in one query."""
        communes = list(communes)
        bodies = {c.intercommunalite_id for c in communes} | {c.ept_id for c in communes}
        return cls(
            Rattachement.objects.filter(
                Q(commune__in=[c.pk for c in communes])
                | Q(intercommunalite__in=sorted(bodies - {None}))
            )
            .select_related("territoire", "intercommunalite", "commune")
            .order_by("debut", "pk")
        )

    def rattachement(self, commune: Commune, date: datetime.date) -> Rattachement | None:
        """The membership by which `commune` belongs to a territory at `date`."""
        for candidats in self._candidats(commune):
            for rattachement in candidats:
                if est_membre(rattachement, date):
                    return rattachement
        return None

    def appartenance(self, commune: Commune, date: datetime.date) -> Appartenance:
        """The same with its class: possible when the next entry is dated "au plus tard"."""
        if found := self.rattachement(commune, date):
            return Appartenance(Classe.ATTESTE, found)
        suivants = [r for rows in self._candidats(commune) for r in rows if r.debut > date]
        suivant = min(suivants, key=lambda r: r.debut, default=None)
        if suivant and suivant.certitude == Certitude.AU_PLUS_TARD:
            return Appartenance(Classe.POSSIBLE, suivant)
        return ABSENTE

    def _candidats(self, commune):
        """The rattachements of each body that the commune may belong through, in order."""
        membres = [(commune.pk, None), (None, commune.ept_id), (None, commune.intercommunalite_id)]
        return (self._par_membre.get(membre, ()) for membre in membres if any(membre))


def commune_of(code: str) -> Commune | None:
    """The commune of today for an INSEE code: its own, or that of an earlier commune or of a
    municipal arrondissement; None when no commune has or had it.
    """
    communes = Commune.objects.select_related("departement__region", "intercommunalite", "ept")
    if found := communes.filter(pk=code).first():
        return found
    ancienne = CommuneAncienne.objects.filter(code=code).order_by("pk").first()
    return communes.get(pk=ancienne.commune_id) if ancienne else None


@dataclass(frozen=True, slots=True)
class Proche:
    """A territory near a place, by its nearest member, in whole kilometres as the crow flies."""

    territoire: Territoire
    membre: object
    km: int


def territoires_proches(lon: float, lat: float, date: datetime.date, nombre=3) -> list[Proche]:
    """The nearest territories of the map at `date`, in one query.

    The distance goes to the centre of the nearest member: an approximation, to be said as such.
    """
    rows = Rattachement.objects.at(date).select_related("territoire", "intercommunalite", "commune")
    proches = {}
    for row in rows:
        membre = row.membre
        if membre.lon is None:
            continue
        km = _distance(lon, lat, membre.lon, membre.lat)
        connu = proches.get(row.territoire_id)
        if connu is None or km < connu[0]:
            proches[row.territoire_id] = (km, row)
    choisis = sorted(proches.values(), key=lambda found: (found[0], found[1].pk))[:nombre]
    return [Proche(row.territoire, row.membre, round(km)) for km, row in choisis]


def _distance(lon, lat, autre_lon, autre_lat):
    """Kilometres on the sphere, by the haversine formula."""
    lon, lat, autre_lon, autre_lat = map(radians, (lon, lat, autre_lon, autre_lat))
    corde = sin((autre_lat - lat) / 2) ** 2
    corde += cos(lat) * cos(autre_lat) * sin((autre_lon - lon) / 2) ** 2
    return 2 * RAYON_TERRE * asin(sqrt(corde))
