"""The clock: what is done each minute, each hour, each day, each month, whoever visits.

Each round is begun by one process, whatever their number: the first to write that it begins. A
round that failed is begun again an hour later at most, and what it said is kept.
"""

import io
import logging
from datetime import timedelta
from enum import Enum

from django.core.management import call_command
from django.db import DatabaseError, InterfaceError
from django.db.models import Q
from django.utils import timezone

from programme.models import Tournee
from programme.taches import execution

logger = logging.getLogger(__name__)
SAUVEGARDE = "sauvegarde"
SILENCE = timedelta(minutes=15)
"""After which the clock is said to be stopped."""
EN_RETARD = timedelta(hours=1)
"""After which what waits in the queue is late."""


class Cadence(Enum):
    MINUTE = {"second": 0, "microsecond": 0}
    HEURE = {"minute": 0, **MINUTE}
    JOUR = {"hour": 0, **HEURE}
    MOIS = {"day": 1, **JOUR}

    def debut(self, now):
        """When the current minute, hour, day or month began, in Paris."""
        return timezone.localtime(now).replace(**self.value)


def _commande(nom):
    """A round that runs a command, and repeats what it says."""

    def faire(arret):
        said = io.StringIO()
        call_command(nom, stdout=said)
        return said.getvalue().strip()

    return faire


def _paraitre(arret):
    # It needs the datasets, which need more than the clock does.
    from programme.donnees.parutions.taches import demander_du_mois  # noqa: PLC0415

    return demander_du_mois()


def _sauvegarder(arret):
    from programme.exploitation import sauvegarde  # noqa: PLC0415

    return sauvegarde.du_jour()


TOURNEES = {
    "file d’attente": (Cadence.MINUTE, execution.executer),
    "carte du jour": (Cadence.HEURE, _commande("passer_au_jour")),
    "entretien": (Cadence.JOUR, _commande("entretien")),
    SAUVEGARDE: (Cadence.JOUR, _sauvegarder),
    "parution": (Cadence.MOIS, _paraitre),
}
"""{name: (cadence, function)}: the function is given `arret` and says what it did."""


def tournee(nom, cadence):
    """Declares the function of one more round."""

    def declare(function):
        TOURNEES[nom] = (cadence, function)
        return function

    return declare


def passer(arret=lambda: False):
    """Begin every round that is due; {name: what it said} of those that this process did."""
    said = {}
    for nom in TOURNEES:
        if arret():
            break
        if _claim(nom):
            said[nom] = _faire(nom, arret)
    return said


def laisser_passer():
    """Called by a long task between two of its steps: what is due besides is done meanwhile.

    Mails do not wait for it, nor the hours and the days. Outside of such a task, nothing.
    """
    if not execution.prolonger():
        return
    try:
        passer()
    except (DatabaseError, InterfaceError):
        logger.warning("rounds are put off: the database does not answer", exc_info=True)


def dernier_passage():
    """When a round last began; None: never."""
    rows = Tournee.objects.order_by("-commencee_le")
    return rows.values_list("commencee_le", flat=True).first()


def noter(nom, dit):
    """What the round `nom` would have done was done by hand."""
    now = timezone.now()
    done = {"commencee_le": now, "finie_le": now, "reussie_le": now, "dit": dit, "erreur": ""}
    Tournee.objects.update_or_create(nom=nom, defaults=done)


def _claim(nom):
    now = timezone.now()
    cadence, _ = TOURNEES[nom]
    again = max(cadence.debut(now), Cadence.HEURE.debut(now))
    due = Q(commencee_le__lt=cadence.debut(now)) | (~Q(erreur="") & Q(commencee_le__lt=again))
    begun = {"commencee_le": now, "finie_le": None}
    if Tournee.objects.filter(due, nom=nom).update(**begun):
        return True
    return Tournee.objects.get_or_create(nom=nom, defaults=begun)[1]


def _faire(nom, arret):
    _, faire = TOURNEES[nom]
    try:
        said, erreur = faire(arret), ""
    except Exception as error:
        logger.exception("a round failed: %s", nom)
        said, erreur = "", type(error).__name__
    now = timezone.now()
    over = {"finie_le": now, "erreur": erreur[:200]}
    if not erreur:
        over |= {"reussie_le": now, "dit": said}
    Tournee.objects.filter(nom=nom).update(**over)
    return said or erreur


def boucler(arret, attendre):
    """Pass each minute until `arret()`; `attendre()` waits a moment between two looks at it."""
    minute = None
    while not arret():
        if minute == (minute := Cadence.MINUTE.debut(timezone.now())):
            attendre()
            continue
        try:
            passer(arret)
        except (DatabaseError, InterfaceError):
            logger.warning("the database does not answer: rounds are put off", exc_info=True)
