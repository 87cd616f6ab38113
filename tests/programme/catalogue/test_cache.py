"""Public answers: ETag, 304, kept pages; never for whoever has a session."""

import gzip
from datetime import timedelta
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from psycopg.errors import LockNotAvailable

from programme.catalogue.adresse import lit
from programme.catalogue.cache import essais
from programme.catalogue.copies import Copie, Copies, copies
from programme.catalogue.personnes import sans_personne
from programme.catalogue.version import VersionReader
from programme.models import DonneesVersion

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
calls = []


@lit(None)
def page(request):
    calls.append(request.get_full_path())
    return HttpResponse("Bonjour")


@lit(None)
def signed_page(request):
    response = HttpResponse("Bonjour")
    response.set_cookie("essai", "1")
    return response


@lit(None)
def echo(request, **kwargs):
    """All that a view can read of where it is asked."""
    seen = [request.path, request.path_info, sorted(request.GET.lists()), request.scheme]
    return HttpResponse(repr([*seen, request.get_host(), request.build_absolute_uri()]))


@lit(None)
def varying(request):
    response = HttpResponse(request.headers.get("X-Essai", ""))
    patch_vary_headers(response, ["X-Essai"])
    return response


def counted(request):
    calls.append(request.get_full_path())
    return HttpResponse('<main id="contenu" tabindex="-1">' + "Bonjour " * 100 + "</main>")


def shown(request):
    return counted(request)


@lit(None)
@sans_personne
def html_page(request):
    return shown(request)


@lit(None)
def naming_page(request):
    return shown(request)


def lock_timeout():
    error = OperationalError("locked")
    error.__cause__ = LockNotAvailable()
    return error


handler500 = "programme.catalogue.pages.erreurs.panne"
urlpatterns = [
    path("echo/", echo),
    path("echo/<path:rest>", echo),
    path("variable/", varying),
    path("", echo),
    path("a", echo),
    path("page/", page),
    path("html/", html_page, name="html"),
    path("noms/", naming_page, name="noms"),
    path("admin/page/", page),
    path("cookie/", signed_page),
    path("flux/", lambda request: StreamingHttpResponse(iter(["a", "b"]))),
    path("erreur/", lambda request: HttpResponse("non", status=400)),
    # The addresses that our own pages lead to.
    path("", include("programme.urls")),
]


@pytest.fixture(autouse=True)
def _kept_pages(settings):
    settings.PAGES_KEPT = 10
    calls.clear()


