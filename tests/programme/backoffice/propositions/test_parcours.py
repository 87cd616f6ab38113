"""Proposing on what is published, and answering: the form proposes, who publishes decides."""

import re
from datetime import date

import pytest

from programme.models import Contrat, Projet, Proposition, Publication, Signataire
from territoires.models import Territoire
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data, messages_of, text_of

E = Proposition.Etat


# --- Proposing ----------------------------------------------------------------------------------


def test_the_same_form_is_open_and_saving_it_proposes(editor, redacteur, contrat, ways):
    shown = editor.get(address(Contrat, "change", contrat.pk))
    assert "Proposer ces modifications" in shown.content.decode()
    assert b'name="_save"' not in shown.content
    made = ways.propose(editor, contrat, "Erreur de lieu", lieu="Caen", nb_actions="12")
    assert made.changements == {
        "champs": {"lieu": ["Alençon", "Caen"], "nb_actions": [contrat.nb_actions, 12]},
        "lignes": [],
    }
    assert (made.auteur, made.motif, made.etat) == (redacteur, "Erreur de lieu", E.EN_ATTENTE)
    assert (made.genre, made.cle, made.version_vue) == (
        "programme.contrat", str(contrat.pk), contrat.version,
    )  # fmt: skip
    contrat.refresh_from_db()
    assert contrat.lieu == "Alençon"
    assert contrat.version == made.version_vue


def test_rows_are_proposed_too(editor, contrat, ways):
    regional, state = contrat.signataires.order_by("-organisme")
    data = form_data(editor.get(address(Contrat, "change", contrat.pk)))
    prefix = "signataires"
    ranks = {int(data[f"{prefix}-{rank}-id"]): rank for rank in range(2)}
    made = ways.propose(
        editor,
        contrat,
        **{
            f"{prefix}-{ranks[regional.pk]}-fonction": "présidente",
            f"{prefix}-{ranks[state.pk]}-DELETE": "on",
            f"{prefix}-2-organisme": "Département",
            f"{prefix}-2-nom": "Denis Département",
        },
    )
    rows = {row["acte"]: row for row in made.changements["lignes"]}
    assert set(rows) == {"ajoutée", "modifiée", "supprimée"}
    assert rows["modifiée"]["champs"] == {"fonction": [regional.fonction, "présidente"]}
    assert rows["supprimée"]["cle"] == str(state.pk)
    assert rows["ajoutée"]["champs"]["nom"][1] == "Denis Département"
    assert Signataire.objects.filter(contrat=contrat).count() == 2


def test_a_reason_is_asked_and_nothing_typed_is_lost(editor, contrat):
    page = address(Contrat, "change", contrat.pk)
    data = {**form_data(editor.get(page)), "lieu": "Caen", "_proposer": "on"}
    response = editor.post(page, data)
    assert "Dites pourquoi : qui publie vous répondra." in messages_of(response)
    assert form_data(response)["lieu"] == "Caen"
    assert not Proposition.objects.exists()


def test_nothing_changed_is_no_proposal(editor, contrat):
    page = address(Contrat, "change", contrat.pk)
    data = {**form_data(editor.get(page)), "motif_proposition": "Pour voir", "_proposer": "on"}
    assert "Vous n’avez rien changé" in messages_of(editor.post(page, data))
    assert not Proposition.objects.exists()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"date_fin": "1999-01-01"}, "L’achèvement ne précède pas la signature."),
        ({"nb_actions": "beaucoup"}, "nombre entier"),
        ({"signataires-0-nom": "Ada 06 12 34 56 78"}, "un numéro de téléphone ne s’y écrit pas"),
        ({"signataires-0-fonction": "ada(at)region.fr"}, "une adresse électronique ne s’y écrit"),
    ],
)
def test_a_proposal_obeys_every_rule_of_the_form(editor, contrat, values, told):
    page = address(Contrat, "change", contrat.pk)
    data = {**form_data(editor.get(page)), **values, "motif_proposition": "x", "_proposer": "on"}
    assert told in messages_of(editor.post(page, data))
    assert not Proposition.objects.exists()


def test_what_was_published_meanwhile_is_not_saved_but_may_be_proposed(editor, contrat):
    Contrat.objects.filter(pk=contrat.pk).update(publication=Publication.BROUILLON)
    page = address(Contrat, "change", contrat.pk)
    data = {**form_data(editor.get(page)), "lieu": "Caen", "_save": "on"}
    Contrat.objects.filter(pk=contrat.pk).update(publication=Publication.PUBLIE)
    response = editor.post(page, data)
    assert "ne se change plus sans validation" in messages_of(response)
    again = {**form_data(response), "motif_proposition": "Suite", "_proposer": "on"}
    assert editor.post(page, again).status_code == 302
    assert Proposition.objects.get().changements["champs"] == {"lieu": ["Alençon", "Caen"]}


