"""Failed sign-ins are slowed down, by a count that all processes share; sessions end."""

import time

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from programme.backoffice.identite import appareils
from programme.backoffice.identite.adaptateurs import wait_in_words
from programme.backoffice.identite.navigateurs import name_of
from programme.models import JournalAcces
from tests import factories as f
from tests.programme.backoffice.identite.outils import (
    CONNEXION,
    code_now,
    sign_in,
    with_totp,
    words_of,
)

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SLOWED = "Trop d’essais. Attendez 10 minutes avant de recommencer"
PARTAGE = {
    "default": {
        "BACKEND": "programme.pannes.cache_partage.CachePartage",
        "LOCATION": "cache_partage",
    },
    "memoire": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}


@pytest.fixture
def shared_cache(settings):
    """The cache of production: a table that a migration made."""
    settings.CACHES = PARTAGE
    cache.clear()
    yield cache
    cache.clear()


# --- Failed sign-ins ----------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["nadia@agents.example", "inconnue@agents.example"])
def test_the_sixth_failure_waits_known_or_not(client, email):
    f.NationalFactory(email="nadia@agents.example")
    for _ in range(5):
        assert "mot de passe inconnu" in words_of(sign_in(client, email, "mauvais"))
    assert SLOWED in words_of(sign_in(client, email, "mauvais"))
    assert SLOWED in words_of(sign_in(client, email)), "the right password waits too"
    assert "_auth_user_id" not in client.session


def test_somebody_else_does_not_wait(client, national):
    for _ in range(6):
        sign_in(client, "inconnue@agents.example", "mauvais")
    assert sign_in(client, national.email).context["user"] == national


def test_a_success_costs_no_attempt(national):
    for _ in range(8):
        assert sign_in(Client(), national.email).context["user"] == national


def test_codes_of_the_second_factor_wait_too(client, national):
    with_totp(national)
    sign_in(client, national.email)
    page = "/admin/compte/second-facteur/demande/"
    for _ in range(5):
        assert "pas le bon" in words_of(client.post(page, {"code": "000000"}))
    assert SLOWED in words_of(client.post(page, {"code": code_now()}))


def test_one_network_may_not_try_addresses_without_end(client):
    for rank in range(20):
        sign_in(client, f"agent{rank}@agents.example", "mauvais")
    assert SLOWED in words_of(sign_in(client, "agent21@agents.example", "mauvais"))


def test_an_address_that_floods_gets_a_429_with_the_delay(client):
    for rank in range(30):
        sign_in(client, f"agent{rank}@agents.example", "mauvais")
    response = sign_in(client, "agent31@agents.example", "mauvais")
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert "Attendez 60 secondes" in words_of(response)


# --- A stranger shuts nobody out ----------------------------------------------------------------

BUREAU, AILLEURS = "198.51.100.7", "203.0.113.9"


def fails(email, network, times=6):
    stranger = Client(REMOTE_ADDR=network)
    for _ in range(times):
        response = sign_in(stranger, email, "mauvais")
    return response


def test_failures_from_another_network_shut_nobody_out(national):
    assert SLOWED in words_of(fails(national.email, AILLEURS))
    officer = Client(REMOTE_ADDR=BUREAU)
    assert sign_in(officer, national.email).context["user"] == national


def test_an_ipv6_network_is_one_place(national):
    for rank in range(6):
        response = sign_in(Client(REMOTE_ADDR=f"2001:db8:1:2::{rank}"), national.email, "mauvais")
    assert SLOWED in words_of(response)
    assert (
        sign_in(Client(REMOTE_ADDR="2001:db8:9:2::1"), national.email).context["user"] == national
    )


def test_a_browser_that_is_known_is_not_shut_out_by_its_own_network(national):
    officer = Client(REMOTE_ADDR=BUREAU)
    sign_in(officer, national.email)
    officer.post("/admin/compte/deconnexion/")
    assert SLOWED in words_of(fails(national.email, BUREAU))
    assert SLOWED in words_of(sign_in(Client(REMOTE_ADDR=BUREAU), national.email))
    assert sign_in(officer, national.email).context["user"] == national


def test_a_browser_that_is_known_has_a_limit_too(national):
    officer = Client(REMOTE_ADDR=BUREAU)
    sign_in(officer, national.email)
    officer.post("/admin/compte/deconnexion/")
    for _ in range(5):
        assert "mot de passe inconnu" in words_of(sign_in(officer, national.email, "mauvais"))
    assert SLOWED in words_of(sign_in(officer, national.email))


