"""An administrator makes a parution, withdraws one, masks a personal datum; nobody else does."""

import pytest
from django.urls import reverse

from programme.donnees.parutions import taches
from programme.models import Parution, Tache
from programme.occultation.acte import OCCULTATION
from programme.taches import charge_of, execution
from tests import factories
from tests.programme.donnees.parutions.conftest import quelques_jeux

pytestmark = pytest.mark.django_db
LISTE = reverse("admin:programme_parution_changelist")
FAIRE = reverse("admin:programme_parution_faire")
OCCULTER = reverse("admin:programme_parution_occulter")


@pytest.fixture(autouse=True)
def _media(tmp_path, settings):
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def national(client):
    agent = factories.NationalFactory()
    client.force_login(agent)
    return agent


def retirer(parution):
    return reverse("admin:programme_parution_retirer", args=[parution.pk])


def test_one_is_asked_confirmed_and_made(client, national):
    factories.ProjetFactory(code="P1")
    assert FAIRE in client.get(LISTE).content.decode()
    assert "Ce sera la première." in client.get(FAIRE).content.decode()
    assert not Tache.objects.exists(), "looking asks for nothing"
    said = client.post(FAIRE, {"note": "Avant le comité."}, follow=True).content.decode()
    assert "La parution est demandée" in said
    assert not Parution.objects.exists(), "the request does not make it"
    with quelques_jeux():
        execution.executer()
    (parution,) = Parution.objects.all()
    assert (parution.par, parution.auteur, parution.note) == (
        Parution.Par.ADMINISTRATEUR,
        national,
        "Avant le comité.",
    )
    assert "Dernière en vigueur : parution n° 1 du" in client.get(FAIRE).content.decode()


def test_one_is_withdrawn_once_with_its_reason(client, national):
    parution = factories.ParutionFactory(numero=7)
    page = reverse("admin:programme_parution_change", args=[parution.pk])
    assert retirer(parution) in client.get(page).content.decode()
    said = client.post(retirer(parution), {"motif": " "}).content.decode()
    assert "Dites pourquoi cette parution est retirée." in said
    assert not Parution.objects.get().est_retiree
    client.post(retirer(parution), {"motif": "Le montant de P1 était faux."})
    assert (Parution.objects.get().motif, Tache.objects.get().genre) == (
        "Le montant de P1 était faux.",
        taches.RETRAIT,
    )
    again = client.post(retirer(parution), {"motif": "Autre."})
    assert again.status_code == 409
    assert "Elle l’a déjà été : Le montant de P1 était faux." in again.content.decode()
    assert Parution.objects.get().motif == "Le montant de P1 était faux."
    assert retirer(parution) not in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("texte", "motif", "sentence"),
    [
        ("", "Erreur.", "Écrivez le numéro, le nom ou l’adresse à occulter."),
        ("12 34", "Erreur.", "Un nombre de moins de 6 chiffres se trouverait partout."),
        ("ab", "Erreur.", "Un texte de moins de 4 signes se trouverait partout."),
        ("0612345678", "", "Dites pourquoi : le motif explique les empreintes changées."),
        ("0612345678", "Le 06 12 34 56 78.", "n’y répétez pas ce qui est à occulter."),
    ],
)
def test_what_cannot_be_masked_is_refused(client, national, texte, motif, sentence):
    said = client.post(OCCULTER, {"texte": texte, "motif": motif}).content.decode()
    assert sentence in said
    assert not Tache.objects.exists()


def test_masking_is_asked_and_kept_encrypted_until_it_is_done(client, national):
    projet = factories.ProjetFactory(objet="Appelez le 06 12 34 56 78.")
    asked = {"texte": "0612345678", "motif": "Publié par erreur."}
    assert "Dites ce que deviennent" in client.post(OCCULTER, asked).content.decode()
    assert not Tache.objects.exists()
    client.post(OCCULTER, asked | {"documents": "retirer"})
    (tache,) = Tache.objects.filter(genre=OCCULTATION)
    assert "0612345678" not in tache.charge
    assert charge_of(tache)["texte"] == "0612345678"
    execution.executer()
    tache.refresh_from_db()
    projet.refresh_from_db()
    assert (tache.etat, tache.charge) == (Tache.Etat.FAITE, "")
    assert projet.objet.startswith("Appelez le [occulté le ")


@pytest.mark.parametrize(
    "factory", [factories.SecretariatFactory, factories.RedacteurFactory, factories.LecteurFactory]
)
def test_nobody_else_does(client, factory):
    client.force_login(factory())
    parution = factories.ParutionFactory(numero=7)
    for door in (FAIRE, OCCULTER, retirer(parution)):
        assert client.get(door).status_code == 403
        assert client.post(door, {"motif": "x", "texte": "0612345678"}).status_code == 403
    assert not Tache.objects.exists()
    assert not Parution.objects.get().est_retiree
