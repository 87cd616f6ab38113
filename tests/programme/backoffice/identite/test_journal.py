"""The journal of access: every line, who reads it, that nobody rewrites it; rights told by mail."""

import contextlib
import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from programme.models import DonneesVersion, JournalAcces
from territoires.models import Agent, Role
from tests import factories as f
from tests.courrier import courrier
from tests.programme.backoffice.identite.outils import code_now, sign_in, with_totp, words_of
from tests.programme.backoffice.outils import address, form_data

pytestmark = pytest.mark.django_db


def lines(**filters):
    """[(acte, précision)] oldest first."""
    return list(JournalAcces.objects.filter(**filters).order_by("pk").values_list("acte", "detail"))


@pytest.fixture(autouse=True)
def _empty(national, redacteur):
    """Only what the test itself does: the agents' own creation is proven apart."""
    JournalAcces.objects.all()._raw_delete(JournalAcces.objects.db)
    courrier().clear()


# --- Signing in ---------------------------------------------------------------------------------


def test_a_whole_visit_is_told(client, national):
    with_totp(national)
    sign_in(client, national.email, "mauvais")
    sign_in(client, national.email)
    page = "/admin/compte/second-facteur/demande/"
    client.post(page, {"code": "000000"})
    client.post(page, {"code": code_now()})
    client.post("/admin/compte/deconnexion/")
    assert lines(agent=national) == [
        ("connexion refusée", "adresse ou mot de passe"),
        ("connexion refusée", "code du second facteur"),
        ("connexion", "mot de passe + application d’authentification"),
        ("déconnexion", ""),
    ]
    refused, *_, left = JournalAcces.objects.order_by("pk")
    assert (refused.auteur, refused.adresse, refused.ip) == (None, national.email, "127.0.0.1")
    assert left.auteur == national


def test_an_unknown_address_is_told_without_an_agent(client):
    sign_in(client, "inconnue@agents.example", "mauvais")
    (line,) = JournalAcces.objects.all()
    assert (line.agent, line.adresse) == (None, "inconnue@agents.example")
    assert "mauvais" not in str(JournalAcces.objects.values())


def test_where_it_came_from_is_told_within_its_length(client, national):
    client.post(
        "/admin/compte/connexion/",
        {"login": national.email, "password": "mauvais"},
        headers={"User-Agent": "Navigateur " * 50},
    )
    assert len(JournalAcces.objects.get().navigateur) == 200


@pytest.mark.django_db(transaction=True)
def test_factors_and_passwords_are_told(signed_in, national):
    client = signed_in(national)
    client.get("/admin/compte/application/activer/")
    code = code_now(client.session["mfa.totp.secret"])
    client.post("/admin/compte/application/activer/", {"code": code})
    client.post("/admin/compte/codes/renouveler/")
    client.post("/admin/compte/application/retirer/")
    new = "Kp7!vatrEnz2-nouveau"
    data = {"oldpassword": f.MOT_DE_PASSE, "password1": new, "password2": new}
    client.post("/admin/compte/mot-de-passe/", data)
    assert lines(agent=national) == [
        ("connexion", ""),
        ("second facteur ajouté", "application d’authentification"),
        ("second facteur ajouté", "codes de secours"),
        ("codes de secours renouvelés", ""),
        ("second facteur retiré", "application d’authentification"),
        ("second facteur retiré", "codes de secours"),
        ("mot de passe changé", ""),
    ]


def test_signing_in_changes_no_public_data(client, national):
    before = DonneesVersion.objects.current().numero
    sign_in(client, national.email)
    assert DonneesVersion.objects.current().numero == before


# --- Rights -------------------------------------------------------------------------------------


def change(client, agent, **values):
    page = address(Agent, "change", agent.pk)
    data = {**form_data(client.get(page)), **values}
    answer = client.post(page, {key: value for key, value in data.items() if value is not None})
    assert answer.status_code == 302


def test_rights_are_told_before_and_after_with_their_author(
    signed_in, national, redacteur, bretagne
):
    other = f.NationalFactory(email="autre@agents.example")
    f.NationalFactory(email="parti@agents.example", is_active=False)
    f.NationalFactory(email="national@demonstration.invalid")
    client = signed_in(national)
    courrier().clear()
    JournalAcces.objects.all()._raw_delete(JournalAcces.objects.db)
    change(client, redacteur, role=Role.SECRETARIAT, regions=["28", "53"])
    found = JournalAcces.objects.order_by("pk")
    assert [(line.acte, line.avant, line.apres) for line in found] == [
        ("rôle changé", "rédacteur régional", "secrétariat régional"),
        ("régions changées", "Normandie", "Bretagne, Normandie"),
    ]
    assert {(line.auteur, line.agent) for line in found} == {(national, redacteur)}
    (told,) = courrier()
    assert sorted(told.bcc) == sorted([national.email, other.email])
    assert told.to == []
    assert told.subject == "[Territoires d’industrie] Droits de René Rédacteur : rôle changé"
    assert "- rôle changé : rédacteur régional → secrétariat régional" in told.body
    assert "- régions changées : Normandie → Bretagne, Normandie" in told.body
    assert "Par : Nadia National, le " in told.body
    assert "/admin/programme/journalacces/" in told.body


