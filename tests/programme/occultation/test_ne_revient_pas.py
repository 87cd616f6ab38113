"""What was masked does not come back by a form, a file or a load that was made before it."""

import pytest
from django.test import Client
from django.utils import timezone

from programme.models import Contrat, Import, Projet, Proposition
from programme.occultation import acte
from programme.occultation.acte import Documents, demander
from programme.taches import charge_of
from territoires.models import LigneChargee, Territoire
from territoires.occultes import RAISON, marque, semblable
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    appliquer,
    dits,
    exporter,
    fichier,
    importer,
    modifier,
)
from tests.programme.backoffice.outils import address, form_data, messages_of
from tests.programme.backoffice.propositions.test_signalements import read
from tests.programme.occultation.outils import NUMERO
from tests.programme.occultation.outils import RAISON as MOTIF
from tests.territoires.outils_chargement import Dossier

pytestmark = pytest.mark.django_db
TEXTE = "Un four. Appelez le 06 12 34 56 78."


@pytest.fixture
def normandie():
    return f.RegionFactory(code="28")


@pytest.fixture
def projet(normandie):
    territoire = f.TerritoireFactory(region_porteuse=normandie)
    return f.ProjetFactory(
        objet=TEXTE, code="P1", publication="brouillon", territoire=territoire, beneficiaire="Fonte"
    )


@pytest.fixture
def officer(normandie):
    client = Client()
    client.force_login(f.SecretariatFactory(regions=[normandie]))
    return client


def mask(texte="0612345678"):
    demander(texte, MOTIF, Documents.RETIRER, f.NationalFactory())
    acte.faire(charge_of(acte.Tache.objects.latest("pk")))


def is_masked(row, field="objet"):
    row.refresh_from_db()
    said = getattr(row, field)
    told = f"{said} {[*type(row).history.values_list(field, flat=True)]}"
    return marque(timezone.localdate()) in said and not NUMERO.search(told.encode())


# --- The form of a record -----------------------------------------------------------------------


@pytest.mark.parametrize("typed", [TEXTE, f"{TEXTE} Et un laminoir."])
def test_a_form_opened_before_does_not_put_it_back(officer, projet, typed):
    page = address(Projet, "change", projet.pk)
    opened = {**form_data(officer.get(page)), "objet": typed, "beneficiaire": "Forge"}
    mask()
    response = officer.post(page, opened)
    assert response.status_code == 200
    assert "occultée dans ce champ" in messages_of(response)
    assert "Refaites-y votre changement sans elle" in messages_of(response)
    assert not NUMERO.search(response.content)
    assert officer.post(page, form_data(response)).status_code == 302
    assert is_masked(projet)
    assert projet.beneficiaire == "Forge"


def test_a_form_opened_after_may_write_another_text(officer, projet):
    mask()
    page = address(Projet, "change", projet.pk)
    opened = {**form_data(officer.get(page)), "objet": "Un four neuf."}
    assert officer.post(page, opened).status_code == 302
    projet.refresh_from_db()
    assert projet.objet == "Un four neuf."


def test_nor_when_others_saved_before_and_after_the_mask(officer, projet):
    page = address(Projet, "change", projet.pk)
    opened = {**form_data(officer.get(page)), "objet": f"{TEXTE} Et un laminoir."}
    projet.beneficiaire = "Forge"
    projet.save()
    mask()
    projet.refresh_from_db()
    projet.objet = "Un four."
    projet.save()
    response = officer.post(page, opened)
    assert "occultée dans ce champ" in messages_of(response)
    projet.refresh_from_db()
    assert projet.objet == "Un four."


def test_nor_a_row_of_the_record(officer, normandie):
    contrat = f.ContratFactory(
        territoire__region_porteuse=normandie,
        publication="brouillon",
        statut="en préparation",
        date_signature=None,
        precision_signature="",
    )
    row = f.SignataireFactory(contrat=contrat, nom="Camille Martin", organisme="Région")
    page = address(Contrat, "change", contrat.pk)
    opened = form_data(officer.get(page))
    (name,) = (k for k, v in opened.items() if v == "Camille Martin")
    mask("Camille Martin")
    response = officer.post(page, {**opened, name: "Camille Martin-Roux"})
    assert "occultée dans ce champ" in messages_of(response)
    row.refresh_from_db()
    assert row.nom == marque(timezone.localdate())


