"""The parutions as lines of the journal: made one day, withdrawn another."""

from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from programme.catalogue.journal.lignes import Ligne
from programme.models import Parution
from territoires import moment

GENRE = "parutions"


def lignes(depuis=None, avant=None):
    """The `Ligne`s of the days from `depuis`, included, to `avant`, excluded, the last first."""
    first, end = depuis or date.min, avant or date.max
    rows = Parution.objects.all()  # one a month, or a few more
    told = [line for row in rows for line in _told(row) if first <= line.jour < end]
    return sorted(told, key=lambda line: line.moment, reverse=True)


def _told(parution):
    until = moment.actuel() or timezone.now()
    if parution.faite_le <= until:
        said = ", tous les jeux d’un même instant, numérotés et gardés"
        yield _ligne(parution, parution.faite_le, f"faite{said}", "")
    if parution.retiree_le and parution.retiree_le <= until:
        said = f"retirée : {parution.motif}"
        yield _ligne(parution, parution.retiree_le, said, "-retiree")


def _ligne(parution, when, said, suffix):
    key = f"{GENRE}-{parution.numero}{suffix}"
    page = parution.get_absolute_url()
    day = timezone.localdate(when)
    link = f"{reverse('journal')}?{urlencode({'du': day, 'au': day})}#{key}"
    return Ligne(day, GENRE, said, key, link, f"Parution n° {parution.numero}", page, moment=when)
