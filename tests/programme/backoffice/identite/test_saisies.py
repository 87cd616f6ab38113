"""A form sent when the session is over comes back whole after signing in, to its author alone."""

import re
import time
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from programme.backoffice.identite import saisies
from programme.models import Contrat, Decision, Document, Projet
from territoires.models import Role
from tests import factories as f
from tests.programme.backoffice.identite.outils import code_now, sign_in, with_totp, words_of
from tests.programme.backoffice.imports.outils import fichier, importer
from tests.programme.backoffice.outils import (
    act,
    act_address,
    act_data,
    address,
    form_data,
    messages_of,
)

pytestmark = pytest.mark.django_db
RENDUE = "Votre session avait expiré : rien n’a été enregistré. Voici votre saisie"
LOGIN = "/admin/compte/connexion/"


@pytest.fixture
def contrat(contrats):
    return contrats.normand


@pytest.fixture
def page(contrat):
    return address(Contrat, "change", contrat.pk)


def hidden(response):
    """The signed field that names the author, as the page carries it."""
    (value,) = re.findall(r'name="saisie_de" value="([^"]+)"', response.content.decode())
    return {"saisie_de": value}


def opened(client, page):
    shown = client.get(page)
    return form_data(shown) | hidden(shown)


def expire(client):
    session = client.session
    session["identite_vue"] = int(time.time()) - 7200
    session.save()


def log_out_elsewhere(client):
    client.session.delete()


def lose_the_cookie(client):
    client.cookies.clear()


def come_back(client, agent, response):
    """Sign in from the page that `response` leads to; the page that follows."""
    assert response.status_code == 302
    shown = client.get(response.url, follow=True)
    assert saisies.GARDEE in words_of(shown)
    (after,) = set(re.findall(r'name="next" value="([^"]+)"', shown.content.decode()))
    return sign_in(client, agent.email, next=after)


@pytest.mark.parametrize("end", [expire, log_out_elsewhere, lose_the_cookie])
def test_what_was_typed_comes_back(signed_in, redacteur, contrat, page, end):
    client = signed_in(redacteur)
    client.get(page)
    data = opened(client, page) | {
        "lieu": "Rouen",
        "source": "Une ligne\r\nUne autre",
        "signataires-1-organisme": "Région Normandie",
        "avenants-0-DELETE": "on",
    }
    end(client)
    response = come_back(client, redacteur, client.post(page, data))
    assert RENDUE in messages_of(response)
    shown = form_data(response)
    for name in ("lieu", "source", "signataires-1-organisme", "avenants-0-DELETE"):
        assert shown[name] == data[name]
    contrat.refresh_from_db()
    assert (contrat.version, contrat.lieu) == (1, "L’Aigle")
    # Read, then sent: it is saved as any form is.
    assert client.post(page, shown).status_code == 302
    contrat.refresh_from_db()
    assert contrat.lieu == "Rouen"
    assert contrat.signataires.filter(organisme="Région Normandie").exists()
    assert not contrat.avenants.exists()


def test_it_comes_back_once(signed_in, redacteur, page):
    client = signed_in(redacteur)
    data = opened(client, page) | {"lieu": "Rouen"}
    expire(client)
    come_back(client, redacteur, client.post(page, data))
    assert form_data(client.get(page))["lieu"] == "L’Aigle"


def test_a_new_record_comes_back(signed_in, redacteur):
    client, page = signed_in(redacteur), address(Contrat, "add")
    data = opened(client, page) | {"intitule": "Contrat à naître", "type": "contrat"}
    expire(client)
    response = come_back(client, redacteur, client.post(page, data))
    assert form_data(response)["intitule"] == "Contrat à naître"
    assert not Contrat.objects.filter(intitule="Contrat à naître").exists()


def test_the_address_keeps_its_filters(signed_in, redacteur, page):
    client = signed_in(redacteur)
    page = f"{page}?_changelist_filters=statut%3Dsign%C3%A9"
    data = opened(client, page) | {"lieu": "Rouen"}
    expire(client)
    response = client.post(page, data)
    client.get(response.url, follow=True)
    sign_in(client, redacteur.email)
    assert form_data(client.get(page))["lieu"] == "Rouen"


def test_another_agent_never_sees_it(signed_in, redacteur, secretariat, page):
    client = signed_in(redacteur)
    data = opened(client, page) | {"lieu": "Secret de René"}
    expire(client)
    client.post(page, data)
    response = sign_in(client, secretariat.email, next=page)
    assert "Secret de René" not in response.content.decode()
    assert not client.session.get(saisies.GARDEES)


