"""What every site owes: errors, health, files, site map, legal pages, navigation."""

import re
from datetime import UTC, datetime, timedelta
from unittest import mock
from xml.etree import ElementTree

import pytest
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from programme.catalogue.navigation import menu
from programme.models import DonneesVersion, Projet
from territoires.models import Rattachement, Territoire
from tests.factories import (
    ComiteRegionalFactory,
    CommuneFactory,
    ContratFactory,
    DocumentFactory,
    IntercommunaliteFactory,
    LecteurFactory,
    NationalFactory,
    ProjetFactory,
    RattachementFactory,
    RealisationFactory,
    RegionFactory,
    SeanceFactory,
    TerritoireFactory,
)

from .outils import PUBLICATIONS_CACHEES, texte

pytestmark = pytest.mark.django_db
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


# --- Health -----------------------------------------------------------------------------------


def test_health(client):
    response = client.get("/sante/")
    assert response.status_code == 200
    assert response.json()["etat"] == "ok"
    assert "no-store" in response["Cache-Control"]


def test_health_answers_without_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/").status_code == 301
    assert Client().get("/sante/").status_code == 200


def test_health_without_database(client):
    with mock.patch.object(MigrationExecutor, "migration_plan", side_effect=OperationalError):
        response = client.get("/sante/")
    assert response.status_code == 503
    assert response.json() == {"etat": "en panne", "raison": "la base de données ne répond pas"}


def test_health_with_a_migration_to_apply(client):
    with mock.patch.object(MigrationExecutor, "migration_plan", return_value=[object()]):
        response = client.get("/sante/")
    assert response.status_code == 503
    assert response.json()["raison"] == "1 migration(s) à appliquer"


# --- Errors -----------------------------------------------------------------------------------


def test_not_found_gives_ways_back(client):
    response = client.get("/nulle-part/")
    assert response.status_code == 404
    read = texte(response)
    assert "Page introuvable" in read
    assert "Retour à l’accueil" in read
    assert 'href="/recherche/"' in response.content.decode()


def test_bad_host_is_a_400_in_french(client):
    response = client.get("/", headers={"host": "ailleurs.example"})
    assert response.status_code == 400
    assert "cette demande n’est pas comprise" in texte(response).lower()


def test_an_expired_form_says_what_to_do():
    response = Client(enforce_csrf_checks=True).post(reverse("admin:login"), {"username": "x"})
    assert response.status_code == 403
    assert "Ce formulaire a expiré" in texte(response)


def test_a_breakdown_is_a_500_in_french(client):
    client.raise_request_exception = False
    with mock.patch("programme.catalogue.pages.plan.Region.objects.order_by", side_effect=OSError):
        response = client.get("/plan-du-site/")
    assert response.status_code == 500
    assert "Le site est en panne" in texte(response)


def test_forbidden_page_is_in_french(rf):
    from django.core.exceptions import PermissionDenied
    from django.views.defaults import permission_denied

    response = permission_denied(rf.get("/"), PermissionDenied())
    assert response.status_code == 403
    assert "Vous n’avez pas accès à cette page" in texte(response)


# --- Files ------------------------------------------------------------------------------------


def file_of(**fields):
    document = DocumentFactory.build(**fields)
    document.url = ""
    document.territoire = None if fields.get("contrat") else TerritoireFactory()
    document.fichier.save("feuille-de-route.pdf", ContentFile(b"%PDF-1.7"), save=False)
    document.save()
    return document


def test_a_published_file_is_sent(client):
    document = file_of()
    response = client.get(reverse("document", args=[document.pk]))
    assert b"".join(response.streaming_content) == b"%PDF-1.7"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("publication", PUBLICATIONS_CACHEES)
def test_a_hidden_file_is_not_sent(client, publication):
    document = file_of(publication=publication)
    response = client.get(reverse("document", args=[document.pk]))
    assert response.status_code == 404
    assert "Aucun document publié à cette adresse." in texte(response)


def test_a_file_of_a_hidden_contract_is_not_sent(client):
    document = file_of(contrat=ContratFactory(publication="brouillon"))
    assert client.get(reverse("document", args=[document.pk])).status_code == 404


def test_a_hidden_file_is_sent_to_the_agents_of_its_region(client):
    document = file_of(publication="brouillon")
    region = document.territoire.region_porteuse
    for agent, status in (
        (LecteurFactory(regions=[region]), 200),
        (NationalFactory(), 200),
        (LecteurFactory(regions=[RegionFactory()]), 404),
    ):
        client.force_login(agent)
        response = client.get(reverse("document", args=[document.pk]))
        assert response.status_code == status, agent.role
        if status == 200:
            assert response["Cache-Control"] == "private, no-store"
            assert b"".join(response.streaming_content) == b"%PDF-1.7"


def test_a_lost_file_is_a_404(client):
    document = file_of()
    document.fichier.storage.delete(document.fichier.name)
    assert client.get(reverse("document", args=[document.pk])).status_code == 404


