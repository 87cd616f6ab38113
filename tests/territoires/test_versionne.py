"""No save overwrites a change its author has not seen; whatever changed can be found again."""

import threading

import pytest
from django.db import connection, connections, transaction
from simple_history.utils import update_change_reason

from territoires.models import ConflitDeVersion, Territoire
from tests.factories import NationalFactory, TerritoireFactory


@pytest.fixture
def two_copies(db):
    """One record as two people opened it."""
    row = TerritoireFactory(nom="Pays de l’Aigle", elu="")
    return Territoire.objects.get(pk=row.pk), Territoire.objects.get(pk=row.pk)


def test_each_save_counts(two_copies):
    mine, _ = two_copies
    assert mine.version == 1
    mine.save()
    mine.save(update_fields=["nom"])
    assert mine.version == Territoire.objects.get().version == 3


def test_a_stale_copy_is_refused_and_nothing_is_written(two_copies):
    mine, theirs = two_copies
    theirs.elu = "Claude Renard"
    theirs.save()
    before = mine.history.count()
    mine.nom = "Ouche"
    with pytest.raises(ConflitDeVersion, match="« Ouche » a été modifié ou supprimé depuis"):
        mine.save()
    kept = Territoire.objects.get()
    assert (kept.nom, kept.elu, kept.version) == ("Pays de l’Aigle", "Claude Renard", 2)
    assert kept.history.count() == before
    assert mine.version == 1  # still stale: a second try is refused too
    with pytest.raises(ConflitDeVersion):
        mine.save(update_fields=["nom"])


def test_a_deleted_record_is_not_saved_again(two_copies):
    mine, theirs = two_copies
    theirs.rattachements.all().delete()
    theirs.delete()
    with pytest.raises(ConflitDeVersion):
        mine.save()
    assert not Territoire.objects.exists()


def test_a_save_that_fails_gives_the_version_back(two_copies):
    mine, theirs = two_copies
    TerritoireFactory(slug="pris")
    mine.slug = "pris"
    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        mine.save()
    assert mine.version == 1
    mine.slug = "libre"
    mine.save()
    with pytest.raises(ConflitDeVersion):
        theirs.save()


@pytest.mark.django_db(transaction=True)
def test_a_save_on_another_connection_is_seen():
    """Two sessions of the database, one after the other."""
    mine = TerritoireFactory()
    errors = []

    def somebody_else():
        try:
            theirs = Territoire.objects.get(pk=mine.pk)
            theirs.nom = "Ouche"
            theirs.save()
        except Exception as error:  # noqa: BLE001 - told by the main thread
            errors.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=somebody_else)
    thread.start()
    thread.join(timeout=60)
    assert errors == []
    with pytest.raises(ConflitDeVersion):
        mine.save()
    assert Territoire.objects.get().nom == "Ouche"


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite in memory refuses a second writer at once"
)
@pytest.mark.django_db(transaction=True)
def test_two_saves_at_once_keep_one():
    """The second waits for the first one's transaction, then is refused."""
    row = TerritoireFactory()
    copies = [Territoire.objects.get(pk=row.pk) for _ in range(4)]
    start, outcomes = threading.Barrier(len(copies)), []

    def save(copy, number):
        try:
            start.wait(timeout=60)
            with transaction.atomic():
                copy.nom = f"Nom {number}"
                copy.save()
            outcomes.append(copy.nom)
        except ConflitDeVersion:
            outcomes.append("conflit")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=pair[::-1]) for pair in enumerate(copies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcomes)[1:] == ["conflit"] * 3
    kept = Territoire.objects.get()
    assert (kept.nom, kept.version) == (min(outcomes), 2)


def test_history_tells_who_when_from_what_to_what(two_copies):
    mine, _ = two_copies
    agent = NationalFactory()
    mine.nom, mine._history_user = "Ouche", agent
    mine.save()
    update_change_reason(mine, "changement de nom")
    changed, created = mine.history.all()[:2]
    [change] = changed.diff_against(created, included_fields=["nom"]).changes
    assert (change.old, change.new) == ("Pays de l’Aigle", "Ouche")
    assert (changed.history_user, changed.history_change_reason) == (agent, "changement de nom")
    assert changed.history_date >= created.history_date


def test_a_deleted_record_is_found_in_history(two_copies):
    mine, _ = two_copies
    code = mine.pk
    mine.rattachements.all().delete()
    mine.delete()
    last = Territoire.history.filter(code=code).first()
    assert (last.history_type, last.nom) == ("-", "Pays de l’Aigle")
    last.instance.save_base(force_insert=True)
    assert Territoire.objects.get().nom == "Pays de l’Aigle"


def test_history_keeps_links(two_copies):
    mine, _ = two_copies
    mine.departements.clear()
    emptied, *before = mine.history.all()
    assert not emptied.departements.exists()
    assert any(row.departements.exists() for row in before)


def test_passwords_are_not_in_history(db):
    agent = NationalFactory()
    names = {field.name for field in agent.history.model._meta.fields}
    assert not names & {"password", "last_login"}
