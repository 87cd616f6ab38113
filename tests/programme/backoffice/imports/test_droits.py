"""Rights, perimeter and lock hold at the door of files too, row by row."""

import pytest

from programme.models import Financement, Import, Projet, Publication, Realisation, Referent
from territoires.models import Role
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    MODELES,
    agir,
    appliquer,
    changes,
    deposer,
    dits,
    exporter,
    fichier,
    importer,
    lire,
    page,
)
from tests.programme.backoffice.outils import address

pytestmark = pytest.mark.django_db
REGIONAUX = {
    "projets",
    "financements",
    "contrats",
    "signataires",
    "avenants",
    "seances",
    "decisions",
    "documents",
    "binomes",
}
OPERATEURS = {"referents", "realisations"}
QUI = {
    Role.NATIONAL: REGIONAUX | OPERATEURS,
    Role.SECRETARIAT: REGIONAUX,
    Role.REDACTEUR: REGIONAUX,
    Role.REFERENT: OPERATEURS,
    Role.LECTEUR: set(),
}


def agent_of(role, region):
    if role == Role.REFERENT:
        return f.ReferentAgentFactory()
    return f.AgentFactory(role=role, regions=[] if role == Role.NATIONAL else [region])


@pytest.mark.parametrize("genre", MODELES)
@pytest.mark.parametrize("role", Role)
def test_who_imports_what(role, genre, normandie, signed_in):
    client = signed_in(agent_of(role, normandie))
    expected = 200 if genre in QUI[role] else 403
    assert client.get(address(MODELES[genre], "importer")).status_code == expected
    forged = deposer(client, genre, b"x;y\n")
    assert forged.status_code == (400 if expected == 200 else 403)
    shown = client.get(address(MODELES[genre], "changelist"))
    links = b"Importer</a>" in shown.content
    assert links is (expected == 200)


def test_nobody_signed_out_comes_in(client, db):
    client.logout()
    for page_ in ("importer", "exporter"):
        args = ["csv"] if page_ == "exporter" else []
        response = client.get(address(Projet, page_, *args))
        assert response.status_code == 302
        assert "/login/" in response.url


def test_an_export_holds_what_the_agent_sees(client, projet, bretagne):
    f.ProjetFactory(code="breizh-1", territoire__region_porteuse=bretagne)
    _, rows = lire(exporter(client, "projets"))
    assert [row[0] for row in rows] == ["aigle-1"]


def test_an_export_needs_the_right_to_see(normandie, signed_in):
    reader = signed_in(f.ReferentAgentFactory())
    assert reader.get(address(Projet, "exporter", "csv")).status_code == 403
    assert reader.get(address(Projet, "exporter", "doc")).status_code == 404


def test_a_row_outside_the_perimeter_is_like_one_that_is_not(client, bretagne):
    hidden = f.ProjetFactory(code="breizh-1", territoire__region_porteuse=bretagne)
    told = []
    for key in (hidden.pk, 999_999):
        depot = importer(client, "projets", fichier({"identifiant": key, "objet": "pris"}))
        told.append(dits(depot)[0].replace(str(key), "…"))
    assert told[0] == told[1]
    assert "ne désigne aucun enregistrement de votre périmètre" in told[0]


def test_a_row_may_not_leave_for_another_region_nor_come_from_it(client, projet, bretagne):
    theirs = f.TerritoireFactory(code="ti-5301", region_porteuse=bretagne)
    moved = fichier({"code": projet.code, "territoire": theirs.pk})
    assert (
        "« ti-5301 » ne désigne aucun enregistrement" in dits(importer(client, "projets", moved))[0]
    )
    new = fichier({"code": "neuf", "beneficiaire": "Forges"})
    assert "hors de votre périmètre" in dits(importer(client, "projets", new))[0]
    gone = fichier({"code": projet.code, "territoire": "", "departement": "", "commune": ""})
    assert "hors de votre périmètre" in dits(importer(client, "projets", gone))[0]


def test_an_editor_changes_drafts_and_nothing_published(redacteur, signed_in, projet):
    client = signed_in(redacteur)
    change = fichier({"code": projet.code, "emplois_crees": 9})
    depot = importer(client, "projets", change)
    assert dits(depot) == []
    Projet.objects.update(publication=Publication.PUBLIE)
    said = dits(importer(client, "projets", change))
    assert len(said) == 1
    assert "est publié : votre rôle (rédacteur régional)" in said[0]
    assert "Retirez la ligne du fichier." in said[0]
    # Published meanwhile: what was previewed is not applied either.
    appliquer(client, "projets", depot)
    assert depot.etat == Import.Etat.ERRONE
    assert Projet.objects.get().emplois_crees == 8


