"""What an agent may not do is asked of who may, from where it was refused."""

import pytest
from django.urls import reverse

from programme.models import Avis, Contrat, Projet, Publication
from tests import factories as f
from tests.programme.backoffice.outils import act, act_address, address, form_data, text_of

Genre = Avis.Genre


@pytest.fixture
def contrat(contrats, national):
    return contrats.normand


def demander(record):
    return address(type(record), "demander", record.pk)


def told():
    return {(a.destinataire.nom, a.genre, a.precision) for a in Avis.objects.all()}


def test_an_act_that_is_refused_is_asked_of_who_may(signed_in, redacteur, secretariat, contrat):
    f.SecretariatFactory(regions=[f.RegionFactory(code="11")])
    editor = signed_in(redacteur)
    page = editor.get(act_address(contrat, "valider"))
    ask = f"{demander(contrat)}?quoi=valider"
    assert page.status_code == 403
    assert ask in page.content.decode()
    shown = editor.get(ask)
    assert shown.context["form"]["quoi"].value() == "valider"
    assert "Sacha Secrétariat (secrétariat régional)" in text_of(shown)
    sent = {"quoi": "valider", "message": "La séance du 3 mai l’a validé."}
    response = editor.post(ask, sent, follow=True)
    assert "Votre demande est envoyée : Sacha Secrétariat" in text_of(response)
    said = "Valider en comité – La séance du 3 mai l’a validé."
    assert told() == {("Sacha Secrétariat", Genre.DEMANDE, said)}
    editor.post(ask, sent)
    assert len(told()) == 1, "once"
    read = text_of(signed_in(secretariat).get(reverse("admin:avis")))
    assert f"Demande par René Rédacteur : {said}" in read
    contrat.refresh_from_db()
    assert contrat.statut == Contrat.Statut.EN_PREPARATION


def test_a_signature_given_by_mistake_is_asked_then_corrected(
    signed_in, secretariat, national, contrat, normandie
):
    publisher = signed_in(secretariat)
    f.ComiteRegionalFactory(region=normandie)
    act(publisher, contrat, "valider", tenue_le="2022-05-03")
    contrat.refresh_from_db()
    act(publisher, contrat, "signer", date_signature="2022-06-01")
    page = address(Contrat, "change", contrat.pk)
    shown = publisher.get(page).content.decode()
    signature = contrat.history.first().modification
    assert f"{demander(contrat)}?quoi=corriger-{signature.pk}" in shown
    sent = {"quoi": f"corriger-{signature.pk}", "message": "Signé par un autre territoire."}
    assert publisher.post(demander(contrat), sent).url == page
    ((who, _, said),) = told()
    assert who == "Nadia National"
    assert said.startswith("Corriger comme une erreur : ")
    admin = signed_in(national)
    correct = reverse("admin:territoires_modification_corriger", args=[signature.pk])
    assert correct in admin.get(page).content.decode()
    admin.post(correct, {"motif": "Pas celui-là"})
    contrat.refresh_from_db()
    assert (contrat.statut, contrat.date_signature) == (Contrat.Statut.VALIDE, None)


def test_a_save_that_is_refused_offers_the_request(signed_in, redacteur, secretariat, contrat):
    editor = signed_in(redacteur)
    page = address(Contrat, "change", contrat.pk)
    data = {**form_data(editor.get(page)), "lieu": "Vire"}
    redacteur.role = "lecteur"
    redacteur.save()
    response = editor.post(page, data)
    assert response.status_code == 403
    assert "Vire" in text_of(response)
    ask = f"{demander(contrat)}?quoi=changer"
    assert ask in response.content.decode()
    editor.post(ask, {"quoi": "changer", "message": "Le lieu est Vire."})
    assert told() == {
        ("Sacha Secrétariat", Genre.DEMANDE, "Un changement de cette fiche – Le lieu est Vire.")
    }


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"quoi": "valider", "message": ""}, "Dites pourquoi"),
        ({"quoi": "valider", "message": "é" * 201}, "200 caractères au plus"),
        ({"quoi": "", "message": "Un mot"}, "Choisissez ce que vous demandez."),
        ({"quoi": "corriger-999", "message": "Un mot"}, "Choisissez dans la liste"),
        ({"quoi": "proposer", "message": "Un mot"}, "Choisissez dans la liste"),
    ],
)
def test_what_is_wrong_is_told_and_kept(signed_in, redacteur, contrat, sent, sentence):
    response = signed_in(redacteur).post(demander(contrat), sent)
    assert response.status_code == 400
    shown = text_of(response)
    assert sentence in shown
    assert sent["message"] in shown
    assert not Avis.objects.exists()


def test_it_is_asked_of_nobody_outside(signed_in, contrat, contrats, bretagne, redacteur):
    """Without anybody near, the national administrators are told; a stranger sees no door."""
    stranger = signed_in(f.SecretariatFactory(regions=[bretagne]))
    sent = {"quoi": "valider", "message": "Je passe par là"}
    assert stranger.get(demander(contrat)).status_code == 404
    assert stranger.post(demander(contrat), sent).status_code == 404
    assert not Avis.objects.exists()
    signed_in(redacteur).post(demander(contrat), sent)
    assert {who for who, *_ in told()} == {"Nadia National"}


def test_who_may_all_has_nothing_to_ask(signed_in, national, normandie, contrat):
    admin = signed_in(national)
    assert "Demander à un collègue" not in text_of(
        admin.get(address(Contrat, "change", contrat.pk))
    )
    assert "Rien à demander" in text_of(admin.get(demander(contrat)))


def test_with_nobody_in_office_the_text_is_kept(signed_in, redacteur, normandie):
    projet = f.ProjetFactory(
        territoire=f.TerritoireFactory(region_porteuse=normandie), publication=Publication.BROUILLON
    )
    Projet.objects.update(statut="remonté")
    sent = {"quoi": "contractualiser", "message": "Retenu le 3 mai"}
    response = signed_in(redacteur).post(demander(projet), sent)
    assert "Aucun agent en fonction n’en a le droit" in text_of(response)
    assert "Retenu le 3 mai" in text_of(response)
