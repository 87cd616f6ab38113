"""A committee with a séance behind it and another to come, and words to date what happened."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from programme.backoffice.identite import sessions
from tests import factories as f


@pytest.fixture
def aujourd_hui():
    return timezone.localdate()


@pytest.fixture
def comite(normandie):
    return f.ComiteRegionalFactory(region=normandie)


@pytest.fixture
def seances(comite, aujourd_hui):
    """`.derniere` was held a month ago, `.prochaine` comes in ten days."""
    return SimpleNamespace(
        derniere=f.SeanceFactory(
            comite_regional=comite, date=aujourd_hui - timedelta(days=30), compte_rendu="Bilan."
        ),
        prochaine=f.SeanceFactory(
            comite_regional=comite,
            date=aujourd_hui + timedelta(days=10),
            ordre_du_jour="Projets à contractualiser",
        ),
    )


@pytest.fixture
def territoire(normandie):
    return f.TerritoireFactory(region_porteuse=normandie, nom="Pays de l’Aigle")


@pytest.fixture
def queries(monkeypatch):
    """`queries(client, page)`: how many a page asks, once warm."""
    # A slow machine would note the session in the middle of a count.
    monkeypatch.setattr(sessions, "RYTHME", sessions.RYTHME * 1_000)

    def count(client, page):
        client.get(page)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200
        return len(captured)

    return count
