"""What was exported and not touched changes nothing: every kind, every format, the real data.

The thousand projects are long to read: the suite reads one format by each door (`test_fautes` reads
their CSV), `make epreuves` every one.
"""

import csv
import io
import json

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from programme.donnees.jeux import JEUX
from programme.models import Contrat, Engagement, Import, Projet
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    MODELES,
    deposer,
    dits,
    en_ods,
    exporter,
    importer,
)
from tests.programme.backoffice.outils import address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles"), pytest.mark.lent]
LONG = pytest.mark.epreuve
FORMATS = {"csv": "csv", "csv-point-virgule": "csv", "xlsx": "xlsx"}
PUBLICS = {
    "projets": "/projets/?horsti=avec&",
}


def cases(formats, *, court, parmi=MODELES):
    """(genre, format) of each; of the projects, `court` alone is for the suite."""
    return [
        pytest.param(genre, nom, marks=LONG if genre == "projets" and nom != court else ())
        for genre in MODELES
        if genre in parmi
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
    other = Contrat.objects.exclude(pk=contrat.pk).filter(territoire=contrat.territoire).first()
    other = other or f.ContratFactory(territoire=contrat.territoire, publication="brouillon")
    other.meme_acte_que, other.remarque = contrat, "Deux sources ;\nun seul acte ?"
    other.save()
    f.AvenantFactory(contrat=contrat, numero=1, nb_actions=0, source="=1+1")
    f.AvenantFactory(contrat=other, numero=1, date_signature=None)
    seance = f.SeanceFactory(lieu="Évreux, hôtel de région", ordre_du_jour="1. Bilan\n2. Carte")
    national = f.SeanceFactory(
        comite_regional=None, comite_national=f.ComiteNationalFactory(), precision="mois"
    )
    projet = Projet.objects.first()
    f.DecisionFactory(seance=seance, type="valider un contrat", contrat=contrat)
    f.DecisionFactory(seance=national, type="valider un projet", projet=projet)
    f.DecisionFactory(
        seance=seance, type="ajuster la carte", ajustement={}, texte="@la carte ; « change »"
    )
    f.DocumentFactory(territoire=None, seance=national, titre="-Compte rendu")
    f.DocumentFactory(territoire=None, contrat=other, publication="brouillon")
    f.DocumentFactory(
        territoire=None, projet=projet, url="", fichier=ContentFile(b"%PDF-1.7", name="plan.pdf")
    )
    contrat.territoire.elu, contrat.territoire.fonction_elu = "Éloïse d’Ys", "maire de L’Aigle"
    contrat.territoire.save()


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


@pytest.mark.parametrize("genre", [genre for genre in MODELES if genre != "projets"])
def test_nor_does_one_saved_as_an_opendocument(client, suivi, genre):
    """Of projects, `test_libreoffice` has it saved by LibreOffice itself."""
    content = en_ods(exporter(client, genre, "xlsx"))
    assert_no_change(importer(client, genre, content, "liste.ods"), MODELES[genre].objects.count())


@pytest.mark.parametrize(("genre", "nom"), cases(["csv", "xlsx"], court="csv", parmi=JEUX))
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


@pytest.mark.parametrize("genre", MODELES)
def test_every_list_goes_out_as_json_too(client, suivi, genre):
    """The rows of the CSV, drafts and keys included; and the file says that it is not public."""
    shown = client.get(address(MODELES[genre], "changelist"))
    assert "/exporter/json/" in shown.content.decode()
    told = json.loads(exporter(client, genre, "json"))
    rows = csv.DictReader(io.StringIO(exporter(client, genre, "csv").decode("utf-8-sig")))
    assert told["diffusion"].startswith("Réservée aux agents")
    assert told["count"] == len(told["results"]) == MODELES[genre].objects.count() > 0
    assert [str(row["identifiant"]) for row in told["results"]] == [r["identifiant"] for r in rows]


def test_progress_is_shown_for_a_large_file(client):
    response = deposer(client, "projets", exporter(client, "projets"))
    assert response.streaming
    assert "Lignes lues : 1\u202f000." in response.lu.replace("\xa0", "\u202f")
    assert "Voir le résultat" in response.lu
