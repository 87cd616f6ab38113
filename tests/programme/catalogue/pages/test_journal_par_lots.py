"""The journal read some records at a time tells what it tells read whole, and reads no more."""

import random
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from programme.catalogue.journal import groupes, lignes, vues
from programme.catalogue.journal.lignes import conditions_of, within
from programme.catalogue.journal.regle import genres
from programme.models import Publication
from territoires.models.modification import Porte
from tests import factories as f
from tests.programme.catalogue.pages.outils import texte

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
JOURS = ("2019-01-15", "2019-03-31", "2021-10-31", "2022-06-01", "2022-06-02", "2024-02-29")
"""Days of several years, two of which change their hour."""
HEURES = ("00:00", "00:30", "02:30", "12:00", "23:00", "23:59")


def instant(chance):
    return datetime.fromisoformat(f"{chance.choice(JOURS)}T{chance.choice(HEURES)}").replace(
        tzinfo=PARIS
    )


def histoires(chance):
    """Records of several kinds, their parents, and what happened to them, in any order."""
    contrats = f.ContratFactory.create_batch(3)
    projets = f.ProjetFactory.create_batch(4)
    others = [
        f.FinancementFactory(projet=chance.choice(projets), enveloppe=None),
        f.SignataireFactory(contrat=chance.choice(contrats)),
        f.JalonFactory(),
    ]
    rows = [*contrats, *projets, *others]
    for _ in range(40):
        row = chance.choice(rows)
        if chance.random() < 0.3 and hasattr(row, "publication"):
            row.publication = chance.choice(Publication.values)
        row._history_date = instant(chance)
        row.save()
    chance.choice(contrats).delete()
    load = f.ModificationFactory(porte=Porte.CHARGEMENT, acte="", texte="")
    for genre in genres().values():
        for record in genre.model.history.all():
            record.history_date = instant(chance)
            if chance.random() < 0.2:
                record.modification = load
            record.save()
    return contrats, projets


def demandes(contrats, projets):
    """What the pages ask: everything, a kind, a period, a région, a territory, a record."""
    territoire = projets[0].territoire
    first, last = (datetime.fromisoformat(day).date() for day in (JOURS[1], JOURS[3]))
    region = territoire.region_porteuse_id
    asked = ({}, {"du": first, "au": last}, {"region": region}, {"territoire": territoire.pk})
    for options in asked:
        found = {genre.code: within(genre, **options) for genre in genres().values()}
        yield {code: condition for code, condition in found.items() if condition is not None}
    yield {"projets": groupes.Q()}
    yield {}
    for record in (territoire, projets[1], contrats[0] if contrats[0].pk else contrats[1]):
        yield conditions_of(record)


@pytest.mark.parametrize("seed", range(4))
def test_read_some_at_a_time_they_are_the_same(monkeypatch, seed):
    chance = random.Random(seed)
    made = histoires(chance)
    for conditions in demandes(*made):
        whole = list(groupes.groups(conditions))
        latest = {code: day for day, code, *_ in reversed(whole)}
        for _ in range(5):
            most = chance.choice((1, 2, 3, 10_000))
            monkeypatch.setattr(groupes, "PLAFOND", most)
            monkeypatch.setattr(groupes, "CROISSANCE", chance.choice((1, 2, 4)))
            monkeypatch.setattr(groupes, "LOT", chance.choice((1, 2, 5, 60)))
            told = [(*row, min(count, most + 1)) for *row, count in whole]
            wanted = chance.choice((1, 3, 20, 1_000))
            assert list(islice(groupes.recents(conditions), wanted)) == told[:wanted]
            assert groupes.derniers_jours(conditions) == latest


def test_each_page_has_its_rows_and_the_last_one_ends(client, monkeypatch):
    chance = random.Random(7)
    histoires(chance)
    monkeypatch.setattr(vues, "GROUPES_PAR_PAGE", 5)
    whole = list(groupes.groups({code: groupes.Q() for code in genres()}))
    last = -(-len(whole) // 5)
    assert last > 3
    for number in range(1, last + 1):
        view = vues.JournalView()
        view.setup(client.get("/journal/", {"page": number}).wsgi_request)
        assert not view.erreurs
        assert view.page.object_list == whole[5 * (number - 1) : 5 * number]
        page = client.get("/journal/", {"page": number}).content.decode()
        assert ('rel="prev"' in page) == (number > 1)
        assert ('rel="next"' in page) == (number < last)
    refused = client.get("/journal/", {"page": last + 1})
    assert refused.status_code == 400
    sentence = f"La page {last + 1} n’existe pas : demandez la page de 1 à {last}."
    assert sentence in texte(refused)


LONGTEMPS = datetime(2019, 5, 2, 12, tzinfo=PARIS)


@pytest.fixture
def grand_jour(monkeypatch):
    """A territory whose thirty projects were made one old day, and its contract that changes."""
    monkeypatch.setattr(groupes, "LOT", 25)
    contrat = f.ContratFactory()
    for projet in f.ProjetFactory.create_batch(30, territoire=contrat.territoire):
        projet.history.update(history_date=LONGTEMPS)
    for rank in range(60):
        contrat.lieu = f"Lieu {rank}"
        contrat._history_date = timezone.now() - timedelta(days=rank)
        contrat.save()
    return contrat.territoire


def test_an_old_large_day_is_not_counted_for_the_latest(client, grand_jour):
    """Neither by the page nor by its feed."""
    region = grand_jour.region_porteuse_id
    for page in (
        "/journal/",
        f"/journal/?region={region}",
        "/journal/flux.atom",
    ):
        assert "contrats" in _counted(client, page)
        assert "projets" not in _counted(client, page)
    assert "projets" in _counted(client, "/journal/?page=4")
    assert "30 projets ajoutés" in texte(client.get("/journal/?page=4"))


def _counted(client, page):
    """The kinds whose history was counted to make a page."""
    caches["default"].clear()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    counted = " ".join(q["sql"] for q in queries if "COUNT(DISTINCT" in q["sql"])
    histories = {code: genre.model.history.model._meta.db_table for code, genre in genres().items()}
    return {code for code, table in histories.items() if f'COUNT(DISTINCT "{table}"' in counted}


@pytest.mark.parametrize(
    ("most", "told"),
    [(5, "5 projets ajoutés"), (3, "plus de 3 projets ajoutés"), (3, "1 projet modifié")],
)
def test_a_day_is_counted_up_to_a_number(client, monkeypatch, most, told):
    """A record that changed many times that day counts once, as on any other."""
    projets = f.ProjetFactory.create_batch(5)
    for rank in range(6):
        projets[0].statut = ("engagé", "réalisé")[rank % 2]
        projets[0].save()
    for projet in projets:
        projet.history.update(history_date=LONGTEMPS)
    monkeypatch.setattr(vues, "SEUIL", 0)
    monkeypatch.setattr(groupes, "LOT", 2)
    for module in (groupes, lignes):
        monkeypatch.setattr(module, "PLAFOND", most)
    said = texte(client.get("/journal/?genre=projets"))
    assert f"{told} " in said
    assert ("plus de" in said) == (most < 5)