def test_what_became_a_draft_meanwhile_is_not_saved_unseen(editor, contrat):
    page = address(Contrat, "change", contrat.pk)
    data = {**form_data(editor.get(page)), "lieu": "Caen", "motif_proposition": "x"}
    Contrat.objects.filter(pk=contrat.pk).update(publication=Publication.BROUILLON)
    response = editor.post(page, {**data, "_proposer": "on"})
    assert "n’est plus verrouillé" in messages_of(response)
    contrat.refresh_from_db()
    assert contrat.lieu == "Alençon"
    assert not Proposition.objects.exists()


def test_who_may_publish_saves_and_a_reader_reads(publisher, signed_in, contrat, normandie):
    page = address(Contrat, "change", contrat.pk)
    assert b"_proposer" not in publisher.get(page).content
    reader = signed_in(f.LecteurFactory(regions=[normandie]))
    assert b"_proposer" not in reader.get(page).content
    for client in (reader, publisher):
        client.post(page, {"motif_proposition": "x", "_proposer": "on", "lieu": "Caen"})
    assert not Proposition.objects.exists()
    contrat.refresh_from_db()
    assert contrat.lieu == "Alençon"


# --- Answering ----------------------------------------------------------------------------------


def test_accepted_whole(editor, publisher, secretariat, contrat, ways):
    made = ways.propose(editor, contrat, lieu="Caen", nb_actions="12")
    assert ways.answer(publisher, made, "accepter", reponse="Merci").status_code == 302
    contrat.refresh_from_db()
    assert (contrat.lieu, contrat.nb_actions) == ("Caen", 12)
    assert (made.etat, made.repondant, made.reponse) == (E.ACCEPTEE, secretariat, "Merci")
    assert made.version_apres == contrat.version
    record = contrat.history.first()
    assert record.history_user == secretariat
    assert record.history_change_reason == f"proposition n° {made.pk} de René Rédacteur"


def test_accepted_in_part(editor, publisher, contrat, ways):
    made = ways.propose(editor, contrat, lieu="Caen", nb_actions="12")
    assert ways.answer(publisher, made, "accepter", ["champ:lieu"]).status_code == 302
    before = contrat.nb_actions
    contrat.refresh_from_db()
    assert (contrat.lieu, contrat.nb_actions) == ("Caen", before)
    assert made.etat == E.EN_PARTIE
    assert made.suites == {"champ:lieu": "retenu", "champ:nb_actions": "écarté"}


def test_rows_are_accepted(editor, publisher, contrat, ways):
    page = form_data(editor.get(address(Contrat, "change", contrat.pk)))
    gone = page["signataires-0-id"]
    made = ways.propose(
        editor,
        contrat,
        **{
            "signataires-0-DELETE": "on",
            "signataires-1-fonction": "présidente",
            "signataires-2-organisme": "Département",
            "signataires-2-nom": "Denis Département",
        },
    )
    assert ways.answer(publisher, made, "accepter").status_code == 302
    assert made.etat == E.ACCEPTEE
    assert set(contrat.signataires.values_list("nom", "fonction")) == {
        ("Denis Département", ""),
        (contrat.signataires.exclude(nom="Denis Département").get().nom, "présidente"),
    }
    assert not contrat.signataires.filter(pk=gone).exists()
    reasons = Signataire.history.filter(contrat=contrat, history_change_reason=made.raison)
    assert set(reasons.values_list("history_type", flat=True)) == {"+", "~", "-"}


def test_amended_in_the_form(editor, publisher, contrat, ways):
    made = ways.propose(editor, contrat, lieu="Caen", nb_actions="12")
    page = f"{address(Contrat, 'change', contrat.pk)}?proposition={made.pk}"
    shown = publisher.get(page)
    assert "de René Rédacteur : le formulaire en est rempli" in text_of(shown)
    assert "lieu de signature : Alençon → Caen" in text_of(shown)
    assert not shown.context["errors"]
    data = form_data(shown)
    assert (data["lieu"], str(data["nb_actions"])) == ("Caen", "12")
    contrat.refresh_from_db()
    assert contrat.lieu == "Alençon"  # nothing is saved by looking
    response = publisher.post(page, {**data, "lieu": "Lisieux", "reponse_proposition": "Presque"})
    assert response.status_code == 302, messages_of(response)
    assert response.url == made.get_absolute_url()
    contrat.refresh_from_db()
    made.refresh_from_db()
    assert (contrat.lieu, contrat.nb_actions) == ("Lisieux", 12)
    assert (made.etat, made.reponse) == (E.EN_PARTIE, "Presque")
    assert made.suites == {"champ:lieu": "amendé", "champ:nb_actions": "retenu"}


