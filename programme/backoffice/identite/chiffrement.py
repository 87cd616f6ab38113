"""Secrets of second factors, encrypted before they reach the database."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _keys():
    """One key per secret of the site: the current one first, then those it replaced."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        digest = hashlib.sha256(b"programme.second_facteur:" + secret.encode()).digest()
        yield Fernet(base64.urlsafe_b64encode(digest))


def encrypt(text):
    return MultiFernet(list(_keys())).encrypt(text.encode()).decode()


def decrypt(text):
    """Raises `cryptography.fernet.InvalidToken` when no key of the site made `text`."""
    return MultiFernet(list(_keys())).decrypt(text.encode()).decode()