def test_an_operator_an_address_and_a_closed_account_are_told(signed_in, national, redacteur):
    operateur = f.OperateurFactory(nom="Bpifrance")
    client = signed_in(national)
    courrier().clear()
    JournalAcces.objects.all()._raw_delete(JournalAcces.objects.db)
    change(client, redacteur, role=Role.REFERENT, operateur=operateur.pk, regions=None)
    change(client, redacteur, email="rene@agents.example")
    change(client, redacteur, is_active=None)
    change(client, redacteur, is_active="on")
    told = [(line.acte, line.avant, line.apres) for line in JournalAcces.objects.order_by("pk")]
    assert ("opérateur changé", "aucun", "Bpifrance") in told
    assert ("régions changées", "Normandie", "aucun") in told
    assert [acte for acte, *_ in told][-3:] == [
        "adresse changée",
        "compte désactivé",
        "compte rouvert",
    ]
    assert told[-3][2] == "rene@agents.example"


def test_a_change_of_name_is_no_change_of_rights(signed_in, national, redacteur):
    client = signed_in(national)
    courrier().clear()
    JournalAcces.objects.all()._raw_delete(JournalAcces.objects.db)
    change(client, redacteur, nom="Renée Rédactrice")
    assert lines() == []
    assert courrier() == []


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_is_neither_written_nor_told(national, redacteur):
    def give(role):
        redacteur.refresh_from_db()
        redacteur.role = role
        redacteur.save()

    with transaction.atomic():
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            give(Role.LECTEUR)
            1 / 0  # noqa: B018
        give(Role.SECRETARIAT)
    assert [line.apres for line in JournalAcces.objects.all()] == ["secrétariat régional"]
    assert len(courrier()) == 1
    assert "lecteur" not in courrier()[0].body
    assert "Par : une commande" in courrier()[0].body


def test_the_first_national_administrator_is_told_to_the_others(national):
    made = Agent.objects.create_superuser("chef@agents.example", nom="Chef")
    (line,) = JournalAcces.objects.filter(agent=made)
    assert (line.acte, line.apres) == ("compte créé", "administrateur national")
    assert courrier()[0].bcc == [national.email]


# --- Who reads it, and that it stays ------------------------------------------------------------

LISTE = "/admin/programme/journalacces/"


def test_national_administrators_read_and_filter_it(signed_in, national, redacteur):
    sign_in(Client(), "inconnue@agents.example", "mauvais")
    client = signed_in(national)
    words = words_of(client.get(LISTE))
    assert "Lignes du journal des accès" in words
    assert "inconnue@agents.example" in words
    refused = words_of(client.get(LISTE, {"acte__exact": "connexion refusée"}))
    assert "inconnue@agents.example" in refused
    assert "inconnue@agents.example" not in words_of(
        client.get(LISTE, {"acte__exact": "connexion"})
    )
    assert "inconnue@" in words_of(client.get(LISTE, {"q": "inconnue"}))
    line = JournalAcces.objects.first()
    assert client.get(f"{LISTE}{line.pk}/change/").status_code == 200
    assert (
        reverse("admin:programme_journalacces_changelist") in client.get("/admin/").content.decode()
    )


@pytest.mark.parametrize("factory", [f.SecretariatFactory, f.RedacteurFactory, f.LecteurFactory])
def test_nobody_else_reads_it(signed_in, factory, national):
    client = signed_in(factory())
    line = JournalAcces.objects.first()
    assert client.get(LISTE).status_code == 403
    assert client.get(f"{LISTE}{line.pk}/change/").status_code == 403
    assert not JournalAcces.objects.visible_to(factory()).exists()


def test_nobody_rewrites_it(signed_in, national):
    client = signed_in(national)
    line = JournalAcces.objects.first()
    for page in ("add/", f"{line.pk}/delete/"):
        assert client.post(LISTE + page, {"post": "yes"}).status_code == 403
    assert client.post(f"{LISTE}{line.pk}/change/", {"adresse": "x"}).status_code == 403
    for rewrite in (
        line.save,
        line.delete,
        JournalAcces.objects.all().delete,
        lambda: JournalAcces.objects.update(adresse="x"),
    ):
        with pytest.raises(TypeError, match=r"ne se récrit pas|ne s’efface pas"):
            rewrite()
    assert JournalAcces.objects.filter(pk=line.pk, adresse=line.adresse).exists()


def test_it_is_purged_after_its_time(settings):
    settings.JOURNAL_ACCES_JOURS = 30
    agent, old = f.NationalFactory(), timezone.now() - timedelta(days=31)
    before = JournalAcces.objects.count()
    for when in (old, old, timezone.now()):
        f.JournalAccesFactory(quand=when, agent=agent)
    out = io.StringIO()
    call_command("entretien", stdout=out)
    assert "Journal des accès : 2 ligne(s) de plus de 30 jours effacée(s).\n" in out.getvalue()
    assert JournalAcces.objects.count() == before + 1


def test_how_long_it_is_kept_is_public(client):
    assert "Un journal des accès garde 365 jours" in words_of(client.get("/donnees-personnelles/"))


def test_a_line_has_no_history(signed_in, national):
    line = JournalAcces.objects.first() or f.JournalAccesFactory()
    response = signed_in(national).get(f"{LISTE}{line.pk}/history/")
    assert response.status_code == 404
    assert "fichiers publics" not in words_of(response)


def test_the_list_costs_the_same_with_many_lines(signed_in, national, django_assert_num_queries):
    client = signed_in(national)
    with django_assert_num_queries(9):  # one of the views that are kept of it
        client.get(LISTE)
    for _ in range(5):
        f.JournalAccesFactory()
    with django_assert_num_queries(9):
        client.get(LISTE)
