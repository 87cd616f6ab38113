"""Secrets of second factors, encrypted before they reach the database.

What no key reads any more is no fault of who signs in: `SecretIllisible` says so, and the way on.
"""

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction

from programme.chiffrement import Chiffre, Illisible

ILLISIBLE = (
    "Le portail a changé de clé et ne peut plus lire ce second facteur : ce n’est pas votre code "
    "qui est faux. Entrez par une clé d’accès si vous en avez une ; sinon demandez à un "
    "administrateur national de réinitialiser votre second facteur."
)
CHIFFRE = Chiffre("second_facteur")
CHAMPS = ("secret", "seed")
"""Where the data of an authenticator holds one encrypted text."""


class SecretIllisible(ValidationError):
    """A form that meets it says so beside its field; a page, in its place."""

    def __init__(self):
        super().__init__(ILLISIBLE, code="illisible")


def encrypt(text):
    return CHIFFRE.encrypt(text)


def decrypt(text):
    """Raises `SecretIllisible` when no key of the site made `text`."""
    try:
        return CHIFFRE.decrypt(text)
    except Illisible:
        raise SecretIllisible from None


def reencrypt(authenticators=None):
    """Write with the current key what a former one encrypted: (number rewritten, unreadable ones).

    authenticators: a queryset; all of them by default.
    """
    rewritten, unreadable = 0, []
    rows = Authenticator.objects.all() if authenticators is None else authenticators
    rows = rows.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk")
    with transaction.atomic():
        # Locked: a code used meanwhile is written in the same data.
        for row in rows.select_for_update():
            try:
                fresh = {
                    name: CHIFFRE.current(row.data[name]) for name in CHAMPS if name in row.data
                }
            except Illisible:
                unreadable.append(row)
                continue
            if row.data != (data := {**row.data, **fresh}):
                row.data = data
                row.save(update_fields=["data"])
                rewritten += 1
    return rewritten, unreadable
