"""Secrets of second factors, encrypted before they reach the database.

The key is made of the site's `SECRET_KEY`; those it replaced (`SECRET_KEY_FALLBACKS`) still read.
What no key reads any more is no fault of who signs in: `SecretIllisible` says so, and the way on.
"""

import base64
import hashlib

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

ILLISIBLE = (
    "Le portail a changé de clé et ne peut plus lire ce second facteur : ce n’est pas votre code "
    "qui est faux. Entrez par une clé d’accès si vous en avez une ; sinon demandez à un "
    "administrateur national de réinitialiser votre second facteur."
)
CHAMPS = ("secret", "seed")
"""Where the data of an authenticator holds one encrypted text."""


class SecretIllisible(ValidationError):
    """A form that meets it says so beside its field; a page, in its place."""

    def __init__(self):
        super().__init__(ILLISIBLE, code="illisible")


def _keys():
    """One key per secret of the site: the current one first, then those it replaced."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        digest = hashlib.sha256(b"programme.second_facteur:" + secret.encode()).digest()
        yield Fernet(base64.urlsafe_b64encode(digest))


def encrypt(text):
    return MultiFernet(list(_keys())).encrypt(text.encode()).decode()


def decrypt(text):
    """Raises `SecretIllisible` when no key of the site made `text`."""
    try:
        return MultiFernet(list(_keys())).decrypt(text.encode()).decode()
    except InvalidToken:
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
                fresh = {name: _current(row.data[name]) for name in CHAMPS if name in row.data}
            except SecretIllisible:
                unreadable.append(row)
                continue
            if row.data != (data := {**row.data, **fresh}):
                row.data = data
                row.save(update_fields=["data"])
                rewritten += 1
    return rewritten, unreadable


def _current(text):
    """`text` if the current key made it, else the same encrypted with it."""
    try:
        next(_keys()).decrypt(text.encode())
    except InvalidToken:
        return encrypt(decrypt(text))
    return text
