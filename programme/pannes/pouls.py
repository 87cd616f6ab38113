"""Whether the database answers, as this process last saw it: one memory for all its threads.

Once nobody could be reached, nobody is called again for `RECUL` seconds: each request fails at
once instead of waiting in its turn. Then one thread tries, and the others still do not wait.
"""

from threading import Lock
from time import monotonic

from django.db import DEFAULT_DB_ALIAS

RECUL = 3.0  # seconds


class Pouls:
    def __init__(self):
        self._lock = Lock()  # never held while anything is waited for
        self.forget_all()

    def forget_all(self):
        self._lost = False
        self._next = 0.0

    def may_call(self):
        """Whether this thread may call; when nobody answers, one may in `RECUL` seconds."""
        if not self._lost:
            return True
        with self._lock:
            if not self._lost:
                return True
            now = monotonic()
            if now < self._next:
                return False
            self._next = now + RECUL
            return True

    def lost(self):
        with self._lock:
            self._lost = True
            self._next = monotonic() + RECUL

    def found(self):
        self._lost = False


pouls = Pouls()
_autres = {}


def pouls_de(alias):
    """That of a database: a replica that is gone says nothing of the others."""
    return pouls if alias == DEFAULT_DB_ALIAS else _autres.setdefault(alias, Pouls())


class Freins:
    """The views that the database kept waiting too long a moment ago: a table is locked, say.

    For `RECUL` seconds what can do without the database does, and few threads wait for it.
    """

    def __init__(self):
        self._until = {}

    def __bool__(self):
        return bool(self._until)

    def hold(self, name):
        self._until[name] = monotonic() + RECUL

    def release(self, name):
        self._until.pop(name, None)

    def forget_all(self):
        self._until.clear()

    def holds(self, name):
        return name is not None and monotonic() < self._until.get(name, 0.0)
