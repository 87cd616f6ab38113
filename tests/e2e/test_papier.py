"""What comes out of the printer: no page loses a column or cuts a number, whatever the margins.

The suite prints one page of a kind; `pytest -m epreuve` (`make epreuves`) prints every list, every
page of the site map's first section and every screen of the back-office that lists or tells.
"""

import shutil

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from programme.catalogue.pages.plan import PAGES
from programme.models import ComiteRegional, Contrat, Import, Projet, Seance
from territoires.models import Territoire
from tests import factories as f
from tests.e2e.outils import signed_in
from tests.papier import SHEETS, faults, on_paper
from tests.programme.backoffice.imports import outils as imports
from tests.programme.backoffice.outils import address

pytestmark = [
    pytest.mark.rendu,
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
    pytest.mark.skipif(
        shutil.which("pdftotext") is None,
        reason="pdftotext is not installed (apt-get install poppler-utils)",
    ),
]

KINDS = ["/contrats/", "/territoires/lacq-pau-tarbes/", "/chiffres/", "/projets/?taille=50"]
OTHERS = [
    "/projets/?taille=100&tri=-investissement_eur",
    "/territoires/?taille=100",
    "/contrats/?taille=100",
    "/regions/normandie/",
    "/contrats/contrat-ales/",
    "/projets/fai-0001-3d-medical/",
    "/operateurs/bpifrance/",
    "/communes/61214/",
    "/intercommunalites/200067254/",
    "/recherche/?q=pau",
    "/carte/?theme=projets",
    "/carte/projets/?region=84",
    "/carte/differences/?de=2018-11-22&a=2021-11-30",
    "/carte/integrer/",
    "/donnees/projets/",
    "/projets/?emplois_crees_min=abc",
    "/nulle-part/",
]


@pytest.fixture
def prints(tmp_path):
    """Function: the page of the browser prints this address whole, on each of the sheets."""

    def check(page, url, sheets):
        found = {}
        for sheet in sheets:
            on_paper(page, sheet)
            page.goto(url)
            if wrong := faults(page, tmp_path / "feuilles.pdf"):
                found[sheet] = wrong[:10]
        page.unroute_all()
        assert not found, (url, found)

    return check


@pytest.mark.parametrize("url", KINDS)
def test_public_pages(page, prints, url):
    prints(page, url, ["par défaut", "debout, sans marges"])


def preview(agent):
    """The address of the preview of an import that changes a few projects."""
    client = Client()
    client.force_login(agent)
    exported = imports.exporter(client, "projets", q="3D MEDICAL").decode()
    assert "Santé" in exported
    imports.deposer(client, "projets", exported.replace("Santé", "Bois").encode())
    return address(Projet, "import", Import.objects.latest("pk").pk)


def screens(agent):
    contrat, comite = Contrat.objects.first(), ComiteRegional.objects.first()
    return [
        address(Projet, "changelist"),
        address(Contrat, "history", contrat.pk),
        address(Contrat, "change", contrat.pk),
        address(ComiteRegional, "dossier", comite.pk),
        address(Seance, "preparer", f.DecisionPrepareeFactory(contrat=contrat).seance.pk),
        preview(agent),
    ]


def test_back_office(page, prints):
    agent = f.NationalFactory()
    urls = screens(agent)
    session = signed_in(page, agent)
    for url in urls:
        prints(session, url, ["debout, sans marges"])


def test_a_list_says_which_of_its_pages_it_is(page):
    page.goto("/projets/?region=84&taille=25")
    page.emulate_media(media="print")
    told = page.locator(".impression").first.inner_text()
    assert "Page 1 sur" in told
    assert "/projets/?" in told
    assert "format=csv" in told
    assert not page.get_by_role("link", name="Page suivante").is_visible()
    page.emulate_media(media="screen")
    assert not page.locator(".impression").first.is_visible()


@pytest.mark.epreuve
def test_every_public_page(page, prints):
    for url in [*map(reverse, PAGES), *KINDS, *OTHERS]:
        prints(page, url, SHEETS)


@pytest.mark.epreuve
def test_every_screen_of_the_back_office(page, prints):
    agent = f.NationalFactory()
    urls = screens(agent)
    session = signed_in(page, agent)
    lists = [f"{address(model, 'changelist')}?tout=1" for model in admin.site._registry]
    records = [
        address(model, name, row.pk)
        for model in (Territoire, Contrat, Projet)
        for name in ("change", "history")
        if (row := model.objects.first())
    ]
    for url in ["/admin/", *urls, *lists, *records]:
        prints(session, url, SHEETS)
