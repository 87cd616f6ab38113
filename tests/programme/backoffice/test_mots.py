"""Words of the back-office: genders, the desk of each role, errors in its frame, its counts."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from programme.models import Projet, Publication
from programme.perimetres import suivi
from territoires.models import Phase
from territoires.mots import connu, feminin, un
from tests import factories as f

FEMININS = {
    "affirmation", "commune", "commune ancienne", "confrontation de sources", "convention",
    "empreinte ancienne", "parution",
    "décision", "décision préparée", "enveloppe",
    "entrée de l’index", "liste", "lignée", "personne en fonction",
    "phase", "valeur",
    "intercommunalité", "ligne chargée", "ligne d’import", "ligne du journal des accès",
    "citation", "mesure de l’emploi", "modification", "preuve de fichier", "proposition", "région",
    "retouche d’un rangement", "réalisation", "séance", "source", "tournée", "tâche",
    "version des données", "vue de liste",
}  # fmt: skip
MASCULINS = {
    "abonnement", "abonné", "agent", "autre nom", "fichier d’une parution",
    "avenant", "avis", "bassin d’emploi", "bassin d’une commune",
    "besoin en main-d’œuvre", "chiffre annoncé", "code postal", "comité de pilotage national",
    "état ancien",
    "comité de pilotage régional", "contrat", "document", "département", "engagement", "envoi",
    "financement", "financeur", "import", "jalon", "mot de l’index", "mouvement de commune",
    "fait d’une autre source", "mot du glossaire", "métier", "opérateur", "projet",
    "rangement d’un projet", "rattachement", "rythme des avis", "référent", "service",
    "signataire", "territoire", "territoire prioritaire", "trigramme de l’index",
}  # fmt: skip


def test_every_name_has_its_gender():
    for label in ("territoires", "programme"):
        for model in apps.get_app_config(label).get_models():
            name = str(model._meta.verbose_name)
            if not model._meta.model_name.startswith("historical"):
                assert name in FEMININS | MASCULINS, "say its gender here, and in territoires.mots"
                assert feminin(name) == (name in FEMININS), name
    assert (un("séance"), un("contrat")) == ("une séance", "un contrat")
    assert (connu("commune"), connu("projet")) == ("une commune connue", "un projet connu")


def test_to_add_names_what_is_added(signed_in, national):
    client = signed_in(national)
    for model in admin.site._registry:
        opts = model._meta
        page = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        listed = client.get(page).content.decode()
        assert "Ajouter :" not in listed
        if f"{page}add/" in listed:
            assert f"Ajouter {un(opts.verbose_name)}" in listed, opts.verbose_name
            form = client.get(f"{page}add/").content.decode()
            assert f"Ajouter {un(opts.verbose_name)}" in form
            assert "Ajouter :" not in form
            assert "Ajouter une ligne :" not in form


@pytest.mark.parametrize(
    ("factory", "words"),
    [
        (f.NationalFactory, "Le bureau national"),
        (f.SecretariatFactory, "Le bureau du comité"),
        (f.RedacteurFactory, "Le bureau du comité"),
        (f.LecteurFactory, "Le bureau du comité"),
        (f.ReferentAgentFactory, "Le bureau de l’opérateur"),
    ],
)
def test_a_desk_has_the_name_of_whose_it_is(db, signed_in, factory, words):
    client = signed_in(factory())
    assert f"<h1>{words}</h1>" in client.get("/admin/").content.decode()
    other = client.get(reverse("admin:pourquoi")).content.decode()
    assert f'<a href="/admin/">{words}</a>' in other


# --- Errors -----------------------------------------------------------------------------------


def assert_framed(response, status):
    page = response.content.decode()
    assert response.status_code == status
    assert 'id="user-tools"' in page
    assert "Se déconnecter" in page
    assert 'href="/admin/"' in page
    assert "fr-header" not in page


def test_an_address_that_does_not_exist_is_told_in_the_frame(signed_in, secretariat):
    client = signed_in(secretariat)
    for page in (
        "/admin/nulle-part/",
        "/admin/programme/projet/99999/change/",
        "/admin/?region=99",
    ):
        assert_framed(client.get(page), 404)


def test_a_refusal_is_told_in_the_frame(signed_in, secretariat):
    response = signed_in(secretariat).get(reverse("admin:territoires_agent_changelist"))
    assert_framed(response, 403)
    assert "Il faut pouvoir voir les agents" in response.content.decode()


def test_a_method_that_a_page_has_not_is_told_in_words(signed_in, secretariat, client):
    response = signed_in(secretariat).post(reverse("admin:pourquoi"))
    if response.status_code == 405:
        assert_framed(response, 405)
    response = client.post("/regions/")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert "Cette page ne se demande pas ainsi" in response.content.decode()
    response = client.post("/api/v1/", HTTP_ACCEPT="application/json")
    assert response.json()["erreur"].startswith("POST : ")


def test_signed_out_nothing_of_the_frame_is_shown(db, client):
    assert 'id="user-tools"' not in client.get("/nulle-part/").content.decode()


# --- Whose a count is -------------------------------------------------------------------------


@pytest.fixture
def partage(normandie, bretagne):
    """Two projects in Normandie, three in Bretagne in a territory that Normandie follows too."""
    territoire = f.TerritoireFactory(
        nom="Vallée du Couesnon", region_porteuse=bretagne, regions=[bretagne, normandie]
    )
    here = f.DepartementFactory(region=normandie)
    there = f.DepartementFactory(region=bretagne)
    f.ProjetFactory.create_batch(2, departement=here, commune=None, territoire=None)
    f.ProjetFactory.create_batch(3, departement=there, commune=None, territoire=territoire)
    f.ProjetFactory(
        departement=there, commune=None, territoire=territoire, publication=Publication.BROUILLON
    )
    return territoire


def test_a_committee_follows_what_it_shares(partage, normandie):
    found = suivi(normandie, Projet.objects.published())
    assert (found.suivis, found.situes, found.ailleurs) == (5, 2, 3)
    assert found.ou == "Vallée du Couesnon"
    assert suivi(normandie, Projet.objects.all()).caches == 1


def words(response):
    return " ".join(response.content.decode().split())


def test_every_page_says_whose_its_count_is(client, signed_in, secretariat, partage, normandie):
    Phase.objects.filter(pk=partage.phase_id).update(fin=None, fin_certitude="")
    why = (
        "2 projets situés dans la région. Son comité en suit 5 : ceux-là, et 3 situés ailleurs, "
        "dans 1 territoire qu’il suit (Vallée du Couesnon)."
    )
    assert why in words(client.get("/projets/", {"region": "28"}))
    assert why in words(client.get(normandie.get_absolute_url()))
    comite = f.ComiteRegionalFactory(region=normandie)
    officer = signed_in(secretariat)
    said = (
        "6 projets suivis par le comité, dont 4 situés hors de la région, dans 1 territoire qu’il "
        "suit (Vallée du Couesnon) et 1 non publié. Le site en compte 2 : ceux qui sont publiés "
        "et situés dans la région."
    )
    dossier = reverse("admin:programme_comiteregional_dossier", args=[comite.pk])
    for page in ("/admin/", dossier):
        assert said in words(officer.get(page))


def test_what_an_ended_phase_had_followed_is_told_in_the_past(
    client, signed_in, secretariat, partage, normandie
):
    why = "Son comité en suivait 5 : ceux-là, et 3 situés ailleurs, dans 1 territoire qu’il suivait"
    assert why in words(client.get("/projets/", {"region": "28"}))
    assert why in words(client.get(normandie.get_absolute_url()))
    officer = signed_in(secretariat)
    comite = f.ComiteRegionalFactory(region=normandie)
    dossier_page = reverse("admin:programme_comiteregional_dossier", args=[comite.pk])
    desk, dossier = words(officer.get("/admin/")), words(officer.get(dossier_page))
    for page in (desk, dossier):
        assert "dans 1 territoire qu’il suivait (Vallée du Couesnon)" in page
    assert "1 territoire de la phase 1 (2018-2023), d’après sa carte du " in dossier


def test_nothing_is_explained_where_both_are_the_same(client, normandie):
    here = f.DepartementFactory(region=normandie)
    f.ProjetFactory(departement=here, commune=None, territoire=None)
    page = words(client.get("/projets/", {"region": "28"}))
    assert "1 projet situé dans la région. Ce sont aussi ceux que suit son comité." in page