def test_three_columns_when_the_record_moved(editor, publisher, contrat, ways):
    made = ways.propose(editor, contrat, lieu="Caen")
    contrat.refresh_from_db()
    contrat.lieu, contrat.nb_actions = "Flers", 99
    contrat.save()
    shown = publisher.get(made.get_absolute_url())
    ((change, ticked),) = shown.context["changements"]
    (value,) = change.valeurs
    assert (value.vu, value.maintenant, value.propose, ticked) == (
        "Alençon", "Flers", "Caen", False,
    )  # fmt: skip
    page = f"{address(Contrat, 'change', contrat.pk)}?proposition={made.pk}"
    amend = publisher.get(page)
    (conflict,) = amend.context["conflits"]
    assert (conflict.ouvert, conflict.leur, conflict.mien) == ("Alençon", "Flers", "Caen")
    assert publisher.post(page, form_data(amend)).status_code == 302
    contrat.refresh_from_db()
    made.refresh_from_db()
    assert (contrat.lieu, contrat.nb_actions, made.etat) == ("Caen", 99, E.ACCEPTEE)


def test_what_moved_while_the_page_was_open_is_read_again(editor, publisher, contrat, ways):
    made = ways.propose(editor, contrat, lieu="Caen")
    data = {"acte": "accepter", "retenir": ["champ:lieu"], "version_vue": contrat.version}
    Contrat.objects.get(pk=contrat.pk).save()
    response = publisher.post(made.get_absolute_url(), data)
    assert response.status_code == 409
    assert "L’enregistrement a changé depuis" in text_of(response)
    made.refresh_from_db()
    assert made.est_en_attente


def test_refused_with_a_reason(editor, publisher, contrat, ways):
    made = ways.propose(editor, contrat, lieu="Caen")
    response = ways.answer(publisher, made, "refuser")
    assert "Dites pourquoi vous refusez" in text_of(response)
    assert made.est_en_attente
    assert ways.answer(publisher, made, "refuser", reponse="Le PV dit Alençon").status_code == 302
    assert (made.etat, made.reponse) == (E.REFUSEE, "Le PV dit Alençon")
    assert "Le PV dit Alençon" in text_of(editor.get(made.get_absolute_url()))
    contrat.refresh_from_db()
    assert contrat.lieu == "Alençon"


def test_withdrawn_by_its_author_alone(editor, publisher, contrat, ways):
    made = ways.propose(editor, contrat, lieu="Caen")
    response = ways.answer(publisher, made, "retirer")
    assert made.est_en_attente
    assert response.status_code == 200
    for act in ("accepter", "refuser"):
        ways.answer(editor, made, act, reponse="Moi")
        assert made.est_en_attente
    assert ways.answer(editor, made, "retirer").status_code == 302
    assert made.etat == E.RETIREE


def test_two_answers_the_second_is_told_of_the_first(editor, publisher, other, contrat, ways):
    made = ways.propose(editor, contrat, lieu="Caen")
    page = f"{address(Contrat, 'change', contrat.pk)}?proposition={made.pk}"
    opened = form_data(other.get(page))
    ways.answer(publisher, made, "refuser", reponse="Non")
    for response in (
        other.post(made.get_absolute_url(), {"acte": "refuser", "reponse": "Oui"}),
        other.post(page, opened),
    ):
        said = text_of(response)
        assert "Cette proposition est déjà refusée, par Sacha Secrétariat (« Non »)." in said
    contrat.refresh_from_db()
    assert contrat.lieu == "Alençon"
    assert other.get(page).url == made.get_absolute_url()


def test_two_proposals_on_one_field(editor, colleague, publisher, contrat, ways):
    first = ways.propose(editor, contrat, lieu="Caen")
    said = text_of(colleague.get(address(Contrat, "change", contrat.pk)))
    assert f"Proposition n° {first.pk} de René Rédacteur" in said
    second = ways.propose(colleague, contrat, lieu="Flers")
    ways.answer(publisher, first, "accepter")
    ((change, ticked),) = publisher.get(second.get_absolute_url()).context["changements"]
    assert (change.valeurs[0].maintenant, ticked) == ("Caen", False)
    ways.answer(publisher, second, "accepter", ["champ:lieu"])
    contrat.refresh_from_db()
    assert (contrat.lieu, second.etat) == ("Flers", E.ACCEPTEE)


def test_what_is_there_already_is_accepted_as_done(editor, publisher, contrat, ways):
    made = ways.propose(editor, contrat, lieu="Caen")
    Contrat.objects.filter(pk=contrat.pk).update(lieu="Caen")
    ways.answer(publisher, made, "accepter")
    assert made.etat == E.ACCEPTEE