def test_an_address_is_not_a_file(client):
    assert client.get(reverse("document", args=[DocumentFactory().pk])).status_code == 404


# --- Site map, robots, legal pages ------------------------------------------------------------


def locations(response):
    return [loc.text for loc in ElementTree.fromstring(response.content).iter(f"{SITEMAP}loc")]


def test_site_map_lists_what_is_published_and_nothing_else(client):
    shown, hidden = ProjetFactory(), ProjetFactory(publication="brouillon")
    index = locations(client.get("/sitemap.xml"))
    assert "http://testserver/sitemap-projets.xml" in index
    found = locations(client.get("/sitemap-projets.xml"))
    assert found == [f"http://testserver{shown.get_absolute_url()}"]
    assert hidden.get_absolute_url() not in "".join(found)


def test_the_site_map_says_when_a_record_last_changed_in_public(client):
    for model, factory in (("projets", ProjetFactory), ("contrats", ContratFactory)):
        record = factory()
        other = factory(publication="brouillon")
        history = type(record).history.model.objects
        history.update(history_date=datetime(2021, 3, 4, tzinfo=UTC))
        text = client.get(f"/sitemap-{model}.xml").content.decode()
        assert f"{record.get_absolute_url()}</loc><lastmod>2021-03-04</lastmod>" in text
        other.save()
        DonneesVersion.objects.bump()
        assert "2021-03-04" in client.get(f"/sitemap-{model}.xml").content.decode()
        today = f"<lastmod>{timezone.localdate():%Y-%m-%d}</lastmod>"
        assert today not in text
        record.save()
        DonneesVersion.objects.bump()
        assert today in client.get(f"/sitemap-{model}.xml").content.decode()


def test_the_page_of_an_operator_changes_with_what_it_did(client):
    told = RealisationFactory()
    for row in (told, told.engagement, told.engagement.operateur):
        type(row).history.update(history_date=datetime(2021, 3, 4, tzinfo=UTC))
    page = f"{told.engagement.operateur.get_absolute_url()}</loc>"
    assert f"{page}<lastmod>2021-03-04" in client.get("/sitemap-operateurs.xml").content.decode()
    told.save()
    DonneesVersion.objects.bump()
    today = f"{page}<lastmod>{timezone.localdate():%Y-%m-%d}"
    assert today in client.get("/sitemap-operateurs.xml").content.decode()


def dated(client, section):
    """{address: last day} of a section of the site map."""
    text = client.get(f"/sitemap-{section}.xml").content.decode()
    return dict(re.findall(r"<loc>http://testserver([^<]+)</loc><lastmod>([^<]+)<", text))


def place_of(projet):
    """A territory, its member, a commune of it and its région, around a project; all long ago."""
    commune = CommuneFactory(intercommunalite=IntercommunaliteFactory())
    member = RattachementFactory(intercommunalite=commune.intercommunalite)
    territoire = member.territoire
    territoire.regions.add(commune.departement.region)
    projet.commune = commune
    projet.save()
    rows = {
        "territoires": territoire,
        "regions": commune.departement.region,
        "intercommunalites": commune.intercommunalite,
        "communes": commune,
    }
    for model in (Projet, Rattachement, Territoire):
        model.history.update(history_date=datetime(2021, 3, 4, tzinfo=UTC))
    DonneesVersion.objects.bump()
    return {section: row.get_absolute_url() for section, row in rows.items()}


def test_a_place_changes_with_its_projects_and_its_territory(client):
    projet = ProjetFactory()
    pages = place_of(projet)
    today = f"{timezone.localdate():%Y-%m-%d}"
    for section, page in pages.items():
        assert dated(client, section)[page] == "2021-03-04", section
    ProjetFactory(commune=projet.commune, publication="brouillon")
    DonneesVersion.objects.bump()
    for section, page in pages.items():
        assert dated(client, section)[page] == "2021-03-04", section
    Territoire.objects.get(rattachements__intercommunalite__communes=projet.commune).save()
    DonneesVersion.objects.bump()
    for section, page in pages.items():
        assert dated(client, section)[page] == today, section


def test_a_region_changes_with_its_published_meetings(client):
    comite = ComiteRegionalFactory()
    hidden = SeanceFactory(comite_regional=comite, publication="brouillon")
    for model in (type(comite), type(hidden)):
        model.history.update(history_date=datetime(2021, 3, 4, tzinfo=UTC))
    page = comite.region.get_absolute_url()
    assert dated(client, "regions")[page] == "2021-03-04"
    hidden.save()
    DonneesVersion.objects.bump()
    assert dated(client, "regions")[page] == "2021-03-04"
    SeanceFactory(comite_regional=comite, date=hidden.date - timedelta(days=9))
    DonneesVersion.objects.bump()
    assert dated(client, "regions")[page] == f"{timezone.localdate():%Y-%m-%d}"


