"""What follows writes is done once a transaction, inside it; in tests, when it is looked for."""

from unittest import mock

import pytest
from django.core.signals import request_started
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from programme import suivi_lignees, suivi_public, suivi_rangements
from programme.backoffice.identite import droits_donnes
from programme.bases import a_la_fin
from programme.catalogue.recherche import signaux
from programme.models import DonneesVersion, EntreeIndex, Projet
from territoires.models import Region, Territoire
from tests import factories as f
from tests.fin_de_transaction import attente


class Travail(list):
    """A work that notes what it was asked; hashable, as functions are."""

    __hash__ = object.__hash__

    def __call__(self, sujets):
        self.append((sujets, connection.in_atomic_block or not connection.get_autocommit()))


@pytest.fixture
def travail():
    return Travail()


@transaction.atomic
def fail(before=lambda: None):
    before()
    raise ZeroDivisionError


# --- In production ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_it_is_done_once_before_the_commit(travail):
    with transaction.atomic():
        a_la_fin(travail, 1, 2)
        with transaction.atomic():
            a_la_fin(travail, 2, 3)
        assert travail == []
    assert travail == [([1, 2, 3], True)]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_done_at_once(travail):
    a_la_fin(travail, 1)
    a_la_fin(travail, 2)
    assert travail == [([1], False), ([2], False)]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_leaves_nothing_to_do(travail):
    with pytest.raises(ZeroDivisionError):
        fail(lambda: a_la_fin(travail, 1))
    with transaction.atomic():
        a_la_fin(travail, 2)
    assert travail == [([2], True)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [ZeroDivisionError, connection.Database.DatabaseError])
def test_what_fails_at_the_end_undoes_the_transaction(error):
    @transaction.atomic
    def write():
        f.RegionFactory(code="28")
        a_la_fin(mock.Mock(side_effect=error), 1)

    with pytest.raises(error):
        write()
    assert not Region.objects.exists()
    assert connection.get_autocommit()
    assert not connection.travaux
    f.RegionFactory(code="28")
    assert Region.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_may_ask_for_more_work(travail):
    def first(_):
        a_la_fin(travail, 2)

    with transaction.atomic():
        a_la_fin(first, 1)
    assert travail == [([2], True)]


# --- The index and the version ----------------------------------------------------------------


@pytest.fixture
def calls(monkeypatch):
    """How often the index and the version are made anew."""
    told = []
    indexer, bump = signaux.indexer, DonneesVersion.objects.bump
    monkeypatch.setattr(
        signaux, "indexer", lambda m, keys: (told.append(m.__name__), indexer(m, keys))
    )
    monkeypatch.setattr(
        type(DonneesVersion.objects), "bump", lambda self: (told.append("version"), bump())
    )
    return told


@pytest.mark.django_db(transaction=True)
def test_a_new_territory_and_its_project_are_indexed_once(calls):
    region, departement = f.RegionFactory(), f.DepartementFactory()
    attente.oublier()
    del calls[:]
    with transaction.atomic():
        territoire = Territoire.objects.create(
            phase_id=1, code="ti-9801", nom="Vallée", slug="vallee", region_porteuse=region
        )
        territoire.regions.add(region)
        territoire.departements.add(departement)
        for code in ("essai-1", "essai-2"):
            projet = Projet.objects.create(
                code=code,
                slug=code,
                beneficiaire="Forges",
                territoire=territoire,
                publication="publié",
            )
            projet.objet = "Un atelier"
            projet.save()
        assert calls == []
    assert sorted(calls) == ["Projet", "Territoire", "version"]
    assert EntreeIndex.objects.filter(projet__isnull=False).count() == 2


@pytest.mark.django_db
def test_a_rollback_indexes_nothing(calls):
    region = f.RegionFactory()
    attente.oublier()
    with pytest.raises(ZeroDivisionError):
        fail(
            lambda: Territoire.objects.create(
                phase_id=1, code="ti-9801", nom="Vallée", slug="vallee", region_porteuse=region
            )
        )
    assert calls == []


