"""Applied at once or not at all: history, index, versions; nothing over an unseen change."""

from datetime import datetime, timedelta
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from programme.backoffice.imports import application, progression
from programme.models import (
    DonneesVersion,
    EntreeIndex,
    Financement,
    Import,
    LigneImport,
    Projet,
    Publication,
    Referent,
    Retouche,
    Signataire,
)
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    agir,
    appliquer,
    changes,
    classeur,
    deposer,
    dits,
    exporter,
    fichier,
    importer,
    modifier,
    page,
    refus,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def publie(projet):
    projet.publication = Publication.PUBLIE
    projet.save()
    return projet


def test_the_preview_says_each_field_before_and_after(client, projet):
    row = {"code": projet.code, "emplois_crees": "1 234", "mise_a_jour": "6 mars 2019", "axe": ""}
    depot = importer(client, "projets", fichier(row))
    assert changes(depot) == {
        2: [
            ["Emplois créés", "8", "1\xa0234"],
            ["Mise à jour", "2 mars 2021", "6 mars 2019"],
            ["Axe", "innover", "non renseigné"],
        ]
    }
    shown = client.get(page("projets", depot)).content.decode()
    assert "aigle-1 – Forges de l’Iton" in shown
    assert Projet.objects.get().emplois_crees == 8


def test_what_is_accepted_is_written_with_its_history(client, secretariat, publie):
    numero, version = DonneesVersion.objects.current().numero, publie.version
    changed = {"code": publie.code, "beneficiaire": "Aciéries Toutneuf"}
    new = {"code": "neuf-1", "beneficiaire": "Forges", "territoire": publie.territoire_id}
    depot = importer(client, "projets", fichier({**changed, "territoire": "ti-2801"}, new))
    appliquer(client, "projets", depot)
    assert (depot.etat, depot.nb_modifies, depot.nb_nouveaux) == (Import.Etat.APPLIQUE, 1, 1)
    assert depot.contenu is None
    publie.refresh_from_db()
    assert (publie.beneficiaire, publie.version) == ("Aciéries Toutneuf", version + 1)
    made = Projet.objects.get(code="neuf-1")
    assert (made.publication, made.slug, made.version) == ("brouillon", "forges-neuf-1", 1)
    for row, type_, number in ((publie, "~", 2), (made, "+", 3)):
        record = row.history.first()
        assert (record.history_type, record.version) == (type_, row.version)
        assert record.history_user == secretariat
        assert record.history_change_reason == f"import de fichier.csv, ligne {number}"
    assert EntreeIndex.objects.get(projet=publie).nom.startswith("Aciéries Toutneuf")
    assert not EntreeIndex.objects.filter(projet=made).exists()
    assert DonneesVersion.objects.current().numero > numero


def test_rows_are_accepted_and_refused_one_by_one(client, territoire):
    for rank in range(3):
        f.ProjetFactory(code=f"p-{rank}", territoire=territoire, emplois_crees=0)
    rows = [{"code": f"p-{rank}", "emplois_crees": 5} for rank in range(3)]
    depot = importer(client, "projets", fichier(*rows))
    keys = {row.numero: row.pk for row in depot.lignes.all()}
    # Only what the page showed counts: a row of another page keeps its choice.
    agir(client, "projets", depot, "choisir", vue=[keys[2], keys[3]], garder=[keys[3]])
    accepted = depot.lignes.filter(acceptee=True).values_list("numero", flat=True)
    assert sorted(accepted) == [3, 4]
    agir(client, "projets", depot, "appliquer", vue=[keys[4]], garder=["1 OR 1"])
    stored = Projet.objects.order_by("code").values_list("emplois_crees", flat=True)
    assert list(stored) == [0, 5, 0]
    assert depot.nb_modifies == 1


