"""`au=`: any public address as it was published at a moment."""

import json
import re
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from programme.catalogue.moments import SANS_PASSE, a_un_passe, avec, lire, tenir
from programme.donnees.jeux import JEUX
from programme.models import DonneesVersion, Preuve
from territoires import moment
from tests.factories import (
    AgentFactory,
    ContratFactory,
    NationalFactory,
    ProjetFactory,
    SourceFactory,
    TerritoireFactory,
    projets,
)
from tests.programme.donnees.outils import assert_problem, body, read_csv, read_xlsx

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")


def stamp():
    """A moment after all that was written, and before what will be: as an address says it."""
    return timezone.now().astimezone(PARIS).isoformat()


def at(client, address, moment, **asked):
    return client.get(address, {"au": moment, **asked})


@pytest.fixture
def renamed():
    """A project whose name changed, another that was added: the moment before."""
    old = ProjetFactory(beneficiaire="Scierie de la Vilaine", emplois_crees=8)
    then = stamp()
    old.beneficiaire, old.emplois_crees = "Tannerie du Couesnon", 30
    old.save()
    ProjetFactory(beneficiaire="Fonderie de l’Orne", territoire=old.territoire)
    return old, then


# --- Reading ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texte", "instant"),
    [
        ("2026-05-01", "2026-05-01T23:59:59.999999+02:00"),
        ("2026-01-15", "2026-01-15T23:59:59.999999+01:00"),
        ("2026-05-01T14:30", "2026-05-01T14:30:00+02:00"),
        ("2026-05-01 14:30:05", "2026-05-01T14:30:05+02:00"),
        ("2026-05-01T14:30Z", "2026-05-01T14:30:00+00:00"),
        ("2026-05-01T14:30-04:00", "2026-05-01T14:30:00-04:00"),
        ("2026-05-01T14:30 04:00", "2026-05-01T14:30:00+04:00"),
        ("2026-05-01T14:30:05.25", "2026-05-01T14:30:05.250000+02:00"),
        ("01/05/2026", "2026-05-01T23:59:59.999999+02:00"),
    ],
)
def test_a_moment_is_read(texte, instant):
    assert lire(texte).instant == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    ("texte", "sentence"),
    [
        ("demain", "« demain » n’est pas une date complète"),
        ("2026-13-01", "n’existe pas au calendrier"),
        ("2026-05", "T14:30"),
        ("2026-05-01T25:00", "Cette heure n’existe pas."),
        ("2026-05-01T14:30+99:00", "Ce décalage n’existe pas."),
        ("2026-03-29T02:30", "À Paris cette heure n’existe pas ce jour-là"),
        ("2025-10-26T02:30", "ou existe deux fois : ajoutez le décalage"),
        ("2099-01-01", "Ce moment est à venir"),
        ("2026-05-01..2026-04-01", "échangez les deux"),
        ("2026-05-01..", "T14:30"),
        ("2026-05-01..2026-05-02..2026-05-03", "T14:30"),
        ("0001-01-01", "l’année 1 est invraisemblable"),
        ("' OR 1=1 --", "n’est pas une date"),
    ],
)
def test_what_is_no_moment_is_refused_with_the_remedy(texte, sentence):
    with pytest.raises(ValidationError) as refused:
        lire(texte)
    assert sentence in " ".join(refused.value.messages)


def test_a_day_that_is_not_over_is_no_moment(client):
    response = at(client, "/projets/", timezone.localdate().isoformat())
    assert response.status_code == 400
    assert "Cette journée n’est pas finie" in response.content.decode()


@pytest.mark.parametrize(
    "address", ["/", "/projets/", "/carte/", "/mentions-legales/", "/sources/"]
)
def test_the_same_sentence_is_said_at_every_address(client, address):
    response = at(client, address, "demain")
    assert response.status_code == 400
    assert "« demain » n’est pas une date complète" in response.content.decode()


