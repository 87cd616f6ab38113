"""A national administrator sees the portal as another agent: read-only, for a while, logged."""

import re
import time

import pytest
from django.contrib.admin import site
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from simple_history.models import HistoricalRecords

from programme.backoffice.identite import voir_comme
from programme.models import Contrat, JournalAcces, Publication
from territoires.models import Agent, Role
from tests import factories as f
from tests.programme.backoffice.identite.outils import sign_in, with_totp, words_of
from tests.programme.backoffice.monde import rows
from tests.programme.backoffice.outils import address, form_data

QUITTER = "/admin/voir-comme/quitter/"
BANDEAU = "Vous voyez le portail comme"


@pytest.fixture
def client(signed_in, national):
    return signed_in(national)


def look(client, agent, motif="Sacha ne trouve pas un contrat"):
    return client.post(address(Agent, "voir_comme", agent.pk), {"motif": motif})


@pytest.fixture
def seen(client, redacteur):
    """The administrator's client, that sees the portal as the rédacteur of Normandie."""
    assert look(client, redacteur).url == "/admin/"
    return client


def lines():
    return list(JournalAcces.objects.filter(acte__contains="vu").order_by("pk"))


def ends():
    return list(JournalAcces.objects.filter(acte=JournalAcces.Acte.FIN_VUE_COMME))


# --- To begin -----------------------------------------------------------------------------------


def test_the_page_of_an_agent_leads_to_it(client, redacteur):
    page = address(Agent, "voir_comme", redacteur.pk)
    assert page in client.get(address(Agent, "change", redacteur.pk)).content.decode()
    words = words_of(client.get(page))
    assert "Pendant 30 minutes au plus" in words
    assert "en lecture seule" in words
    assert BANDEAU not in words_of(client.get("/admin/"))


@pytest.mark.parametrize(
    ("motif", "sentence"),
    [
        ("", "Dites pourquoi : le motif est écrit dans le journal des accès."),
        ("   ", "Dites pourquoi"),
        ("x" * 201, "Le motif compte 200 caractères au plus"),
    ],
)
def test_a_reason_is_required(client, redacteur, motif, sentence):
    assert sentence in words_of(look(client, redacteur, motif))
    assert BANDEAU not in words_of(client.get("/admin/"))
    assert not lines()


def test_a_hostile_reason_is_text(client, redacteur):
    look(client, redacteur, "<script>alert(1)</script>")
    client.post(QUITTER)
    page = client.get(address(JournalAcces, "changelist")).content.decode()
    assert "&lt;script&gt;alert(1)" in page


def test_a_get_begins_nothing(client, redacteur):
    client.get(address(Agent, "voir_comme", redacteur.pk), {"motif": "Un lien piégé"})
    assert not lines()


def test_it_is_written_in_the_journal(seen, national, redacteur):
    (line,) = lines()
    assert (line.acte, line.agent, line.auteur) == (
        "portail vu comme cet agent", redacteur, national,
    )  # fmt: skip
    assert line.detail == "Sacha ne trouve pas un contrat"
    assert line.ip == "127.0.0.1"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.NATIONAL])
def test_others_may_not(signed_in, normandie, redacteur, role):
    other = (
        f.ReferentAgentFactory()
        if role == Role.REFERENT
        else f.AgentFactory(role=role, regions=[normandie])
    )
    client = signed_in(other)
    for response in (
        client.get(address(Agent, "voir_comme", redacteur.pk)),
        look(client, redacteur),
    ):
        assert response.status_code in {403, 404}
        assert redacteur.nom not in response.content.decode()
    assert not lines()


def test_neither_oneself_nor_an_equal_nor_the_inactive(client, national, normandie):
    for agent, sentence in (
        (national, "Vous voyez déjà le portail comme vous-même."),
        (f.NationalFactory(nom="Noé Égal"), "Noé Égal est administrateur national, comme vous"),
        (
            f.RedacteurFactory(nom="Inès Partie", is_active=False, regions=[normandie]),
            "Le compte de Inès Partie est désactivé",
        ),
    ):
        for _ in range(2):
            response = client.post(
                address(Agent, "voir_comme", agent.pk), {"motif": "x"}, follow=True
            )
            assert sentence in words_of(response)
            assert "Voir le portail comme cet agent" not in words_of(response)
    assert not lines()


