"""A follower, her letter box and the clock of the tests that follow."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core import mail
from django.utils import timezone

from programme.catalogue.suivre import abonnes, envois
from programme.models import Abonne
from programme.taches import execution

PARIS = ZoneInfo("Europe/Paris")
LIEN = re.compile(r"https?://[^/\s]+(/suivre/\S+)")


class Horloge:
    """The hour that it is, everywhere, until it is moved."""

    def __init__(self, monkeypatch, text):
        self.moment = datetime.fromisoformat(text).replace(tzinfo=PARIS)
        monkeypatch.setattr(timezone, "now", lambda: self.moment)

    def passe(self, **delta):
        self.moment += timedelta(**delta)

    def matin(self):
        """The next day, eight o’clock in the morning: the mails of that day."""
        self.moment = (self.moment + timedelta(days=1)).replace(hour=8, minute=0)
        return tournee()


def tournee():
    """The mails that the clock hands over now."""
    before = len(mail.outbox)
    envois.prevoir()
    execution.executer()
    return mail.outbox[before:]


def demander(client, adresse, courriel="anne@exemple.fr"):
    return client.post("/suivre/", {"adresse": adresse, "courriel": courriel})


def lien(message, part):
    """The path of the link of a mail that leads to `part`."""
    (found,) = {path for path in LIEN.findall(message.body) if f"/{part}/" in path}
    return found


def suivre(client, adresse, courriel="anne@exemple.fr"):
    """Ask, read the mail, confirm: as a person does."""
    assert demander(client, adresse, courriel).status_code == 302
    execution.executer()
    message = mail.outbox[-1]
    assert message.to == [courriel]
    answer = client.post(lien(message, "confirmer"))
    assert "C’est confirmé" in answer.text
    return abonne(courriel)


def abonne(courriel="anne@exemple.fr"):
    return Abonne.objects.filter(empreinte=abonnes.CHIFFRE.empreintes(courriel)[0]).first()
