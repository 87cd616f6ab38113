"""News, agenda, Atom and iCalendar."""

from datetime import date, timedelta
from xml.etree import ElementTree

import icalendar
import pytest
from django.conf import settings
from django.utils import timezone

from programme.models import Precision
from tests.factories import (
    ComiteNationalFactory,
    ContratFactory,
    JalonFactory,
    SeanceFactory,
)

from .outils import PUBLICATIONS_CACHEES, texte

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
TOMORROW = timedelta(days=1)


def unfold(response):
    return response.content.decode().replace("\r\n ", "").split("\r\n")


def test_queries_do_not_grow(client, django_assert_num_queries):
    def fill():
        JalonFactory()
        SeanceFactory()
        ContratFactory()

    fill()
    with django_assert_num_queries(8):
        client.get("/actualites/")
    for _ in range(4):
        fill()
    with django_assert_num_queries(8):
        client.get("/actualites/")


def test_the_latest_first_with_date_place_and_source(client):
    JalonFactory(date=date(2019, 3, 6), intitule="Assemblée", source="anct-liste")
    SeanceFactory(
        comite_regional=None,
        comite_national=ComiteNationalFactory(nom="Comité national"),
        date=date(2021, 11, 22),
        precision="mois",
        compte_rendu="146 territoires.",
    )
    contrat = ContratFactory(date_signature=date(2020, 1, 15), intitule="Carros")
    response = client.get("/actualites/")
    read = texte(response)
    seance = "novembre 2021 – Caen · séance Comité national : séance 146 territoires."
    assert seance in read
    assert read.index(seance) < read.index("Carros") < read.index("Assemblée")
    assert contrat.get_absolute_url() in response.content.decode()


def test_tomorrow_is_in_the_agenda_only(client):
    JalonFactory(date=timezone.localdate() + TOMORROW, intitule="Assemblée de demain")
    assert "demain" not in texte(client.get("/actualites/"))
    assert "Assemblée de demain" in texte(client.get("/agenda/"))


@pytest.mark.parametrize("publication", PUBLICATIONS_CACHEES)
@pytest.mark.parametrize(
    "url", ["/actualites/", "/actualites/flux.atom", "/agenda/", "/agenda/agenda.ics"]
)
def test_nothing_hidden_shows(client, url, publication):
    today = timezone.localdate()
    for day in (date(2019, 1, 1), today + TOMORROW):
        JalonFactory(date=day, intitule="Jalon secret", publication=publication)
    SeanceFactory(compte_rendu="Séance secrète", publication=publication)
    ContratFactory(intitule="Contrat secret", publication=publication)
    assert "secr" not in client.get(url).content.decode()


def test_pages(client):
    for number in range(31):
        JalonFactory(date=date(2019, 1, 1) + timedelta(days=number))
    assert 'href="?page=2"' in client.get("/actualites/").content.decode()
    assert "Actualités, page 2" in client.get("/actualites/?page=2").content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "deux", "²", "9" * 40])
def test_what_is_no_page_is_refused_in_words(client, page):
    response = client.get("/actualites/", {"page": page})
    assert response.status_code == 400
    assert "Un numéro de page est un nombre entier à partir de 1." in texte(response)


def test_a_page_that_is_not_there_is_refused_in_words(client):
    response = client.get("/actualites/", {"page": "3"})
    assert response.status_code == 400
    assert "La page 3 n’existe pas : demandez la page 1, la seule." in texte(response)


