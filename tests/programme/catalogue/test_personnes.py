"""Who names nobody says so, and only that may be shown elsewhere while the site cannot answer."""

import pytest
from django.urls import resolve, reverse

from programme.catalogue.personnes import names_nobody, sans_personne
from tests import factories as f
from tests.test_urls import EXAMPLES, PATTERNS

pytestmark = pytest.mark.django_db
NOM = "Zébulon Personne"
SECOURS = "stale-if-error=86400"


@pytest.fixture
def monde():
    """A territory, all of whose neighbours name the same person wherever a person is named."""
    territoire = f.TerritoireFactory(elu=NOM, industriel=NOM, chef_de_projet=NOM)
    commune = f.CommuneFactory()
    f.RattachementFactory(territoire=territoire, intercommunalite=commune.intercommunalite)
    contrat = f.ContratFactory(territoire=territoire)
    f.SignataireFactory(contrat=contrat, nom=NOM)
    projet = f.ProjetFactory(territoire=territoire, commune=commune)
    referent = f.ReferentFactory(territoire=territoire, nom=NOM)
    f.EngagementFactory(operateur=referent.operateur)
    f.ServiceFactory(operateur=referent.operateur)
    records = [territoire, contrat, projet, commune, commune.intercommunalite, referent.operateur]
    records.append(territoire.region_porteuse)
    return [record.get_absolute_url() for record in records]


def addresses(monde):
    plain = [reverse(name) for name, _, count in PATTERNS if name and not count]
    given = [
        reverse(name, kwargs=kwargs) for name, kwargs in EXAMPLES.items() if name != "document"
    ]
    return [*plain, *given, *monde]


def test_no_declared_page_names_a_person(client, monde):
    declared = [where for where in addresses(monde) if names_nobody(resolve(where).func)]
    assert len(declared) > 20
    named = []
    for where in declared:
        for query in ("", "?format=json"):
            response = client.get(where + query)
            if not response.streaming and NOM in response.content.decode():
                named.append(where + query)
    assert named == []


def test_only_declared_pages_may_be_shown_elsewhere(client, monde):
    for where in addresses(monde):
        response = client.get(where)
        told = SECOURS in response.get("Cache-Control", "")
        assert told <= names_nobody(resolve(where).func), where
        if response.status_code == 200 and not response.streaming and NOM in response.text:
            assert not told, where


@pytest.mark.parametrize("name", ["accueil", "carte", "projets", "fonds", "accessibilite"])
def test_the_main_pages_are_declared(client, name):
    assert SECOURS in client.get(reverse(name))["Cache-Control"]


def test_a_file_may_not_be_shown_elsewhere(client, monde):
    response = client.get("/projets/?format=csv")
    assert response.streaming
    assert "stale-if-error" not in response["Cache-Control"]
    response.close()


def test_a_declaration_is_not_inherited():
    """A subclass shows other things: it declares for itself."""

    @sans_personne
    class Mere:
        pass

    class Fille(Mere):
        pass

    assert names_nobody(Mere)
    assert not names_nobody(Fille)
