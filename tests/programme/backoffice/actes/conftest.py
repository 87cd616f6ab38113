"""A contract of Normandie, its séance, and who acts on it."""

from datetime import date

import pytest

from tests import factories as f


@pytest.fixture
def contrat(contrats):
    return contrats.normand


@pytest.fixture
def seance(normandie):
    return f.SeanceFactory(comite_regional__region=normandie, date=date(2022, 5, 3))


@pytest.fixture
def publisher(signed_in, secretariat):
    return signed_in(secretariat)


@pytest.fixture
def editor(signed_in, redacteur):
    return signed_in(redacteur)


@pytest.fixture
def reader(signed_in, normandie):
    return signed_in(f.LecteurFactory(regions=[normandie]))


@pytest.fixture
def stranger(signed_in, bretagne):
    return signed_in(f.SecretariatFactory(regions=[bretagne]))


@pytest.fixture
def projet(contrat):
    return f.ProjetFactory(territoire=contrat.territoire, statut="remonté", publication="brouillon")
