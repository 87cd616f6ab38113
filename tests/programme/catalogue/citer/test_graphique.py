"""The page of one chart, where the lists that draw it lead for its numbers."""

import pytest
from django.urls import reverse

from tests import factories
from tests.programme.catalogue.pages.outils import texte

pytestmark = pytest.mark.django_db

CODE = "graphique-projets-investissements"


def test_it_has_the_numbers_of_the_rows_asked_for_and_leads_back(client):
    factories.ProjetFactory.create_batch(2, filiere="Bois", investissement_eur=1_500_000)
    factories.ProjetFactory(filiere="Santé", investissement_eur=300_000)
    liste = client.get(f"{reverse('projets')}?filiere=Bois")
    address = f"{reverse('graphique', args=[CODE])}?filiere=Bois"
    assert f'href="{address}"' in liste.text
    response = client.get(address)
    assert "Filière : Bois." in texte(response)
    assert "de 1 M€ à 2 M€ 2 3 000 000 €" in texte(response)
    assert "300 000" not in texte(response)
    assert f'href="{reverse("projets")}?filiere=Bois' in response.text
    assert f'value="{CODE}?filiere=Bois"' in response.text


def test_nothing_to_draw_is_said(client):
    response = client.get(f"{reverse('graphique', args=[CODE])}?axe=innover")
    assert response.status_code == 200
    assert "Aucun projet ne dit son investissement" in texte(response)


@pytest.mark.parametrize("code", ["inconnu", "projets"])
def test_what_is_no_chart_is_not_found(client, code):
    response = client.get(reverse("graphique", args=[code]))
    assert response.status_code == 404
    assert "Aucun graphique à cette adresse." in texte(response)


def test_what_it_cannot_read_is_told(client):
    response = client.get(f"{reverse('graphique', args=[CODE])}?axe=zzz")
    assert response.status_code == 400
    assert "« zzz » n’est pas une valeur possible." in texte(response)