def test_a_program_is_told_in_json_and_in_english(client):
    response = client.get("/api/v1/projets/?au=2099-01-01")
    sentence = (
        "au : Ce moment est à venir : le portail ne sait pas encore ce qu’il publiera. Donnez un "
        "moment passé, ou retirez « au »."
    )
    assert_problem(response, 400, sentence)
    english = client.get("/api/v1/projets/?au=2099-01-01", headers={"Accept-Language": "en"})
    assert "This moment cannot be read" in english.json()["detail"]


def test_one_moment_at_a_time(client):
    response = client.get("/projets/?au=2026-05-01&au=2026-05-02")
    assert response.status_code == 400
    assert "Ce paramètre est donné plusieurs fois" in response.content.decode()


@pytest.mark.parametrize("address", ["/donnees/preuve/", "/api/v1/openapi.json", "/robots.txt"])
def test_what_has_no_past_does_not_know_moments(client, address):
    assert not a_un_passe(address)
    assert at(client, address, "2026-05-01").status_code == 400


def test_the_journal_keeps_its_own_days(client):
    ProjetFactory()
    assert at(client, "/journal/", "2026-05-01").status_code == 200
    assert "Tel que publié" not in at(client, "/journal/", "2026-05-01").content.decode()


def test_the_back_office_reads_the_present(client):
    projet = ProjetFactory(beneficiaire="Scierie")
    then = stamp()
    projet.beneficiaire = "Tannerie"
    projet.save()
    client.force_login(NationalFactory())
    page = client.get(f"/admin/programme/projet/{projet.pk}/change/?{urlencode({'au': then})}")
    assert "Tannerie" in page.content.decode()


# --- Everything says the same -----------------------------------------------------------------


def test_a_list_its_totals_and_its_files_read_the_past(client, renamed):
    _old, then = renamed
    page = at(client, "/projets/", then)
    text = page.content.decode()
    assert "Scierie de la Vilaine" in text
    assert "Tannerie" not in text
    assert "Fonderie" not in text
    assert page.context["totaux"]["lignes"] == 1
    assert page.context["totaux"]["emplois_crees"] == 8
    (row,) = read_csv(at(client, "/projets/", then, format="csv"))
    assert row["beneficiaire"] == "Scierie de la Vilaine"
    answer = at(client, "/api/v1/projets/", then).json()
    assert [each["emplois_crees"] for each in answer["results"]] == [8]
    assert datetime.fromisoformat(answer["moment"]) == datetime.fromisoformat(then)
    rows, _workbook = read_xlsx(at(client, "/projets/", then, format="xlsx"))
    assert len(rows) == 2
    assert json.loads(body(at(client, "/projets/", then, format="json")))["count"] == 1
    assert client.get("/projets/").context["totaux"]["lignes"] == 2


def test_words_are_searched_in_what_was_told_then(client, renamed):
    _, then = renamed
    for words, then_found, now_found in (("scierie", 1, 0), ("tannerie", 0, 1), ("fonderie", 0, 1)):
        assert at(client, "/projets/", then, q=words).context["totaux"]["lignes"] == then_found
        assert client.get("/projets/", {"q": words}).context["totaux"]["lignes"] == now_found
    found = at(client, "/recherche/", then, q="scierie vilaine").content.decode()
    assert "Scierie de la Vilaine" in found
    assert "Tannerie" not in at(client, "/recherche/", then, q="tannerie").content.decode().replace(
        'value="tannerie"', ""
    )


