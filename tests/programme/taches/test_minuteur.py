"""The clock: what is due is begun once, whatever the number of processes and the failures."""

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone

from programme.models import Tournee
from programme.taches import minuteur
from programme.taches.minuteur import Cadence

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def horloge(monkeypatch):
    """`horloge("2027-03-27 23:59")`: the hour that it is in Paris."""

    def put(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=PARIS)
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    put("2027-03-26 12:00:30")
    return put


@pytest.fixture
def tours(monkeypatch):
    """Rounds that count themselves; `.refus` makes them fail."""

    def round_of(nom):
        def faire(arret):
            tours.faits.append(nom)
            if tours.refus:
                raise tours.refus
            return f"{nom} : fait"

        return faire

    def tours():
        """The rounds begun since the last call."""
        tours.faits.clear()
        minuteur.passer()
        return list(tours.faits)

    tours.faits, tours.refus = [], None
    rounds = {cadence.name: (cadence, round_of(cadence.name)) for cadence in Cadence}
    monkeypatch.setattr(minuteur, "TOURNEES", rounds)
    return tours


def test_each_is_due_once_in_its_minute_its_hour_its_day_its_month(db, horloge, tours):
    assert tours() == ["MINUTE", "HEURE", "JOUR", "MOIS"]
    assert tours() == []
    horloge("2027-03-26 12:01:00")
    assert tours() == ["MINUTE"]
    horloge("2027-03-26 13:00:00")
    assert tours() == ["MINUTE", "HEURE"]
    horloge("2027-03-27 00:00:00")
    assert tours() == ["MINUTE", "HEURE", "JOUR"]
    # The night of 2027-03-28 lasts 23 hours.
    horloge("2027-03-28 03:30:00")
    assert tours() == ["MINUTE", "HEURE", "JOUR"]
    horloge("2027-03-28 23:59:00")
    assert tours() == ["MINUTE", "HEURE"]
    horloge("2027-04-01 00:00:00")
    assert tours() == ["MINUTE", "HEURE", "JOUR", "MOIS"]
    horloge("2027-04-30 23:59:00")
    assert tours() == ["MINUTE", "HEURE", "JOUR"]


def test_forty_days_asleep_are_one_round(db, horloge, tours):
    tours()
    horloge("2027-05-05 08:00:00")
    assert tours() == ["MINUTE", "HEURE", "JOUR", "MOIS"]


def test_a_round_that_failed_is_told_and_begun_again_within_the_hour(db, horloge, tours):
    first = horloge("2027-03-26 12:00:30")
    tours()
    horloge("2027-03-27 12:00:30")
    tours.refus = ZeroDivisionError("anne@exemple.fr")
    assert tours() == ["MINUTE", "HEURE", "JOUR"], "one that fails stops no other"
    daily = Tournee.objects.get(nom="JOUR")
    assert (daily.erreur, daily.reussie_le, daily.dit) == (
        "ZeroDivisionError", first, "JOUR : fait",
    )  # fmt: skip
    tours.refus = None
    horloge("2027-03-27 12:59:00")
    assert tours() == ["MINUTE"]
    now = horloge("2027-03-27 13:00:00")
    assert tours() == ["MINUTE", "HEURE", "JOUR"]
    daily.refresh_from_db()
    assert (daily.erreur, daily.reussie_le) == ("", now)


def test_a_round_that_another_process_began_is_left_to_it(db, horloge, tours, monkeypatch):
    tours()
    horloge("2027-03-26 12:01:00")
    assert minuteur._claim("MINUTE")
    assert tours() == []


def test_the_health_of_the_site_says_when_the_clock_last_passed(db, client, horloge, tours):
    assert client.get("/sante/").json()["minuteur"] is None
    moment = horloge("2027-03-26 12:00:30")
    tours()
    said = client.get("/sante/").json()["minuteur"]
    assert datetime.fromisoformat(said) == moment


def test_the_real_rounds_say_what_they_did(db, capsys, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)  # on the first of a month, a parution
    call_command("minuteur")
    said = capsys.readouterr().out
    for words in (
        "file d’attente : 0 faite(s), 0 à reprendre, 0 abandonnée(s)",
        "carte du jour : Territoires situés de nouveau : aucun.",
        "entretien : Sessions : 0 expirée(s)",
        "Journal des accès : 0 ligne(s)",
        "Imports : 0 fichier(s)",
        "Preuves : 0 sélection(s)",
        "Documents : 0 fichier(s)",
        "Tâches : 0 terminée(s)",
    ):
        assert words in said
    assert set(Tournee.objects.values_list("erreur", flat=True)) == {""}
    call_command("minuteur")
    assert "entretien" not in capsys.readouterr().out


def test_the_loop_passes_each_minute_and_waits_between(db, horloge, tours):
    hours = iter(["2027-03-26 12:00:59", "2027-03-26 12:01:00", "2027-03-26 12:01:59"])
    waits = []

    def wait():
        waits.append(1)
        if following := next(hours, None):
            horloge(following)

    minuteur.boucler(arret=lambda: len(waits) == 4, attendre=wait)
    assert tours.faits == ["MINUTE", "HEURE", "JOUR", "MOIS", "MINUTE"]


@pytest.fixture
def lance(tmp_path):
    """Starts the command in a process of its own, with a database that holds nothing yet."""
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'base.sqlite3'}"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    started = []

    def start(*command):
        process = subprocess.Popen(command, env=env, **pipes)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.lent
def test_the_command_ends_when_it_is_asked_and_with_who_started_it(lance):
    loop = lance(sys.executable, "manage.py", "minuteur", "--boucle")
    assert loop.stdout.readline() == "Le minuteur passe chaque minute.\n"
    loop.send_signal(signal.SIGTERM)
    assert loop.wait(timeout=30) == 0
    # As `make run` starts it: beside the server, which takes the place of the shell.
    command = f"{sys.executable} manage.py minuteur --boucle & echo $! && exec sleep 60"
    parent = lance("/bin/sh", "-c", command)
    pid = int(parent.stdout.readline())
    parent.stdout.readline()
    parent.kill()
    deadline = datetime.now(PARIS) + timedelta(seconds=30)
    while _alive(pid) and datetime.now(PARIS) < deadline:
        pass
    assert not _alive(pid)


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
