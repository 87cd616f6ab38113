"""The acts of a project."""

from datetime import date

import pytest

from programme.models import Contrat, Decision, Projet
from tests import factories as f
from tests.programme.backoffice.outils import act, act_address, act_data, address, text_of

S = Projet.Statut


def fresh(projet):
    return Projet.objects.get(pk=projet.pk)


def make(projet, statut):
    for rows in (Projet.objects, Projet.history):
        rows.filter(id=projet.pk).update(statut=statut)
    projet.refresh_from_db()
    return projet


def test_a_seance_validates_a_project(publisher, secretariat, projet, seance):
    assert act(publisher, projet, "contractualiser", seance=seance.pk).status_code == 302
    saved = fresh(projet)
    assert (saved.statut, saved.contrat) == (S.CONTRACTUALISE, None)
    decision = Decision.objects.get()
    assert (decision.type, decision.projet, decision.auteur, decision.texte) == (
        Decision.Type.PROJET,
        projet,
        secretariat,
        f"Le comité valide le projet « {projet} ».",
    )
    assert saved.history.first().history_change_reason == (
        "contractualisé, validé en comité, séance du 3 mai 2022"
    )


def test_a_contract_takes_a_project(publisher, projet, contrat):
    assert act(publisher, projet, "contractualiser", contrat=contrat.pk).status_code == 302
    saved = fresh(projet)
    assert (saved.statut, saved.contrat) == (S.CONTRACTUALISE, contrat)
    assert saved.history.first().history_change_reason.startswith("contractualisé, dans « ")
    assert not Decision.objects.exists()


def test_it_names_a_contract_or_a_seance(publisher, projet):
    response = act(publisher, projet, "contractualiser", texte="Mon texte")
    assert "Nommez le contrat qui reprend ce projet, ou la séance qui le valide." in text_of(
        response
    )
    assert act_data(response)["texte"] == "Mon texte"
    assert fresh(projet).statut == S.REMONTE


def test_contracts_of_other_territories_are_no_choice(publisher, projet, contrat, contrats):
    elsewhere = f.ContratFactory(
        territoire__region_porteuse=contrat.territoire.region_porteuse, publication="brouillon"
    )
    for other in (contrats.breton, elsewhere):
        response = act(publisher, projet, "contractualiser", contrat=other.pk)
        assert "Choisissez un contrat du territoire du projet, non abandonné." in text_of(response)
    Contrat.objects.filter(pk=contrat.pk).update(statut="abandonné")
    response = act(publisher, projet, "contractualiser", contrat=contrat.pk)
    assert "non abandonné" in text_of(response)
    assert fresh(projet).contrat is None


def test_a_project_outside_any_territory_is_validated_where_it_lies(publisher, normandie, seance):
    commune = f.CommuneFactory(departement=f.DepartementFactory(region=normandie))
    projet = f.ProjetFactory(
        territoire=None, commune=commune, statut="remonté", publication="brouillon"
    )
    shown = publisher.get(act_address(projet, "contractualiser")).context["form"]
    assert list(shown.fields["contrat"].queryset) == []
    assert [row.pk for row in shown.fields["seance"].queryset] == [seance.pk]
    assert act(publisher, projet, "contractualiser", seance=seance.pk).status_code == 302


def test_the_life_of_a_project_by_its_acts(publisher, editor, projet, contrat):
    assert act(publisher, projet, "contractualiser", contrat=contrat.pk).status_code == 302
    assert act(editor, projet, "engager").status_code == 302
    assert act(editor, projet, "realiser").status_code == 302
    assert fresh(projet).statut == S.REALISE
    told = text_of(publisher.get(address(Projet, "change", projet.pk)))
    assert "Un projet « réalisé » ne peut pas devenir « abandonné » : il ne change plus" in told


def test_an_editor_follows_but_neither_validates_nor_abandons(editor, projet, seance):
    for nom in ("contractualiser", "abandonner"):
        page = act_address(projet, nom)
        for response in (editor.get(page), editor.post(page, {"version_vue": 1, "motif": "x"})):
            assert response.status_code == 403
            assert "Votre rôle (rédacteur régional) ne permet pas cet acte." in text_of(response)
    assert fresh(projet).statut == S.REMONTE


def test_a_project_is_abandoned_with_a_reason(publisher, projet):
    assert act(publisher, projet, "abandonner", motif="Retrait du porteur").status_code == 302
    assert fresh(projet).history.first().history_change_reason == "abandonné : Retrait du porteur"


def test_a_project_without_status_takes_its_first(publisher, projet):
    make(projet, "")
    told = text_of(publisher.get(address(Projet, "change", projet.pk)))
    assert "Vie du projet : sans statut" in told
    assert "Choisissez le statut" in text_of(act(publisher, projet, "preciser", statut=""))
    assert act(publisher, projet, "preciser", statut=S.ENGAGE).status_code == 302
    saved = fresh(projet)
    assert saved.statut == S.ENGAGE
    assert saved.history.first().history_change_reason == "statut précisé : engagé"
    assert act(publisher, projet, "realiser").status_code == 302
    page = publisher.get(act_address(projet, "preciser"))
    assert "Le statut est connu, « réalisé », et un acte l’a donné" in text_of(page)


@pytest.mark.parametrize("forged", ["abandonné", "contractualisé", "n’importe quoi"])
def test_a_first_status_is_one_that_the_role_may_give(editor, projet, forged):
    make(projet, "")
    shown = editor.get(act_address(projet, "preciser")).context["form"].fields["statut"]
    offered = [value for value, _ in shown.widget.choices]
    assert offered == ["", "remonté", "engagé", "réalisé"]
    response = act(editor, projet, "preciser", statut=forged)
    assert response.status_code == 200
    assert "ne permet pas de dire" in text_of(response) or "choix valide" in text_of(response)
    assert fresh(projet).statut == ""


def test_the_acts_of_a_project_cost_the_same_with_many_contracts(
    publisher, projet, seance, django_assert_num_queries, django_assert_max_num_queries
):
    page = act_address(projet, "contractualiser")
    publisher.get(page)
    with django_assert_max_num_queries(20) as one:
        publisher.get(page)
    for day in range(1, 5):
        f.ContratFactory(territoire=projet.territoire, publication="brouillon")
        f.SeanceFactory(comite_regional=seance.comite_regional, date=date(2021, 1, day))
    with django_assert_num_queries(len(one.captured_queries)):
        publisher.get(page)
