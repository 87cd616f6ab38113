"""How long anything may wait for the database: a request briefly, a command for its work.

A process that serves requests says so once (`serve`, called by `programme.wsgi`). A connection
takes the limits of who opens it; a file on its way has its own (`during`).
"""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from django.conf import settings


@dataclass(frozen=True)
class Limites:
    """In seconds; 0 is without limit."""

    connexion: float = 10
    requete: float = 0  # one statement
    verrou: float = 0  # a lock that another transaction holds
    transaction: float = 0  # a transaction that does nothing
    silence: float = 0  # a server that says nothing at all, whatever it was asked


# What a command waits for is its own affair, but a lock: nobody else's work may hold it for ever.
COMMANDES = Limites(verrou=60)
# Longer than any statement of a page: the server has then had its time to refuse by itself.
MARGE = 2
_process = COMMANDES
_current = ContextVar("limites", default=None)
_brief = ContextVar("attente", default=0)


def requests():
    """The limits of a request, from the settings."""
    given = settings.BASE_LIMITES
    return Limites(**given, silence=given["requete"] and given["requete"] + MARGE)


def files():
    """Those of a file on its way: as long as its reader goes on, a minute without a byte."""
    return replace(requests(), requete=0, transaction=600, silence=60)


def serve():
    """From now on, this process answers requests."""
    global _process  # noqa: PLW0603 - one process, one task
    _process = requests()


def current():
    return _current.get() or _process


@contextmanager
def during(limits):
    """Connections opened inside have these limits, for as long as they live."""
    token = _current.set(limits)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def briefly(seconds):
    """What is asked inside is answered within that time, or given up."""
    token = _brief.set(silence(seconds))
    try:
        yield
    finally:
        _brief.reset(token)


def silence(own):
    """Seconds without a word after which a connection is given up: its own, or less."""
    asked = _brief.get()
    return min(own, asked) if own and asked else own or asked


def apply(sender, connection, **kwargs):
    """Tell a new connection its limits (signal `connection_created`)."""
    tell(connection)


def tell(connection):
    """Tell an open connection the limits of the moment."""
    limits = current()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA busy_timeout = {_ms(limits.verrou)}")
            return
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, false), "
            "set_config('lock_timeout', %s, false), "
            "set_config('idle_in_transaction_session_timeout', %s, false), "
            # Compiling a question of a thousand expressions takes minutes; answering it, seconds.
            "set_config('jit', 'off', false)",
            [str(_ms(limits.requete)), str(_ms(limits.verrou)), str(_ms(limits.transaction))],
        )


def _ms(seconds):
    return round(seconds * 1000)
