"""What every test shares: strict templates, a clean cache, and a header that names the database."""

import gc

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from hypothesis import settings as hypothesis_settings

from programme.catalogue.cache import freins
from programme.catalogue.citer.vues import demandes
from programme.catalogue.copies import copies
from programme.catalogue.signaler.jetons import envois
from programme.catalogue.suivre.envois import LECTURES
from programme.catalogue.version import version_reader
from programme.colonnes import copie
from programme.donnees.debit import debit
from programme.jour import jour
from programme.pannes.pouls import pouls
from programme.taches.courriels import FileDAttente
from tests import fin_de_transaction, strict_templates

pytest_plugins = ["tests.donnees", "tests.serveur", "tests.partage"]

# A drawn example that meets a cold database is slow, not wrong. The suite draws the same ones each
# time, so that it says the same twice of the same code; `make epreuves` draws others.
hypothesis_settings.register_profile("portail", deadline=None, max_examples=30, derandomize=True)
hypothesis_settings.register_profile("epreuves", deadline=None, max_examples=200)
hypothesis_settings.load_profile("portail")


def pytest_configure(config):
    strict_templates.install()
    fin_de_transaction.install()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Among several processes, the long modules go first: at the end, none works alone."""
    if hasattr(config, "workerinput"):
        long = {item.path for item in items if item.get_closest_marker("lent")}
        items.sort(key=lambda item: item.path not in long)


def pytest_collection_finish():
    """What was collected stays to the end: a cycle that only a few objects are in is looked for
    among the new ones, not among all the modules and the tests each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_report_header(config):
    return f"database: {connection.vendor}"


@pytest.fixture(scope="session", autouse=True)
def _queue_of_mails(django_test_environment):
    """Mails go the way they go in service: see `tests.courrier`."""
    settings.EMAIL_BACKEND = f"{FileDAttente.__module__}.{FileDAttente.__name__}"


@pytest.fixture(autouse=True)
def _empty_cache():
    """Nothing cached by one test reaches another, nor a failure, nor what waits to be indexed."""
    fin_de_transaction.attente.oublier()
    for memory in (LECTURES, copie, copies, debit, demandes, envois, freins, pouls, version_reader):
        memory.forget_all()
    jour.fait()  # a test that is about a new day asks for one
    connection.errors_occurred = False  # as at the start of a request
    for kept in caches.all():
        kept.clear()
    yield
    # Before the fixtures of the next module, which may open another database.
    fin_de_transaction.attente.oublier()
