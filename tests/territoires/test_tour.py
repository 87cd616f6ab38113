"""Two commands at once: the second waits, says so, and then does its work."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from territoires import tour


class Autre:
    """Another process: it has the turn until the one who waits has looked three times."""

    def __init__(self):
        self.looks, self.free, self.held, self.thread = (
            0,
            threading.Event(),
            threading.Event(),
            None,
        )

    def prend(self, nom):
        self.thread = threading.Thread(target=self._hold, args=[nom])
        self.thread.start()
        assert self.held.wait(60)

    def _hold(self, nom):
        alias = connections["default"].copy("default")  # a connection of its own
        try:
            with tour.seul(nom, alias, str):
                self.held.set()
                self.free.wait(60)
        finally:
            alias.close()

    def regarde(self, seconds):
        self.looks += 1
        if self.looks == 3:
            self.free.set()
            self.thread.join(60)


@pytest.fixture
def autre(monkeypatch):
    one = Autre()
    monkeypatch.setattr(tour, "sleep", one.regarde)
    yield one
    one.free.set()
    if one.thread:
        one.thread.join(60)


@pytest.mark.django_db(transaction=True)
def test_the_second_migrate_waits_and_says_so(autre, capsys):
    autre.prend("migrate")
    call_command("migrate", verbosity=0)
    assert autre.looks == 3
    said = capsys.readouterr().err
    assert said.count("« migrate » est déjà en cours sur cette base : celui-ci attend") == 1


@pytest.mark.django_db(transaction=True)
def test_the_second_load_waits_and_says_so(autre, capsys, tmp_path):
    autre.prend("chargement")
    with pytest.raises(CommandError, match="Rien n’a été chargé"):  # an empty folder, at its turn
        call_command("charger_geographie", dossier=tmp_path, verbosity=0)
    assert autre.looks == 3
    said = capsys.readouterr().err
    assert said.count("« chargement » est déjà en cours sur cette base : celui-ci attend") == 1


@pytest.mark.django_db(transaction=True)
def test_another_work_is_not_kept_waiting(autre):
    autre.prend("migrate")
    with tour.seul("chargement", connection, pytest.fail):
        pass
    assert autre.looks == 0


@pytest.mark.django_db(transaction=True)
def test_a_turn_is_given_back_after_a_failure():
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), tour.seul("migrate", connection, pytest.fail):
            raise ZeroDivisionError