@pytest.mark.parametrize("section", ["territoires", "regions", "intercommunalites", "communes"])
def test_the_days_of_the_site_map_cost_the_same_whatever_it_lists(
    client, section, django_assert_max_num_queries
):
    for _ in range(3):
        place_of(ProjetFactory())
    with django_assert_max_num_queries(14):
        client.get(f"/sitemap-{section}.xml")


def test_what_nobody_dates_has_no_date_in_the_site_map(client):
    RegionFactory()
    assert "<lastmod>" not in client.get("/sitemap-regions.xml").content.decode()
    assert "/donnees/projets/" in client.get("/sitemap-donnees.xml").content.decode()


def test_a_browser_is_told_how_to_search_here(client, settings):
    settings.SITE = {**settings.SITE, "url": "https://portail.example"}
    response = client.get("/opensearch.xml")
    assert response["Content-Type"] == "application/opensearchdescription+xml; charset=utf-8"
    tree = ElementTree.fromstring(response.content)
    name = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert len(tree.findtext(f"{name}ShortName")) <= 16
    template = tree.find(f"{name}Url[@type='text/html']").get("template")
    assert template == "https://portail.example/recherche/?q={searchTerms}"
    assert 'rel="search"' in client.get("/").content.decode()


def test_every_page_of_the_site_map_answers(client):
    for url in locations(client.get("/sitemap-pages.xml")):
        assert client.get(url).status_code == 200, url


def test_unknown_section_of_the_site_map(client):
    assert client.get("/sitemap-secrets.xml").status_code == 404


def test_robots(client, settings):
    settings.SITE = {**settings.SITE, "url": "https://portail.example"}
    read = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in read
    assert "Sitemap: https://portail.example/sitemap.xml" in read


def test_security_contact_has_an_end_within_the_year(client, settings):
    settings.SITE = {**settings.SITE, "contact": "a@b.example", "url": "https://portail.example"}
    response = client.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert fields["Contact"] == "mailto:a@b.example"
    assert fields["Canonical"] == "https://portail.example/.well-known/security.txt"
    assert fields["Policy"] == "https://portail.example/mentions-legales/#faille"
    assert 'id="faille"' in client.get("/mentions-legales/").content.decode()
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=90) < left < timedelta(days=366)


def test_security_contact_is_found_where_it_was_before(client):
    response = client.get("/security.txt")
    assert (response.status_code, response["Location"]) == (301, "/.well-known/security.txt")


def test_without_a_contact_there_is_nobody_to_tell(client):
    response = client.get("/.well-known/security.txt")
    assert response.status_code == 404
    assert "n’a pas d’adresse de contact" in texte(response)


def test_favicon_is_found_where_nobody_told(client):
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert finders.find(response["Location"].removeprefix("/static/"))


def test_site_map_for_people_names_the_territories_of_today(client):
    TerritoireFactory(nom="Pays de l’Aigle")
    assert "Pays de l’Aigle" in texte(client.get("/plan-du-site/"))


def test_legal_pages_say_who_and_how_to_write(client, settings):
    settings.SITE = {
        **settings.SITE,
        "editeur": "Association des Forges",
        "hebergeur": "Hébergeur du Perche",
        "contact": "contact@forges.example",
    }
    legal = texte(client.get("/mentions-legales/"))
    assert "Éditeur Association des Forges" in legal
    assert "Hébergeur Hébergeur du Perche" in legal
    for url in ("/accessibilite/", "/donnees-personnelles/", "/mentions-legales/"):
        assert "contact@forges.example" in texte(client.get(f"{url}?contact"))


def test_a_demonstration_says_that_it_is_one_where_the_law_asks_for_names(client, settings):
    settings.SITE = {**settings.SITE, "demonstration": True}
    legal = texte(client.get("/mentions-legales/"))
    assert "C’est une démonstration" in legal
    for mention in ("Éditeur", "Directeur de la publication", "Hébergeur", "Contact"):
        assert f"{mention} sans objet : démonstration" in legal
    assert "non renseigné" not in legal


def test_legal_pages_without_a_contact_say_so(client):
    assert "Éditeur non renseigné" in texte(client.get("/mentions-legales/"))
    assert "n’a pas d’adresse de contact" in texte(client.get("/accessibilite/"))


def test_accessibility_does_not_claim_what_no_audit_proved(client):
    assert "non conforme" in texte(client.get("/accessibilite/"))


# --- Navigation -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "label", "current"),
    [
        ("/projets/", "Projets", "page"),
        ("/projets/fai-0001/", "Projets", "true"),
        ("/communes/61214/", "Territoires", "true"),
        ("/", "", ""),
    ],
)
def test_menu_marks_the_room(path, label, current):
    marked = [(entry["libelle"], entry["courant"]) for entry in menu(path) if entry["courant"]]
    assert marked == ([(label, current)] if label else [])


def test_every_page_can_be_shared(client):
    page = client.get("/fonds/").content.decode()
    assert '<meta property="og:title" content="Fonds d’accélération' in page
    assert '<link rel="canonical" href="http' in page
    assert "<title>Fonds d’accélération" in page
