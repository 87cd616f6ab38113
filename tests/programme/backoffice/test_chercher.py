"""One search across what an agent may open, and nothing of what they may not."""

import pytest
from django.urls import reverse

from tests import factories as f
from tests.programme.backoffice.outils import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(secretariat, signed_in):
    return signed_in(secretariat)


@pytest.fixture
def projet(normandie):
    return f.ProjetFactory(
        code="aigle-1",
        beneficiaire="Forges de l’Iton",
        siren="331408336",
        territoire__region_porteuse=normandie,
        commune=f.CommuneFactory(
            code="61214", nom="L’Aigle", departement=f.DepartementFactory(region=normandie)
        ),
        publication="brouillon",
    )


def chercher(client, texte):
    return client.get(reverse("admin:chercher"), {"q": texte})


@pytest.mark.parametrize(
    "texte",
    [
        "aigle-1",
        "AIGLE-",
        "aigle-1 forges",
        "forges iton",
        "331408336",
        "331 408 336",
        "l'aigle",
        "61214",
    ],
)
def test_a_project_by_its_code_name_siren_or_commune(client, projet, texte):
    response = chercher(client, texte)
    assert response.status_code == 200
    body = response.content.decode()
    assert f'href="{address(type(projet), "change", projet.pk)}"' in body, texte
    assert "Forges de l’Iton" in body


@pytest.mark.parametrize("texte", ["fer", "fer_1", "fer%", "er-1", "fer-2"])
def test_a_code_is_found_by_its_beginning_alone(client, projet, texte):
    """A word begins no code; a sign of SQL is a sign."""
    other = f.ProjetFactory(
        code="fer-1",
        objet="Un four",
        territoire=projet.territoire,
        commune=projet.commune,
        siren="",
    )
    page = f'href="{address(type(other), "change", other.pk)}"'
    assert page not in chercher(client, texte).content.decode()
    assert page in chercher(client, "Fer-").content.decode()


def test_nothing_of_another_region(client, bretagne):
    hidden = f.ProjetFactory(
        code="breizh-1",
        beneficiaire="Caché",
        territoire__region_porteuse=bretagne,
        publication="brouillon",
    )
    contrat = f.ContratFactory(
        intitule="Contrat caché", territoire__region_porteuse=bretagne, publication="brouillon"
    )
    body = chercher(client, "cache").content.decode()
    assert str(hidden) not in body
    assert str(contrat) not in body
    assert "Rien, dans ce que vous pouvez ouvrir" in body


def test_the_help_of_the_forms(client):
    body = chercher(client, "envelopp").content.decode()
    assert "Aide des formulaires" in body


def test_acts_are_of_who_may_read_them(client, national, signed_in, projet, secretariat):
    projet.publication = "publié"
    projet._history_user = secretariat
    projet.save()
    assert "Modifications" not in chercher(client, "publié").content.decode()
    assert chercher(signed_in(national), "publié").status_code == 200


@pytest.mark.parametrize(
    ("texte", "dit", "statut"),
    [
        ("", "Ctrl K", 200),
        ("a", "Tapez deux lettres", 200),
        ("…", "Tapez deux lettres", 200),
        ("\0", "Ctrl K", 200),
        ("a" * 201, "dépasse 200 caractères", 400),
        ("<zzqx>", "Rien, dans ce que", 200),
    ],
)
def test_what_finds_nothing_is_told(client, texte, dit, statut):
    response = chercher(client, texte)
    assert response.status_code == statut
    body = response.content.decode()
    assert dit in body
    assert "<zzqx>" not in body


def test_each_page_has_it_without_javascript(client, projet):
    body = client.get(address(type(projet), "change", projet.pk)).content.decode()
    assert f'action="{reverse("admin:chercher")}"' in body
    assert 'name="q"' in body


def test_the_page_needs_a_session(client):
    client.logout()
    assert chercher(client, "aigle").status_code == 302


def test_the_cost_does_not_grow_with_what_is_found(
    client, projet, normandie, django_assert_max_num_queries
):
    f.projets(12, territoire=projet.territoire, beneficiaire="Forges")
    with django_assert_max_num_queries(60):
        chercher(client, "forges")
