"""The acts of publication, for every record that has one."""

import pytest
from django.contrib import admin

from programme.backoffice.actes.registre import PUBLICATION
from programme.models import Document, Publication
from programme.models.base import Publiable
from tests import factories as f
from tests.programme.backoffice.monde import rows
from tests.programme.backoffice.outils import act, act_address, address, text_of

MODELS = [model for model in admin.site._registry if issubclass(model, Publiable)]


def state(record):
    return type(record).objects.get(pk=record.pk).publication


def test_a_record_is_proposed_published_withdrawn_and_published_again(publisher, editor, contrat):
    steps = [
        (editor, "proposer", "à valider", "proposé à la validation"),
        (editor, "brouillon", "brouillon", "remis en brouillon"),
        (editor, "proposer", "à valider", "proposé à la validation"),
        (publisher, "publier", "publié", "publié"),
        (publisher, "retirer", "retiré", "retiré du site"),
        (publisher, "publier", "publié", "publié"),
        (publisher, "retirer", "retiré", "retiré du site"),
        (publisher, "brouillon", "brouillon", "remis en brouillon"),
    ]
    for client, nom, after, reason in steps:
        assert act(client, contrat, nom).status_code == 302, nom
        assert state(contrat) == after
        assert contrat.history.first().history_change_reason == reason


@pytest.mark.parametrize("nom", ["publier", "retirer"])
def test_an_editor_does_not_publish(editor, contrat, nom):
    page = act_address(contrat, nom)
    for response in (editor.get(page), editor.post(page, {"version_vue": 1})):
        assert response.status_code == 403
        assert "Qui peut le faire : administrateur national ou secrétariat" in text_of(response)
    assert state(contrat) == "brouillon"


@pytest.mark.parametrize("nom", ["proposer", "brouillon", "retirer", "publier"])
def test_an_editor_acts_on_nothing_published(editor, publisher, contrat, nom):
    act(publisher, contrat, "publier")
    assert editor.post(act_address(contrat, nom), {"version_vue": 2}).status_code == 403
    assert state(contrat) == "publié"


@pytest.mark.parametrize("nom", ["brouillon", "proposer"])
def test_what_is_published_is_withdrawn_before_it_is_a_draft_again(publisher, contrat, nom):
    act(publisher, contrat, "publier")
    contrat.refresh_from_db()
    response = publisher.post(act_address(contrat, nom), {"version_vue": contrat.version})
    assert response.status_code == 409
    assert "il peut seulement devenir « retiré »." in text_of(response)
    assert state(contrat) == "publié"


def test_the_page_says_what_becomes_public(publisher, contrat):
    told = text_of(publisher.get(act_address(contrat, "publier")))
    assert "devient visible de tous" in told
    assert "En même temps : avenants et signataires" in told or (
        "En même temps : signataires et avenants" in told
    )


def test_what_stays_invisible_is_said_before(publisher, contrat):
    document = f.DocumentFactory(territoire=None, contrat=contrat, publication="brouillon")
    sentence = (
        "Publié, l’enregistrement restera invisible du public tant que ne l’est pas « contrat de "
        "territoire – Acte normande » (brouillon)."
    )
    for page in (address(Document, "change", document.pk), act_address(document, "publier")):
        assert sentence in text_of(publisher.get(page))
    act(publisher, contrat, "publier")
    assert "restera invisible" not in text_of(publisher.get(act_address(document, "publier")))


def test_a_seance_is_said_in_the_feminine(publisher, seance):
    response = publisher.get(act_address(seance, "proposer"))
    assert "Une séance « publié » ne peut pas devenir « à valider » : elle peut" in text_of(
        response
    )


def test_every_record_that_can_be_published_has_the_acts(signed_in, national, normandie):
    client = signed_in(national)
    made = rows(normandie, f.OperateurFactory(), Publication.BROUILLON)
    assert len(MODELS) > 10
    for model in MODELS:
        page = text_of(client.get(address(model, "change", made[model].pk)))
        for acte in PUBLICATION.actes:
            assert acte.titre in page, (model, acte.nom)
        assert act(client, made[model], "publier").status_code == 302, model
        assert state(made[model]) == "publié"


def test_a_reader_sees_every_act_and_why(reader, contrat):
    page = reader.get(address(type(contrat), "change", contrat.pk))
    told = text_of(page)
    for title in ("Valider en comité", "Signer", "Clore", "Publier", "Retirer du site"):
        assert title in told
    assert "Votre rôle (lecteur) ne permet pas cet acte." in told
    assert "/acte/" not in page.content.decode()


def test_a_new_record_has_no_act_yet(publisher, contrat):
    assert 'id="actes"' not in publisher.get(address(type(contrat), "add")).content.decode()