def test_a_page_reads_the_past_and_leads_on_in_it(client, renamed):
    old, then = renamed
    page = at(client, old.get_absolute_url(), then)
    text = page.content.decode()
    assert "Scierie de la Vilaine" in text
    assert "Tannerie" not in text
    assert "Tel que publié le" in text
    assert (
        f'<a href="{old.get_absolute_url()}" data-aujourdhui>Lire la page d’aujourd’hui</a>' in text
    )
    assert '<meta name="robots" content="noindex">' in text
    assert 'rel="canonical"' not in text
    own = [
        href for href in re.findall(r'<a [^>]*href="(/[^"]*)"', text) if a_un_passe(path_of(href))
    ]
    assert len(own) > 10
    without = [href for href in own if "au=" not in href]
    assert without == [old.get_absolute_url()]
    assert page["X-Robots-Tag"] == "noindex"
    assert "Memento-Datetime" in page
    assert f'<http://testserver{old.get_absolute_url()}>; rel="original"' in page["Link"]


def path_of(href):
    return href.partition("?")[0].partition("#")[0]


def test_a_page_of_today_says_nothing_of_moments(client, renamed):
    page = client.get("/projets/")
    assert "moment-lu" not in page.content.decode()
    assert "X-Moment" not in page
    assert 'rel="canonical"' in page.content.decode()


def test_the_record_of_the_api_and_its_json_read_the_past(client, renamed):
    old, then = renamed
    one = at(client, f"/api/v1/projets/{old.code}/", then)
    assert one.json()["beneficiaire"] == "Scierie de la Vilaine"
    assert at(client, old.get_absolute_url(), then, format="json").json()["emplois_crees"] == 8
    assert "X-Moment" in one


def test_a_page_before_the_record_was_published_does_not_exist(client, renamed):
    then = renamed[1]
    new = ProjetFactory(beneficiaire="Forges de l’Iton")
    response = at(client, new.get_absolute_url(), then)
    assert response.status_code == 404
    assert "Forges" not in response.content.decode()


def test_before_the_first_publication_there_is_a_sentence_and_no_row(client, renamed):
    page = at(client, "/projets/", "2018-11-22")
    assert page.status_code == 200
    assert "Rien n’était encore publié sur ce portail à ce moment" in page.content.decode()
    assert page.context["totaux"]["lignes"] == 0
    assert read_csv(at(client, "/projets/", "2018-11-22", format="csv")) == []
    assert at(client, "/api/v1/projets/", "2018-11-22").json()["count"] == 0


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/territoires/",
        "/carte/",
        "/chiffres/",
        "/fonds/",
        "/programme/",
        "/donnees/",
        "/agenda/",
    ],
)
def test_every_kind_of_page_answers_before_the_first_publication(client, address):
    TerritoireFactory()
    assert at(client, address, "2018-11-22").status_code == 200


def test_a_page_says_which_of_its_facts_are_of_today_and_their_source(client, renamed):
    """Read with the page: a dataset whose table keeps no past, and the day of its last source."""
    SourceFactory(code="insee-cog", titre="Code officiel", date=date(2026, 1, 1))
    DonneesVersion.objects.bump()
    _, then = renamed
    for address in ("/projets/", "/communes/"):
        text = at(client, address, then).text
        assert "Ce qui n’a pas d’historique se lit tel qu’aujourd’hui, d’après sa dernière" in text
        for code in ("communes", "intercommunalites", "emploi", "besoins"):
            titre = JEUX[code].titre
            assert re.search(rf"{titre[0].lower()}{re.escape(titre[1:])} \([^)]+\)", text), code


def test_each_table_without_past_is_said():
    """Of the datasets: those that moments read as today, but for codes that nothing dates."""
    without = {
        code
        for code, jeu in JEUX.items()
        if not jeu.nombre
        and not hasattr(jeu.modele, "history")
        and not hasattr(jeu.modele, "etats_gardes")
        and jeu.modele._meta.db_table not in moment._derivees
    }
    assert without - set(SANS_PASSE) <= {"regions", "bassins"}, without


