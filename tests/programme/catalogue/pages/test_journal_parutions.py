"""The parutions in the public journal, and the site read at the moment of one."""

from datetime import UTC, datetime
from html import unescape

import pytest
from django.urls import reverse

from programme.models import Parution
from tests import factories as f

from .outils import texte

pytestmark = pytest.mark.django_db
JOURNAL = reverse("journal")


def made(numero, day, **fields):
    return f.ParutionFactory(
        numero=numero, faite_le=datetime(2026, 3, day, 9, tzinfo=UTC), **fields
    )


def test_a_parution_is_a_line_of_its_day(client):
    one = made(1, 1)
    read = client.get(JOURNAL)
    assert "1er mars 2026 Parution n° 1 : faite, tous les jeux" in texte(read)
    assert f'href="{one.get_absolute_url()}"' in read.text
    alone = client.get(JOURNAL, {"du": "2026-03-01", "au": "2026-03-01"})
    assert "Parution n° 1" in texte(alone)
    assert "Parution n° 1" not in texte(client.get(JOURNAL, {"du": "2026-03-02"}))
    assert "Parution n° 1" in client.get(reverse("journal_flux")).text


def test_a_withdrawn_one_says_why_on_its_day(client):
    made(
        1,
        1,
        etat=Parution.Etat.RETIREE,
        retiree_le=datetime(2026, 3, 5, 9, tzinfo=UTC),
        motif="Faux.",
    )
    read = texte(client.get(JOURNAL))
    assert "5 mars 2026 Parution n° 1 : retirée : Faux." in read
    assert "1er mars 2026 Parution n° 1 : faite" in read


def test_who_asks_for_a_kind_or_a_place_is_told_of_it_alone(client):
    made(1, 1)
    region = f.RegionFactory()
    for asked in ({"genre": "projets"}, {"region": region.pk}):
        assert "Parution" not in texte(client.get(JOURNAL, asked)).partition("Filtrer")[2]


def test_each_is_told_on_one_page_of_the_journal(client, monkeypatch):
    monkeypatch.setattr("programme.catalogue.journal.vues.GROUPES_PAR_PAGE", 1)
    made(1, 1)
    f.ProjetFactory()
    f.ContratFactory()
    pages = [client.get(JOURNAL, {"page": number}) for number in (1, 2, 3)]
    told = [texte(page).count("Parution n° 1 : faite") for page in pages if page.status_code == 200]
    assert sum(told) <= 1


def test_a_parution_leads_to_the_site_as_it_was(client):
    f.ProjetFactory()
    first = f.ParutionFactory(numero=1)
    second = f.ParutionFactory(numero=2, precedente=first)
    f.FichierParutionFactory(parution=second, jeu="projets")
    page = unescape(client.get(second.get_absolute_url()).text)
    links = [part.partition('"')[0] for part in page.split('href="')[1:]]
    then = [link for link in links if "au=" in link and ".." not in link]
    between = [link for link in links if "au=" in link and ".." in link]
    assert [link.partition("?")[0] for link in then] == ["/", "/projets/"]
    assert len(between) == (first.faite_le != second.faite_le)
    for link in (*then, *between):
        assert client.get(link).status_code == 200, link
