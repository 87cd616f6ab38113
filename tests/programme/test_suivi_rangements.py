"""What filters and counts read of the projects is what the projects and their places say."""

import random
import threading
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from programme import suivi_rangements
from programme.backoffice.imports.application import indexer_lignes
from programme.jour import changer, jour
from programme.models import Projet, Rangement, Retouche
from programme.models.projets import HORS_TERRITOIRE
from programme.models.rangement import calcules
from programme.suivi_rangements import COLONNES, noter, ranger, refaire
from territoires import moment
from territoires.models import CodePostal, Rattachement
from tests import factories as f

pytestmark = pytest.mark.django_db


def kept():
    return sorted(Rangement.objects.values_list(*COLONNES))


def computed():
    return sorted(calcules())


def one(projet):
    return Rangement.objects.get(pk=projet.pk)


@pytest.fixture
def pau():
    """A commune of a territory, in Béarn."""
    nouvelle_aquitaine = f.RegionFactory(code="75")
    departement = f.DepartementFactory(code="64", region=nouvelle_aquitaine)
    body = f.IntercommunaliteFactory(departements=[departement])
    territoire = f.TerritoireFactory(phase_id=2, region_porteuse=nouvelle_aquitaine)
    territoire.rattachements.all().delete()
    f.RattachementFactory(territoire=territoire, intercommunalite=body, debut=date(2023, 11, 9))
    return f.CommuneFactory(code="64445", departement=departement, intercommunalite=body)


def test_a_public_project_has_its_row_and_no_other_has_one(pau):
    shown = f.ProjetFactory(territoire=None, commune=pau, emplois_crees=12)
    f.ProjetFactory(publication="brouillon")
    row = Rangement.objects.get()
    assert (row.pk, row.region_id, row.departement_id) == (shown.pk, "75", "64")
    assert (row.emplois_crees, row.commune, row.lieu, row.siren) == (12, pau, False, False)
    shown.passer_a("retiré")
    assert not Rangement.objects.exists()


def test_a_change_a_deletion_and_a_publication_are_followed(pau):
    projet = f.ProjetFactory(territoire=None, commune=None, filiere="Bois")
    assert one(projet).region is None
    projet.commune, projet.filiere = pau, "Eau"
    projet.save()
    assert (one(projet).region_id, one(projet).filiere) == ("75", "Eau")
    draft = f.ProjetFactory(publication="brouillon")
    draft.passer_a("publié")
    assert one(draft)
    draft.delete()
    assert [row.pk for row in Rangement.objects.all()] == [projet.pk]


def test_the_map_moves_the_projects_of_its_communes(pau):
    member = Rattachement.objects.get(intercommunalite=pau.intercommunalite)
    projet = f.ProjetFactory(territoire=None, commune=pau, mise_a_jour=None)
    assert one(projet).situation_id == member.territoire_id
    assert one(projet).territoire is None
    member.fin = timezone.localdate()
    member.save()
    assert (one(projet).situation_id, one(projet).territoire) == (None, HORS_TERRITOIRE)


@pytest.mark.parametrize("place", ["commune", "departement", "territoire"])
def test_a_place_that_changes_moves_its_projects(pau, place):
    bretagne = f.RegionFactory(code="53")
    where = {"commune": None, "departement": None, "territoire": None}
    territoire = Rattachement.objects.get(intercommunalite=pau.intercommunalite).territoire
    places = {"commune": pau, "departement": pau.departement, "territoire": territoire}
    projet = f.ProjetFactory(**where | {place: places[place]})
    assert one(projet).region_id == "75"
    if place == "commune":
        pau.departement = f.DepartementFactory(region=bretagne)
        pau.save()
    elif place == "departement":
        pau.departement.region = bretagne
        pau.departement.save()
    else:
        territoire.region_porteuse = bretagne
        territoire.save()
    assert one(projet).region_id == "53"


def test_a_postcode_settles_where_sources_disagree(pau):
    far = f.CommuneFactory(lon=5.0, lat=45.0)
    CodePostal.objects.create(commune=far, code="38000")
    pau.lon, pau.lat = -0.37, 43.3
    pau.save()
    projet = f.ProjetFactory(commune=pau, code_postal="38000")
    assert one(projet).lieu
    CodePostal.objects.create(commune=pau, code="38000")
    assert not one(projet).lieu


def test_projects_that_repeat_each_other_are_told_by_two_figures(pau):
    tus = ("emplois_maintenus", "investissement_eur")
    alike = {"objet": "Une chaudière", "emplois_crees": 3, "investissement_eur": 10}
    first, second = (f.ProjetFactory(**alike) for _ in range(2))
    f.ProjetFactory(**alike | {"investissement_eur": 11})
    f.ProjetFactory.create_batch(2, objet="Un four", emplois_crees=3, **dict.fromkeys(tus))
    repeated = Rangement.objects.filter(pareil__in=Rangement.objects.repetes().values("pareil"))
    assert {row.pk for row in repeated} == {first.pk, second.pk}
    assert Projet.objects.totaux()["repetes"] == 2