@pytest.mark.parametrize("pk", ["0", "999999", "abc", "1; drop", "99999999999999999999"])
def test_no_such_agent(client, pk):
    assert client.get(address(Agent, "voir_comme", pk)).status_code == 404


# --- What is seen -------------------------------------------------------------------------------


def test_everything_answers_as_for_the_agent(seen, signed_in, redacteur, contrats):
    theirs = signed_in(redacteur)
    f.ContratFactory(territoire=contrats.normand.territoire)
    normand, breton = contrats.normand, contrats.breton
    pages = [
        "/admin/",
        address(Contrat, "changelist"),
        address(Contrat, "changelist") + "?q=Acte",
        address(Contrat, "change", normand.pk),
        address(Contrat, "change", breton.pk),
        address(Contrat, "history", normand.pk),
        address(Contrat, "history", breton.pk),
        address(Contrat, "supprimes"),
        address(Agent, "changelist"),
        address(JournalAcces, "changelist"),
        "/admin/autocomplete/?app_label=programme&model_name=contrat&field_name=territoire&term=",
        "/territoires/",
        "/contrats/",
        "/contrats/?format=csv",
    ]
    for page in pages:
        ours, as_theirs = seen.get(page), theirs.get(page)
        assert ours.status_code == as_theirs.status_code, page
        if ours.streaming:
            assert ours.getvalue() == as_theirs.getvalue(), page
        elif "json" in ours["Content-Type"]:
            assert ours.json() == as_theirs.json()
        else:
            assert BANDEAU in words_of(ours), page
            assert BANDEAU not in words_of(as_theirs), page
            assert re.sub(f"{BANDEAU}.*?Quitter cette vue ", "", words_of(ours)) == words_of(
                as_theirs
            )


def test_a_draft_document_is_theirs_or_not(seen, contrats):
    def document(contrat):
        return f.DocumentFactory(
            contrat=contrat, territoire=None, url="", publication=Publication.BROUILLON,
            fichier=ContentFile(b"%PDF-1", name="acte.pdf"),
        )  # fmt: skip

    inside, outside = document(contrats.normand), document(contrats.breton)
    assert seen.get(f"/documents/{inside.pk}/").status_code == 200
    assert seen.get(f"/documents/{outside.pk}/").status_code == 404


def test_the_banner_says_who_and_for_how_long(seen):
    words = words_of(seen.get("/admin/"))
    assert (
        f"{BANDEAU} René Rédacteur (rédacteur régional, Normandie), en lecture seule, encore 30 min"
    ) in words
    assert "Quitter cette vue" in words


@pytest.mark.parametrize("page", ["/", "/nulle-part/", "/admin/nulle-part/", "/?x=1"])
def test_the_banner_is_on_every_page_and_no_page_is_kept(seen, page):
    response = seen.get(page)
    assert BANDEAU in words_of(response)
    assert response["Cache-Control"] == "private, no-store"
    assert "ETag" not in response
    assert BANDEAU not in words_of(Client().get(page, follow=True))


def test_one_query_more_and_no_write(seen, signed_in, redacteur, contrats):
    theirs = signed_in(redacteur)
    pages = ["/admin/", address(Contrat, "changelist"), "/territoires/"]
    for page in pages:
        for warm in (seen, theirs):
            warm.get(page)
        with CaptureQueriesContext(connection) as ours:
            seen.get(page)
        with CaptureQueriesContext(connection) as as_theirs:
            theirs.get(page)
        told = [query["sql"] for query in ours]
        assert not [sql for sql in told if sql.startswith(("INSERT", "UPDATE", "DELETE"))], page
        # The session and the agent of whoever is really there are read besides; on a public page
        # nobody else reads who is signed in.
        assert len(ours) - len(as_theirs) <= 3, page


# --- Read-only ----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
@pytest.mark.parametrize("page", ["/admin/", "/", "/admin/programme/contrat/add/", "/nulle-part/"])
def test_no_unsafe_request_passes(seen, method, page):
    response = getattr(seen, method)(page)
    assert response.status_code == 403
    words = words_of(response)
    assert "Lecture seule : rien n’a été enregistré" in words
    assert "choisissez « Quitter cette vue » en haut de la page" in words
    assert QUITTER in response.content.decode()