def test_nor_a_proposition(normandie, projet):
    Projet.objects.update(publication="publié")
    editor = Client()
    editor.force_login(f.RedacteurFactory(regions=[normandie]))
    page = address(Projet, "change", projet.pk)
    opened = form_data(editor.get(page)) | {"objet": f"{TEXTE} Bis.", "_proposer": "on"}
    mask()
    response = editor.post(page, opened | {"motif_proposition": "Il manque un mot."})
    assert "occultée dans ce champ" in messages_of(response)
    assert not Proposition.objects.exists()


def test_nor_a_report_of_the_public(client, projet):
    Projet.objects.update(publication="publié")
    page = f"/signaler/projets/{projet.code}/?champ=objet"
    typed = {"jeton": read(client, page), "motif": "Faux.", "provient": "Délibération, page 3."}
    mask("Un four. Appelez")
    response = client.post(page, typed | {"valeur-objet": "Un four. Appelez donc le maire."})
    assert response.status_code == 409
    said = response.content.decode()
    assert "est remis tel qu’il est publié" in said
    assert "donc le maire" not in said
    assert not Proposition.objects.exists()


# --- Files --------------------------------------------------------------------------------------


def test_nor_a_file_exported_before(officer, projet):
    exported = exporter(officer, "projets")
    mask()
    changed = modifier(exported, {(2, "beneficiaire"): "Forge"})
    depot = importer(officer, "projets", changed)
    assert "Une donnée personnelle de cet enregistrement a été occultée" in "".join(dits(depot))
    appliquer(officer, "projets", depot)
    assert is_masked(projet)


def test_nor_a_file_without_version(officer, projet):
    mask()
    made = fichier({"code": "P1", "objet": TEXTE, "beneficiaire": "Forge"})
    depot = importer(officer, "projets", made)
    (said,) = dits(depot)
    assert said.startswith("Ligne 2, objet (B) : une donnée personnelle y a été occultée")
    appliquer(officer, "projets", depot)
    assert is_masked(projet)


def test_a_file_exported_after_may_write_another_text(officer, projet):
    mask()
    changed = modifier(exporter(officer, "projets"), {(2, "objet"): "Un four neuf."})
    depot = importer(officer, "projets", changed)
    appliquer(officer, "projets", depot)
    assert depot.etat == Import.Etat.APPLIQUE
    projet.refresh_from_db()
    assert projet.objet == "Un four neuf."


def test_nor_a_load(tmp_path):
    dossier = Dossier(tmp_path)
    dossier.charger()
    mask("Pays de l'Aigle")
    dossier.poser(
        "regions.csv", ["28,Normandie,normandie,Basse-Normandie", "53,Bretagne,bretagne,"]
    )
    said = dossier.charger()
    territoire = Territoire.objects.get(code="ti-2807")
    assert territoire.nom == marque(timezone.localdate())
    assert "nom contient une donnée occultée, que le fichier remettrait" in said
    assert "Retirez-la du fichier" in said
    assert "donnée occultée" in dossier.charger()


def test_nor_a_load_of_a_row_whose_key_was_masked(tmp_path):
    dossier = Dossier(tmp_path)
    dossier.charger()
    before = LigneChargee.objects.filter(fichier="autres_noms.csv").count()
    LigneChargee.objects.filter(fichier="autres_noms.csv").update(cle="ti-2807 | [occulté]")
    dossier.charger()
    assert LigneChargee.objects.filter(fichier="autres_noms.csv").count() == before


# --- How it is known ----------------------------------------------------------------------------


def test_the_history_tells_it_and_the_journal_does_not(client, projet):
    Projet.objects.update(publication="publié")
    projet.history.update(publication="publié")
    mask()
    latest = projet.history.first()
    projet.refresh_from_db()
    assert (latest.history_change_reason, latest.version) == (RAISON, projet.version)
    assert latest.modification.raison == MOTIF
    assert latest.objet == projet.objet
    told = client.get("/journal/?genre=projets").content.decode()
    assert "modifié" not in told.partition("<main")[2].partition("<table")[2]


def test_what_was_masked_twice_counts_once(projet):
    mask()
    version = Projet.objects.get().version
    mask()
    assert Projet.objects.get().version == version


def test_a_mark_stands_for_some_words():
    assert semblable("ti-1 | [occulté le 2 mai 2026] | 3", "ti-1 | Camille Martin | 3")
    assert not semblable("ti-1 | [occulté] | 3", "ti-1 |  | 4")