def test_choices_go_from_page_to_page(client, territoire):
    f.ProjetFactory.create_batch(150, territoire=territoire, emplois_crees=0)
    rows = [{"code": p.code, "emplois_crees": 5} for p in Projet.objects.all()]
    depot = importer(client, "projets", fichier(*rows))
    first = list(depot.lignes.values_list("pk", flat=True)[:100])
    response = agir(client, "projets", depot, "page-2", vue=first, garder=first[:10])
    assert response.url.endswith("?p=2")
    assert depot.lignes.filter(acceptee=True).count() == 60
    agir(client, "projets", depot, "tout", vue=first)
    assert depot.lignes.filter(acceptee=True).count() == 150
    agir(client, "projets", depot, "rien", vue=first)
    assert depot.lignes.filter(acceptee=True).count() == 50


def test_a_row_changed_since_its_export_is_refused_with_who_when_what(client, projet, national):
    content = exporter(client, "projets")
    projet.filiere = "Aéronautique"
    projet._history_user = national
    projet.save()
    depot = importer(client, "projets", content)
    assert depot.nb_refuses == 1
    (said,) = dits(depot)
    assert "Nadia National (le " in said
    assert "filière : « Bois » → « Aéronautique »" in said
    assert "exportez-le de nouveau" in said
    # Nothing of it is written, whatever is posted.
    (row,) = depot.lignes.all()
    agir(client, "projets", depot, "appliquer", vue=[row.pk], garder=[row.pk])
    projet.refresh_from_db()
    assert projet.filiere == "Aéronautique"


def test_a_stale_row_that_says_what_the_record_says_is_no_change(client, projet):
    content = exporter(client, "projets")
    projet.filiere = "Aéronautique"
    projet.save()
    depot = importer(client, "projets", modifier(content, {(2, "filiere"): "Aéronautique"}))
    assert (depot.nb_refuses, depot.nb_inchanges) == (0, 1)


@pytest.mark.parametrize("version", [True, False])
def test_a_change_between_preview_and_confirmation_undoes_everything(
    client, projet, territoire, national, version
):
    f.ProjetFactory(code="autre", territoire=territoire, emplois_crees=0)
    seen = {"version": 1} if version else {}
    rows = [{"code": code, "emplois_crees": 77, **seen} for code in ("aigle-1", "autre")]
    depot = importer(client, "projets", fichier(*rows))
    projet.emplois_crees = 55
    projet._history_user = national
    projet.save()
    appliquer(client, "projets", depot)
    assert depot.etat == Import.Etat.A_CONFIRMER
    assert set(Projet.objects.values_list("emplois_crees", flat=True)) == {55, 0}
    shown = client.get(page("projets", depot)).content.decode()
    assert "Rien n’a été enregistré. Nadia National (le " in shown
    assert "ligne 2. Relisez l’aperçu" in shown
    if version:
        assert depot.nb_refuses == 1
    else:
        assert changes(depot)[2] == [["Emplois créés", "55", "77"]]
    # What is shown now may be confirmed.
    appliquer(client, "projets", depot)
    assert depot.etat == Import.Etat.APPLIQUE
    assert set(Projet.objects.values_list("emplois_crees", flat=True)) == {
        55 if version else 77,
        77,
    }


def test_a_change_at_the_very_moment_of_writing_undoes_everything(client, projet):
    """Between the second analysis and the lock of the rows."""
    depot = importer(client, "projets", fichier({"code": projet.code, "emplois_crees": 77}))
    reserve = application._reserver

    def late(depot):
        reserve(depot)
        Projet.objects.filter(pk=projet.pk).update(version=9, emplois_crees=55)

    with mock.patch.object(application, "_reserver", late):
        appliquer(client, "projets", depot)
    assert depot.etat == Import.Etat.A_CONFIRMER
    assert "Rien n’a été enregistré" in depot.remarques[0]
    assert Projet.objects.get().emplois_crees != 77