def test_both_addresses_of_a_renamed_territory_lead_to_it(client):
    territoire = TerritoireFactory(nom="Vallée de l’Iton", slug="vallee-de-l-iton")
    before, then = territoire.get_absolute_url(), stamp()
    territoire.nom, territoire.slug = "Pays d’Ouche", "pays-d-ouche"
    territoire.save()
    territoire.refresh_from_db()
    after = territoire.get_absolute_url()
    assert before != after
    page = at(client, before, then)
    assert page.status_code == 200
    assert "Vallée de l’Iton" in page.content.decode()
    moved = at(client, after, then)
    assert moved.status_code == 301
    assert moved["Location"] == avec(before, then)
    assert client.get(moved["Location"]).status_code == 200


# --- What was never public --------------------------------------------------------------------


def test_what_was_a_draft_then_is_nowhere(client):
    seen = ProjetFactory()
    projet = ProjetFactory(
        publication="brouillon", beneficiaire="Canari des brumes", territoire=seen.territoire
    )
    then = stamp()
    projet.publication = "publié"
    projet.save()
    for address in (
        "/projets/",
        projet.get_absolute_url(),
        seen.territoire.get_absolute_url(),
        "/",
    ):
        assert "Canari" not in at(client, address, then).content.decode()
    for form in ("csv", "json"):
        assert b"Canari" not in body(at(client, "/projets/", then, format=form))
    assert at(client, "/projets/", then, q="canari").context["totaux"]["lignes"] == 0
    assert "Canari" in client.get("/projets/").content.decode()


def test_what_was_erased_from_the_histories_is_at_no_moment(client):
    projet = ProjetFactory(objet="Appeler Claude au 06 12 34 56 78")
    then = stamp()
    projet.objet = "Un atelier"
    projet.save()
    assert "06 12 34" in at(client, projet.get_absolute_url(), then).content.decode()
    projet.history.filter(objet__contains="06 12").update(objet="[occulté le 1er mai 2026]")
    text = at(client, projet.get_absolute_url(), then).content.decode()
    assert "06 12 34" not in text
    assert "[occulté le 1er mai 2026]" in text


def test_who_has_a_session_reads_the_past_like_anybody(client, renamed):
    _old, then = renamed
    client.force_login(AgentFactory())
    assert "Scierie de la Vilaine" in at(client, "/projets/", then).content.decode()


# --- Files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "geojson"])
def test_a_file_of_a_moment_is_the_same_for_ever(client, renamed, form):
    old, then = renamed
    first = at(client, "/projets/", then, format=form)
    once = body(first)
    old.beneficiaire = "Forges de l’Iton"
    old.save()
    ContratFactory()
    old.delete()
    again = at(client, "/projets/", then, format=form)
    assert body(again) == once
    assert "X-Donnees-Version" not in again
    day = datetime.fromisoformat(then)
    assert f'filename="projets-{day:%Y-%m-%dT%H%M}.{form}"' in again["Content-Disposition"]


def test_the_digest_of_a_file_of_a_moment_is_known(client, renamed):
    body(at(client, "/projets/", renamed[1], format="csv"))
    assert "au=" in Preuve.objects.get().adresse


# --- Links ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/projets/", "/projets/?au=2026-05-01"),
        ("/projets/?region=84#suite", "/projets/?region=84&au=2026-05-01#suite"),
        ("?page=2", "?page=2&au=2026-05-01"),
        ("/projets/?au=2020-01-01", "/projets/?au=2020-01-01"),
        ("/journal/", "/journal/"),
        ("/admin/", "/admin/"),
        ("https://insee.fr/", "https://insee.fr/"),
        ("//insee.fr/projets/", "//insee.fr/projets/"),
    ],
)
def test_links_of_the_site_keep_the_moment(address, kept):
    assert avec(address, "2026-05-01") == kept


def test_forms_keep_the_moment():
    page = b'<form action="/projets/" method="get"><form method="post" action="/projets/">'
    hidden = b'<input type="hidden" name="au" value="2026-05-01">'
    assert tenir(page, "2026-05-01").count(hidden) == 1


