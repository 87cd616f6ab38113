"""A page names the sources of the rows that it shows: one more of another source changes it."""

import pytest
from django.urls import reverse

from programme.catalogue.pages.indicateurs import FINANCEUR_DU_FONDS
from programme.models import Financeur
from tests import factories as f
from tests.programme.donnees.outils import read_xlsx

from .outils import texte

pytestmark = pytest.mark.django_db

PREMIERE, SECONDE = "Le plan de relance", "La préfecture en ligne"


@pytest.fixture
def projet():
    f.SourceFactory(code="dge-plan-de-relance", titre=PREMIERE, editeur=PREMIERE, date=None)
    f.SourceFactory(code="prefecture-1", titre=SECONDE, editeur=SECONDE, date=None)
    return paid(f.ProjetFactory(contrat=f.ContratFactory()))


def paid(projet):
    """`projet`, paid for by the fund."""
    known = Financeur.objects.filter(slug=FINANCEUR_DU_FONDS).first()
    fund = known or f.FinanceurFactory(slug=FINANCEUR_DU_FONDS)
    f.FinancementFactory(projet=projet, financeur=fund, enveloppe=None)
    return projet


def pages(projet):
    return [
        reverse("projets"),
        projet.territoire.get_absolute_url(),
        projet.commune.get_absolute_url(),
        projet.departement.region.get_absolute_url(),
        projet.contrat.get_absolute_url(),
        reverse("fonds"),
        reverse("donnees_jeu", args=["projets"]),
    ]


def other(projet):
    return paid(
        f.ProjetFactory(
            territoire=projet.territoire,
            commune=projet.commune,
            contrat=projet.contrat,
            source="prefecture-1",
            emplois_crees=77,
        )
    )


def test_every_page_names_them(client, projet):
    for page in pages(projet):
        read = texte(client.get(page))
        assert PREMIERE in read, page
        assert SECONDE not in read, page
    other(projet)
    for page in pages(projet):
        read = texte(client.get(page))
        assert PREMIERE in read, page
        assert SECONDE in read, page


def test_a_filter_leaves_out_the_source_with_its_rows(client, projet):
    other(projet)
    read = texte(client.get(f"{reverse('projets')}?emplois_crees_min=70"))
    assert SECONDE in read
    assert PREMIERE not in read


def test_so_does_a_workbook(client, projet):
    other(projet)
    _, workbook = read_xlsx(client.get(reverse("projets"), {"format": "xlsx"}))
    told = dict(row[:2] for row in workbook.worksheets[-1].iter_rows(values_only=True))
    assert told["Source"] == f"{PREMIERE} ; {SECONDE}"


def test_so_does_the_journal_in_words(client, projet):
    projet.source = "prefecture-1"
    projet.save()
    for page in (reverse("journal"), projet.get_absolute_url()):
        read = texte(client.get(page))
        assert f"Source : {PREMIERE} → {SECONDE}" in read, page
        assert "prefecture-1" not in read