def test_rows_of_a_published_record_follow_its_lock(redacteur, signed_in, projet):
    client = signed_in(redacteur)
    financeur = f.FinanceurFactory(nom="Région Normandie")
    row = {"projet": projet.code, "financeur": financeur.nom, "montant_accorde_eur": "12 500 €"}
    depot = importer(client, "financements", fichier(row))
    assert dits(depot) == []
    Projet.objects.update(publication=Publication.PUBLIE)
    assert "est publié" in dits(importer(client, "financements", fichier(row)))[0]


def test_a_referent_imports_for_its_own_operator(signed_in, territoire):
    ours, theirs = f.OperateurFactory(), f.OperateurFactory()
    client = signed_in(f.ReferentAgentFactory(operateur=ours))
    row = {"territoire": territoire.pk, "operateur": ours.nom, "nom": "A", "debut": "6 mars 2019"}
    depot = importer(client, "referents", fichier(row))
    assert dits(depot) == []
    appliquer(client, "referents", depot)
    made = Referent.objects.get()
    assert (made.operateur, made.publication) == (ours, Publication.BROUILLON)
    wrong = fichier({**row, "operateur": theirs.pk})
    assert "(opérateur) : vérifiez le code." in dits(importer(client, "referents", wrong))[0]
    f.RealisationFactory(operateur=theirs, annee=2020)
    _, rows = lire(exporter(client, "realisations"))
    assert [row[1] for row in rows] == []
    assert Realisation.objects.count() == 1


def test_a_referent_imports_nothing_of_another(signed_in):
    theirs = f.RealisationFactory(annee=2020, valeur=1)
    client = signed_in(f.ReferentAgentFactory())
    depot = importer(client, "realisations", fichier({"identifiant": theirs.pk, "valeur": 2}))
    assert "ne désigne aucun enregistrement" in dits(depot)[0]


def test_an_import_is_its_author_s_and_a_national_administrator_sees_it(
    client, projet, national_client, redacteur, signed_in
):
    depot = importer(client, "projets", fichier({"code": projet.code, "emplois_crees": 9}))
    other = signed_in(redacteur)
    assert other.get(page("projets", depot)).status_code == 404
    assert other.post(page("projets", depot), {"action": "appliquer"}).status_code == 404
    assert other.get(page("projets", depot) + "erreurs.csv").status_code == 404
    shown = national_client.get(page("projets", depot))
    assert shown.status_code == 200
    assert "Appliquer" not in shown.content.decode()
    assert national_client.post(page("projets", depot), {"action": "appliquer"}).status_code == 403
    trace = national_client.get(address(Projet, "importer")).content.decode()
    assert depot.sha256 in trace
    assert "Sacha Secrétariat" in trace
    assert depot.sha256 not in other.get(address(Projet, "importer")).content.decode()
    # At the door of another kind, it does not exist.
    assert client.get(address(Financement, "import", depot.pk)).status_code == 404


def test_the_rows_of_an_import_go_with_the_regions_of_its_author(
    client, secretariat, projet, bretagne
):
    depot = importer(client, "projets", fichier({"code": projet.code, "emplois_crees": 9}))
    secretariat.regions.set([bretagne])
    shown = client.get(page("projets", depot)).content.decode()
    assert projet.beneficiaire not in shown
    assert agir(client, "projets", depot, "appliquer").status_code == 409
    agir(client, "projets", depot, "analyser")
    assert changes(depot) == {}
    assert Projet.objects.get().emplois_crees == 8


def test_a_draft_outside_the_perimeter_is_not_named(client, projet, bretagne):
    """A project may cite a contract of another région, a financement a national budget."""
    contrat = f.ContratFactory(
        slug="contrat-cache", territoire__region_porteuse=bretagne, publication="brouillon"
    )
    Projet.objects.update(contrat=contrat)
    national = f.EnveloppeFactory(intitule="Budget caché", publication="brouillon")
    f.FinancementFactory(projet=projet, enveloppe=national)
    for genre, hidden in (("projets", "contrat-cache"), ("financements", "Budget caché")):
        content = exporter(client, genre)
        assert hidden not in content.decode()
        assert "hors de votre périmètre" in content.decode()
        depot = importer(client, genre, content)
        assert (dits(depot), depot.nb_inchanges) == ([], 1)
    Projet.objects.update(publication="publié")
    contrat.publication = "publié"
    contrat.save()
    assert "contrat-cache" in exporter(client, "projets").decode()
