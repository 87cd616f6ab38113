"""A record begun from another one, the next one, and the one that is there already."""

import pytest

from programme.models import Contrat, Financement, Projet, Referent, Seance
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data, messages_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def territoire(normandie):
    return f.TerritoireFactory(code="ti-2801", nom="Pays de l’Aigle", region_porteuse=normandie)


@pytest.fixture
def client(secretariat, signed_in):
    return signed_in(secretariat)


def chosen(data, name):
    value = data.get(name)
    return str(value[0] if isinstance(value, list) else value)


def ajouter(client, modele, **query):
    return client.get(address(modele, "add"), query)


def test_a_project_begins_from_its_contract(client, territoire):
    contrat = f.ContratFactory(territoire=territoire)
    page = client.get(address(Contrat, "change", contrat.pk)).content.decode()
    assert "Ajouter un projet</a>" in page
    assert f"{address(Projet, 'add')}?contrat={contrat.pk}" in page
    data = form_data(ajouter(client, Projet, contrat=contrat.pk))
    assert [chosen(data, name) for name in ("contrat", "territoire", "departement")] == [
        str(contrat.pk),
        "ti-2801",
        territoire.departements.get().pk,
    ]


def test_a_code_is_proposed(client, territoire):
    assert form_data(ajouter(client, Projet))["code"] == "r28-001"
    f.ProjetFactory(code="r28-041", territoire=territoire)
    f.ProjetFactory(code="r28-autre", territoire=territoire)
    assert form_data(ajouter(client, Projet))["code"] == "r28-042"


def test_a_territory_offers_what_may_be_added(client, territoire, normandie, signed_in):
    page = client.get(address(type(territoire), "change", territoire.pk)).content.decode()
    assert "Ajouter un projet</a>" in page
    assert "Ajouter un contrat</a>" in page
    reader = signed_in(f.LecteurFactory(regions=[normandie]))
    shown = reader.get(address(type(territoire), "change", territoire.pk)).content.decode()
    assert "Ajouter un projet</a>" not in shown


def test_a_record_of_another_region_is_not_begun_from(client, bretagne):
    theirs = f.TerritoireFactory(code="ti-5301", nom="Cornouaille", region_porteuse=bretagne)
    contrat = f.ContratFactory(territoire=theirs, intitule="Contrat caché", publication="brouillon")
    response = ajouter(
        client, Projet, contrat=contrat.pk, territoire="ti-5301", commune="x", mise_a_jour="y"
    )
    assert response.status_code == 200
    assert "Cornouaille" not in response.content.decode()
    assert "Contrat caché" not in response.content.decode()
    data = form_data(response)
    assert (chosen(data, "territoire"), chosen(data, "contrat")) == ("", "")
    assert ajouter(client, Projet, contrat="abc").status_code == 200


def test_the_next_one_keeps_the_place_the_source_and_the_fund(client, territoire):
    etat = f.FinanceurFactory(nom="État")
    data = form_data(ajouter(client, Projet, territoire=territoire.pk))
    data |= {
        "beneficiaire": "Forges",
        "objet": "Four",
        "source": "PV du 6 mars",
        "financements-0-financeur": etat.pk,
        "financements-0-montant_accorde_eur": "5000",
        "_addanother": "on",
    }
    begun = f"{address(Projet, 'add')}?contrat=99&territoire={territoire.pk}"
    response = client.post(begun, data)
    assert response.status_code == 302, messages_of(response)
    assert "contrat" not in response.url
    assert response.url.count("territoire=") == 1
    assert Financement.objects.get().financeur == etat
    shown = client.get(response.url)
    kept = form_data(shown)
    assert (chosen(kept, "territoire"), kept["source"]) == ("ti-2801", "PV du 6 mars")
    assert chosen(kept, "financements-0-financeur") == str(etat.pk)
    assert kept["beneficiaire"] == ""
    assert kept["code"] == "r28-002"


@pytest.mark.parametrize(
    ("saisie", "raison"),
    [
        ({"beneficiaire": "Autre", "siren": "331408336"}, "même SIREN"),
        (
            {"beneficiaire": "FORGES DE L ITON", "objet": "four a arcs"},
            "même endroit, même porteur",
        ),
    ],
)
def test_a_double_is_named_before_it_is_saved(client, territoire, saisie, raison):
    f.ProjetFactory(
        code="aigle-1",
        beneficiaire="Forges de l’Iton",
        objet="Four à arc",
        siren="331408336",
        territoire=territoire,
    )
    data = {**form_data(ajouter(client, Projet, territoire=territoire.pk)), **saisie}
    response = client.post(address(Projet, "add"), data)
    assert response.status_code == 200
    body = response.content.decode()
    assert "Peut-être déjà enregistré" in body
    assert "Forges de l’Iton – Four à arc" in body
    assert raison in body
    assert f'value="{saisie["beneficiaire"]}"' in body, "nothing typed is lost"
    again = client.post(address(Projet, "add"), {**data, "_pas_un_doublon": "1"})
    assert again.status_code == 302, messages_of(again)
    assert Projet.objects.count() == 2


def test_a_double_of_another_region_is_not_named(client, territoire, bretagne):
    f.ProjetFactory(
        code="breizh-1", siren="331408336", territoire__region_porteuse=bretagne,
        beneficiaire="Caché", publication="brouillon",
    )  # fmt: skip
    data = form_data(ajouter(client, Projet, territoire=territoire.pk))
    data |= {"beneficiaire": "Forges", "siren": "331408336"}
    assert client.post(address(Projet, "add"), data).status_code == 302


def test_a_second_contract_of_a_type_is_told(client, territoire):
    known = f.ContratFactory(territoire=territoire, intitule="Contrat de l’Aigle")
    data = form_data(ajouter(client, Contrat, territoire=territoire.pk))
    data |= {"type": known.type, "intitule": "Un autre"}
    response = client.post(address(Contrat, "add"), data)
    assert "même territoire, même type d’acte" in response.content.decode()
    assert "Contrat de l’Aigle" in response.content.decode()


def test_a_record_that_is_there_is_changed_without_a_question(client, territoire):
    for rank in (1, 2):
        f.ProjetFactory(
            code=f"a-{rank}", siren="331408336", territoire=territoire, publication="brouillon"
        )
    one = Projet.objects.first()
    page = address(Projet, "change", one.pk)
    response = client.post(page, {**form_data(client.get(page)), "objet": "Neuf"})
    assert response.status_code == 302, messages_of(response)


def test_who_has_one_choice_has_chosen(signed_in, normandie):
    """An opérateur's officer names the référents of one, their own; whoever has several chooses."""
    agent = f.ReferentAgentFactory()
    f.OperateurFactory()
    form = signed_in(agent).get(address(Referent, "add")).context["adminform"].form
    assert form["operateur"].value() == agent.operateur_id
    form = signed_in(f.NationalFactory()).get(address(Referent, "add")).context["adminform"].form
    assert form["operateur"].value() is None


def test_who_has_one_committee_adds_its_seance(signed_in, normandie, bretagne, secretariat):
    """Neither committee is required alone, since a séance has one of two."""
    mine = f.ComiteRegionalFactory(region=normandie)
    f.ComiteRegionalFactory(region=bretagne)
    shown = lambda agent: (  # noqa: E731
        signed_in(agent).get(address(Seance, "add")).context["adminform"].form
    )
    assert shown(secretariat)["comite_regional"].value() == mine.pk
    assert shown(f.NationalFactory())["comite_regional"].value() is None
    both = f.SecretariatFactory(regions=[normandie, bretagne])
    assert shown(both)["comite_regional"].value() is None
