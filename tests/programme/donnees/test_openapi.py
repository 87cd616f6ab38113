"""The API holds what its OpenAPI document says: every check of schemathesis, on drawn requests."""

import warnings

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings

from programme.donnees.jeux import JEUX
from tests.programme.donnees.outils import FABRIQUES

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.generation import GenerationMode
    from schemathesis.specs.openapi.checks import positive_data_acceptance

EN_CLAIR = {"Accept-Encoding": "identity"}
# What two parameters forbid each other, and the name of a place, no schema can say: a request that
# the schema admits may be refused with a sentence, and never in another way.

ADRESSES = [
    "/api/v1/",
    *(jeu.get_api_url() for jeu in JEUX.values()),
    *(f"{jeu.get_api_url()}{{{jeu.colonne_cle.nom}}}/" for jeu in JEUX.values() if jeu.colonne_cle),
]
ECHANTILLON = [
    "/api/v1/",
    "/api/v1/projets/",
    "/api/v1/projets/{code}/",
    "/api/v1/territoires/",
    "/api/v1/faits/",
    "/api/v1/valeurs/",
]
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
each_mode = pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)


@pytest.fixture
def described():
    """The description, of a base where every dataset has a row."""
    for factory in FABRIQUES.values():
        factory()
    # As Django's own client: a request must not close the connection that holds the test.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def hold(described, address, mode, examples):
    operation = described[address]["GET"]
    if mode is GenerationMode.NEGATIVE and not any(True for _ in operation.iter_parameters()):
        return  # nothing to get wrong

    @settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers(case):
        case.call_and_validate(headers=EN_CLAIR, excluded_checks=[positive_data_acceptance])

    answers()


@each_mode
@pytest.mark.parametrize("address", ECHANTILLON)
def test_the_api_holds_what_it_says(described, address, mode):
    hold(described, address, mode, 6)


@pytest.mark.epreuve
@each_mode
@pytest.mark.parametrize("address", ADRESSES)
def test_every_address_holds_what_it_says(described, address, mode):
    hold(described, address, mode, 60)
