"""The live server answers each request to its end before the database of the test goes away.

A browser, or curl, that has the last byte does not wait for what the server still writes then (the
proof of a file): it would be written to the database of the next test.
"""

from threading import Condition

import pytest
from django.core.signals import request_finished, request_started

from tests.fin_de_transaction import attente


class Requetes:
    """The requests that are being answered while it is open; it closes when there is none."""

    PATIENCE = 30

    def __init__(self):
        self._changed = Condition()
        self._count = 0

    def _begin(self, **kwargs):
        with self._changed:
            self._count += 1

    def _end(self, **kwargs):
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def __enter__(self):
        request_started.connect(self._begin)
        request_finished.connect(self._end)
        return self

    def __exit__(self, *failure):
        with self._changed:
            done = self._changed.wait_for(lambda: self._count <= 0, self.PATIENCE)
        request_started.disconnect(self._begin)
        request_finished.disconnect(self._end)
        assert done, f"{self._count} requests were still answered {self.PATIENCE} s after the test"


@pytest.fixture(autouse=True)
def _answered_to_the_end(request):
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")  # opened before, so closed after
    with attente.patience(), Requetes():
        yield
