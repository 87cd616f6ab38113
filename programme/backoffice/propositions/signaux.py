"""What becomes of the proposals on a record that is deleted: closed, and their authors told."""

from django.db.models import F
from django.db.models.signals import post_delete
from django.utils import timezone
from simple_history.models import HistoricalRecords

from programme.models import Proposition
from programme.models.propositions import modeles

SUPPRIME = "L’enregistrement a été supprimé."


def close(sender, instance, **kwargs):
    """Refuse what waits on `instance`, in the name of who deleted it."""
    request = getattr(HistoricalRecords.context, "request", None)
    user = getattr(request, "user", None)
    Proposition.objects.about(instance).en_attente().update(
        etat=Proposition.Etat.REFUSEE,
        reponse=SUPPRIME,
        repondant=user if user is not None and user.is_authenticated else None,
        repondue_le=timezone.now(),
        courriel="",
        version=F("version") + 1,
    )


def connect():
    for model in modeles():
        post_delete.connect(close, sender=model, dispatch_uid=f"propositions.{model.__name__}")