def test_a_proposal_that_the_rules_refuse_now_opens_in_the_form(editor, publisher, contrat, ways):
    made = ways.propose(editor, contrat, date_fin="2021-01-01")
    contrat.refresh_from_db()
    contrat.date_signature = date(2022, 1, 1)
    contrat.save()
    response = ways.answer(publisher, made, "accepter")
    assert response.status_code == 200
    assert made.est_en_attente
    assert "L’achèvement ne précède pas la signature." in messages_of(response)
    page = f"{address(Contrat, 'change', contrat.pk)}?proposition={made.pk}"
    assert f'action="{page}"' in response.content.decode()
    saved = publisher.post(page, {**form_data(response), "date_fin": "2023-01-01"})
    assert saved.status_code == 302
    made.refresh_from_db()
    assert made.etat == E.EN_PARTIE


# --- Territories, projects ----------------------------------------------------------------------


def test_names_of_a_territory_wait_for_validation(client, editor, publisher, contrat, ways):
    territoire = Territoire.objects.get(pk=contrat.territoire_id)
    made = ways.propose(editor, territoire, elu="Éléonore Élue", chef_de_projet="Chloé Cheffe")
    public = territoire.get_absolute_url()
    assert "Éléonore" not in client.get(public).content.decode()
    ways.answer(publisher, made, "accepter")
    shown = client.get(public).content.decode()
    assert "Éléonore Élue" in shown
    assert "Chloé Cheffe" in shown
    own = form_data(publisher.get(address(Territoire, "change", territoire.pk)))
    saved = publisher.post(
        address(Territoire, "change", territoire.pk), {**own, "industriel": "Inès Industrie"}
    )
    assert saved.status_code == 302
    assert "Inès Industrie" in client.get(public).content.decode()


def test_a_project_is_proposed_on_with_what_finances_it(editor, publisher, projet, ways):
    financeur = f.FinanceurFactory()
    made = ways.propose(
        editor,
        projet,
        emplois_crees="40",
        **{"financements-0-financeur": financeur.pk, "financements-0-montant_accorde_eur": "1000"},
    )
    assert ways.answer(publisher, made, "accepter").status_code == 302
    assert made.etat == E.ACCEPTEE
    saved = Projet.objects.get(pk=projet.pk)
    assert saved.emplois_crees == 40
    assert saved.financements.get().montant_accorde_eur == 1000


def test_sent_twice_it_is_one(editor, contrat):
    page = address(Contrat, "change", contrat.pk)
    data = {**form_data(editor.get(page)), "lieu": "Caen", "motif_proposition": "Vu"}
    for _ in range(2):
        assert editor.post(page, {**data, "_proposer": "on"}).status_code == 302
    assert Proposition.objects.count() == 1


def test_a_proposal_typed_while_the_session_ended_is_given_back(editor, redacteur, contrat):
    page = address(Contrat, "change", contrat.pk)
    shown = editor.get(page)
    signed = re.search(r'name="saisie_de" value="([^"]+)"', shown.content.decode())[1]
    data = {**form_data(shown), "lieu": "Caen", "motif_proposition": "Vu au JO"}
    editor.logout()
    assert editor.post(page, {**data, "_proposer": "on", "saisie_de": signed}).status_code == 302
    editor.force_login(redacteur)
    again = editor.get(page)
    assert "Votre session avait expiré" in messages_of(again)
    sent = form_data(again)
    assert (sent["lieu"], sent["motif_proposition"]) == ("Caen", "Vu au JO")
    assert not Proposition.objects.exists()
    assert editor.post(page, {**sent, "_proposer": "on"}).status_code == 302
    assert Proposition.objects.get().motif == "Vu au JO"


def test_an_act_on_what_is_published_is_no_value_to_propose(editor, projet):
    told = text_of(editor.get(address(Projet, "change", projet.pk)))
    assert "Demandez l’acte à qui publie." in told


def test_a_bool_a_date_and_a_relation_come_back_as_they_were(editor, publisher, projet, ways):
    other = f.ContratFactory(territoire=projet.territoire, intitule="Autre acte")
    made = ways.propose(editor, projet, contrat=other.pk, mise_a_jour="2022-02-03", lon="0.5",
                        lat="48.5")  # fmt: skip
    shown = text_of(publisher.get(made.get_absolute_url()))
    assert "3 février 2022" in shown
    assert "Autre acte" in shown
    assert ways.answer(publisher, made, "accepter").status_code == 302
    saved = Projet.objects.get(pk=projet.pk)
    assert (saved.contrat, saved.mise_a_jour, saved.lon) == (other, date(2022, 2, 3), 0.5)
    assert made.etat == E.ACCEPTEE
