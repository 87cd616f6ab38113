"""Public answers: ETag, 304, kept pages; never for whoever has a session."""

import pytest
from django.conf import settings
from django.core.cache import caches
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils.cache import patch_vary_headers

from programme.models import DonneesVersion

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
MEMORY = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "test-cache",
    },
}
calls = []


def page(request):
    calls.append(request.get_full_path())
    return HttpResponse("Bonjour")


def signed_page(request):
    response = HttpResponse("Bonjour")
    response.set_cookie("essai", "1")
    return response


def echo(request, **kwargs):
    """All that a view can read of where it is asked."""
    seen = [request.path, request.path_info, sorted(request.GET.lists()), request.scheme]
    return HttpResponse(repr([*seen, request.get_host(), request.build_absolute_uri()]))


def varying(request):
    response = HttpResponse(request.headers.get("X-Essai", ""))
    patch_vary_headers(response, ["X-Essai"])
    return response


urlpatterns = [
    path("echo/", echo),
    path("echo/<path:rest>", echo),
    path("variable/", varying),
    path("", echo),
    path("a", echo),
    path("page/", page),
    path("admin/page/", page),
    path("cookie/", signed_page),
    path("flux/", lambda request: StreamingHttpResponse(iter(["a", "b"]))),
    path("erreur/", lambda request: HttpResponse("non", status=400)),
]


@pytest.fixture(autouse=True)
def _kept_pages():
    with override_settings(CACHES=MEMORY):
        caches["pages"].clear()
        calls.clear()
        yield
        caches["pages"].clear()


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


def test_each_address_has_its_own_answer(client):
    assert client.get("/page/?page=1")["ETag"] != client.get("/page/?page=2")["ETag"]


def test_whoever_has_a_session_is_never_served_from_memory(client):
    client.get("/page/")
    client.cookies[settings.SESSION_COOKIE_NAME] = "quelconque"
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
        caches["pages"].clear()
        fresh = ask(asked).content
        caches["pages"].clear()
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
