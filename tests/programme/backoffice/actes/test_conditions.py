"""An act that is offered is one whose condition, as it is shown, holds: every act × every state."""

from datetime import date

import pytest

from programme.backoffice.actes.registre import PUBLICATION, VIES, cycles_of
from programme.models import Contrat, Projet, Publication
from tests import factories as f
from tests.programme.backoffice.outils import act, act_address, address, text_of

C, P = Contrat.Statut, Projet.Statut
# What each condition says in words: the states in which it holds.
CONDITIONS = {
    (Contrat, "preciser"): {""},
    (Contrat, "valider"): {C.EN_PREPARATION},
    (Contrat, "revenir"): {C.VALIDE},
    (Contrat, "signer"): {C.VALIDE},
    (Contrat, "commencer"): {C.SIGNE},
    (Contrat, "avenant"): {C.SIGNE, C.EN_COURS},
    (Contrat, "clore"): {C.EN_COURS},
    (Contrat, "abandonner"): set(C) - {C.ACHEVE, C.ABANDONNE},
    (Projet, "preciser"): {""},
    (Projet, "contractualiser"): {P.REMONTE},
    (Projet, "engager"): {P.CONTRACTUALISE},
    (Projet, "realiser"): {P.ENGAGE},
    (Projet, "abandonner"): set(P) - {P.REALISE, P.ABANDONNE},
}
PUBLICATIONS = {
    "publier": set(Publication) - {Publication.PUBLIE},
    "proposer": {Publication.BROUILLON},
    "brouillon": {Publication.A_VALIDER, Publication.RETIRE},
    "retirer": {Publication.PUBLIE},
}
RECORDS = {Contrat: f.ContratFactory, Projet: f.ProjetFactory}
states = [
    (model, statut, publication)
    for model in VIES
    for statut in ("", *model.Statut)
    for publication in Publication
]


@pytest.fixture
def record(normandie):
    """`record(model, statut, publication)`, with nothing missing but what the states say."""
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    seance = f.SeanceFactory(comite_regional__region=normandie, date=date(2022, 5, 3))

    def made(model, statut, publication):
        row = RECORDS[model](territoire=territoire)
        values = {"statut": statut, "publication": publication}
        if model is Contrat:
            values |= {"seance": seance, "date_signature": None, "precision_signature": ""}
        model.objects.filter(pk=row.pk).update(**values)
        model.history.filter(id=row.pk).update(statut=statut)
        return model.objects.get(pk=row.pk)

    return made


@pytest.mark.parametrize(("model", "statut", "publication"), states)
def test_an_act_is_active_exactly_where_its_condition_holds(
    national, record, model, statut, publication
):
    row = record(model, statut, publication)
    told = {
        **{nom: statut in holds for (kind, nom), holds in CONDITIONS.items() if kind is model},
        **{nom: publication in holds for nom, holds in PUBLICATIONS.items()},
    }
    found = {
        acte.nom: acte.empechement(national, row) is None
        for cycle in cycles_of(model)
        for acte in cycle.actes
    }
    assert found == told


def test_every_act_is_in_the_tables():
    known = {(model, acte.nom) for model, cycle in VIES.items() for acte in cycle.actes}
    assert known == set(CONDITIONS)
    assert {acte.nom for acte in PUBLICATION.actes} == set(PUBLICATIONS)


@pytest.mark.parametrize("model", VIES)
def test_an_unknown_state_offers_to_tell_it_and_nothing_else(publisher, record, model):
    row = record(model, "", Publication.PUBLIE)
    page = publisher.get(address(model, "change", row.pk))
    life = page.context["cycles"][0]
    assert [line["acte"].titre for line in life["possibles"]] == ["Préciser le statut"]
    assert "Le statut n’est pas renseigné : précisez-le d’abord." in text_of(page)
    forged = publisher.post(act_address(row, "abandonner"), {"motif": "x", "version_vue": 1})
    assert forged.status_code == 409
    assert model.objects.get(pk=row.pk).statut == ""


def test_what_was_told_by_mistake_is_corrected_until_an_act_follows(publisher, record):
    projet = record(Projet, "", Publication.PUBLIE)
    assert act(publisher, projet, "preciser", statut=P.REALISE).status_code == 302
    assert act(publisher, projet, "preciser", statut=P.CONTRACTUALISE).status_code == 302
    assert act(publisher, projet, "preciser", statut="non renseigné").status_code == 302
    assert act(publisher, projet, "preciser", statut=P.CONTRACTUALISE).status_code == 302
    assert act(publisher, projet, "engager").status_code == 302
    told = text_of(publisher.get(act_address(projet, "preciser")))
    assert "Le statut est connu, « engagé », et un acte l’a donné" in told
    reasons = projet.history.values_list("history_change_reason", flat=True)
    assert list(reasons)[:3] == [
        "engagé", "statut précisé : contractualisé", "statut précisé : non renseigné",
    ]  # fmt: skip


def test_a_contract_recorded_without_status_takes_its_own(publisher, record):
    contrat = record(Contrat, "", Publication.BROUILLON)
    offered = publisher.get(act_address(contrat, "preciser")).context["form"].fields["statut"]
    assert "non renseigné" not in dict(offered.widget.choices)  # a contract always has one
    assert act(publisher, contrat, "preciser", statut=C.SIGNE).status_code == 302
    assert Contrat.objects.get(pk=contrat.pk).statut == C.SIGNE
