"""What every test shares: strict templates, a clean cache, and a header that names the database."""

from unittest import mock

import pytest
from django.core.cache import caches
from django.db import connection
from factory.django import DjangoModelFactory
from hypothesis import settings as hypothesis_settings

from tests import strict_templates

pytest_plugins = ["tests.donnees"]

# What a path says when its tests search.
INDEXED = ("recherche", "e2e")

# A drawn example that meets a cold database is slow, not wrong.
hypothesis_settings.register_profile("portail", deadline=None, max_examples=30)
hypothesis_settings.load_profile("portail")


def pytest_configure(config):
    strict_templates.install()


def pytest_report_header(config):
    return f"database: {connection.vendor}"


@pytest.fixture(autouse=True)
def _empty_cache():
    """No answer cached by one test reaches another."""
    for kept in caches.all(initialized_only=True):
        kept.clear()


@pytest.fixture(autouse=True)
def _factories_leave_the_index_alone(request, monkeypatch):
    """Rows made for a test are indexed where the search is tested, or driven in a browser.

    Indexing is two thirds of the cost of a row. What the code under test saves is always indexed.
    """
    if any(word in request.node.nodeid for word in INDEXED):
        return
    generate = DjangoModelFactory._generate.__func__

    def generate_without_index(factory, strategy, params):
        with mock.patch("programme.catalogue.recherche.signaux.indexer"):
            return generate(factory, strategy, params)

    monkeypatch.setattr(DjangoModelFactory, "_generate", classmethod(generate_without_index))
