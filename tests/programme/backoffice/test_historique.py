"""Whatever is changed or deleted can be found again: who, when, from what to what."""

import pytest

from programme.models import Contrat, Signataire
from territoires.models import Territoire
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data


@pytest.fixture
def client(signed_in, secretariat):
    return signed_in(secretariat)


def save(client, instance, **values):
    page = address(type(instance), "change", instance.pk)
    response = client.post(page, {**form_data(client.get(page)), **values})
    assert response.status_code == 302


def told(client, instance):
    response = client.get(address(type(instance), "history", instance.pk))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_history_says_who_what_from_and_to(client, contrats):
    save(client, contrats.normand, lieu="Caen", montant_eur=12_000)
    page = told(client, contrats.normand)
    assert "Sacha Secrétariat" in page
    assert "<strong>lieu de signature</strong> : L’Aigle → Caen" in page
    assert "<strong>montant (euros)</strong> : 40 000 000 → 12 000" in page.replace(
        "\xa0", " "
    ).replace("\u202f", " ")
    assert "version" not in page.split("<tbody")[1].split("</tbody>")[0]


def test_an_empty_value_is_said(client, contrats):
    save(client, contrats.normand, lieu="", montant_eur="")
    assert "L’Aigle → non renseigné" in told(client, contrats.normand)


def test_a_change_by_a_command_has_no_author(client, contrats):
    contrats.normand.lieu = "Caen"
    contrats.normand.save()
    assert "une commande" in told(client, contrats.normand)


def test_relations_are_told_by_name(client, normandie):
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    other = f.DepartementFactory(region=normandie, nom="Orne")
    before = territoire.departements.get()
    save(client, territoire, departements=[before.pk, other.pk])
    page = told(client, territoire)
    assert f"<strong>départements</strong> : {before} → " in page
    assert "Orne" in page


def test_a_name_outside_the_perimeter_is_not_told(client, contrats, normandie):
    """A record that came from another région keeps its past, without naming what is not ours."""
    contrat = contrats.breton
    contrat.territoire = f.TerritoireFactory(region_porteuse=normandie, nom="Vallée d’ici")
    contrat.save()
    page = told(client, contrat)
    assert "hors de votre périmètre → Vallée d’ici" in page
    assert "Vallée bretonne" not in page


def test_each_version_can_be_read(client, contrats):
    save(client, contrats.normand, lieu="Caen")
    oldest = contrats.normand.history.last()
    page = address(Contrat, "version", contrats.normand.pk, oldest.history_id)
    content = client.get(page).content.decode()
    assert "L’Aigle" in content
    assert "Version n° 1" in content
    assert client.post(page).status_code == 200  # reading only: nothing is restored here
    contrats.normand.refresh_from_db()
    assert contrats.normand.lieu == "Caen"


def test_the_version_of_a_territory_names_its_regions(client, normandie):
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    save(client, territoire, elu="Claude Petit")
    newest = territoire.history.first()
    page = address(Territoire, "version", territoire.pk, newest.history_id)
    assert "Normandie" in client.get(page).content.decode()


def test_a_deleted_record_can_be_found_again(client, signed_in, redacteur, contrats, bretagne):
    contrat, pk = contrats.normand, contrats.normand.pk
    delete = address(Contrat, "delete", pk)
    editor = signed_in(redacteur)
    seen = editor.get(delete).context["empreinte"]
    assert editor.post(delete, {"post": "yes", "empreinte": seen}).status_code == 302
    contrats.breton.delete()

    listed = client.get(address(Contrat, "supprimes")).content.decode()
    assert "Acte normande" in listed
    assert "René Rédacteur" in listed
    assert "Acte bretonne" not in listed
    contrat.pk = pk
    page = told(client, contrat)
    assert "Cet enregistrement a été supprimé" in page
    assert "Suppression" in page


def test_rows_deleted_with_their_contract_can_be_found_again(client, contrats):
    contrats.normand.delete()
    contrats.breton.delete()
    listed = client.get(address(Signataire, "supprimes")).content.decode()
    assert "Signataire normande" in listed
    assert "Signataire bretonne" not in listed


def test_a_deleted_record_of_another_region_does_not_exist(client, contrats):
    pk = contrats.breton.pk
    contrats.breton.delete()
    response = client.get(address(Contrat, "history", pk))
    assert response.status_code == 404
    assert "Acte bretonne" not in response.content.decode()


def test_a_deleted_shared_territory_is_found_by_each_region(signed_in, normandie, bretagne):
    territoire = f.TerritoireFactory(
        region_porteuse=bretagne, regions=[normandie], nom="Partagé", rattachement=None
    )
    territoire.delete()
    client = signed_in(f.SecretariatFactory(regions=[normandie]))
    assert "Partagé" in client.get(address(Territoire, "supprimes")).content.decode()


def test_a_project_without_territory_is_found_by_its_departement(client, normandie):
    projet = f.ProjetFactory(
        territoire=None, departement=f.DepartementFactory(region=normandie), beneficiaire="Forges"
    )
    projet.delete()
    assert "Forges" in client.get(address(type(projet), "supprimes")).content.decode()


def test_geography_has_no_history_page(client, normandie):
    assert client.get(f"/admin/territoires/region/{normandie.pk}/history/").status_code == 404


@pytest.mark.parametrize("changes", [1, 8])
def test_the_cost_of_a_history_does_not_grow(
    client, contrats, changes, django_assert_max_num_queries
):
    for rank in range(changes):
        contrats.normand.nb_actions = rank + 20
        contrats.normand.save()
    for _ in range(changes):
        f.SignataireFactory(contrat=contrats.normand)
        f.ProjetFactory(contrat=contrats.normand, territoire=contrats.normand.territoire)
    with django_assert_max_num_queries(25):
        client.get(address(Contrat, "history", contrats.normand.pk))


def test_a_long_history_has_pages(client, contrats):
    for rank in range(55):
        contrats.normand.nb_actions = rank + 20
        contrats.normand.save()
    page = address(Contrat, "history", contrats.normand.pk)
    first = client.get(page).content.decode()
    assert "Page 1 sur 2" in first
    # The oldest change of the first page is told from the row that begins the second.
    assert first.count("<strong>nombre d’actions</strong>") == 50
    assert "Création" in client.get(f"{page}?p=2").content.decode()
