"""The place of a project that an officer types: the commune gives the rest, unasked or told."""

from datetime import date

import pytest
from django.urls import reverse

from programme.models import Projet
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data, messages_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(national, signed_in):
    return signed_in(national)


@pytest.fixture
def caen():
    departement = f.DepartementFactory(code="14", nom="Calvados", region__code="28")
    return f.CommuneFactory(code="14118", nom="Caen", departement=departement)


def sent(client, projet, **typed):
    page = address(Projet, "change", projet.pk)
    return client.post(page, form_data(client.get(page)) | typed, follow=True)


def test_a_commune_alone_never_empties_a_territory_in_silence(client, national, caen):
    projet = f.ProjetFactory(publication="brouillon", code_postal="", lon=None, lat=None)
    territoire = projet.territoire
    response = sent(client, projet, commune=caen.pk)
    told = messages_of(response)
    assert "n’est pas dans le territoire" in told
    projet.refresh_from_db()
    assert (projet.territoire, projet.commune_id == caen.pk) == (territoire, False)
    # What the commune gives is filled in: sent again as it came back, it is saved.
    form = response.context["adminform"].form
    assert (form["departement"].value(), form["territoire"].value()) == ("14", "")
    sent(client, projet, commune=caen.pk, departement="14", territoire="")
    projet.refresh_from_db()
    assert (projet.commune_id, projet.departement_id, projet.territoire) == (caen.pk, "14", None)


def test_an_empty_territory_is_deduced_and_told(client, national, caen):
    member = f.RattachementFactory(intercommunalite=caen.intercommunalite)
    projet = f.ProjetFactory(
        publication="brouillon", territoire=None, code_postal="", lon=None, lat=None
    )
    response = sent(client, projet, commune=caen.pk)
    projet.refresh_from_db()
    assert projet.territoire_id == member.territoire_id
    assert f"D’après la commune, territoire : {member.territoire_id}" in messages_of(response)


def test_the_commune_proposes_the_rest(client, national, caen):
    f.CodePostalFactory(commune=caen, code="14000")
    member = f.RattachementFactory(
        territoire__phase_id=2,
        territoire__nom="Caen industriel",
        intercommunalite=caen.intercommunalite,
        debut=date(2024, 7, 4),
    )
    given = client.get(reverse("admin:lieu"), {"commune": "14118"}).json()
    assert given["departement"] == {"valeur": "14", "mots": "Calvados (14)"}
    assert given["territoire"] == {"valeur": member.territoire_id, "mots": "Caen industriel"}
    assert given["code_postal"]["valeur"] == "14000"
    assert given["intercommunalite"] == caen.intercommunalite.nom
    # The page says the same without JavaScript.
    projet = f.ProjetFactory(commune=caen, territoire=member.territoire)
    page = text_of(client.get(address(Projet, "change", projet.pk)))
    assert given["mots"] in page
    assert given["region"] in given["mots"]
    assert client.get(reverse("admin:lieu"), {"commune": "99999"}).status_code == 400


def test_a_form_offers_the_communes_of_today(client, caen):
    gone = f.CommuneFactory(code="14999", nom="Caen-le-Vieux", departement=caen.departement)
    f.MouvementCommuneFactory(commune=gone, rejointe=None)
    asked = {"app_label": "programme", "model_name": "projet", "field_name": "commune"}
    found = client.get(reverse("admin:autocomplete"), asked | {"term": "Caen"}).json()
    assert [row["id"] for row in found["results"]] == ["14118"]
