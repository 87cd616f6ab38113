"""Every screen opens; the cost of a list does not grow with its rows."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programme.models import Projet
from territoires.models import Commune, Territoire
from tests import factories as f
from tests.programme.backoffice.outils import address

MODELS = sorted(admin.site._registry, key=lambda model: model.__name__)
FACTORIES = {
    factory._meta.model: factory
    for name, factory in vars(f).items()
    if name.endswith("Factory") and getattr(factory, "_meta", None) and factory._meta.model
}
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


@pytest.fixture
def client(signed_in, national):
    return signed_in(national)


def make(model, count):
    factory = {"Agent": f.RedacteurFactory}.get(model.__name__, FACTORIES[model])
    for _ in range(count):
        if model.__name__ == "Seance":
            factory(comite_regional__region=f.RegionFactory())
        else:
            factory()


def queries_of(client, page):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200
    return len(captured)


@each_model
def test_a_list_costs_the_same_with_one_row_and_with_five(client, model):
    page = address(model, "changelist")
    make(model, 1)
    client.get(page)
    one = queries_of(client, page)
    make(model, 4)
    five = queries_of(client, page)
    assert five == one
    assert one <= 17


def test_the_page_of_a_territory_costs_the_same_with_many_members(client):
    territoire = f.TerritoireFactory()
    page = address(Territoire, "change", territoire.pk)
    client.get(page)
    one = queries_of(client, page)
    for _ in range(4):
        f.RattachementFactory(territoire=territoire)
        f.AutreNomFactory(territoire=territoire)
    assert queries_of(client, page) == one


def test_the_page_of_a_project_costs_the_same_with_many_financements(client):
    projet = f.ProjetFactory()
    f.FinancementFactory(projet=projet)
    page = address(Projet, "change", projet.pk)
    client.get(page)
    one = queries_of(client, page)
    for _ in range(4):
        f.FinancementFactory(projet=projet)
    assert queries_of(client, page) == one


@pytest.mark.parametrize(
    ("nom", "asked"),
    [
        ("Saint-Étienne", "saint etienne"),
        ("Saint-Étienne", "SAINT-ÉTIENNE"),
        ("L’Aigle", "l'aigle"),
        ("Mœurs-Verdey", "moeurs"),
        ("Châtellerault", "chatellerault"),
        ("Aÿ-Champagne", "ay champagne"),
    ],
)
def test_a_search_ignores_accents_case_and_signs(client, nom, asked):
    f.CommuneFactory(nom=nom)
    f.CommuneFactory(nom="Caen")
    found = client.get(address(Commune, "changelist"), {"q": asked}).context["cl"].queryset
    assert [commune.nom for commune in found] == [nom]


@pytest.mark.parametrize("asked", ["%", "_", "'", "\\", '"', "’", "100 %"])
def test_a_search_takes_signs_for_what_they_are(client, asked):
    f.CommuneFactory(nom="Caen")
    assert client.get(address(Commune, "changelist"), {"q": asked}).status_code == 200


def test_the_desk_says_what_waits(signed_in, redacteur, contrats):
    f.ContratFactory(territoire=contrats.normand.territoire, publication="à valider")
    content = " ".join(signed_in(redacteur).get("/admin/").content.decode().split())
    assert "Contrats" in content
    assert 'href="/admin/programme/contrat/?publication__exact=à valider">1<span' in content
    assert 'href="/admin/programme/contrat/?publication__exact=brouillon">1<span' in content


def test_the_desk_groups_every_screen_of_a_role(signed_in, national):
    shown = signed_in(national).get("/admin/").context["app_list"]
    names = {model["object_name"] for group in shown for model in group["models"]}
    assert names == {model.__name__ for model in MODELS}


def test_a_reader_finds_no_button(signed_in, normandie, contrats):
    client = signed_in(f.LecteurFactory(regions=[normandie]))
    assert "addlink" not in client.get("/admin/").content.decode()
    page = client.get(address(type(contrats.normand), "change", contrats.normand.pk))
    assert 'name="_save"' not in page.content.decode()
    assert "Acte normande" in page.content.decode()


def test_screens_of_packages_do_not_appear():
    labels = {model._meta.app_label for model in admin.site._registry}
    assert labels == {"territoires", "programme"}


def test_years_are_written_as_years(client):
    f.EnveloppeFactory(annee=2021, montant_eur=50_000_000)
    content = client.get("/admin/programme/enveloppe/").content.decode()
    assert ">2021<" in content


@each_model
def test_screens_open_without_inline_style_or_script(client, model):
    """The Content Security Policy would refuse them."""
    make(model, 1)
    list_page = address(model, "changelist")
    record = address(model, "change", model._default_manager.first().pk)
    for page in (list_page, f"{list_page}?q=l’été", record):
        response = client.get(page)
        assert response.status_code == 200
        content = response.content.decode()
        assert " style=" not in content
        assert "<style" not in content
        assert "<script>" not in content
        assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("signs", ["🏭", "%", "«…»", "_"])
def test_signs_alone_are_found_nowhere(signed_in, secretariat, contrats, signs):
    response = signed_in(secretariat).get("/admin/programme/contrat/", {"q": signs})
    assert response.context["cl"].result_count == 0
