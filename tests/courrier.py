"""The mails of a test: they wait in the queue, as in service, until somebody looks."""

from django.core import mail

from programme.models import Tache
from programme.taches import execution


def courrier():
    """What the portal sent, oldest first, once the clock passed."""
    Tache.objects.exists()  # what factories wrote is told when it is read: before it is due
    execution.executer()
    return mail.outbox
