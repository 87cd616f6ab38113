"""Whose a count is: the projects situated in a région, and those that its committee follows.

A committee follows what lies in its région and what the territories that it shares have elsewhere:
the second number is the larger, and every page that gives one says why the other differs.
"""

from dataclasses import dataclass

from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from programme.models import Publication
from programme.models.projets import REGION
from territoires.models import Region, Territoire
from territoires.moment import today

NOMS = 3


@dataclass(frozen=True)
class Suivi:
    """Of some projects: how many the committee of `region` follows, and why they are so many.

    situes: those in its départements. ailleurs: the others, of a territory that it follows.
    caches: among all, those that the site does not show. publics: those that it counts as the
    région's. acheves, en_cours: those of a territory whose phase has ended, and of one whose phase
    has not. territoires: names of the territories that have projects elsewhere.
    """

    region: Region
    suivis: int
    situes: int
    caches: int
    publics: int
    acheves: int
    en_cours: int
    territoires: tuple[str, ...]

    @property
    def ailleurs(self):
        return self.suivis - self.situes

    @property
    def passe(self):
        """Whether the committee followed them: no phase of theirs still runs."""
        return bool(self.acheves and not self.en_cours)

    @property
    def ou(self):
        """The territories of the projects elsewhere, a few of them by name."""
        more = len(self.territoires) - NOMS
        named = ", ".join(self.territoires[:NOMS])
        return f"{named} et {more} autre{'s' if more > 1 else ''}" if more > 0 else named


def suivi(region, projets):
    """The `Suivi` of a région over the rows `projets`; one query, one more for the names."""
    rows = projets.of_region(region).alias(_region=REGION).order_by()
    ended = Q(territoire__phase__fin__lte=today())
    inside, public = Q(_region=region.pk), Q(publication=Publication.PUBLIE)
    counts = rows.aggregate(
        suivis=Count("pk"),
        situes=Count("pk", filter=inside),
        caches=Count("pk", filter=~public),
        publics=Count("pk", filter=inside & public),
        acheves=Count("pk", filter=ended),
        en_cours=Count("pk", filter=Q(territoire__isnull=False) & ~ended),
    )
    names = ()
    if counts["suivis"] > counts["situes"]:
        elsewhere = rows.exclude(inside).values("territoire")
        shared = Territoire.objects.filter(pk__in=elsewhere)
        names = tuple(shared.order_by("nom").values_list("nom", flat=True))
    return Suivi(region=region, territoires=names, **counts)


def suivi_des_lignes(region, rows):
    """The same over public rows: rangements, as `colonnes.lignes` gives them; three queries."""
    shared = Territoire.objects.filter(Q(regions=region) | Q(region_porteuse=region))
    theirs = ExpressionWrapper(Q(pk__in=shared.values("pk")), BooleanField())
    every = Territoire.objects.annotate(sien=theirs).order_by("nom")
    known = list(every.values_list("pk", "nom", "phase__fin", "sien"))
    mine = Q(region=region.pk) | Q(projet__departement__region=region.pk)
    rows = rows.filter(mine | Q(territoire__in={code for code, *_, sien in known if sien}))
    places = rows.nombres("territoire")
    at_home = rows.filter(region=region.pk).nombres("territoire")
    told = [(code, nom, fin) for code, nom, fin, _ in known if code in places]
    ended = sum(places[code] for code, _, fin in told if fin and fin <= today())
    inside = sum(at_home.values())
    return Suivi(
        region=region,
        suivis=sum(places.values()),
        situes=inside,
        caches=0,
        publics=inside,
        acheves=ended,
        en_cours=sum(places[code] for code, *_ in told) - ended,
        territoires=tuple(nom for code, nom, _ in told if places[code] > at_home.get(code, 0)),
    )