@pytest.mark.parametrize("small", [0, 100_000])
def test_a_failure_in_the_middle_undoes_everything(client, projet, monkeypatch, caplog, small):
    monkeypatch.setattr(progression, "PETIT", small)
    rows = [{"code": "aigle-1", "beneficiaire": "Autre nom"}]
    rows += [{"code": f"n-{rank}", "beneficiaire": "N"} for rank in range(3)]
    content = fichier(*({**row, "territoire": "ti-2801"} for row in rows))
    depot = importer(client, "projets", content)
    with mock.patch.object(application, "indexer_lignes", side_effect=DatabaseError("panne")):
        response = appliquer(client, "projets", depot)
    if not small:
        assert progression.PANNE in response.lu
    assert progression.PANNE in client.get(page("projets", depot)).content.decode()
    assert "panne" in caplog.text
    assert Projet.objects.get().beneficiaire == "Forges de l’Iton"
    assert projet.history.count() == 1
    assert depot.etat == Import.Etat.A_CONFIRMER


@pytest.mark.parametrize("small", [0, 100_000])
def test_a_database_that_is_lost_is_told(client, projet, monkeypatch, small):
    """Nothing can be noted either: on the page that is being sent, else by a page of its own."""
    monkeypatch.setattr(progression, "PETIT", small)
    row = {"code": "aigle-1", "beneficiaire": "Autre nom", "territoire": "ti-2801"}
    depot = importer(client, "projets", fichier(row))
    client.raise_request_exception = False
    lost = mock.Mock(side_effect=OperationalError("nobody answers"))
    monkeypatch.setattr(application, "indexer_lignes", lost)
    with mock.patch.object(progression, "Import", **{"objects.filter": lost}):
        response = appliquer(client, "projets", depot)
    if small:
        assert response.status_code == 503
    else:
        assert progression.PANNE in response.lu


def test_a_broken_connection_undoes_everything(client, projet, monkeypatch):
    monkeypatch.setattr(progression, "PETIT", 0)
    depot = importer(client, "projets", fichier({"code": projet.code, "emplois_crees": 77}))
    response = client.post(page("projets", depot), {"action": "appliquer"})
    for line in response.streaming_content:
        if "Lignes modifiées : 1" in line.decode():
            break
    # As the server does; `response.close()` would close the test's own connection too.
    response._iterator.close()
    depot.refresh_from_db()
    assert Projet.objects.get().emplois_crees == 8
    assert depot.etat == Import.Etat.A_CONFIRMER


def test_an_import_is_applied_once(client, projet):
    depot = importer(client, "projets", fichier({"code": projet.code, "emplois_crees": 77}))
    appliquer(client, "projets", depot)
    response = appliquer(client, "projets", depot)
    assert response.status_code == 409
    assert "n’attend plus rien" in response.content.decode()
    Import.objects.filter(pk=depot.pk).update(etat=Import.Etat.APPLIQUE, contenu=b"x")
    with pytest.raises(application.DejaFait):
        list(application.appliquer(depot, None, [], None))


def test_rows_that_contradict_each_other_are_told(client, projet, territoire):
    financeur, other = f.FinanceurFactory(nom="État"), f.FinanceurFactory(nom="Région")
    for who in (financeur, other):
        f.FinancementFactory(projet=projet, financeur=who, enveloppe=None)
    first, second = Financement.objects.order_by("pk")
    rows = fichier(
        {"identifiant": first.pk, "projet": projet.code, "financeur": "Région"},
        {"identifiant": second.pk, "projet": projet.code, "financeur": "Région", "type": ""},
    )
    said = dits(importer(client, "financements", rows))
    assert "Ce projet a déjà un financement de ce financeur hors enveloppe." in "\n".join(said)


def test_a_swap_that_only_the_whole_allows_is_refused_as_a_whole(client, projet):
    """The database checks row after row: it refuses, and everything goes back."""
    for name in ("État", "Région"):
        financeur = f.FinanceurFactory(nom=name)
        f.FinancementFactory(projet=projet, financeur=financeur, enveloppe=None)
    first, second = Financement.objects.order_by("pk")
    rows = fichier(
        {"identifiant": first.pk, "projet": projet.code, "financeur": "Région"},
        {"identifiant": second.pk, "projet": projet.code, "financeur": "État"},
    )
    depot = importer(client, "financements", rows)
    assert dits(depot) == []
    appliquer(client, "financements", depot)
    first.refresh_from_db()
    assert first.financeur.nom == "État"
    assert "se contredisent : rien n’a été enregistré" in depot.remarques[0]


