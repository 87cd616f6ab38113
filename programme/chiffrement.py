"""Texts encrypted before they reach the database.

The keys are made of the site's `SECRET_KEY`, one for each use; those it replaced
(`SECRET_KEY_FALLBACKS`) still read.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Illisible(ValueError):
    """No key of the site made this text."""


class Chiffre:
    """The keys of one use: a text encrypted for it reads nowhere else."""

    def __init__(self, usage):
        self.usage = usage

    @staticmethod
    def _secrets():
        """The current one first, then those it replaced."""
        return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)

    def _secret(self, secret):
        return hashlib.sha256(f"programme.{self.usage}:{secret}".encode()).digest()

    def _keys(self):
        for secret in self._secrets():
            yield Fernet(base64.urlsafe_b64encode(self._secret(secret)))

    def encrypt(self, text):
        return next(self._keys()).encrypt(text.encode()).decode()

    def decrypt(self, text):
        """Raises `Illisible`."""
        try:
            return MultiFernet(list(self._keys())).decrypt(text.encode()).decode()
        except InvalidToken:
            raise Illisible from None

    def current(self, text):
        """`text` if the current key made it, else the same encrypted with it; or `Illisible`."""
        try:
            next(self._keys()).decrypt(text.encode())
        except InvalidToken:
            return self.encrypt(self.decrypt(text))
        return text

    def empreintes(self, text):
        """Digests of `text` that nobody makes without a key of the site; the current one first."""
        return [
            hmac.new(self._secret(secret), text.encode(), hashlib.sha256).hexdigest()
            for secret in self._secrets()
        ]
