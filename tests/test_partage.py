"""How `make test` shares the suite between the two databases: nothing is left out."""

from types import SimpleNamespace

import pytest
from django.test import TestCase

from tests import partage, postgresql


@pytest.fixture
def judged(request):
    return partage.depends_on_the_database(request.node)


@pytest.mark.django_db
def test_who_is_marked_for_a_database_runs_on_both(judged):
    assert judged


def test_who_asks_for_a_database_runs_on_both(judged, db):
    assert judged


def test_a_case_of_django_runs_on_both():
    """Its class opens the database, and no mark says it."""
    item = SimpleNamespace(
        cls=TestCase, get_closest_marker=lambda name: None, iter_markers=lambda name: iter(())
    )
    assert partage.depends_on_the_database(item)


def test_who_asks_for_none_runs_on_one(judged):
    assert not judged


@pytest.mark.une_base
def test_what_no_database_decides_runs_on_one(judged, db):
    assert not judged


@pytest.mark.une_base(ensemble=True)
def test_a_module_may_be_kept_together(request, judged, db):
    assert not judged
    assert partage.name_of(request.node) == "tests/test_partage.py"


@pytest.mark.skipif("False", reason="who is skipped on one database cannot be given to it alone")
def test_who_may_be_skipped_runs_on_both(judged):
    assert judged


def run(request, monkeypatch, vendor, *, shared=True):
    """The tests of this run that are kept on the database `vendor`."""
    monkeypatch.setattr(partage, "connection", SimpleNamespace(vendor=vendor))
    hook = SimpleNamespace(pytest_deselected=lambda items: None)
    config = SimpleNamespace(getoption={"partage": shared}.get, hook=hook)
    kept = [*request.session.items]
    partage.pytest_collection_modifyitems(config, kept)
    return {item.nodeid for item in kept}


def test_two_runs_are_the_whole(request, monkeypatch):
    everything = {item.nodeid for item in request.session.items}
    on_both = {i.nodeid for i in request.session.items if partage.depends_on_the_database(i)}
    monkeypatch.setattr(postgresql, "find_binaries", lambda: "/bin")
    runs = [run(request, monkeypatch, vendor) for vendor in partage.BASES]
    assert runs[0] | runs[1] == everything
    assert runs[0] & runs[1] == on_both


def test_a_run_alone_is_whole(request, monkeypatch):
    everything = {item.nodeid for item in request.session.items}
    assert run(request, monkeypatch, "sqlite", shared=False) == everything
    monkeypatch.setattr(postgresql, "find_binaries", lambda: None)
    assert run(request, monkeypatch, "sqlite") == everything


def test_both_have_their_part():
    names = [f"tests/test_x.py::test_{number}" for number in range(1000)]
    part = sum(partage.is_here(name, "sqlite") for name in names)
    assert 400 < part < 600
    assert all(partage.is_here(n, "sqlite") != partage.is_here(n, "postgresql") for n in names)