def test_a_page_at_a_moment_asks_little_more(client, django_assert_max_num_queries):
    projets(5)
    then = stamp()
    with CaptureQueriesContext(connection) as today:
        client.get("/projets/")
    cost = len(today)
    # The sources of what has no past are read once for a version, whatever the moment.
    at(client, "/projets/", stamp())
    # What is kept for a version is asked again of the moment, and the first publication; and, in a
    # transaction of PostgreSQL, what the others are writing; on SQLite, the rangements of then.
    more = 2 if connection.vendor == "postgresql" else 1
    with django_assert_max_num_queries(cost + 3 + more):
        at(client, "/projets/", then)


def test_the_day_of_rules_is_that_of_the_moment(client):
    ProjetFactory()
    day = timezone.localdate() - timedelta(days=400)
    page = at(client, "/carte/", str(day))
    assert page.status_code == 200
    assert page.context["aujourdhui"] == day


# --- Between two moments ----------------------------------------------------------------------


@pytest.fixture
def changed():
    """A project that changed, one that went, one that came; the moments before and after."""
    kept = ProjetFactory(code="fai-1", beneficiaire="Scierie", investissement_eur=1_200_000)
    gone = ProjetFactory(code="fai-2", beneficiaire="Fonderie", territoire=kept.territoire)
    draft = ProjetFactory(
        code="fai-9", publication="brouillon", beneficiaire="Canari", territoire=kept.territoire
    )
    since = stamp()
    kept.investissement_eur = 1_400_000
    kept.save()
    gone.delete()
    ProjetFactory(code="fai-3", beneficiaire="Tannerie", territoire=kept.territoire)
    draft.beneficiaire = "Canari des brumes"
    draft.save()
    return f"{since}..{stamp()}"


def test_what_changed_is_told_field_by_field(client, changed):
    page = at(client, "/projets/", changed)
    text = " ".join(page.content.decode().split())
    assert page.status_code == 200
    assert "Tannerie (fai-3) : ajouté" in text
    assert "Fonderie (fai-2) : retiré" in text
    assert "Scierie (fai-1) : modifié" in text
    assert re.search(r"1[\s  ]?200[\s  ]?000.*1[\s  ]?400[\s  ]?000", text)
    assert "Canari" not in text


@pytest.mark.parametrize("address", ["/projets/", "/api/v1/projets/"])
def test_what_changed_is_told_to_programs(client, changed, address):
    told = json.loads(body(at(client, address, changed, format="json")))
    assert [row["code"] for row in told["ajouts"]] == ["fai-3"]
    assert [row["code"] for row in told["retraits"]] == ["fai-2"]
    (change,) = told["modifications"]
    assert change["code"] == "fai-1"
    assert change["changements"]["investissement_eur"] == {"avant": 1_200_000, "apres": 1_400_000}


def test_what_changed_is_a_csv_too(client, changed):
    rows = read_csv(at(client, "/projets/", changed, format="csv"))
    assert {(row["acte"], row["cle"]) for row in rows} == {
        ("ajout", "fai-3"),
        ("retrait", "fai-2"),
        ("modification", "fai-1"),
    }
    (amount,) = [
        row for row in rows if row["cle"] == "fai-1" and row["colonne"] == "investissement_eur"
    ]
    assert (amount["avant"], amount["apres"]) == ("1200000", "1400000")


def test_nothing_changed_is_said(client):
    ProjetFactory()
    text = at(client, "/projets/", "2026-05-01..2026-05-02").content.decode()
    assert "Rien n’a changé dans cette liste" in text


def test_a_format_that_tells_no_changes_is_refused(client, changed):
    response = at(client, "/projets/", changed, format="xlsx")
    assert response.status_code == 400
    assert "en page, en csv ou en json" in response.content.decode()


@pytest.mark.parametrize("address", ["/", "/chiffres/", "/carte/"])
def test_two_moments_are_compared_on_lists_alone(client, changed, address):
    response = at(client, address, changed)
    assert response.status_code == 400
    assert "Deux moments se comparent sur la liste d’un jeu de données" in response.content.decode()