def test_same_version_answers_304_without_a_view(client):
    first = client.get("/page/")
    again = client.get("/page/", headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == first["ETag"]
    assert len(calls) == 1


def test_same_version_is_served_from_memory(client, django_assert_num_queries):
    DonneesVersion.objects.current()
    client.get("/page/")
    with django_assert_num_queries(1):  # the version
        again = client.get("/page/")

    assert again.content == b"Bonjour"
    assert "s-maxage" in again["Cache-Control"]
    assert len(calls) == 1


def test_new_version_is_a_new_answer(client):
    first = client.get("/page/")
    DonneesVersion.objects.bump()
    again = client.get("/page/", headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 200
    assert again["ETag"] != first["ETag"]
    assert len(calls) == 2


def test_a_new_day_is_a_new_answer(client, monkeypatch):
    """Pages say what is coming, what is late: the same records, another day."""
    first = client.get("/page/")
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda: tomorrow)
    again = client.get("/page/", headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 200
    assert again["ETag"] != first["ETag"]
    assert len(calls) == 2


def test_each_address_has_its_own_answer(client):
    assert client.get("/page/?page=1")["ETag"] != client.get("/page/?page=2")["ETag"]


def test_whoever_has_a_session_is_never_served_from_memory(client):
    client.get("/page/")
    client.cookies[django_settings.SESSION_COOKIE_NAME] = "quelconque"
    response = client.get("/page/")

    assert "ETag" not in response
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("address", "said"), [("/admin/page/", "private, no-store"), ("/erreur/", None)]
)
def test_private_pages_and_errors_are_not_cached(client, address, said):
    response = client.get(address)

    assert "ETag" not in response
    assert response.get("Cache-Control") == said


def test_an_answer_with_a_cookie_is_not_shared(client):
    assert "ETag" not in client.get("/cookie/")


def test_a_stream_has_an_etag_but_is_not_kept(client):
    first = client.get("/flux/")
    assert b"".join(first.streaming_content) == b"ab"
    assert b"".join(client.get("/flux/").streaming_content) == b"ab"
    assert client.get("/flux/", headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_head_has_the_headers_of_get(client):
    get, head = client.get("/page/"), client.head("/page/")

    assert head["ETag"] == get["ETag"]
    assert head.content == b""


def test_no_cookie_is_set(client):
    assert not client.get("/page/").cookies


# --- One address, one answer --------------------------------------------------------------------

HOSTILE = [
    {"SCRIPT_NAME": "/echo", "PATH_INFO": "/"},
    {"SCRIPT_NAME": "/echo", "PATH_INFO": "/a"},
    {"SCRIPT_NAME": "/autre"},
    {"HTTP_SCRIPT_NAME": "/echo/a"},
    {"HTTP_X_SCRIPT_NAME": "/echo/a"},
    {"HTTP_X_FORWARDED_HOST": "pirate.example"},
    {"HTTP_X_FORWARDED_PREFIX": "/pirate"},
    {"HTTP_X_FORWARDED_PROTO": "https"},
    {"HTTP_X_FORWARDED_PORT": "444"},
    {"HTTP_FORWARDED": "host=pirate.example;proto=https"},
    {"HTTP_X_ORIGINAL_URL": "/pirate"},
    {"HTTP_X_REWRITE_URL": "/pirate"},
    {"HTTP_X_HTTP_METHOD_OVERRIDE": "POST"},
    {"HTTP_ACCEPT_LANGUAGE": "en"},
    {"HTTP_ACCEPT": "application/json"},
    {"HTTP_ACCEPT_ENCODING": "xgzipx"},
    {"HTTP_HOST": "localhost"},
    {"HTTP_HOST": "testserver:444"},
    {"HTTP_HOST": "testserver."},
    {"PATH_INFO": "/echo/a?q=1"},
    {"PATH_INFO": "/echo//a"},
    {"QUERY_STRING": "q=é".encode().decode("latin-1")},
    {"QUERY_STRING": "q=%C3%83%C2%A9"},
    {"QUERY_STRING": "q=1#"},
    {"QUERY_STRING": "q=1&q=2"},
    {"QUERY_STRING": "q=2&q=1"},
    {"QUERY_STRING": "q=1;q=2"},
    {"QUERY_STRING": "q=+1"},
    {"QUERY_STRING": "q=%2B1"},
]
ASKED = [
    {"PATH_INFO": "/echo/"},
    {"PATH_INFO": "/echo/a"},
    {"PATH_INFO": "/echo/a", "QUERY_STRING": "q=1"},
    {"PATH_INFO": "/echo/a", "QUERY_STRING": "q=%C3%83%C2%A9"},
    {"PATH_INFO": "/echo/a", "QUERY_STRING": "q=%C3%A9"},
    {"PATH_INFO": "/echo/a", "QUERY_STRING": "q=2&q=1"},
]


def ask(environ):
    """The answer to a request whose environment is written by hand."""
    return Client().request(**{"PATH_INFO": "/echo/a", "QUERY_STRING": "", **environ})


@pytest.mark.parametrize("hostile", HOSTILE, ids=str)
def test_nobody_gives_another_the_answer_to_something_else(hostile):
    for asked in ASKED:
        copies.forget_all()
        fresh = ask(asked).content
        copies.forget_all()
        ask({**asked, **hostile})
        assert ask(asked).content == fresh


@pytest.mark.urls("programme.urls")
@pytest.mark.parametrize("host", ["pirate.example", "testserver,pirate.example", "testserver/a"])
def test_a_host_that_is_not_ours_is_refused_and_not_kept(client, host):
    assert client.get("/mentions-legales/", headers={"host": host}).status_code == 400
    kept = client.get("/mentions-legales/")
    assert kept.status_code == 200
    assert b"pirate" not in kept.content


def test_what_varies_with_a_header_is_not_kept(client):
    assert client.get("/variable/", headers={"X-Essai": "a"}).content == b"a"
    assert client.get("/variable/", headers={"X-Essai": "b"}).content == b"b"


# --- When the database does not answer ----------------------------------------------------------


@pytest.fixture
def standing(client, monkeypatch, settings):
    """`standing(number)`: the version can be read, or not any more (None)."""
    settings.DONNEES_VERSION_TTL = 0
    client.raise_request_exception = False

    def now(number):
        def read(_):
            if number is None:
                raise OperationalError("nobody answers")
            return SimpleNamespace(numero=number, plancher=0)

        monkeypatch.setattr("programme.models.version.DonneesVersionQuerySet.current", read)
        # What nobody answers is not asked again at once: here, it is.
        monkeypatch.setattr("programme.catalogue.version.RECUL", 0)

    now(1)
    return now


def breaks(monkeypatch, panne=OperationalError):
    def fail(request):
        raise panne("nobody answers")

    monkeypatch.setattr("tests.programme.catalogue.test_cache.shown", fail)


def body_of(response):
    body = response.content
    return (gzip.decompress(body) if response.get("Content-Encoding") == "gzip" else body).decode()


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_the_last_page_is_served_at_once_and_says_so(client, standing, monkeypatch, encoding):
    headers = {"Accept-Encoding": encoding}
    first = client.get("/html/", headers=headers)
    standing(None)
    breaks(monkeypatch)
    again = client.get("/html/", headers=headers | {"If-None-Match": first["ETag"]})

    assert again.status_code == 200
    assert "Page gardée du" in body_of(again)
    assert "La base de données ne répond pas en ce moment." in body_of(again)
    assert body_of(again).count("Bonjour") == body_of(first).count("Bonjour")
    assert again["Cache-Control"] == "no-store"
    assert "ETag" not in again
    assert again["Warning"].startswith("110")
    assert again["Age"] == "0"
    assert len(calls) == 1


def test_back_again_the_page_is_its_own(client, standing):
    client.get("/html/")
    standing(None)
    assert "Page gardée" in body_of(client.get("/html/"))
    standing(1)
    again = client.get("/html/")
    assert "Page gardée" not in body_of(again)
    assert again["ETag"]


def test_what_is_no_html_is_marked_in_its_headers_alone(client, standing):
    first = client.get("/page/?json")
    standing(None)
    again = client.get("/page/?json")
    assert again.content == first.content
    assert again["Warning"].startswith("110")


def test_without_a_copy_it_is_503(client, standing, monkeypatch):
    standing(None)
    breaks(monkeypatch)
    response = client.get("/html/")
    assert response.status_code == 503
    assert response["Retry-After"] == "30"


def test_without_a_copy_the_browser_s_own_is_still_good(client, standing):
    first = client.get("/flux/")
    first.close()
    standing(None)
    assert client.get("/flux/", headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_an_earlier_version_stands_in_for_who_names_nobody(client, standing, monkeypatch):
    client.get("/html/"), client.get("/noms/")
    standing(2)
    breaks(monkeypatch, lambda text: lock_timeout())
    kept, refused = client.get("/html/"), client.get("/noms/")
    assert kept.status_code == 200
    assert "La base de données est occupée" in body_of(kept)
    # Who was named may have been taken out since.
    assert refused.status_code == 503


def test_the_same_version_stands_in_for_who_names_persons(client, standing, monkeypatch):
    client.get("/noms/")
    standing(None)
    breaks(monkeypatch)
    assert "Page gardée" in body_of(client.get("/noms/"))


def test_a_copy_stands_in_for_a_day(client, standing, monkeypatch):
    client.get("/html/")
    standing(None)
    breaks(monkeypatch)
    monkeypatch.setattr("programme.catalogue.copies.SECOURS", 0)
    assert client.get("/html/").status_code == 503


def test_what_is_gone_is_forgotten(client, standing, monkeypatch):
    client.get("/html/")
    standing(2)
    monkeypatch.setattr(
        "tests.programme.catalogue.test_cache.shown", lambda request: HttpResponse(status=404)
    )
    client.get("/html/")
    standing(None)
    breaks(monkeypatch)
    assert client.get("/html/").status_code == 503


def test_whoever_has_a_session_is_served_the_public_page(client, standing, monkeypatch):
    client.get("/html/")
    standing(None)
    client.cookies[django_settings.SESSION_COOKIE_NAME] = "quelconque"
    assert "Page gardée" not in body_of(client.get("/html/"))
    breaks(monkeypatch)
    assert "Page gardée" in body_of(client.get("/html/"))


def test_a_view_that_is_kept_waiting_is_not_waited_for(client, standing, monkeypatch):
    client.get("/html/")
    standing(2)
    breaks(monkeypatch, lambda text: lock_timeout())
    client.get("/html/")
    calls.clear()
    monkeypatch.setattr("tests.programme.catalogue.test_cache.shown", counted)
    assert "Page gardée" in body_of(client.get("/html/"))
    assert calls == []
    # What was never seen may wait, two at a time; when it is answered, all is forgotten.
    assert essais.acquire(blocking=False)
    assert essais.acquire(blocking=False)
    assert client.get("/html/?autre").status_code == 503
    essais.release(2)
    assert client.get("/html/?autre").status_code == 200
    assert "Page gardée" not in body_of(client.get("/html/"))


def test_head_has_the_length_of_the_copy(client, standing):
    first = client.get("/html/")
    standing(None)
    kept = client.head("/html/")
    assert kept.content == b""
    assert int(kept["Content-Length"]) > len(first.content)


def test_a_page_during_which_the_database_failed_is_not_kept(client, standing, monkeypatch):
    """A template takes the failure of a query for « no »."""

    def half(request):
        connection.errors_occurred = True
        return counted(request)

    monkeypatch.setattr("tests.programme.catalogue.test_cache.shown", half)
    assert "ETag" not in client.get("/html/")
    connection.errors_occurred = False
    assert "ETag" in client.get("/page/")
    client.get("/html/")
    assert calls.count("/html/") == 2


def test_copies_are_bounded(client, settings):
    settings.PAGES_KEPT = 2
    for number in range(4):
        client.get(f"/page/?n={number}")
    client.get("/page/")
    calls.clear()
    client.get("/page/"), client.get("/page/?n=3"), client.get("/page/?n=0")
    assert calls == ["/page/?n=0"]


def test_copies_are_bounded_in_bytes(settings):
    settings.PAGES_KEPT, settings.PAGES_OCTETS = 100, 4_000
    made = Copies()
    for number in range(3):
        copie = Copie(HttpResponse(b"x" * 600), version=1, personnes=False)
        made.keep(((f"/{number}", ""), True), copie)
    kept = [number for number in range(3) if made.get(((f"/{number}", ""), True))]
    assert kept == [2]


# --- The reader of the version ------------------------------------------------------------------


def test_one_thread_reads_and_the_others_go_on(monkeypatch, settings):
    settings.DONNEES_VERSION_TTL = 0
    reader, reading, go_on = VersionReader(), Event(), Event()
    monkeypatch.setattr(
        "programme.models.version.DonneesVersionQuerySet.current",
        lambda _: SimpleNamespace(numero=1, plancher=0),
    )
    assert reader.current() == 1

    def slow(_):
        reading.set()
        assert go_on.wait(5)
        return SimpleNamespace(numero=2, plancher=0)

    monkeypatch.setattr("programme.models.version.DonneesVersionQuerySet.current", slow)
    thread = Thread(target=reader.current)
    thread.start()
    assert reading.wait(5)
    assert reader.current() == 1  # at once
    go_on.set()
    thread.join()
    assert reader._number == 2


def test_when_nobody_answers_no_visitor_asks_again(monkeypatch):
    reader, asked = VersionReader(), []
    reader._number, reader.is_sure = 7, False
    monkeypatch.setattr("programme.catalogue.version.connection", SimpleNamespace(connection=None))
    monkeypatch.setattr(
        "programme.catalogue.version.Thread",
        lambda target, daemon: SimpleNamespace(start=lambda: asked.append(target)),
    )
    assert reader.current() == 7
    assert asked == [reader._ask_aside]
    assert reader.current() == 7
    assert len(asked) == 1


def test_what_no_view_reads_finds_the_kept_page_and_keeps_none(client, settings):
    settings.PAGES_KEPT = 10
    copies.forget_all()
    calls.clear()
    client.get("/page/", {"a": "1"})
    first = calls.copy()
    for query in ("a=1&utm_source=lettre", "utm%5Fmedium=x&a=1", "a=1&fbclid=2&utm_source=3"):
        response = client.get(f"/page/?{query}")
        assert response.status_code == 200
    assert calls == first, "the page without them answers"
    client.get("/page/?a=2&utm_source=lettre")
    client.get("/page/?a=2&utm_source=autre")
    assert len(calls) == len(first) + 2, "what was asked with them is not kept"
    copies.forget_all()
