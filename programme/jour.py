"""What is kept for today is made anew when the day changes, by the first request of the day.

The map is computed at each date, but where a territory lies, and so whose committees follow it, is
kept for today: a member that enters or leaves on a day to come changes it on that day, when nobody
writes anything. The base says up to which day it was done, so that each day is done once, whatever
the number of processes and however long they slept.
"""

import logging
from threading import Lock
from time import monotonic

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from programme.models import DonneesVersion
from territoires.models import Rattachement
from territoires.signaux import carte_changee
from territoires.situation import situer

RECUL = 60.0  # seconds without trying again, when the database refused
SANS_JOUR = ("/static/", "/sante/")
logger = logging.getLogger(__name__)


def changer(today):
    """Situate the territories whose members changed since the last day; returns their codes."""
    version = DonneesVersion.objects.current()
    if version.jour and version.jour >= today:
        return []
    with transaction.atomic():
        version = DonneesVersion.objects.select_for_update().get(pk=version.pk)
        if version.jour and version.jour >= today:  # another process came first
            return []
        # The first day known is only noted: what officers and acts left before is theirs.
        codes = _moved(version.jour, today) if version.jour else []
        if codes:
            situer(codes)
            carte_changee.send(sender=DonneesVersion, codes=codes)
        DonneesVersion.objects.filter(pk=version.pk).update(jour=today)
    return codes


def _moved(since, today):
    """The territories that a member entered or left after `since`, until `today`."""
    days = {"gt": since, "lte": today}
    moved = Q()
    for name in ("debut", "fin"):
        moved |= Q(**{f"{name}__{lookup}": day for lookup, day in days.items()})
    rows = Rattachement.objects.filter(moved).order_by("territoire")
    return list(rows.values_list("territoire", flat=True).distinct())


class Jour:
    """The day that this process knows to be done."""

    def __init__(self):
        self._lock = Lock()  # one thread does it, the others go on
        self.oublier()

    def oublier(self):
        self._fait, self._apres = None, 0.0

    def fait(self):
        """Nothing is left to do today."""
        self._fait, self._apres = timezone.localdate(), 0.0

    def passer(self):
        today = timezone.localdate()
        if self._fait == today or monotonic() < self._apres:
            return
        if not self._lock.acquire(blocking=False):
            return
        try:
            changer(today)
            self.fait()
        except (DatabaseError, InterfaceError):
            # The page does what it can without; a base that cannot be written is told by `sante`.
            logger.warning("the day could not be changed", exc_info=True)
            self._apres = monotonic() + RECUL
            if not connection.in_atomic_block:
                connection.close()
        finally:
            self._lock.release()


jour = Jour()


class JourMiddleware:
    """Before any page is answered, a new day is done."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path_info.startswith(SANS_JOUR):
            jour.passer()
        return self.get_response(request)
