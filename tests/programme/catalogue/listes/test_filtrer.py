"""The page of the filters of a list: everything its own page only leads to."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from programme.catalogue.listes.criteres.choix import COURT
from tests import factories

from .outils import LISTES, ask, text

pytestmark = pytest.mark.django_db


def filtrer(client, liste, query=""):
    return client.get(reverse("filtrer", args=[liste]) + query)


@pytest.mark.parametrize("liste", LISTES)
def test_it_has_every_filter_that_the_list_leads_to(client, liste):
    LISTES[liste].create_batch(2)
    page = filtrer(client, liste)
    assert page.status_code == 200
    assert f'action="{reverse(liste)}"' in page.text
    shown = ask(client, liste)
    led = [critere for critere in shown.context["criteres"] if critere.ailleurs]
    for critere in led:
        assert f"{reverse('filtrer', args=[liste])}" in shown.text
        assert f'#critere-{critere.nom}"' in shown.text
        assert f'id="critere-{critere.nom}"' in page.text
        assert f'name="{critere.nom}' in page.text
    assert page.text.count('class="critere"') >= len(led)


def test_every_value_is_offered_with_the_number_of_rows_it_keeps(client):
    factories.ProjetFactory.create_batch(2, filiere="Bois", axe="innover")
    factories.ProjetFactory(filiere="Santé", axe="attirer")
    read = text(filtrer(client, "projets", "?axe=innover"))
    assert "Bois (2)" in read
    assert "Retour à la liste : 2 projets" in read


def test_what_is_asked_is_kept_from_one_page_to_the_other(client):
    factories.ProjetFactory(filiere="Bois")
    asked = "?filiere=Bois&tri=-emplois_crees"
    shown = client.get(reverse("projets") + asked)
    assert f'href="{reverse("filtrer", args=["projets"])}{escape(asked)}#critere-tri"' in shown.text
    assert '<input type="hidden" name="tri" value="-emplois_crees">' in shown.text
    assert "Trier : Emplois créés (décroissant)" in text(shown)
    page = filtrer(client, "projets", asked)
    assert f'href="{reverse("projets")}{escape(asked)}"' in page.text
    assert '<option value="-emplois_crees" selected>' in page.text


def test_a_filter_in_use_stays_beside_the_list(client):
    factories.ProjetFactory(emplois_crees=9)
    response = ask(client, "projets", emplois_crees_min=5)
    criteres = {critere.nom: critere for critere in response.context["criteres"]}
    assert not criteres["emplois_crees"].ailleurs
    assert 'name="emplois_crees_min"' in response.text
    assert criteres["emplois_maintenus"].ailleurs
    assert 'name="emplois_maintenus_min"' not in response.text


def test_few_values_stay_beside_the_list_many_do_not(client):
    factories.ProjetFactory.create_batch(2, filiere="Bois")
    assert "Bois (2)" in text(ask(client, "projets"))
    for number in range(COURT):
        factories.ProjetFactory(filiere=f"Filière {number}")
    assert "Bois (2)" not in text(ask(client, "projets"))
    assert "Bois (2)" in text(filtrer(client, "projets"))


def test_what_cannot_be_read_is_told(client):
    response = filtrer(client, "projets", "?axe=zzz")
    assert response.status_code == 400
    assert "« zzz » n’est pas une valeur possible." in text(response)


def test_empty_fields_are_left_out_of_the_address(client):
    response = filtrer(client, "projets", "?q=&axe=innover")
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('filtrer', args=['projets'])}?axe=innover"


@pytest.mark.parametrize("code", ["inconnu", "emploi"])
def test_what_has_no_list_has_no_filter(client, code):
    response = filtrer(client, code)
    assert response.status_code == 404
    assert "Aucune liste à filtrer à cette adresse." in text(response)


def test_its_queries_do_not_grow(client, django_assert_max_num_queries):
    factories.ProjetFactory.create_batch(3)
    with django_assert_max_num_queries(12):
        filtrer(client, "projets")
