"""The page of a source: what the document is, and all that stands on it."""

import pytest

from programme.models import Publication
from tests.factories import (
    ChiffreAnnonceFactory,
    ContratFactory,
    JalonFactory,
    SourceFactory,
    TerritoireFactory,
)
from tests.programme.catalogue.pages.outils import texte

pytestmark = pytest.mark.django_db


def get(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response


@pytest.fixture
def communique():
    return SourceFactory(
        code="002_0ed7243ed52be13f",
        titre="Communiqué n°1207 : réunion du comité de pilotage national",
        editeur="Ministère",
        remarque="Document sans date.",
    )


def test_what_the_document_is_and_what_stands_on_it(client, communique):
    contrat = ContratFactory(intitule="Axe Seine", source=f"{communique.code} ; presse-1")
    JalonFactory(intitule="Comité de pilotage national", source=communique.code)
    page = get(client, communique.get_absolute_url())
    shown = texte(page)
    for said in (communique.titre, "Ministère", "Document sans date.", communique.code):
        assert said in shown
    assert f'href="{contrat.get_absolute_url()}"' in page.content.decode()
    assert "Jalons 1 ligne publiée." in shown


def test_a_territory_stands_on_the_source_of_its_dates(client, communique):
    TerritoireFactory(nom="Axe Seine", source_entree=communique.code)
    assert "Axe Seine" in texte(get(client, communique.get_absolute_url()))


def test_drafts_and_other_codes_do_not_count(client, communique):
    ContratFactory(source=communique.code, publication=Publication.BROUILLON)
    ContratFactory(source=f"{communique.code}-2 ; autre-{communique.code}")
    shown = texte(get(client, communique.get_absolute_url()))
    assert "Aucune ligne publiée ne la cite." in shown


def test_more_than_are_named_are_counted(client, communique):
    for _ in range(12):
        ContratFactory(source=communique.code)
    shown = texte(get(client, communique.get_absolute_url()))
    assert "12 lignes publiées" in shown
    assert "et 2 autres." in shown


def test_the_list_names_every_document_with_its_publisher(client, communique):
    SourceFactory(code="presse-1", titre="La Tribune", editeur="")
    page = get(client, "/sources/")
    shown = texte(page)
    assert f"{communique.titre} Ministère" in shown
    assert "La Tribune non renseigné" in shown
    assert f'href="{communique.get_absolute_url()}?liste=sources' in page.content.decode()


def test_the_list_without_any_document(client):
    assert "non renseigné" in texte(get(client, "/sources/"))


def test_an_unknown_source_is_told(client):
    response = client.get("/sources/inconnue-1/")
    assert response.status_code == 404
    assert "Aucune source n’a ce code." in texte(response)


def test_queries_do_not_grow(client, communique, django_assert_max_num_queries):
    def count():
        with django_assert_max_num_queries(40) as captured:
            get(client, communique.get_absolute_url())
        return len(captured)

    ChiffreAnnonceFactory(source=communique.code)
    ContratFactory(source=communique.code)
    first = count()
    for _ in range(4):
        ContratFactory(source=communique.code)
    assert count() == first
