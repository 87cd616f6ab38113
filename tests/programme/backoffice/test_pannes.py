"""What a person, a machine and an officer receive when the database does not let us answer."""

import errno
import re
import sqlite3
from functools import partial
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from programme.models import Contrat, Document
from programme.pannes.cache_redis import MemoireAbsente
from programme.pannes.causes import Panne
from programme.stockage import StockageAbsent
from tests.programme.backoffice.identite.outils import CONNEXION, sign_in, words_of
from tests.programme.backoffice.outils import address, form_data
from tests.programme.donnees.outils import assert_problem

pytestmark = pytest.mark.django_db
SQLITE = {
    Panne.LECTURE_SEULE: sqlite3.SQLITE_READONLY,
    Panne.OCCUPEE: sqlite3.SQLITE_BUSY,
    Panne.ABSENTE: sqlite3.SQLITE_CANTOPEN,
}
AUTRES = {
    Panne.MEMOIRE: MemoireAbsente,
    Panne.DOCUMENTS: StockageAbsent,
    Panne.PLEIN: partial(OSError, errno.ENOSPC, "No space left on device"),
}


def failure(panne):
    if panne in AUTRES:
        return AUTRES[panne]()
    cause = sqlite3.OperationalError("…")
    cause.sqlite_errorcode = SQLITE[panne]
    error = OperationalError("…")
    error.__cause__ = cause
    return error


def raising(panne):
    def fail(*args, **kwargs):
        raise failure(panne)

    return fail


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture
def fails(monkeypatch):
    """`fails(target, panne)`: from now on, calling `target` meets that failure."""

    def make(target, panne):
        monkeypatch.setattr(target, raising(panne))

    return make


LISTE = "programme.catalogue.vues.CatalogueView.get"


@pytest.mark.parametrize("panne", list(Panne), ids=lambda panne: panne.name)
def test_a_page_is_a_503_with_its_reason(client, fails, panne):
    fails(LISTE, panne)
    response = client.get("/projets/")
    assert response.status_code == 503
    assert response["Retry-After"] == str(panne.attente)
    assert response["Cache-Control"] == "no-store"
    assert panne.phrase in words_of(response)
    assert "Retour à l’accueil" in words_of(response)


def test_a_page_of_failure_asks_the_database_nothing(
    client, fails, django_assert_num_queries, settings
):
    fails(LISTE, Panne.ABSENTE)
    settings.DONNEES_VERSION_TTL = 60
    client.get("/projets/")
    with django_assert_num_queries(0):
        assert client.get("/projets/").status_code == 503


@pytest.mark.parametrize("query", ["format=csv", "format=xlsx"])
def test_a_file_says_it_as_text(client, fails, query):
    fails(LISTE, Panne.ABSENTE)
    response = client.get(f"/projets/?{query}")
    assert response.status_code == 503
    assert response["Content-Type"].startswith("text/plain")
    assert "Redemandez dans 30 secondes" in response.content.decode()


@pytest.mark.parametrize(
    ("target", "where"),
    [
        (LISTE, "/projets/?format=json"),
        (LISTE, "/projets/?format=geojson"),
        (LISTE, "/api/v1/projets/"),
        ("programme.catalogue.recherche.views.suggerer", "/recherche/suggestions/?q=lacq"),
    ],
)
def test_json_says_it_as_json(client, fails, target, where):
    fails(target, Panne.OCCUPEE)
    response = client.get(where)
    sentence = "La base de données est occupée par un autre travail. Redemandez dans 10 secondes."
    assert_problem(response, 503, sentence)
    assert response["Retry-After"] == "10"
    english = client.get(where, headers={"Accept-Language": "en"}).json()
    assert english["detail"] == "The database is busy with other work. Ask again in 10 seconds."


def test_a_middleware_that_fails_is_a_503_too(client, fails, redacteur):
    client.force_login(redacteur)
    fails("django.contrib.sessions.backends.db.SessionStore.load", Panne.ABSENTE)
    response = client.get("/admin/")
    assert response.status_code == 503
    assert "indisponible en ce moment" in words_of(response)


def test_a_fault_of_ours_stays_a_500(client, monkeypatch):
    def fail(*args):
        raise ValueError

    monkeypatch.setattr(LISTE, fail)
    assert client.get("/projets/").status_code == 500


# --- The form given back ----------------------------------------------------------------------


@pytest.fixture
def page(contrats):
    return address(Contrat, "change", contrats.normand.pk)


@pytest.fixture
def officer(client, redacteur):
    client.force_login(redacteur)
    return client


def sent_again(response):
    """What the button of the page sends."""
    shown = response.content.decode()
    form = shown[shown.index("<form method") :]
    form = form[: form.index("</form>")]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    data = {}
    for name, value in found:
        data.setdefault(unescape(name), []).append(unescape(value))
    return data