def test_a_form_changes_nothing(seen, contrats):
    page = address(Contrat, "change", contrats.normand.pk)
    data = form_data(seen.get(page))
    response = seen.post(page, data | {"intitule": "Changé"})
    assert response.status_code == 403
    contrats.normand.refresh_from_db()
    assert contrats.normand.intitule == "Acte normande"
    seen.post(QUITTER)
    assert ends()[0].detail == "quittée ; écritures refusées : 1"


def test_what_a_page_notes_in_the_session_is_forgotten(client, redacteur, monkeypatch):
    session = client.session
    session["filtres"] = {"publication": ["brouillon"]}
    session.save()
    look(client, redacteur)
    before = dict(client.session.items())

    def noting(site, request, cadre):
        assert "filtres" not in request.session, "what the administrator remembers is not theirs"
        request.session["filtres"] = "theirs"
        request.session["note"] = "theirs"
        return []

    monkeypatch.setattr("programme.backoffice.bureau.attentes.pending", noting)
    assert client.get("/admin/").status_code == 200
    assert dict(client.session.items()) == before


def test_whatever_were_written_is_signed_by_who_is_there(
    client, national, redacteur, contrats, monkeypatch
):
    look(client, redacteur)

    def writing(site, request, cadre):
        assert request.user == redacteur
        assert HistoricalRecords.context.request.user == national
        contrats.normand.lieu = "Caen"
        contrats.normand.save()
        return []

    monkeypatch.setattr("programme.backoffice.bureau.attentes.pending", writing)
    client.get("/admin/")
    assert contrats.normand.history.first().history_user == national


@pytest.mark.parametrize(
    "page",
    [
        "second-facteur/", "codes/", "codes/telecharger/", "application/activer/", "cles/",
        "sessions/", "mot-de-passe/", "confirmation/", "connexion/", "proconnect/",
    ],
)  # fmt: skip
def test_the_account_of_the_other_is_closed(seen, redacteur, page):
    codes = with_totp(redacteur)
    response = seen.get(f"/admin/compte/{page}")
    assert response.status_code == 403
    assert "Le compte de René Rédacteur n’est qu’à René Rédacteur" in words_of(response)
    assert not [code for code in codes if code in response.content.decode()]
    assert seen.post(f"/admin/compte/{page}").status_code == 403


# --- To end -------------------------------------------------------------------------------------


def test_leaving_gives_oneself_back(seen, national, redacteur):
    response = seen.post(QUITTER, follow=True)
    assert response.request["PATH_INFO"] == address(Agent, "change", redacteur.pk)
    words = words_of(response)
    assert "Vous ne voyez plus le portail comme René Rédacteur." in words
    assert BANDEAU not in words
    assert response.context["user"] == national
    (end,) = ends()
    assert (end.agent, end.auteur, end.detail) == (redacteur, national, "quittée")


def test_leaving_is_no_link(seen):
    assert seen.get(QUITTER).status_code == 405
    assert BANDEAU in words_of(seen.get("/admin/"))


def test_leaving_needs_the_token_of_the_page(national, redacteur):
    client = Client(enforce_csrf_checks=True)
    client.force_login(national)
    session = client.session
    session[voir_comme.CLE] = {
        "agent": redacteur.pk, "auteur": national.pk, "depuis": 10**12, "refus": 0,
    }  # fmt: skip
    session.save()
    assert client.post(QUITTER).status_code == 403
    page = client.get("/territoires/").content.decode()
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert client.post(QUITTER, {"csrfmiddlewaretoken": token}).status_code == 302


def test_leaving_twice_does_no_harm(seen):
    seen.post(QUITTER)
    assert seen.post(QUITTER).url == "/admin/"
    assert len(ends()) == 1


@pytest.mark.parametrize("page", ["/admin/logout/", "/admin/compte/deconnexion/"])
def test_signing_out_ends_it(seen, redacteur, page):
    seen.post(page)
    assert not get_user(seen).is_authenticated
    (end,) = ends()
    assert (end.agent, end.detail) == (redacteur, "session fermée")
    # The administrator left, not the other agent.
    assert not JournalAcces.objects.filter(agent=redacteur, acte="déconnexion")


@pytest.fixture
def later(monkeypatch):
    def wait(seconds):
        now = time.time() + seconds
        monkeypatch.setattr("time.time", lambda: now)

    return wait


