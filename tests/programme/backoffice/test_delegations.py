"""A secretariat records the financeurs of its région, and the référents that are left to it."""

from datetime import date

import pytest
from django.urls import reverse

from programme.models import Financeur, Proposition, Publication, Referent
from territoires.models import Operateur
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data, messages_of, text_of

# --- Financeurs -------------------------------------------------------------------------------


@pytest.fixture
def ailleurs(signed_in, bretagne):
    return signed_in(f.SecretariatFactory(regions=[bretagne]))


def ajoute(client, **values):
    page = address(Financeur, "add")
    data = form_data(client.get(page))
    return client.post(page, {**data, "nom": "Caen la mer", "type": "collectivité", **values})


def test_a_secretariat_records_a_financeur_of_its_region(
    signed_in, secretariat, normandie, ailleurs, client
):
    desk = signed_in(secretariat)
    response = ajoute(desk, region=normandie.pk)
    assert response.status_code == 302, messages_of(response)
    made = Financeur.objects.get()
    assert (made.region, made.slug) == (normandie, "caen-la-mer")
    page = address(Financeur, "change", made.pk)
    data = {**form_data(desk.get(page)), "nom": "Communauté urbaine Caen la mer"}
    assert desk.post(page, data).status_code == 302
    made.refresh_from_db()
    assert made.nom == "Communauté urbaine Caen la mer"
    # Nobody's else, nor public, before it pays for what is published.
    assert ailleurs.get(page).status_code == 404
    public = reverse("projets")
    assert "Caen la mer" not in client.get(public).content.decode()
    f.FinancementFactory(financeur=made, projet=f.ProjetFactory(publication=Publication.PUBLIE))
    assert "Caen la mer" in client.get(public).content.decode()
    assert ailleurs.get(page).status_code == 200
    assert ailleurs.post(page, {**data, "nom": "À nous"}).status_code == 403
    made.refresh_from_db()
    assert made.nom == "Communauté urbaine Caen la mer"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"region": ""}, "Choisissez votre région : elle en répond."),
        ({"region": "53"}, "Sélectionnez un choix valide"),
        ({"region": "28", "type": "État"}, "Une région enregistre une Région"),
        ({"region": "28", "nom": ""}, "obligatoire"),
        ({"region": "28", "nom": "Caen-la-mer"}, "Peut-être déjà enregistré"),
    ],
)
@pytest.mark.usefixtures("normandie", "bretagne")
def test_what_it_may_not_record_is_told(signed_in, secretariat, values, sentence):
    f.FinanceurFactory(nom="CAEN LA MER", slug="caen")
    response = ajoute(signed_in(secretariat), **{"nom": "Autre nom", **values})
    assert sentence in text_of(response)
    assert Financeur.objects.count() == 1


def test_those_of_the_country_and_other_roles(signed_in, secretariat, redacteur, normandie):
    etat = f.FinanceurFactory(nom="État", slug="etat", type="État")
    page = address(Financeur, "change", etat.pk)
    desk = signed_in(secretariat)
    assert b'name="_save"' not in desk.get(page).content
    assert desk.post(page, {"nom": "À nous", "version_vue": 1}).status_code == 403
    editor = signed_in(redacteur)
    assert editor.get(address(Financeur, "add")).status_code == 403
    assert editor.post(address(Financeur, "add"), {"nom": "X"}).status_code == 403
    etat.refresh_from_db()
    assert etat.nom == "État"


# --- Référents --------------------------------------------------------------------------------


@pytest.fixture
def territoire(normandie):
    return f.TerritoireFactory(region_porteuse=normandie)


@pytest.fixture
def banque():
    return f.OperateurFactory(code="banque", nom="Banque publique")


@pytest.fixture
def seul():
    return f.OperateurFactory(code="seul", nom="Opérateur seul")


def nomme(client, territoire, operateur):
    page = address(Referent, "add")
    sent = {
        "operateur": operateur.pk,
        "territoire": territoire.pk,
        "nom": "Anne Martin",
        "debut": "2022-05-03",
        "publication": "publié",
    }
    return client.post(page, sent)


def test_an_operateur_delegates_its_referents(signed_in, secretariat, territoire, banque, seul):
    desk = signed_in(secretariat)
    assert desk.get(address(Referent, "add")).status_code == 403
    assert nomme(desk, territoire, banque).status_code == 403
    # Its own agent says so, and nothing else of it.
    theirs = signed_in(f.ReferentAgentFactory(operateur=banque))
    page = address(Operateur, "change", banque.pk)
    data = {**form_data(theirs.get(page)), "delegue_referents": "on", "nom": "Autre nom"}
    assert theirs.post(page, data).status_code == 302
    assert theirs.post(address(Operateur, "change", seul.pk), data).status_code == 404
    banque.refresh_from_db()
    assert (banque.delegue_referents, banque.nom) == (True, "Banque publique")
    response = nomme(desk, territoire, banque)
    assert response.status_code == 302, messages_of(response)
    assert Referent.objects.published().get().nom == "Anne Martin"
    refused = nomme(desk, territoire, seul)
    assert "Sélectionnez un choix valide" in text_of(refused)
    assert Referent.objects.count() == 1


def test_those_that_are_not_left_to_it_stay_locked(
    signed_in, secretariat, territoire, banque, seul
):
    Operateur.objects.filter(pk=banque.pk).update(delegue_referents=True)
    kept = f.ReferentFactory(
        operateur=seul, territoire=territoire, publication=Publication.BROUILLON, nom="Luc Petit"
    )
    desk = signed_in(secretariat)
    page = address(Referent, "change", kept.pk)
    told = text_of(desk.get(page))
    assert "Opérateur seul désigne ses référents et ne l’a pas délégué" in told
    assert desk.post(page, {"nom": "Autre", "version_vue": kept.version}).status_code == 403
    act = address(Referent, "acte_publier", kept.pk)
    assert desk.post(act, {"version_vue": kept.version}).status_code == 403
    listed = address(Referent, "changelist")
    sent = {"action": "publier", "_selected_action": [kept.pk], "post": "yes"}
    desk.post(listed, sent)
    kept.refresh_from_db()
    assert (kept.nom, kept.publication) == ("Luc Petit", Publication.BROUILLON)
    # Nor brought back once deleted: it would name one in its place.
    key = kept.pk
    kept.delete()
    gone = Referent.history.filter(id=key).first()
    again = desk.post(address(Referent, "recreer", key), {"suppression": gone.history_id})
    assert again.status_code != 302
    assert not Referent.objects.exists()


def test_a_proposal_on_one_is_answered_by_its_operateur_alone(
    signed_in, secretariat, territoire, banque, seul
):
    national = f.NationalFactory()
    Operateur.objects.filter(pk=banque.pk).update(delegue_referents=True)
    rows = {
        operateur: f.ReferentFactory(
            operateur=operateur,
            territoire=territoire,
            publication=Publication.PUBLIE,
            debut=date(2022, 1, 1),
        )
        for operateur in (banque, seul)
    }
    asked = {
        operateur: f.PropositionFactory(
            record=row,
            auteur=national,
            changements={"champs": {"nom": [row.nom, "Anne"]}, "lignes": []},
        )
        for operateur, row in rows.items()
    }
    desk = signed_in(secretariat)
    listed = desk.get(f"{address(Proposition, 'changelist')}?pour=repondre").content.decode()
    assert asked[banque].get_absolute_url() in listed
    assert asked[seul].get_absolute_url() not in listed
    assert desk.get(asked[banque].get_absolute_url()).context["repond"]
    assert not desk.get(asked[seul].get_absolute_url()).context["repond"]