@pytest.mark.parametrize("panne", list(Panne), ids=lambda panne: panne.name)
def test_what_was_typed_comes_back_in_the_page(officer, contrats, page, monkeypatch, panne):
    typed = form_data(officer.get(page)) | {"lieu": "Rouen « la grande »", "source": "Un\r\nDeux"}
    with monkeypatch.context() as patch:
        patch.setattr(Contrat, "save", raising(panne))
        response = officer.post(page, typed)
    assert response.status_code == 503
    assert panne.phrase in words_of(response)
    assert "Rouen « la grande »" in words_of(response)
    again = sent_again(response)
    assert again["lieu"] == ["Rouen « la grande »"]
    assert again["source"] == ["Un\r\nDeux"]
    # Once the database is back, the button saves it.
    assert officer.post(page, again).status_code == 302
    contrats.normand.refresh_from_db()
    assert contrats.normand.lieu == "Rouen « la grande »"


@pytest.mark.parametrize(
    ("panne", "told"),
    [
        (Panne.LECTURE_SEULE, "Lecture seule : rien n’a été enregistré"),
        (Panne.PLEIN, "Rien n’a été enregistré"),
    ],
)
def test_what_can_be_read_says_so_with_the_names_of_the_page(
    officer, page, monkeypatch, panne, told
):
    typed = form_data(officer.get(page)) | {"lieu": "Rouen"}
    monkeypatch.setattr(Contrat, "save", raising(panne))
    words = words_of(officer.post(page, typed))
    assert told in words
    assert "Lieu de signature Rouen" in words


def test_an_outcome_that_nobody_knows_is_not_denied(officer, page, monkeypatch):
    """The connection may have been lost just after the last word."""
    typed = form_data(officer.get(page)) | {"lieu": "Rouen"}
    monkeypatch.setattr(Contrat, "save", raising(Panne.ABSENTE))
    words = words_of(officer.post(page, typed))
    assert "Enregistrement non confirmé" in words
    assert "rien n’a été enregistré" not in words


def test_a_file_is_to_be_chosen_again(officer, contrats, fails):
    page = address(Document, "add")
    data = form_data(officer.get(page)) | {
        "titre": "Compte rendu",
        "contrat": contrats.normand.pk,
        "fichier": SimpleUploadedFile("compte-rendu.pdf", b"%PDF-1.4"),
    }
    fails("django.contrib.sessions.backends.db.SessionStore.load", Panne.ABSENTE)
    words = words_of(officer.post(page, data))
    assert "choisir de nouveau compte-rendu.pdf" in words
    assert "Compte rendu" in words


def test_a_form_of_another_site_is_not_shown(redacteur, page, fails):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(redacteur)
    client.get(page)
    fails("django.contrib.sessions.backends.db.SessionStore.load", Panne.ABSENTE)
    response = client.post(page, {"lieu": "Piège", "csrfmiddlewaretoken": "x" * 64})
    assert response.status_code == 503
    assert "Piège" not in response.content.decode()


def test_the_token_of_the_form_comes_back_with_it(redacteur, contrats, page, fails, monkeypatch):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(redacteur)
    typed = form_data(client.get(page)) | {"lieu": "Rouen"}
    token = client.cookies["csrftoken"].value
    with monkeypatch.context() as patch:
        patch.setattr(
            "django.contrib.sessions.backends.db.SessionStore.load",
            raising(Panne.ABSENTE),
        )
        response = client.post(page, typed | {"csrfmiddlewaretoken": token})
    assert client.post(page, sent_again(response)).status_code == 302
    contrats.normand.refresh_from_db()
    assert contrats.normand.lieu == "Rouen"


def test_signing_in_says_read_only_and_keeps_the_address(client, redacteur, fails):
    fails("django.core.cache.cache.add", Panne.LECTURE_SEULE)
    response = sign_in(client, redacteur.email)
    assert response.status_code == 503
    words = words_of(response)
    assert "Lecture seule" in words
    assert "Se connecter demande d’enregistrer une session" in words
    assert redacteur.email in words
    assert "password" not in sent_again(response)
    assert sent_again(response)["login"] == [redacteur.email]


def test_signing_in_again_asks_for_the_password(client, redacteur):
    response = client.post(CONNEXION, {"login": redacteur.email})
    assert response.status_code == 200
    assert redacteur.email in response.content.decode()


# --- Pages that need no writing ---------------------------------------------------------------


def test_a_page_is_shown_though_its_session_cannot_be_written(officer, page, fails, settings):
    officer.get(page)
    session = officer.session
    session["identite_vue"] -= 3600
    session.save()
    fails("django.contrib.sessions.backends.db.SessionStore.save", Panne.LECTURE_SEULE)
    fails("allauth.usersessions.models.UserSessionManager.create_from_request", Panne.OCCUPEE)
    assert officer.get(page).status_code == 200


def test_an_unknown_fault_of_the_session_is_not_hidden(officer, page, monkeypatch):
    officer.get(page)
    session = officer.session
    session["identite_vue"] -= 3600
    session.save()

    def fail(store, *args, **kwargs):
        raise OperationalError from sqlite3.OperationalError("no such table")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.save", fail)
    assert officer.get(page).status_code == 500
