"""What was exported and not touched changes nothing: five kinds, every format, the real data.

The thousand projects are long to read: the suite reads one format by each door (`test_fautes` reads
their CSV), `make epreuves` every one.
"""

import pytest
from django.test import Client

from programme.models import Contrat, Engagement, Import, Projet
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    MODELES,
    deposer,
    dits,
    exporter,
    importer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles"), pytest.mark.lent]
LONG = pytest.mark.epreuve
FORMATS = {"csv": "csv", "csv-point-virgule": "csv", "xlsx": "xlsx"}
PUBLICS = {
    "projets": "/projets/?horsti=avec&",
}


def cases(formats, *, court):
    """(genre, format) of each; of the projects, `court` alone is for the suite."""
    return [
        pytest.param(genre, nom, marks=LONG if genre == "projets" and nom != court else ())
        for genre in MODELES
        for nom in formats
    ]


@pytest.fixture
def client():
    made = Client()
    made.force_login(f.NationalFactory())
    return made


@pytest.fixture
def suivi():
    """Rows of the kinds that the public facts do not have."""
    contrat = Contrat.objects.first()
    f.SignataireFactory(contrat=contrat, nom="", fonction="=cmd|'/c calc'!A1")
    f.SignataireFactory(contrat=contrat, organisme="Région ; « Grand Est », l’autre\nligne")
    engagement = Engagement.objects.first()
    f.RealisationFactory(engagement=engagement, annee=2019, valeur=None)
    f.RealisationFactory(engagement=engagement, annee=2020, valeur=12, commentaire="'=déjà")
    f.ReferentFactory(nom="Éloïse d’Ys", fin=None)


def assert_no_change(depot, total):
    assert dits(depot) == []
    assert depot.lignes.count() == 0
    assert (depot.etat, depot.nb_inchanges) == (Import.Etat.A_CONFIRMER, total)


@pytest.mark.parametrize(("genre", "nom"), cases(FORMATS, court="xlsx"))
def test_an_untouched_export_changes_nothing(client, suivi, genre, nom):
    total = MODELES[genre].objects.count()
    assert total > 0
    depot = importer(client, genre, exporter(client, genre, nom), f"liste.{FORMATS[nom]}")
    assert_no_change(depot, total)


@pytest.mark.parametrize(("genre", "nom"), cases(["csv", "xlsx"], court="csv"))
def test_so_does_a_public_file(client, suivi, genre, nom):
    address = f"/api/v1/{genre}/?format={nom}"
    response = client.get(address)
    assert response.status_code == 200, response.content[:200]
    content = b"".join(response.streaming_content)
    public = MODELES[genre].objects.published().count()
    assert_no_change(importer(client, genre, content, f"public.{nom}"), public)


def test_the_export_is_the_list_as_it_is_filtered(client):
    Projet.objects.filter(pk=Projet.objects.first().pk).update(publication="brouillon")
    content = exporter(client, "projets", publication__exact="brouillon").decode()
    assert content.count("\n") == 2


def test_progress_is_shown_for_a_large_file(client):
    response = deposer(client, "projets", exporter(client, "projets"))
    assert response.streaming
    assert "Lignes lues : 1\u202f000." in response.lu.replace("\xa0", "\u202f")
    assert "Voir le résultat" in response.lu
