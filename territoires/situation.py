"""Where a territory lies, and so whose committees follow it: read from its members.

Those of today; for a territory that has none any more, the last it had. A member that left takes
its région with it, and a territory that left the map keeps its committees.
"""

import datetime
from collections import defaultdict

from django.utils import timezone

from territoires import lots
from territoires.carte import code_membre, est_membre
from territoires.models import Departement, Rattachement, Territoire


def membres_qui_comptent(rows, day):
    """Among all the rattachements of a territory: those of `day`, else the last ones."""
    current = [row for row in rows if est_membre(row, day)]
    if current or not rows:
        return current
    end = max(row.terme or datetime.date.max for row in rows)
    return [row for row in rows if (row.terme or datetime.date.max) == end]


def situations(territoires, rows):
    """{code: {"departements": codes, "regions": codes}} of {code: territory}, in three queries.

    `rows`: {code: all its rattachements}. The région porteuse is always among the régions.
    """
    today = timezone.localdate()
    members = {
        code: {code_membre(row) for row in membres_qui_comptent(rows.get(code, ()), today)}
        for code in territoires
    }
    places = _departements(set().union(*members.values()))
    region_of = dict(Departement.objects.values_list("pk", "region"))
    found = {}
    for code, territoire in territoires.items():
        departements = set().union(*(places[member] for member in members[code]))
        regions = {region_of[pk] for pk in departements} | {territoire.region_porteuse_id}
        found[code] = {"departements": departements, "regions": regions}
    return found


def _departements(members):
    found = defaultdict(set)
    for path in ("intercommunalites", "communes"):
        rows = Departement.objects.filter(**{f"{path}__in": members})
        for member, departement in rows.values_list(path, "pk"):
            found[member].add(departement)
    return found


def situer(codes=None):
    """Set the départements and régions of the territories of `codes` (all by default).

    Only those that differ are written. Returns their codes.
    """
    territoires = Territoire.objects.in_bulk(codes)
    rows = defaultdict(list)
    of_them = Rattachement.objects.filter(territoire__in=territoires).select_related("phase")
    for row in of_them.order_by():
        rows[row.territoire_id].append(row)
    wanted = situations(territoires, rows)
    changed = set()
    for name in ("departements", "regions"):
        stored = lots.liens_de(Territoire, name, territoires)
        for code, territoire in territoires.items():
            if stored.get(code, set()) != wanted[code][name]:
                getattr(territoire, name).set(wanted[code][name])
                changed.add(code)
    return sorted(changed)
