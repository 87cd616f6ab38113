"""What stands between a form that anybody may send and robots: no third party, no picture to read.

A form carries a signed token: for which record, which version of it, since when. It is sent once,
not at once, not after a day. What a network, a record and the site are sent is bounded. No address
is kept.
"""

import time
from dataclasses import dataclass
from datetime import timedelta

from allauth.core.internal.httpkit import get_client_ip
from django.core import signing
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

from programme.donnees.debit import Debit, subscriber
from programme.models import Proposition

HEURE = 3600
DELAI = 3  # seconds that it takes to read a form
DUREE = 24 * HEURE
PAR_RESEAU = 30
"""Forms that one network may send in an hour, to each process."""
PAR_FICHE, PAR_JOUR = 10, 300
"""Reports that one record, and the site, take in 24 hours."""
envois = Debit(fenetre=HEURE)
_signer = signing.Signer(salt="programme.signaler")


class Refuse(Exception):
    """Why a form is not taken, and what to do; `status` of the answer, seconds to `attente`."""

    def __init__(self, sentence, status=400, attente=None):
        super().__init__(sentence)
        self.status, self.attente = status, attente


@dataclass(frozen=True)
class Jeton:
    """What a form was opened on. ne: a number that no other form has; le: when, in seconds."""

    ne: str
    adresse: str
    version: int
    le: float

    @classmethod
    def neuf(cls, adresse, version, le=None):
        return cls(get_random_string(22), adresse, version, le or time.time())

    def __str__(self):
        return _signer.sign_object([self.ne, self.adresse, self.version, round(self.le, 3)])

    @classmethod
    def lu(cls, text, adresse):
        """Raises `Refuse` for what we did not write for this address, came too soon or too late."""
        try:
            jeton = cls(*_signer.unsign_object(text))
        except (signing.BadSignature, ValueError, TypeError):
            jeton = None
        if jeton is None or jeton.adresse != adresse:
            raise Refuse(
                "Ce formulaire ne vient pas de cette page. Votre saisie est gardée ci-dessous : "
                "relisez-la, puis envoyez-la de nouveau."
            )
        age = time.time() - jeton.le
        if age > DUREE:
            raise Refuse(
                "Ce formulaire est resté ouvert plus d’un jour. Votre saisie est gardée ci-dessous "
                ": relisez-la, puis envoyez-la de nouveau."
            )
        if age < DELAI:
            raise Refuse(
                "Ce formulaire est parti plus vite qu’on ne le lit, comme ceux des robots. Votre "
                f"saisie est gardée : relisez-la, et envoyez-la dans {DELAI} secondes."
            )
        return jeton

    @property
    def secret(self):
        """The secret of the address that follows what this form sends."""
        return salted_hmac("programme.signaler.suivi", self.ne, algorithm="sha256").hexdigest()[:40]


def count(request):
    """Count one form of the network of `request`. Raises `Refuse`."""
    number, seconds = envois.count(subscriber(get_client_ip(request)))
    if number > PAR_RESEAU:
        raise Refuse(
            f"Plus de {PAR_RESEAU} formulaires sont venus de votre réseau en une heure. Attendez "
            f"{-(-seconds // 60)} minutes, puis envoyez de nouveau.",
            429,
            seconds,
        )


def bound(record):
    """Raise `Refuse` when `record`, or the site, had enough reports for one day."""
    since = timezone.now() - timedelta(days=1)
    recent = Proposition.objects.du_public().filter(deposee_le__gte=since)
    if recent.about(record).count() >= PAR_FICHE:
        raise Refuse(
            f"Cette fiche a déjà reçu {PAR_FICHE} signalements en un jour : revenez demain. Votre "
            "saisie est gardée ci-dessous.",
            429,
            DUREE,
        )
    if recent.count() >= PAR_JOUR:
        raise Refuse(
            f"Le portail a déjà reçu {PAR_JOUR} signalements en un jour : revenez demain. Votre "
            "saisie est gardée ci-dessous.",
            429,
            DUREE,
        )
