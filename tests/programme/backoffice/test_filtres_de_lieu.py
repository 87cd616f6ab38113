"""By territory and by département, in the lists of the back-office."""

from types import SimpleNamespace

import pytest

from programme.models import Contrat, Decision, Document, Projet, Referent
from territoires.models import AutreNom, Rattachement, Territoire
from tests import factories as f
from tests.programme.backoffice.outils import address, text_of


@pytest.fixture
def lieux(normandie, bretagne):
    """Two départements of Normandie with a territory each, and one of Bretagne."""

    def territoire(code, region, nom):
        departement = f.DepartementFactory(code=code, nom=nom, region=region)
        made = f.TerritoireFactory(nom=f"Val de {nom}", region_porteuse=region)
        made.departements.set([departement])
        return made

    return SimpleNamespace(
        caen=territoire("14", normandie, "Calvados"),
        eure=territoire("27", normandie, "Eure"),
        rennes=territoire("35", bretagne, "Ille-et-Vilaine"),
    )


def found(client, model, **asked):
    response = client.get(address(model, "changelist"), asked)
    assert response.status_code == 200
    return list(response.context["cl"].queryset)


def of(territoire):
    """{model: its row that lies in the territory}."""
    contrat = f.ContratFactory(territoire=territoire, intitule=f"Acte {territoire}")
    return {
        Contrat: contrat,
        Document: f.DocumentFactory(contrat=contrat, territoire=None),
        Referent: f.ReferentFactory(territoire=territoire),
        AutreNom: f.AutreNomFactory(territoire=territoire),
        Decision: f.DecisionFactory(type="valider un contrat", contrat=contrat, territoire=None),
    }


@pytest.mark.parametrize(("name", "value"), [("territoire", "pk"), ("departement", "14")])
def test_a_list_shows_what_lies_there(signed_in, national, lieux, name, value):
    here = of(lieux.caen)
    of(lieux.eure)
    asked = {name: lieux.caen.pk if value == "pk" else value}
    client = signed_in(national)
    for model, row in here.items():
        assert found(client, model, **asked) == [row], model
    assert found(client, Territoire, departement="14") == [lieux.caen]
    assert {row.territoire for row in found(client, Rattachement, **asked)} == {lieux.caen}


def test_a_project_lies_where_its_commune_does_before_its_territory(signed_in, national, lieux):
    [calvados] = lieux.caen.departements.all()
    commune = f.CommuneFactory(departement=calvados)
    placed = f.ProjetFactory(territoire=lieux.eure, commune=commune, departement=None)
    cited = f.ProjetFactory(territoire=None, commune=None, departement=calvados)
    f.ProjetFactory(territoire=lieux.eure, commune=None, departement=None)
    client = signed_in(national)
    assert {*found(client, Projet, departement="14")} == {placed, cited}
    assert found(client, Projet, departement="27") == []
    decision = f.DecisionFactory(type="valider un projet", projet=cited, territoire=None)
    assert found(client, Decision, departement="14") == [decision]


def test_the_choices_are_those_of_the_perimeter(signed_in, secretariat, lieux):
    page = text_of(signed_in(secretariat).get(address(Contrat, "changelist")))
    assert "Val de Calvados" in page
    assert "Eure (27)" in page
    assert "Ille-et-Vilaine" not in page


def test_territories_are_offered_phase_by_phase(signed_in, secretariat, lieux):
    f.TerritoireFactory(nom="Val d’Orne", phase_id=2, region_porteuse=lieux.caen.region_porteuse)
    page = signed_in(secretariat).get(address(Contrat, "changelist")).content.decode()
    _, second, first = page.split("<optgroup ")
    assert "Val d’Orne" in second
    assert "Val de Eure" in first


def test_the_choice_is_said_and_keeps_the_other_filters(signed_in, secretariat, lieux):
    f.ContratFactory(territoire=lieux.caen)
    asked = {"departement": "14", "statut__exact": "signé", "q": "acte"}
    response = signed_in(secretariat).get(address(Contrat, "changelist"), asked)
    page = response.content.decode()
    assert "département Calvados (14)" in response.context["cl"].title
    assert '<option value="14" selected>' in page
    assert page.count('<input type="hidden" name="statut__exact" value="signé">') >= 2


def test_everything_is_chosen_by_an_empty_value(signed_in, secretariat, lieux):
    f.ContratFactory(territoire=lieux.caen)
    client = signed_in(secretariat)
    response = client.get(address(Contrat, "changelist"), {"territoire": "", "departement": ""})
    assert response.context["cl"].filtres_actifs == []
    assert response.context["cl"].result_count == 1


@pytest.mark.parametrize("name", ["territoire", "departement"])
@pytest.mark.parametrize("value", ["inconnu", "35", "\x00"])
def test_a_place_that_is_not_among_the_choices_says_so(signed_in, secretariat, lieux, name, value):
    client = signed_in(secretariat)
    response = client.get(address(Contrat, "changelist"), {name: value}, follow=True)
    assert "n’existe pas, ou plus" in text_of(response)
    assert response.context["cl"].filtres_actifs == []