@pytest.mark.parametrize("proof", [None, "", "abc", "WzEsIi9hZG1pbi8iXQ:abc"])
def test_without_proof_nothing_is_kept(signed_in, redacteur, page, proof):
    client = signed_in(redacteur)
    data = opened(client, page) | {"lieu": "Rouen", "saisie_de": proof}
    lose_the_cookie(client)
    assert client.post(page, {k: v for k, v in data.items() if v is not None}).status_code == 302
    assert not client.session.get(saisies.GARDEES)


def test_the_proof_of_one_page_is_not_another_s(signed_in, redacteur, page, contrats):
    client = signed_in(redacteur)
    other = f.ContratFactory(territoire=contrats.normand.territoire, publication="brouillon")
    data = opened(client, address(Contrat, "change", other.pk))
    lose_the_cookie(client)
    client.post(page, data)
    assert not client.session.get(saisies.GARDEES)


def test_what_waits_too_long_is_forgotten(signed_in, redacteur, page):
    client = signed_in(redacteur)
    data = opened(client, page) | {"lieu": "Rouen"}
    expire(client)
    client.post(page, data)
    session = client.session
    (entry,) = session[saisies.GARDEES]
    session[saisies.GARDEES] = [entry | {"le": int(time.time()) - saisies.DUREE - 1}]
    session.save()
    response = sign_in(client, redacteur.email, next=page)
    assert form_data(response)["lieu"] == "L’Aigle"


def test_what_is_too_long_says_so(signed_in, redacteur, page):
    client = signed_in(redacteur)
    data = opened(client, page) | {"source": "x" * (saisies.TAILLE + 1)}
    expire(client)
    response = client.post(page, data, follow=True)
    assert "trop longue pour être gardée" in words_of(response)


def test_a_session_keeps_few_forms(signed_in, redacteur, normandie):
    client = signed_in(redacteur)
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    made = [f.ContratFactory(territoire=territoire, publication="brouillon") for _ in range(5)]
    pages = [address(Contrat, "change", one.pk) for one in made]
    sent = [(page, opened(client, page)) for page in pages]
    expire(client)
    for page, data in sent:
        client.post(page, data)
    kept = [entry["adresse"] for entry in client.session[saisies.GARDEES]]
    assert kept == pages[-saisies.NOMBRE :]


def test_the_others_changes_meanwhile_are_told_too(signed_in, redacteur, secretariat, page):
    client, colleague = signed_in(redacteur), signed_in(secretariat)
    data = opened(client, page) | {"lieu": "Rouen"}
    expire(client)
    first = client.post(page, data)
    colleague.post(page, opened(colleague, page) | {"lieu": "Caen", "nb_actions": "25"})
    response = come_back(client, redacteur, first)
    assert RENDUE in messages_of(response)
    assert [c.leur for c in response.context["conflits"]] == ["Caen"]
    assert "nombre d’actions : 10 → 25" in response.context["reprises"][0]
    assert form_data(response)["lieu"] == "Rouen"


def test_locked_meanwhile_it_comes_back_to_be_proposed(signed_in, redacteur, contrat, page):
    client = signed_in(redacteur)
    data = opened(client, page) | {"lieu": "Rouen la normande"}
    expire(client)
    first = client.post(page, data)
    contrat.publication = "publié"
    contrat.save()
    response = come_back(client, redacteur, first)
    assert "Proposer ces modifications" in response.content.decode()
    assert form_data(response)["lieu"] == "Rouen la normande"


def test_a_role_that_went_meanwhile_gives_it_back_as_text(signed_in, redacteur, contrat, page):
    client = signed_in(redacteur)
    data = opened(client, page) | {"lieu": "Rouen la normande"}
    expire(client)
    first = client.post(page, data)
    redacteur.role = Role.LECTEUR
    redacteur.save()
    response = come_back(client, redacteur, first)
    assert response.status_code == 403
    assert "Rouen la normande" in words_of(response)


def test_a_session_without_its_second_factor_keeps_it_too(signed_in, redacteur, page, settings):
    client = signed_in(redacteur)
    data = opened(client, page) | {"lieu": "Rouen"}
    settings.SECOND_FACTEUR_OBLIGATOIRE = True
    response = client.post(page, data)
    assert response.url == reverse("mfa_index")
    assert client.session[saisies.GARDEES][0]["adresse"] == page
    assert client.get(response.url).context["suite"] == page


def test_after_the_second_factor_it_comes_back(signed_in, redacteur, page, settings):
    client = signed_in(redacteur)
    data = opened(client, page) | {"lieu": "Rouen"}
    settings.SECOND_FACTEUR_OBLIGATOIRE = True
    with_totp(redacteur)
    expire(client)
    response = client.post(page, data)
    client.get(response.url, follow=True)
    sign_in(client, redacteur.email, next=page)
    assert client.session.get(saisies.GARDEES), "kept until the second factor is given"
    code = client.post(reverse("mfa_authenticate"), {"code": code_now(), "next": page}, follow=True)
    assert RENDUE in messages_of(code)
    assert form_data(code)["lieu"] == "Rouen"


