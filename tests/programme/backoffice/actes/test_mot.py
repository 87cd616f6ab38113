"""A word with what is proposed, why with what is given back: on the page, the desk and by mail."""

import pytest
from django.core import mail

from programme.backoffice.propositions.avis import ask
from programme.models import Avis, RythmeAvis
from programme.taches import execution
from territoires.models import Modification
from tests import factories as f
from tests.programme.backoffice.outils import act, act_address, address, text_of

POURQUOI = "Le montant n’est pas celui de la délibération"


@pytest.fixture
def redacteur_prevenu(redacteur, secretariat):
    for agent in (redacteur, secretariat):
        RythmeAvis.objects.create(agent=agent, rythme="aussitôt")
    return redacteur


def courriels():
    execution.executer()
    told = {message.to[0]: message.body for message in mail.outbox}
    mail.outbox.clear()
    return told


def test_from_the_word_of_who_proposes_to_why_it_comes_back(
    signed_in, redacteur_prevenu, secretariat, contrats
):
    editor, publisher = signed_in(redacteur_prevenu), signed_in(secretariat)
    record = contrats.normand
    act(editor, record, "proposer", mot="Vu avec la préfecture")
    assert "« Vu avec la préfecture »" in courriels()[secretariat.email]
    assert "« Vu avec la préfecture »" in text_of(publisher.get("/admin/avis/"))

    asked = text_of(publisher.get(act_address(record, "brouillon")))
    assert "René Rédacteur le lira sur la fiche, sur son bureau et par courriel." in asked
    refused = act(publisher, record, "brouillon", mot=" ")
    assert "Dites ce qui est à corriger : qui a proposé saura quoi faire." in text_of(refused)
    record.refresh_from_db()
    assert record.publication == "à valider"

    assert act(publisher, record, "brouillon", mot=POURQUOI).status_code == 302
    assert f"remis en brouillon par Sacha Secrétariat : « {POURQUOI} »" in text_of(
        editor.get("/admin/avis/")
    )
    assert POURQUOI in text_of(editor.get("/admin/"))
    assert POURQUOI in courriels()[redacteur_prevenu.email]
    page = text_of(editor.get(address(type(record), "change", record.pk)))
    assert f"« {POURQUOI} »" in page
    kept = Modification.objects.of(record).first()
    assert (kept.acte, kept.raison, kept.auteur) == ("brouillon", POURQUOI, secretariat)


def test_ones_own_proposal_is_taken_back_without_a_word(signed_in, redacteur, contrats):
    client, record = signed_in(redacteur), contrats.normand
    act(client, record, "proposer")
    assert "Facultatif" in text_of(client.get(act_address(record, "brouillon")))
    assert act(client, record, "brouillon").status_code == 302
    assert not Avis.objects.filter(destinataire=redacteur).exists()


def test_a_word_is_not_told_again_with_what_follows(signed_in, redacteur, secretariat, contrats):
    record = contrats.normand
    act(signed_in(redacteur), record, "proposer", mot="Vu avec la préfecture")
    act(signed_in(secretariat), record, "publier")
    told = Avis.objects.get(destinataire=redacteur)
    assert (told.genre, told.precision) == (Avis.Genre.VALIDE, "")


def test_a_word_that_is_too_long_is_given_back(signed_in, redacteur, contrats):
    record = contrats.normand
    response = act(signed_in(redacteur), record, "proposer", mot="x" * 251)
    assert "250 caractères au plus : gardez l’essentiel." in text_of(response)
    assert "x" * 251 in response.content.decode()


def test_why_is_read_by_who_may_see_the_record_alone(signed_in, redacteur, secretariat, contrats):
    record = contrats.normand
    act(signed_in(redacteur), record, "proposer")
    act(signed_in(secretariat), record, "brouillon", mot=POURQUOI)
    breton = signed_in(f.SecretariatFactory(regions=[contrats.breton.territoire.region_porteuse]))
    assert breton.get(address(type(record), "change", record.pk)).status_code == 404
    assert POURQUOI not in text_of(breton.get("/admin/avis/"))


def test_the_reason_of_a_proposal_is_read_on_the_desk_and_in_the_mail(
    signed_in, secretariat, contrats
):
    RythmeAvis.objects.create(agent=secretariat, rythme="aussitôt")
    contrats.normand.publication = "publié"
    contrats.normand.save()
    ask(f.PropositionFactory(record=contrats.normand, motif=POURQUOI), contrats.normand)
    assert f"« {POURQUOI} »" in text_of(signed_in(secretariat).get("/admin/avis/"))
    assert f"« {POURQUOI} »" in courriels()[secretariat.email]
