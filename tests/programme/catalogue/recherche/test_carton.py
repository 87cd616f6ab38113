"""The card that answers: yes or no, since when, with whom, what is done there, what next."""

from datetime import date

import pytest

from programme.models import Projet
from tests.factories import (
    CodePostalFactory,
    CommuneFactory,
    ContratFactory,
    IntercommunaliteFactory,
    ListeFactory,
    ProjetFactory,
    RattachementFactory,
    TerritoireFactory,
)
from tests.programme.catalogue.pages.outils import mots, texte

pytestmark = pytest.mark.django_db
URL = "/recherche/"
CARTE = '<section class="carton '


@pytest.fixture
def aigle():
    interco = IntercommunaliteFactory(nom="CC des Pays de L’Aigle")
    place = CommuneFactory(nom="L’Aigle", code="61214", intercommunalite=interco)
    territoire = TerritoireFactory(nom="Pays de l’Aigle", phase_id=2, rattachement=None)
    RattachementFactory(territoire=territoire, intercommunalite=interco)
    return place, interco, territoire


def ask(client, words):
    return client.get(URL, {"q": words})


def card(response):
    """The words of the card of a page."""
    source = response.content.decode()
    assert source.count(CARTE) == 1
    return mots(source.split(CARTE)[1].split("</section>")[0].split(">", 1)[1])


def test_a_commune_in_a_territory(client, aigle):
    place, interco, territoire = aigle
    ProjetFactory(territoire=territoire, commune=place)
    ProjetFactory(territoire=territoire)
    ContratFactory(territoire=territoire, type="contrat", statut="signé")
    said = card(ask(client, "l'aigle"))
    assert said.startswith("L’Aigle Oui Dans le Territoire d’industrie Pays de l’Aigle (phase 2),")
    assert f"Avec qui {interco.nom}" in said
    assert "Pour quoi 2 projets publiés, dont 1 ici ; " in said
    assert "signé" in said
    assert "Voir le territoire · Être prévenu par courriel · Signaler une erreur" in said


def test_a_commune_outside(client):
    place = CommuneFactory(nom="Bernay")
    said = card(ask(client, "bernay"))
    assert said.startswith("Bernay Non Dans aucun Territoire d’industrie")
    assert "Aucun projet publié." in said
    assert "Les territoires les plus proches" in said
    source = ask(client, "bernay").content.decode()
    assert f'href="{place.get_absolute_url()}#territoire"' in source


def test_after_the_last_list_the_answer_says_which_it_was(client, aigle):
    ListeFactory(phase_id=2, date=date(2023, 11, 9))
    assert "Dernière liste connue : 9 novembre 2023." in card(ask(client, "l'aigle"))


def test_homonyms_are_to_choose_from(client):
    for number in range(2):
        CommuneFactory(nom="Saint-Denis", code=f"9{number}123")
    response = ask(client, "saint denis")
    assert CARTE not in response.content.decode()
    assert "Plusieurs réponses (commune) ont ce nom ou ce code" in texte(response)


def test_a_postcode_of_one_commune_answers_for_it(client, aigle):
    place, _, _ = aigle
    CodePostalFactory(code="61300", commune=place)
    assert card(ask(client, "61300")).startswith("L’Aigle Oui")


def test_a_territory_answers_by_its_own_name(client, aigle):
    said = card(ask(client, "pays de l'aigle"))
    assert "Oui Pays de l’Aigle est un Territoire d’industrie (phase 2), depuis le" in said


def test_the_territory_of_the_last_phase_answers(client, aigle):
    TerritoireFactory(nom="Pays de l’Aigle", phase_id=1)
    assert "est un Territoire d’industrie (phase 2)" in card(ask(client, "pays de l'aigle"))


def test_a_territory_of_a_phase_that_ended_is_no_more(client):
    TerritoireFactory(nom="Ancien Pays", phase_id=1)
    said = card(ask(client, "ancien pays"))
    assert "Non Ancien Pays était un Territoire d’industrie de la phase 1, jusqu’à sa fin" in said


def test_the_pages_of_the_places_open_on_it(client, aigle):
    place, interco, _ = aigle
    assert card(client.get(place.get_absolute_url())).startswith("Oui Dans le Territoire")
    assert card(client.get(interco.get_absolute_url())).startswith("Oui Membre du Territoire")


def test_a_draft_is_not_counted(client, aigle):
    place, _, territoire = aigle
    ProjetFactory(territoire=territoire, commune=place, publication="brouillon")
    ContratFactory(territoire=territoire, publication="brouillon")
    said = card(ask(client, "l'aigle"))
    assert "Pour quoi Aucun projet publié ; aucun contrat publié." in said
    assert Projet.objects.count() == 1


def test_other_words_have_no_card(client, aigle):
    ProjetFactory(beneficiaire="Fonderie")
    assert CARTE not in ask(client, "fonderie").content.decode()
    of_projects = client.get(URL, {"q": "l'aigle", "type": "projet"})
    assert CARTE not in of_projects.content.decode()
