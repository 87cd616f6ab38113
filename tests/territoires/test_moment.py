"""The past, read by the very queries that read the present."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from programme.donnees.instantane import snapshot
from programme.models import Projet
from territoires import moment
from territoires.historiques import suivis
from territoires.models import Departement, Lignee, Modification, Territoire
from tests.factories import (
    AgentFactory,
    LigneeFactory,
    ModificationFactory,
    ProjetFactory,
    RattachementFactory,
    TerritoireFactory,
)

pytestmark = pytest.mark.django_db


def now():
    """A moment after all that was written, and before what will be."""
    return timezone.now()


def names(**filters):
    return list(Projet.objects.published().filter(**filters).values_list("beneficiaire", flat=True))


def test_a_row_reads_as_it_was():
    projet = ProjetFactory(beneficiaire="Scierie")
    before = now()
    projet.beneficiaire = "Scierie de la Vilaine"
    projet.save()
    with moment.a(before):
        assert names() == ["Scierie"]
        assert names(beneficiaire__contains="Vilaine") == []
        assert Projet.objects.get().beneficiaire == "Scierie"
    assert names() == ["Scierie de la Vilaine"]


def test_what_was_not_yet_there_is_not_and_what_went_since_is():
    gone = ProjetFactory(beneficiaire="Fonderie")
    before = now()
    gone.delete()
    ProjetFactory(beneficiaire="Tannerie")
    with moment.a(before):
        assert names() == ["Fonderie"]
    with moment.a(before - timedelta(days=1)):
        assert names() == []
    assert names() == ["Tannerie"]


def test_what_was_published_later_is_not_there():
    projet = ProjetFactory(publication="brouillon")
    before = now()
    projet.publication = "publié"
    projet.save()
    with moment.a(before):
        assert names() == []
        assert Projet.objects.published().count() == 0
    assert names() == [projet.beneficiaire]


def test_links_are_those_of_then():
    territoire = TerritoireFactory()
    territoire.save()
    before = now()
    links = set(territoire.departements.values_list("pk", flat=True))
    other = (
        Departement.objects.exclude(pk__in=links).first() or TerritoireFactory().departements.get()
    )
    territoire.departements.set([other])
    with moment.a(before):
        assert set(territoire.departements.values_list("pk", flat=True)) == links
        assert list(Territoire.objects.filter(departements=other, pk=territoire.pk)) == []
    assert list(territoire.departements.all()) == [other]


def test_groups_and_subqueries_read_the_same_moment():
    kept = ProjetFactory(beneficiaire="Scierie")
    before = now()
    ProjetFactory(beneficiaire="Tannerie", territoire=kept.territoire)
    with moment.a(before):
        rows = Territoire.objects.filter(pk=kept.territoire_id)
        assert rows.annotate(nombre=Count("projets")).get().nombre == 1
        there = Projet.objects.filter(territoire=OuterRef("pk"), beneficiaire="Tannerie")
        assert not rows.filter(Exists(there)).exists()
    assert rows.annotate(nombre=Count("projets")).get().nombre == 2


def test_the_journal_ends_at_the_moment():
    projet = ProjetFactory(beneficiaire="Scierie")
    before = now()
    ModificationFactory(instant=now())
    projet.beneficiaire = "Tannerie"
    projet.save()
    with moment.a(before):
        assert [record.beneficiaire for record in projet.history.all()] == ["Scierie"]
        assert not Modification.objects.filter(instant__gt=before).exists()


def test_the_day_is_that_of_the_moment():
    paris = ZoneInfo("Europe/Paris")
    with moment.a(datetime(2026, 5, 1, 0, 30, tzinfo=paris)):
        assert moment.today() == date(2026, 5, 1)
        with moment.maintenant():
            assert moment.today() == timezone.localdate()
    assert moment.today() == timezone.localdate()


def test_nothing_is_written_in_the_past():
    projet = ProjetFactory()
    with moment.a(now()):
        for write in (projet.save, projet.delete):
            with pytest.raises(moment.EcritureAuPasse), transaction.atomic():
                write()
        with moment.maintenant():
            projet.beneficiaire = "Tannerie"
            projet.save()
    assert names() == ["Tannerie"]


def test_who_may_sign_in_is_of_today():
    agent = AgentFactory()
    with moment.a(now() - timedelta(days=30)):
        assert type(agent).objects.get(pk=agent.pk) == agent


def test_a_snapshot_reads_the_moment_too():
    projet = ProjetFactory(beneficiaire="Scierie")
    before = now()
    projet.beneficiaire = "Tannerie"
    projet.save()
    with moment.a(before), snapshot() as own, own.cursor() as cursor:
        cursor.execute("SELECT beneficiaire FROM programme_projet")
        assert cursor.fetchall() == [("Scierie",)]


def test_what_is_made_after_the_block_is_of_its_moment():
    projet = ProjetFactory(beneficiaire="Scierie")
    before = now()
    projet.beneficiaire = "Tannerie"
    projet.save()

    def blocks():
        yield names()
        yield names()

    kept = moment.retenu(blocks(), before)
    assert names() == ["Tannerie"]
    assert next(kept) == ["Scierie"]
    assert names() == ["Tannerie"]
    assert list(kept) == [["Scierie"]]


def test_statements_that_are_no_reading_pass_as_they_are():
    with moment.a(now()):
        for sql in ("SAVEPOINT s", "RELEASE SAVEPOINT s", "SELECT 1"):
            assert moment.traduire(sql, connection) == sql
        with connection.cursor() as cursor:
            cursor.execute('WITH x AS (SELECT 1) SELECT * FROM "programme_projet", x')
            assert cursor.fetchall() == []


def test_keys_of_caches_tell_the_moment():
    assert moment.cle("a") == "a"
    with moment.a(now()):
        assert moment.cle("a") != "a"


def test_lignees_are_those_of_the_map_of_then():
    line = LigneeFactory()
    pair = (line.avant_id, line.apres_id)

    def told():
        return set(Lignee.objects.values_list("avant", "apres"))

    assert told() == {pair}
    before = now()
    line.apres.rattachements.get().delete()
    assert told() == {(line.avant_id, None)}
    with moment.a(before):
        assert told() == {pair}
        assert line.avant.suites.get().apres == line.apres
    with moment.a(before - timedelta(days=1)):
        assert told() == set()


def test_the_present_read_as_the_past_is_the_present():
    """Of each model that has a history, the table itself and its history say the same."""
    ProjetFactory.create_batch(2)
    RattachementFactory()
    for model in suivis():
        if model._meta.label == "territoires.Agent":
            continue
        rows = sorted(map(repr, model._base_manager.values_list()))
        with moment.a(now()):
            assert sorted(map(repr, model._base_manager.values_list())) == rows