def test_many_networks_do_not_try_one_account_without_end(national, settings):
    settings.ACCOUNT_RATE_LIMITS = {
        **settings.ACCOUNT_RATE_LIMITS,
        "login_failed_compte": "8/h/key",
    }
    known = Client(REMOTE_ADDR=BUREAU)
    sign_in(known, national.email)
    known.post("/admin/compte/deconnexion/")
    for rank in range(8):
        sign_in(Client(REMOTE_ADDR=f"203.0.113.{rank}"), national.email, "mauvais")
    assert SLOWED in words_of(sign_in(Client(REMOTE_ADDR="203.0.113.99"), national.email))
    assert sign_in(known, national.email).context["user"] == national


def test_what_tells_a_browser_is_signed_and_names_nobody(national, redacteur):
    officer = Client(REMOTE_ADDR=BUREAU)
    sign_in(officer, national.email)
    cookie = officer.cookies[appareils.TEMOIN]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (
        "/",
        True,
        "Lax",
    )
    assert national.email not in cookie.value
    fails(national.email, BUREAU)
    for value in (cookie.value[:-3] + "abc", "quelconque", ""):
        forger = Client(REMOTE_ADDR=BUREAU)
        forger.cookies[appareils.TEMOIN] = value
        assert SLOWED in words_of(sign_in(forger, national.email))
    fails(redacteur.email, BUREAU)
    officer.post("/admin/compte/deconnexion/")
    assert SLOWED in words_of(sign_in(officer, redacteur.email)), "known to one agent alone"


def test_a_page_that_is_shown_leaves_no_such_cookie():
    stranger = Client()
    stranger.get(CONNEXION)
    sign_in(stranger, "inconnue@agents.example", "mauvais")
    assert appareils.TEMOIN not in stranger.cookies


def test_the_journal_is_not_flooded(client):
    for _ in range(9):
        sign_in(client, "inconnue@agents.example", "mauvais")
    assert JournalAcces.objects.filter(acte="connexion refusée").count() == 5


def test_the_delay_is_the_settings_own(settings):
    assert wait_in_words() == "10 minutes"
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/m/ip"}
    assert wait_in_words() == "1 minute"


def test_the_count_is_shared_by_all_processes(client, national, shared_cache):
    for _ in range(6):
        response = sign_in(client, national.email, "mauvais")
    assert SLOWED in words_of(response)
    shared_cache.close()
    assert SLOWED in words_of(sign_in(Client(), national.email))


def test_production_shares_its_cache():
    from programme import settings as production

    assert production.CACHES["default"] == {
        **PARTAGE["default"],
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }


# --- What a session is --------------------------------------------------------------------------


def test_a_session_is_new_and_out_of_the_reach_of_scripts(client, national):
    sign_in(client, "inconnue@agents.example", "mauvais")
    client.get(CONNEXION)
    before = client.session.session_key
    sign_in(client, national.email)
    assert client.session.session_key not in {None, before}
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert len(cookie.value) == 32


def test_the_session_of_an_agent_who_is_shut_out_ends_at_once(client, national):
    sign_in(client, national.email)
    assert client.get(reverse("admin:index")).status_code == 200
    national.is_active = False
    national.save()
    assert client.get(reverse("admin:index")).status_code == 302


def test_leaving_empties_the_browser_and_ends_the_session(client, national):
    sign_in(client, national.email)
    page = client.get(reverse("admin:index"))
    assert "Déconnexion" in words_of(page) or "Se déconnecter" in words_of(page)
    stolen = client.cookies["sessionid"].value
    response = client.post("/admin/compte/deconnexion/")
    assert response["Clear-Site-Data"] == '"cache"'
    client.cookies["sessionid"] = stolen
    assert client.get(reverse("admin:index")).status_code == 302


# --- Sessions -----------------------------------------------------------------------------------


def age(client, **seconds):
    """Makes the session older: `ouverte=`, `vue=` seconds ago."""
    session = client.session
    for name, value in seconds.items():
        session[f"identite_{name}"] = int(time.time()) - value
    session.save()


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        ({"vue": 7200}, "elle est restée 2 heures sans activité"),
        ({"ouverte": 43_200}, "elle durait depuis 12 heures"),
    ],
)
def test_a_session_ends_and_says_why(client, national, seconds, sentence):
    sign_in(client, national.email)
    age(client, **seconds)
    page = reverse("admin:programme_projet_changelist")
    response = client.get(page, follow=True)
    assert response.request["PATH_INFO"] == CONNEXION
    assert f"Votre session a été fermée : {sentence}. Reconnectez-vous." in words_of(response)
    assert "_auth_user_id" not in client.session
    assert JournalAcces.objects.filter(acte="session expirée", agent=national).count() == 1
    again = sign_in(
        client, national.email, follow=False, next=response.context["redirect_field_value"]
    )
    assert again.url == page


