"""Public answers: ETag, 304, kept pages; never for whoever has a session."""

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

from programme.models import DonneesVersion

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
calls = []


def page(request):
    calls.append(request.get_full_path())
    return HttpResponse("Bonjour")


def signed_page(request):
    response = HttpResponse("Bonjour")
    response.set_cookie("essai", "1")
    return response


urlpatterns = [
    path("page/", page),
    path("admin/page/", page),
    path("cookie/", signed_page),
    path("flux/", lambda request: StreamingHttpResponse(iter(["a", "b"]))),
    path("erreur/", lambda request: HttpResponse("non", status=400)),
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