def test_it_lasts_thirty_minutes(seen, national, later):
    later(1799)
    assert "encore 1 min" in words_of(seen.get("/admin/"))
    later(2)
    response = seen.get("/admin/")
    assert response.context["user"] == national
    assert "Vous ne voyez plus le portail comme René Rédacteur : 30 minutes écoulées." in words_of(
        response
    )
    assert ends()[0].detail == "30 minutes écoulées"


def test_a_form_sent_after_the_end_is_not_taken_for_ones_own(seen, contrats, later):
    page = address(Contrat, "change", contrats.normand.pk)
    data = form_data(seen.get(page))
    later(1801)
    response = seen.post(page, data | {"intitule": "Changé"})
    assert response.status_code == 403
    assert "rien n’en a été gardé" in words_of(response)
    contrats.normand.refresh_from_db()
    assert contrats.normand.intitule == "Acte normande"
    assert BANDEAU not in words_of(seen.get("/admin/"))


def test_it_ends_with_the_session(seen, later, settings):
    later(settings.SESSION_INACTIVITE + 1)
    assert seen.get("/admin/").status_code == 302
    assert ends()[0].detail == "session fermée"
    assert not Session.objects.filter(session_key=seen.session.session_key)


def test_it_ends_with_the_national_role(seen, national, normandie):
    Agent.objects.filter(pk=national.pk).update(role=Role.LECTEUR)
    response = seen.get("/admin/")
    assert response.context["user"] == national
    assert BANDEAU not in words_of(response)
    assert "Seul un administrateur national" in ends()[0].detail


@pytest.mark.parametrize("page", ["/admin/", "/territoires/", QUITTER])
def test_it_ends_when_the_administrator_is_deactivated(seen, national, page):
    Agent.objects.filter(pk=national.pk).update(is_active=False)
    response = seen.get(page)
    assert response.status_code in {200, 302, 405}
    assert BANDEAU not in words_of(response)
    (end,) = ends()
    assert (end.auteur, end.detail) == (national, "session fermée, ou compte désactivé")
    Agent.objects.filter(pk=national.pk).update(is_active=True)
    assert BANDEAU not in words_of(seen.get("/admin/"))


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.NATIONAL}])
def test_it_ends_with_the_agent_who_is_seen(seen, redacteur, change):
    Agent.objects.filter(pk=redacteur.pk).update(**change)
    assert BANDEAU not in words_of(seen.get("/admin/"))
    assert len(ends()) == 1


def test_the_agents_rights_of_the_moment_count(seen, redacteur, bretagne):
    redacteur.regions.set([bretagne])
    assert "rédacteur régional, Bretagne" in words_of(seen.get("/admin/"))


def test_the_second_factor_of_the_administrator_stays_required(
    client, national, redacteur, settings
):
    look(client, redacteur)
    settings.SECOND_FACTEUR_OBLIGATOIRE = True
    response = client.get("/admin/")
    assert response.url == "/admin/compte/second-facteur/"


def test_signing_in_again_is_ones_own(client, redacteur, national):
    look(client, redacteur)
    other = Client()
    sign_in(other, national.email)
    assert BANDEAU not in words_of(other.get("/admin/"))


# --- Nothing is written -------------------------------------------------------------------------


@pytest.mark.lent
def test_no_page_of_the_back_office_writes(seen, normandie):
    """Every list, form, history and deletion, and the pages that screens add."""
    world = rows(normandie, f.OperateurFactory(), Publication.BROUILLON)
    pages = ["/admin/", "/admin/pourquoi/?q=forges"]
    for model, row in world.items():
        admin = site._registry[model]
        pages += [address(model, "changelist"), address(model, "add")]
        for pattern in admin.get_urls():
            if pattern.name and list(pattern.pattern.converters) == ["object_id"]:
                pages.append(reverse(f"admin:{pattern.name}", args=[row.pk]))
    for page in pages:
        with CaptureQueriesContext(connection) as queries:
            response = seen.get(page)
        assert response.status_code in {200, 302, 403, 404}, page
        told = [query["sql"] for query in queries]
        written = [sql for sql in told if sql.startswith(("INSERT", "UPDATE", "DELETE"))]
        # Once a minute, the administrator's own session is noted as alive.
        own = ("usersessions_usersession", "django_session")
        assert not [sql for sql in written if sql.split('"')[1] not in own], page
    assert len(pages) > 150