def test_a_session_lives_as_long_as_it_serves(client, national):
    sign_in(client, national.email)
    age(client, ouverte=43_100, vue=7100)
    assert client.get(reverse("admin:index")).status_code == 200
    assert client.session["identite_vue"] > time.time() - 60, "activity is noted"
    age(client, vue=7100)
    client.get(reverse("admin:index"))
    assert client.get(reverse("admin:index")).status_code == 200


def test_limits_are_settings(client, national, settings):
    settings.SESSION_INACTIVITE = 900
    sign_in(client, national.email)
    age(client, vue=901)
    response = client.get(reverse("admin:index"), follow=True)
    assert "15 minutes sans activité" in words_of(response)


def test_a_form_sent_too_late_changes_nothing(client, national, contrats):
    sign_in(client, national.email)
    age(client, vue=7200)
    page = reverse("admin:programme_contrat_change", args=[contrats.normand.pk])
    before = contrats.normand.version
    response = client.post(page, {"intitule": "Trop tard", "version_vue": before})
    assert response.status_code in {200, 302}
    contrats.normand.refresh_from_db()
    assert contrats.normand.version == before


def test_a_busy_session_writes_once_a_minute(signed_in, national, django_assert_num_queries):
    client = signed_in(national)
    client.get("/admin/jsi18n/")
    with django_assert_num_queries(2):  # the session, the agent
        client.get("/admin/jsi18n/")


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox sur Linux"),
        ("(Windows NT 10.0) Chrome/130.0.0.0 Safari/537.36 Edg/130.0", "Edge sur Windows"),
        ("(Linux; Android 14) Chrome/130.0.0.0 Safari/537.36", "Chrome sur Android"),
        ("(iPhone; like Mac OS X) Version/17.5 Safari/604.1", "Safari sur iPhone"),
        ("Firefox/1.0", "Firefox"),
        ("curl/8.0", "Navigateur inconnu"),
        ("", "Navigateur inconnu"),
    ],
)
def test_a_browser_is_named_in_two_words(user_agent, name):
    assert name_of(user_agent) == name


# --- One's own sessions -------------------------------------------------------------------------


def test_one_sees_and_closes_one_s_other_sessions(national):
    here, there = Client(), Client(headers={"User-Agent": FIREFOX})
    for client in (here, there):
        sign_in(client, national.email)
    page = reverse("usersessions_list")
    words = words_of(here.get(page))
    assert "Firefox sur Linux" in words
    assert words.count("(celle-ci)") == 1
    assert "après 2 heures sans activité, et au plus tard 12 heures" in words
    response = here.post(page, follow=True)
    assert "Vos autres sessions sont fermées." in words_of(response)
    assert "Aucune autre session n’est ouverte." in words_of(response)
    assert there.get(reverse("admin:index")).status_code == 302
    assert here.get(reverse("admin:index")).status_code == 200
    assert JournalAcces.objects.filter(acte="autres sessions fermées").count() == 1


def test_the_sessions_of_somebody_else_stay(national, redacteur):
    mine, theirs = Client(), Client()
    sign_in(mine, national.email)
    sign_in(theirs, redacteur.email)
    assert "Aucune autre session" in words_of(mine.get(reverse("usersessions_list")))
    mine.post(reverse("usersessions_list"))
    assert theirs.get(reverse("admin:index")).status_code == 200


def test_a_new_password_ends_the_other_sessions(national):
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, national.email)
    new = "Kp7!vatrEnz2-nouveau"
    data = {"oldpassword": f.MOT_DE_PASSE, "password1": new, "password2": new}
    response = here.post("/admin/compte/mot-de-passe/", data, follow=True)
    assert "Votre mot de passe est changé." in words_of(response)
    assert here.get(reverse("admin:index")).status_code == 200
    assert there.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize(
    "page",
    [
        "/admin/compte/application/activer/",
        "/admin/compte/mot-de-passe/",
        "/admin/compte/cles/",
        "/admin/password_change/done/",
        "/admin/territoires/agent/0/change/",
        "/admin/nulle-part/",
        "/admin/",
    ],
)
def test_no_page_of_the_back_office_is_kept(signed_in, national, page):
    said = signed_in(national).get(page)["Cache-Control"]
    assert "private" in said
    assert "no-store" in said