def test_signing_in_in_another_tab_loses_nothing(redacteur, contrat, page):
    """The token of the form is of the past: 403 for whoever else, the form again for its author."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(redacteur)
    data = opened(client, page) | {"lieu": "Rouen", "csrfmiddlewaretoken": "x" * 64}
    response = client.post(page, data, follow=True)
    assert RENDUE in messages_of(response)
    shown = form_data(response)
    assert shown["lieu"] == "Rouen"
    contrat.refresh_from_db()
    assert contrat.lieu == "L’Aigle"
    # The real save is checked as ever.
    assert client.post(page, shown).status_code == 403
    token = client.cookies["csrftoken"].value
    assert client.post(page, {**shown, "csrfmiddlewaretoken": token}).status_code == 302


def test_signed_out_in_another_tab_loses_nothing_either(redacteur, page):
    client = Client(enforce_csrf_checks=True)
    client.force_login(redacteur)
    data = opened(client, page) | {"lieu": "Rouen", "csrfmiddlewaretoken": "x" * 64}
    client.logout()
    response = client.post(page, data)
    assert response.url == page
    shown = client.get(page, follow=True)
    assert words_of(shown).count(saisies.GARDEE) == 1
    assert len(client.session[saisies.GARDEES]) == 1


def test_a_forged_form_is_refused(redacteur, secretariat, page):
    client = Client(enforce_csrf_checks=True)
    client.force_login(redacteur)
    data = opened(client, page) | {"csrfmiddlewaretoken": "x" * 64}
    theirs = Client(enforce_csrf_checks=True)
    theirs.force_login(secretariat)
    for forged in ({**data, "saisie_de": "abc"}, data):
        response = theirs.post(page, forged)
        assert response.status_code == 403
        assert "Ce formulaire a expiré" in response.content.decode()
        assert not theirs.session.get(saisies.GARDEES)


def test_a_file_is_to_be_chosen_again(signed_in, redacteur, contrat):
    client, page = signed_in(redacteur), address(Document, "add")
    data = opened(client, page) | {
        "titre": "Compte rendu",
        "contrat": contrat.pk,
        "fichier": SimpleUploadedFile("compte-rendu.pdf", b"%PDF-1.4"),
    }
    expire(client)
    response = come_back(client, redacteur, client.post(page, data))
    assert form_data(response)["titre"] == "Compte rendu"
    assert "Choisissez de nouveau le fichier : compte-rendu.pdf" in words_of(response)
    assert not Document.objects.exists()


def test_an_act_on_the_map_comes_back(signed_in, secretariat, normandie):
    comite = f.ComiteRegionalFactory(region=normandie)
    seance = f.SeanceFactory(comite_regional=comite, publication="brouillon")
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    page = reverse(
        "admin:programme_seance_acte_territoire", args=[seance.pk, "renommer", territoire.pk]
    )
    client = signed_in(secretariat)
    shown = client.get(page)
    data = {"le": "2022-01-10", "source": "PV", "nom": "Nom décidé", "texte": ""} | hidden(shown)
    expire(client)
    response = come_back(client, secretariat, client.post(page, data))
    assert RENDUE in words_of(response)
    assert response.context["form"].data["nom"] == "Nom décidé"
    assert not Decision.objects.exists()


@pytest.fixture
def seance(normandie):
    return f.SeanceFactory(comite_regional__region=normandie, date=date(2022, 5, 3))


def open_act(client, record, nom):
    shown = client.get(act_address(record, nom))
    return act_data(shown) | hidden(shown)


@pytest.mark.parametrize("end", [expire, log_out_elsewhere, lose_the_cookie])
def test_an_act_comes_back_with_its_rows(signed_in, secretariat, contrat, seance, end):
    client = signed_in(secretariat)
    act(client, contrat, "valider", seance=seance.pk)
    page = act_address(contrat, "signer")
    data = open_act(client, contrat, "signer") | {
        "date_signature": "2022-06-01",
        "lieu": "Caen",
        "signataires-2-organisme": "Région Normandie",
        "signataires-2-nom": "Anne Martin",
    }
    end(client)
    response = come_back(client, secretariat, client.post(page, data))
    assert response.status_code == 200
    assert RENDUE in words_of(response)
    shown = act_data(response)
    names = ("date_signature", "lieu", "signataires-2-organisme", "signataires-2-nom")
    assert [shown[name] for name in names] == [data[name] for name in names]
    contrat.refresh_from_db()
    assert contrat.statut == "validé en comité"
    # Read, then sent: it is done as any act is.
    assert client.post(page, shown).status_code == 302
    contrat.refresh_from_db()
    assert (contrat.statut, contrat.lieu) == ("signé", "Caen")
    assert contrat.signataires.filter(nom="Anne Martin").exists()


def test_an_act_comes_back_with_the_rows_that_were_being_added(
    signed_in, secretariat, contrat, seance
):
    client = signed_in(secretariat)
    act(client, contrat, "valider", seance=seance.pk)
    data = open_act(client, contrat, "signer") | {"_lignes": "oui", "signataires-0-nom": "Anne"}
    expire(client)
    first = client.post(act_address(contrat, "signer"), data)
    shown = act_data(come_back(client, secretariat, first))
    assert shown["signataires-0-nom"] == "Anne"
    assert "signataires-5-nom" in shown


def test_an_act_comes_back_with_what_others_did_meanwhile(
    signed_in, secretariat, contrat, page, seance
):
    client, colleague = signed_in(secretariat), signed_in(secretariat)
    data = open_act(client, contrat, "valider") | {"seance": seance.pk, "texte": "Mon texte"}
    expire(client)
    first = client.post(act_address(contrat, "valider"), data)
    colleague.post(page, opened(colleague, page) | {"lieu": "Caen"})
    response = come_back(client, secretariat, first)
    assert "lieu de signature : L’Aigle → Caen." in words_of(response)
    shown = act_data(response)
    assert shown["texte"] == "Mon texte"
    # Told, then confirmed: no second refusal for the same change.
    assert client.post(act_address(contrat, "valider"), shown).status_code == 302


def test_an_act_that_can_no_longer_be_done_comes_back_as_text(
    signed_in, secretariat, contrat, seance
):
    client = signed_in(secretariat)
    data = open_act(client, contrat, "valider") | {"seance": seance.pk, "texte": "Mon texte"}
    expire(client)
    first = client.post(act_address(contrat, "valider"), data)
    contrat.abandonner("Sans suite")
    response = come_back(client, secretariat, first)
    words = words_of(response)
    assert RENDUE in words
    assert "Un contrat « abandonné » ne peut pas devenir" in words
    assert "Mon texte" in words


def test_the_role_lost_meanwhile_an_act_is_given_back_as_text(
    signed_in, secretariat, contrat, seance
):
    client = signed_in(secretariat)
    data = open_act(client, contrat, "valider") | {"seance": seance.pk, "texte": "Mon texte"}
    expire(client)
    first = client.post(act_address(contrat, "valider"), data)
    secretariat.role = Role.REDACTEUR
    secretariat.save()
    response = come_back(client, secretariat, first)
    assert response.status_code == 403
    assert "ne permet pas cet acte" in words_of(response)
    assert "Mon texte" in words_of(response)


def test_an_act_whose_token_is_of_the_past_comes_back(secretariat, contrat, seance):
    client = Client(enforce_csrf_checks=True)
    client.force_login(secretariat)
    page = act_address(contrat, "valider")
    data = open_act(client, contrat, "valider") | {
        "seance": seance.pk,
        "texte": "Mon texte",
        "csrfmiddlewaretoken": "x" * 64,
    }
    response = client.post(page, data, follow=True)
    assert RENDUE in words_of(response)
    assert act_data(response)["texte"] == "Mon texte"
    assert not Decision.objects.exists()


@pytest.mark.parametrize("action", ["choisir", "appliquer", "page-2"])
def test_the_choices_of_an_import_come_back_and_nothing_is_written(
    signed_in, secretariat, normandie, action
):
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    for rank in range(2):
        f.ProjetFactory(code=f"p-{rank}", territoire=territoire, emplois_crees=0)
    client = signed_in(secretariat)
    rows = [{"code": f"p-{rank}", "emplois_crees": 5} for rank in range(2)]
    depot = importer(client, "projets", fichier(*rows))
    keys = list(depot.lignes.order_by("numero").values_list("pk", flat=True))
    page = address(Projet, "import", depot.pk)
    data = {"vue": keys, "garder": keys[:1], "action": action} | hidden(client.get(page))
    expire(client)
    response = come_back(client, secretariat, client.post(page, data))
    assert "Vos choix sur cette page sont gardés" in words_of(response)
    accepted = depot.lignes.filter(acceptee=True).values_list("pk", flat=True)
    assert list(accepted) == keys[:1]
    assert not Projet.objects.filter(emplois_crees=5).exists()


def test_a_deletion_leads_back_to_its_page(signed_in, redacteur, contrat):
    client, page = signed_in(redacteur), address(Contrat, "delete", contrat.pk)
    expire(client)
    response = client.post(page, {"post": "yes"})
    assert response.url == f"/admin/login/?next={page}"
    response = sign_in(client, redacteur.email, next=page)
    assert response.status_code == 200
    assert Contrat.objects.filter(pk=contrat.pk).exists()