def test_atom(client, settings):
    settings.SITE = {**settings.SITE, "url": "https://portail.example"}
    jalon = JalonFactory(date=date(2019, 3, 6), intitule="Assemblée générale <Lyon>")
    response = client.get("/actualites/flux.atom")
    assert response["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(response.content)
    [entry] = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Assemblée générale <Lyon>"
    assert entry.findtext(f"{ATOM}id") == f"https://portail.example/actualites/#jalon-{jalon.pk}"
    assert entry.findtext(f"{ATOM}updated") == "2019-03-06T00:00:00+01:00"
    assert entry.findtext(f"{ATOM}summary") == "6 mars 2019 – Lyon"


def test_calendar(client, settings):
    settings.SITE = {**settings.SITE, "url": "https://portail.example"}
    jalon = JalonFactory(
        date=date(2019, 12, 31), intitule="Bilan, synthèse ; perspectives", lieu="Paris"
    )
    JalonFactory(date=date(2021, 11, 1), precision_date="mois", intitule="Jour inconnu")
    response = client.get("/agenda/agenda.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    lines = unfold(response)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert f"UID:jalon-{jalon.pk}@portail.example" in lines
    assert "DTSTART;VALUE=DATE:20191231" in lines
    assert "DTEND;VALUE=DATE:20200101" in lines
    assert r"SUMMARY:Bilan\, synthèse \; perspectives" in lines
    assert "LOCATION:Paris" in lines
    assert "SUMMARY:Jour inconnu (novembre 2021\\, jour non renseigné)" in lines
    assert {"DTSTART;VALUE=DATE:20211101", "DTEND;VALUE=DATE:20211201"} <= set(lines)


@pytest.mark.parametrize(
    ("precision", "jour", "first", "after"),
    [
        (Precision.MOIS, date(2021, 2, 28), "20210201", "20210301"),
        (Precision.MOIS, date(2021, 12, 31), "20211201", "20220101"),
        (Precision.ANNEE, date(2020, 2, 29), "20200101", "20210101"),
    ],
)
def test_an_event_lasts_as_long_as_what_is_known_of_its_day(client, precision, jour, first, after):
    JalonFactory(date=jour, precision_date=precision)
    lines = unfold(client.get("/agenda/agenda.ics"))
    assert f"DTSTART;VALUE=DATE:{first}" in lines
    assert f"DTEND;VALUE=DATE:{after}" in lines
    assert "TRANSP:TRANSPARENT" in lines


def test_what_only_has_an_end_is_no_event(client):
    JalonFactory(date=date(2021, 2, 28), precision_date=Precision.AU_PLUS_TARD)
    assert "VEVENT" not in client.get("/agenda/agenda.ics").content.decode()


def test_a_calendar_is_read_by_others(client):
    JalonFactory(date=date(2019, 12, 31), intitule="Bilan, synthèse ; é" * 9, lieu="Paris")
    SeanceFactory(date=date(2021, 11, 1), precision="mois", compte_rendu="Un\ndeux")
    calendar = icalendar.Calendar.from_ical(client.get("/agenda/agenda.ics").content)
    events = calendar.walk("VEVENT")
    assert len(events) == 2
    assert {str(event["SUMMARY"]) for event in events} >= {"Bilan, synthèse ; é" * 9}
    assert all(event.errors == [] for event in events)


def test_the_calendar_of_one_region(client):
    here, there = SeanceFactory(), SeanceFactory()
    JalonFactory()
    code = here.comite_regional.region_id
    lines = unfold(client.get("/agenda/agenda.ics", {"region": code}))
    uids = [line for line in lines if line.startswith("UID:")]
    assert uids == [f"UID:seance-{here.pk}@{settings.SITE['url'].split('//')[1]}"]
    assert there.comite_regional.region_id != code
    page = client.get(here.comite_regional.region.get_absolute_url()).content.decode()
    assert f'href="/agenda/agenda.ics?region={code}"' in page
    refused = client.get("/agenda/agenda.ics", {"region": "zz"})
    assert refused.status_code == 400
    assert "Aucune région n’a ce code : écrivez par exemple 28" in refused.content.decode()


def test_calendar_lines_are_folded_without_cutting_a_character(client):
    JalonFactory(intitule="é" * 200)
    response = client.get("/agenda/agenda.ics")
    assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))
    assert f"SUMMARY:{'é' * 200}" in unfold(response)


def test_a_meeting_that_is_also_a_milestone_is_told_once(client):
    same = {"date": date(2019, 4, 30), "lieu": "Régions de France, Paris", "source": "texte-2"}
    seance = SeanceFactory(**same, publication="publié", compte_rendu="330 projets remontés.")
    jalon = JalonFactory(**same, intitule="Comité de pilotage national : 330 projets remontés")
    page = client.get("/actualites/").content.decode()
    assert page.count("330 projets remontés") == 1
    assert f'id="seance-{seance.pk}"' in page
    assert f'id="jalon-{jalon.pk}"' in page  # what was cited is still there
    assert client.get("/actualites/flux.atom").content.decode().count("<entry>") == 1
    assert client.get("/agenda/agenda.ics").content.decode().count("BEGIN:VEVENT") == 1


@pytest.mark.parametrize(
    "other", [{"lieu": "Lyon"}, {"source": "autre"}, {"date": date(2019, 5, 1)}]
)
def test_two_facts_of_a_day_stay_two(client, other):
    same = {"date": date(2019, 4, 30), "lieu": "Paris", "source": "texte-2"}
    SeanceFactory(**same, publication="publié")
    JalonFactory(**same | other)
    assert client.get("/actualites/flux.atom").content.decode().count("<entry>") == 2
