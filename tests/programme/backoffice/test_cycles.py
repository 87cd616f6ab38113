"""A status changes along its transitions, by who may do the act."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from programme.backoffice.cadre.doublons import PAS_UN_DOUBLON
from programme.models import Contrat, Precision, Projet
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data, messages_of

S = Contrat.Statut


@pytest.fixture
def contrat(contrats):
    return contrats.normand


@pytest.fixture
def seance(normandie):
    return f.SeanceFactory(comite_regional__region=normandie)


def refusal(act, *args, **kwargs):
    with pytest.raises(ValidationError) as caught:
        act(*args, **kwargs)
    return " ".join(caught.value.messages)


# --- Acts of the models --------------------------------------------------------------------------


def test_the_life_of_a_contract(contrat, seance):
    contrat.valider(seance)
    contrat.signer(le=date(2019, 12, 9), precision=Precision.JOUR, lieu="Caen")
    contrat.commencer()
    contrat.clore(le=date(2022, 12, 31))
    saved = Contrat.objects.get(pk=contrat.pk)
    assert (saved.statut, saved.seance, saved.lieu) == (S.ACHEVE, seance, "Caen")
    assert (saved.date_signature, saved.date_fin) == (date(2019, 12, 9), date(2022, 12, 31))
    assert saved.history.count() == 5
    assert "il ne change plus d’état" in refusal(saved.abandonner)


def test_an_act_before_its_time_says_what_may_be_done(contrat):
    assert refusal(contrat.signer, le=date(2019, 12, 9), precision="jour") == (
        "Un contrat « en préparation » ne peut pas devenir « signé » : il peut seulement devenir "
        "« abandonné » ou « validé en comité »."
    )
    contrat.refresh_from_db()
    assert contrat.statut == S.EN_PREPARATION


def test_a_contract_is_validated_by_its_own_committee(contrat, bretagne):
    other = f.SeanceFactory(comite_regional__region=bretagne)
    assert "ne suit pas ce territoire" in refusal(contrat.valider, other)


def test_the_national_committee_may_validate(contrat):
    contrat.valider(
        f.SeanceFactory(comite_regional=None, comite_national=f.ComiteNationalFactory())
    )
    assert contrat.statut == S.VALIDE


def test_a_date_of_signature_has_a_precision(contrat, seance):
    contrat.valider(seance)
    assert "Dites ce que vaut la date" in refusal(contrat.signer, le=date(2019, 12, 9))
    contrat.refresh_from_db()
    contrat.signer()  # signed, on a date that is not known
    assert contrat.date_signature is None


def test_the_end_does_not_precede_the_signature(contrat, seance):
    contrat.valider(seance)
    contrat.signer(le=date(2019, 12, 9), precision="jour")
    contrat.commencer()
    assert "ne précède pas la signature" in refusal(contrat.clore, le=date(2019, 1, 1))


def test_the_life_of_a_project(contrat, normandie):
    projet = f.ProjetFactory(territoire=contrat.territoire, statut=Projet.Statut.REMONTE)
    projet.contractualiser(contrat)
    projet.engager()
    projet.realiser()
    assert Projet.objects.get(pk=projet.pk).statut == "réalisé"
    assert "ne change plus" in refusal(projet.abandonner)


def test_no_act_is_done_on_a_status_that_is_not_known():
    projet = Projet(statut="")
    for act in (projet.engager, projet.realiser, projet.abandonner):
        assert "précisez d’abord son statut" in refusal(act)


# --- The form ----------------------------------------------------------------------------------


@pytest.fixture
def publisher(signed_in, secretariat):
    return signed_in(secretariat)


@pytest.fixture
def editor(signed_in, redacteur):
    return signed_in(redacteur)


def test_the_form_of_a_record_changes_no_state(publisher, contrat, seance):
    """A forged post is as if its author had not sent those fields."""
    page = address(Contrat, "change", contrat.pk)
    shown = publisher.get(page)
    assert not {"statut", "seance", "publication"} & set(shown.context["adminform"].form.fields)
    forged = {"statut": S.ACHEVE, "seance": seance.pk, "publication": "publié", "lieu": "Caen"}
    assert publisher.post(page, {**form_data(shown), **forged}).status_code == 302
    contrat.refresh_from_db()
    assert (contrat.statut, contrat.seance, contrat.publication, contrat.lieu) == (
        S.EN_PREPARATION,
        None,
        "brouillon",
        "Caen",
    )


def test_the_date_of_a_signed_contract_is_corrected_in_its_form(publisher, normandie):
    signed = f.ContratFactory(territoire__region_porteuse=normandie)
    page = address(Contrat, "change", signed.pk)
    data = {**form_data(publisher.get(page)), "date_signature": "2019-12-10"}
    assert publisher.post(page, data).status_code == 302
    signed.refresh_from_db()
    assert signed.date_signature == date(2019, 12, 10)


def test_a_contract_in_preparation_takes_no_date_of_signature(publisher, contrat):
    page = address(Contrat, "change", contrat.pk)
    dated = {"date_signature": "2019-12-10", "precision_signature": "jour"}
    response = publisher.post(page, {**form_data(publisher.get(page)), **dated})
    assert "n’est plus en préparation" in messages_of(response)


def test_a_contract_stays_with_the_committee_that_validated_it(publisher, contrat, seance):
    contrat.valider(seance)
    elsewhere = f.TerritoireFactory(region_porteuse=f.RegionFactory(code="53"))
    contrat.territoire = elsewhere
    assert "qui ne suit pas ce territoire" in refusal(contrat.full_clean)


def test_a_new_record_offers_the_statuses_whose_act_one_may_do(publisher, editor):
    for client, offered in (
        (publisher, set(S)),
        (editor, {S.EN_PREPARATION}),
    ):
        field = client.get(address(Contrat, "add")).context["adminform"].form.fields["statut"]
        assert {value for value, _ in field.widget.choices if value} == offered


def test_an_old_contract_is_recorded_as_it_stands(publisher, contrat):
    page = address(Contrat, "add")
    data = {
        **form_data(publisher.get(page)),
        "territoire": contrat.territoire_id,
        "type": "protocole",
        "intitule": "Acte normande",
        "statut": "signé",
        "date_signature": "2019-04-30",
        "precision_signature": "jour",
    }
    assert publisher.post(page, data).status_code == 302
    assert Contrat.objects.get(statut="signé").slug == "protocole-acte-normande"
    # A second of the same name is named before, then gets an address of its own.
    assert "Peut-être déjà enregistré" in publisher.post(page, data).content.decode()
    assert publisher.post(page, data | {PAS_UN_DOUBLON: "on"}).status_code == 302
    assert Contrat.objects.filter(slug="protocole-acte-normande-2").exists()


def test_an_editor_does_not_record_a_signed_contract(editor, contrat):
    page = address(Contrat, "add")
    data = {
        **form_data(editor.get(page)),
        "territoire": contrat.territoire_id,
        "type": "protocole",
        "intitule": "Acte",
        "statut": "signé",
    }
    assert "ne permet pas de passer à « signé »" in messages_of(editor.post(page, data))