@pytest.mark.django_db(transaction=True)
def test_a_deletion_is_followed_with_the_rest(calls):
    projet = f.ProjetFactory()
    assert EntreeIndex.objects.filter(projet=projet).exists()
    attente.oublier()
    del calls[:]
    with transaction.atomic():
        projet.save()
        projet.delete()
    assert sorted(calls) == ["Projet", "version"]
    assert not EntreeIndex.objects.filter(type="projet").exists()


# --- In tests: rows of factories --------------------------------------------------------------


@pytest.mark.django_db
def test_rows_of_factories_are_indexed_when_the_index_is_read(calls):
    f.ProjetFactory()
    assert calls == []
    with CaptureQueriesContext(connection) as queries:
        assert EntreeIndex.objects.filter(projet__isnull=False).exists()
    assert len(queries) == 1
    assert "Projet" in calls
    assert "version" not in calls
    DonneesVersion.objects.current()
    assert calls.count("version") == 1


@pytest.mark.django_db
def test_what_the_application_writes_is_indexed_when_the_index_is_read(calls):
    projet = f.ProjetFactory()
    attente.oublier()
    with transaction.atomic():
        projet.objet = "Une fonderie"
        projet.save()
    projet.save()
    assert "Projet" not in calls
    assert "fonderie" in EntreeIndex.objects.get(projet=projet).texte
    assert calls.count("Projet") == 1


@pytest.mark.django_db
def test_what_the_application_writes_is_indexed_at_once_where_queries_are_counted(calls):
    projet = f.ProjetFactory()
    attente.oublier()
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        projet.save()
    assert calls.count("Projet") == 1
    assert any("programme_entreeindex" in query["sql"] for query in queries)


@pytest.mark.django_db
def test_nothing_that_waits_comes_from_another_test(calls):
    assert not attente.travaux
    EntreeIndex.objects.exists()
    assert calls == []


@pytest.mark.django_db(transaction=True)
def test_rows_that_a_factory_commits_are_indexed_at_once(calls):
    f.ProjetFactory()
    assert calls.count("Projet") == calls.count("Territoire") == calls.count("version") == 1


@pytest.mark.django_db(transaction=True)
def test_with_patience_what_a_factory_commits_is_followed_when_it_is_read(calls):
    with attente.patience():
        f.ProjetFactory.create_batch(2)
        assert calls == []
        assert EntreeIndex.objects.filter(type="projet").count() == 2
        assert calls.count("Projet") == 1


@pytest.mark.django_db(transaction=True)
def test_with_patience_a_request_to_the_live_server_finds_all_of_it_done(calls):
    with attente.patience():
        f.ProjetFactory.create_batch(2)
        request_started.send(None)
        assert calls.count("Projet") == calls.count("Territoire") == calls.count("version") == 1
        assert not attente.travaux


@pytest.mark.django_db(transaction=True)
def test_with_patience_a_factory_that_fails_forgets_its_own_alone(calls):
    with attente.patience():
        projet = f.ProjetFactory()
        with pytest.raises(IntegrityError):
            f.ProjetFactory(code=projet.code)
        assert EntreeIndex.objects.filter(projet=projet).exists()


@pytest.mark.django_db(transaction=True)
def test_with_patience_the_application_still_does_it_before_its_commit(calls):
    with attente.patience():
        with transaction.atomic():
            f.ProjetFactory()
            assert calls == []
        assert "Projet" in calls


def test_each_work_of_the_application_is_known_to_the_tests():
    from tests.fin_de_transaction import SUIVENT

    works = {
        droits_donnes.tell,
        signaux.indexer_sujets,
        suivi_public.new_version,
        suivi_lignees.refaire,
        suivi_rangements.ranger,
        suivi_rangements.refaire,
        suivi_rangements.noter,
    }
    assert set(SUIVENT) == works