def test_constraints_speak_before_anything_is_written(national_client, projet):
    money = {"projet": projet.code, "financeur": f.FinanceurFactory().nom}
    rows = fichier({**money, "montant_accorde_eur": 10, "montant_verse_eur": 11})
    said = dits(importer(national_client, "financements", rows))
    told = "Le montant versé ne dépasse pas le montant accordé. Corrigez la ligne."
    assert said == [f"Ligne 2, montant_accorde_eur (C) : {told}"]
    referent = f.ReferentFactory(territoire=projet.territoire)
    row = {"operateur": referent.operateur_id, "territoire": "ti-2801", "nom": "B"}
    rows = fichier({**row, "debut": "2030-01-01"}, {**row, "debut": "2031-01-01"})
    said = dits(importer(national_client, "referents", rows))
    assert len(said) == 2
    assert "a déjà un référent pour ce territoire à cette période" in said[0]
    ended = {"nom": "A", "debut": referent.debut, "fin": "2030-01-01"}
    closed = fichier({**row, "identifiant": referent.pk, **ended}, {**row, "debut": "2030-01-01"})
    depot = importer(national_client, "referents", closed)
    assert dits(depot) == []
    appliquer(national_client, "referents", depot)
    assert Referent.objects.count() == 2


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|'/c calc'!A1",
        "'=1+1",
        "<script>alert(1)</script>",
        "x" * 100_000,
        "une\nautre",
        'des "guillemets" ; et, virgules',
    ],
)
def test_hostile_texts_are_texts(client, projet, text):
    rows = {"code": projet.code, "objet": f"'{text}" if text[0] in "='" else text}
    depot = importer(client, "projets", fichier(rows))
    shown = client.get(page("projets", depot)).content.decode()
    assert "<script>alert" not in shown
    appliquer(client, "projets", depot)
    assert Projet.objects.get().objet == text
    for nom in ("csv", "xlsx"):
        depot = importer(client, "projets", exporter(client, "projets", nom), f"x.{nom}")
        assert (dits(depot), depot.nb_inchanges) == ([], 1)


def test_a_file_name_is_hostile_too(client, projet):
    content = fichier({"code": projet.code, "emplois_crees": 77})
    depot = importer(client, "projets", content, f"<b>{'é' * 200}.csv")
    assert "<b>é" not in client.get(page("projets", depot)).content.decode()
    appliquer(client, "projets", depot)
    assert len(projet.history.first().history_change_reason) <= 100


def test_a_workbook_of_excel_is_read(client, projet):
    rows = [["Code", "Mise à jour", "SIREN"], ["aigle-1", datetime(2019, 3, 6), 331408336.0]]
    depot = importer(client, "projets", classeur(*rows, titre="Feuil1"), "x.xlsx")
    assert changes(depot) == {2: [["Mise à jour", "2 mars 2021", "6 mars 2019"]]}


def test_without_its_whole_key_a_row_may_mean_several(client, projet):
    financeur = f.FinanceurFactory(nom="Région")
    for rank in range(2):
        f.FinancementFactory(
            projet=projet, financeur=financeur, montant_accorde_eur=rank, montant_verse_eur=None
        )
    row = {"projet": projet.code, "financeur": "Région"}
    same = fichier({**row, "montant_accorde_eur": 1}, {**row, "montant_accorde_eur": 0})
    assert dits(importer(client, "financements", same)) == []
    other = fichier({**row, "montant_accorde_eur": 7})
    assert "peut désigner 2 enregistrements" in dits(importer(client, "financements", other))[0]


def test_a_share_that_goes_to_another_project_is_counted_anew_on_both(client, projet):
    other = f.ProjetFactory(code="aigle-2", commune=projet.commune, territoire=projet.territoire)
    share = f.FinancementFactory(projet=projet, financeur=f.FinanceurFactory(nom="Région"))
    Retouche.objects.all().delete()
    moved = {"identifiant": share.pk, "projet": other.code, "financeur": "Région"}
    depot = importer(client, "financements", fichier(moved))
    assert dits(depot) == []
    appliquer(client, "financements", depot)
    assert depot.etat == Import.Etat.APPLIQUE
    assert {projet.pk, other.pk} <= set(Retouche.objects.values_list("projet", flat=True))