def test_a_new_day_moves_them(pau, monkeypatch):
    today = timezone.localdate()
    member = Rattachement.objects.get(intercommunalite=pau.intercommunalite)
    projet = f.ProjetFactory(territoire=None, commune=pau, mise_a_jour=None)
    member.fin = today + timedelta(days=1)
    member.save()
    changer(today)
    assert one(projet).situation_id == member.territoire_id
    morrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: morrow)
    jour.oublier()
    changer(timezone.localdate())
    assert (one(projet).situation_id, one(projet).territoire) == (None, HORS_TERRITOIRE)


@pytest.mark.parametrize("beaucoup", [0, 5_000])
def test_at_a_moment_they_are_those_of_then(pau, monkeypatch, beaucoup):
    monkeypatch.setattr(suivi_rangements, "BEAUCOUP", beaucoup)
    projet = f.ProjetFactory(territoire=None, commune=None, filiere="100 % bois")
    then = kept()
    before = timezone.now()
    projet.filiere, projet.commune = "Eau", pau
    projet.save()
    assert kept() != then
    with moment.a(before):
        assert kept() == computed() == then
        assert Rangement.objects.get(filiere="100 % bois").projet.filiere == "100 % bois"
    with moment.a(before - timedelta(days=1)):
        assert kept() == []
    assert kept() == computed()


def test_whatever_is_done_they_say_what_the_projects_say(pau):
    draw = random.Random(20261130)
    figures = (None, 0, 3, 40)
    for _ in range(12):
        f.ProjetFactory(objet="Un atelier", territoire=None, commune=pau)
    for step in range(40):
        projet = draw.choice(Projet.objects.order_by("pk"))
        projet.commune = draw.choice([pau, None])
        projet.code_postal = draw.choice(["", "64000", "38000"])
        projet.siren = draw.choice(["", "552032534", "552032535"])
        projet.objet = draw.choice(["", "Un atelier", "Un four % à pain"])
        projet.emplois_crees, projet.investissement_eur = draw.choice(figures), draw.choice(figures)
        projet.publication = draw.choice(["publié", "publié", "retiré", "brouillon"])
        projet.save()
        if step % 10 == 9:
            member = Rattachement.objects.get(intercommunalite=pau.intercommunalite)
            member.fin = None if member.fin else date(2024, 1, 1)
            member.save()
            assert kept() == computed()
    assert kept() == computed()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_writers_at_once_leave_what_the_projects_say(pau):
    projets = [f.ProjetFactory(territoire=None, commune=pau) for _ in range(4)]
    far = f.CommuneFactory(departement=f.DepartementFactory(region=f.RegionFactory(code="53")))
    start = threading.Barrier(3)

    def save(mine, names):
        start.wait(10)
        for name in names:
            for projet in mine:
                projet.refresh_from_db()
                projet.filiere, projet.objet, projet.emplois_crees = name, "Un four", 3
                projet.investissement_eur = 10
                projet.commune = far if name == "Eau" else pau
                projet.save()

    def move():
        start.wait(10)
        for region in ("53", "75", "53"):
            pau.departement.region_id = region
            pau.departement.save()

    writers = [(save, projets[:2], ("Eau", "Bois") * 3), (save, projets[2:], ("Fer", "Eau") * 3)]
    assert together(*writers, (move,)) == []
    assert kept() == computed()
    assert {one(projet).region_id for projet in projets} == {"53"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_notes_are_numbered_as_transactions_are_committed():
    """Who read up to the second would never read the first."""
    second = threading.Thread(target=lambda: (noter([2]), connection.close()))
    with transaction.atomic():
        noter([1])
        second.start()
        second.join(0.5)
        assert second.is_alive()
    second.join(10)
    notes = Retouche.objects.filter(projet__in=[1, 2]).order_by("pk")
    assert list(notes.values_list("projet", flat=True)) == [1, 2]


def together(*writers):
    """Run functions, each with its arguments, at once; the errors that they raised."""
    raised = []

    def run(function, *arguments):
        try:
            function(*arguments)
        except Exception as error:  # noqa: BLE001 - the test tells all of them
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=writer) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def test_what_was_written_in_bulk_is_put_right_by_the_command(pau):
    projet = f.ProjetFactory(territoire=None, commune=pau)
    assert one(projet).filiere == projet.filiere
    Projet.objects.filter(pk=projet.pk).update(filiere="Bois")
    call_command("reindexer", verbosity=0)
    assert one(projet).filiere == "Bois"


def test_a_row_of_a_project_that_is_gone_goes(pau):
    projet = f.ProjetFactory()
    assert one(projet)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE programme_projet SET publication = 'retiré'")
    ranger([projet.pk])
    assert not Rangement.objects.exists()
    refaire()
    assert not Rangement.objects.exists()


def test_what_an_import_wrote_in_bulk_is_followed():
    projet = f.ProjetFactory(filiere="Bois")
    assert one(projet).filiere == "Bois"
    Projet.objects.filter(pk=projet.pk).update(filiere="Eau")
    list(indexer_lignes(Projet, [SimpleNamespace(instance=projet)]))
    assert one(projet).filiere == "Eau"


def test_the_day_that_is_read_is_that_of_the_moment():
    assert moment.ecrite("a = %s AND b %% 2 = %s", (date(2026, 1, 2), 1), connection) in {
        "a = DATE '2026-01-02' AND b %% 2 = 1",
        "a = '2026-01-02' AND b %% 2 = 1",
    }
