"""What the live server still writes after the last byte is written before the next test."""

from threading import Thread

import pytest
from django.core.signals import request_finished, request_started

from tests.serveur import Requetes

# Django looks, at each request, at the connection that an earlier test left.
pytestmark = pytest.mark.django_db


def test_it_closes_when_the_last_request_is_answered():
    answered = []

    def answer():
        answered.append(True)
        request_finished.send(sender=None)

    with Requetes():
        request_started.send(sender=None)
        Thread(target=answer).start()
    assert answered


def test_a_request_that_never_ends_fails_its_test(monkeypatch):
    monkeypatch.setattr(Requetes, "PATIENCE", 0.01)
    with pytest.raises(AssertionError, match="1 requests were still answered"), Requetes():
        request_started.send(sender=None)