def test_signatures_are_added_to_their_contract(client, contrats):
    row = {"contrat": contrats.normand.slug, "organisme": "Région Normandie", "signe_le": "6/3/19"}
    depot = importer(client, "signataires", fichier({**row, "nom": ""}))
    appliquer(client, "signataires", depot)
    assert depot.etat == Import.Etat.APPLIQUE
    assert Signataire.objects.filter(organisme="Région Normandie", nom="").count() == 1


@pytest.mark.parametrize("column", ["nom", "fonction"])
def test_no_number_comes_in_beside_a_name(client, contrats, column):
    row = {"contrat": contrats.normand.slug, "organisme": "Région", "nom": "Anne Martin"}
    depot = importer(client, "signataires", fichier({**row, column: "Anne, 06 12 34 56 78"}))
    assert "un numéro de téléphone ne s’y écrit pas" in " ".join(dits(depot))
    assert Signataire.objects.count() == 2


def test_a_refused_file_is_told_on_its_form(client):
    response = deposer(client, "projets", b"")
    assert response.status_code == 400
    assert refus(response) == ["Le fichier est vide : exportez la liste, et partez de ce fichier."]
    response = client.post(response.wsgi_request.path, {})
    assert refus(response) == ["Choisissez un fichier."]
    assert not Import.objects.exists()


def test_a_file_without_rows_is_told(client):
    depot = importer(client, "projets", b"code;objet\n")
    assert depot.etat == Import.Etat.ERRONE
    assert dits(depot) == ["Ligne 0 : Le fichier n’a que son en-tête : aucune ligne à importer."]


def queries(client, action):
    with CaptureQueriesContext(connection) as captured:
        action()
    # Rows are inserted by batches, which depend on the database's own limit of parameters.
    return len([query for query in captured if "INSERT" not in query["sql"][:6]])


def test_queries_do_not_grow_with_the_file(client, territoire):
    counts = []
    for number in (2, 40):
        made = f.ProjetFactory.create_batch(number, territoire=territoire, publication="publié")
        rows = [{"code": p.code, "emplois_crees": 99, "territoire": "ti-2801"} for p in made]
        rows += [{"code": f"n{number}-{rank}", "territoire": "ti-2801"} for rank in range(number)]
        content = fichier(*({**row, "beneficiaire": "Forges"} for row in rows))
        read = queries(client, lambda content=content: importer(client, "projets", content))
        depot = Import.objects.latest("pk")
        assert dits(depot) == []
        seen = queries(client, lambda depot=depot: client.get(page("projets", depot)))
        done = queries(client, lambda depot=depot: appliquer(client, "projets", depot))
        assert depot.etat == Import.Etat.APPLIQUE
        counts.append((read, seen, done))
    assert counts[0] == counts[1]
    assert max(counts[0]) < 60


def test_old_files_are_forgotten(client, projet):
    depot = importer(client, "projets", fichier({"code": projet.code, "emplois_crees": 77}))
    call_command("entretien", verbosity=0)
    depot.refresh_from_db()
    assert depot.contenu is not None
    Import.objects.update(depose_le=timezone.now() - timedelta(days=8))
    call_command("entretien", verbosity=0)
    depot.refresh_from_db()
    assert (depot.contenu, depot.etat) == (None, Import.Etat.EXPIRE)
    assert not LigneImport.objects.exists()
    assert "oublié sans avoir été importé" in client.get(page("projets", depot)).content.decode()


def test_a_file_that_waits_changes_no_public_answer(db):
    before = DonneesVersion.objects.current().numero
    f.LigneImportFactory(depot=f.ImportFactory(agent=f.NationalFactory()))
    assert DonneesVersion.objects.current().numero == before
