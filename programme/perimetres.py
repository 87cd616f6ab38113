"""Whose a count is: the projects situated in a région, and those that its committee follows.

A committee follows what lies in its région and what the territories that it shares have elsewhere:
the second number is the larger, and every page that gives one says why the other differs.
"""

from dataclasses import dataclass

from django.db.models import Count, Q

from programme.models import Projet, Publication
from programme.models.projets import REGION
from territoires.models import Region, Territoire

NOMS = 3


@dataclass(frozen=True)
class Suivi:
    """Of some projects: how many the committee of `region` follows, and why they are so many.

    situes: those in its départements. ailleurs: the others, of a territory that it follows.
    caches: among all, those that the site does not show. publics: those that it counts as the
    région's. territoires: names of the territories that have projects elsewhere.
    """

    region: Region
    suivis: int
    situes: int
    caches: int
    publics: int
    territoires: tuple[str, ...]

    @property
    def ailleurs(self):
        return self.suivis - self.situes

    @property
    def ou(self):
        """The territories of the projects elsewhere, a few of them by name."""
        more = len(self.territoires) - NOMS
        named = ", ".join(self.territoires[:NOMS])
        return f"{named} et {more} autre{'s' if more > 1 else ''}" if more > 0 else named


def suivi(region, projets):
    """The `Suivi` of a région over the rows `projets`; one query, one more for the names."""
    rows = projets.of_region(region).alias(_region=REGION).order_by()
    inside, public = Q(_region=region.pk), Q(publication=Publication.PUBLIE)
    counts = rows.aggregate(
        suivis=Count("pk"),
        situes=Count("pk", filter=inside),
        caches=Count("pk", filter=~public),
        publics=Count("pk", filter=inside & public),
    )
    names = ()
    if counts["suivis"] > counts["situes"]:
        elsewhere = Projet.objects.filter(pk__in=rows.values("pk")).exclude(
            pk__in=rows.filter(inside).values("pk")
        )
        shared = Territoire.objects.filter(pk__in=elsewhere.values("territoire"))
        names = tuple(shared.order_by("nom").values_list("nom", flat=True))
    return Suivi(region=region, territoires=names, **counts)
