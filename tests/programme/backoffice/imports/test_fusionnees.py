"""What a file calls as it was called before two records became one: read as the one kept, said."""

import pytest

from programme.models import Financeur, Publication
from programme.models.absorption import Absorption
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    agir,
    appliquer,
    changes,
    dits,
    exporter,
    fichier,
    importer,
    modifier,
)
from tests.programme.backoffice.imports.test_vrai_fichier import choix, colonnes

pytestmark = pytest.mark.django_db


def fusionner(garde, absorbe):
    Absorption(garde, absorbe).faire({})
    absorbe.refresh_from_db()
    garde.refresh_from_db()
    assert (absorbe.absorbe_par, getattr(absorbe, "publication", "retiré")) == (garde, "retiré")


@pytest.fixture
def double(projet):
    """A second record of the same project; not merged yet."""
    return f.ProjetFactory(
        code="aigle-2",
        beneficiaire="Les Forges de l’Iton",
        territoire=projet.territoire,
        departement=projet.departement,
        commune=projet.commune,
        siren="",
        objet="Un four",
        emplois_crees=12,
        publication=Publication.BROUILLON,
    )


def remarques(depot):
    """What is said of rows that may be written."""
    assert depot.nb_erreurs == 0, dits(depot)
    return " ".join(dits(depot))


def test_a_project_by_its_old_code(client, projet, double):
    fusionner(projet, double)
    depot = importer(client, "projets", fichier({"code": "aigle-2", "emplois_maintenus": "30"}))
    assert f"« aigle-2 » a été fusionné dans « {projet} »" in remarques(depot)
    assert changes(depot) == {2: [["Emplois maintenus", "20", "30"]]}
    appliquer(client, "projets", depot)
    projet.refresh_from_db()
    double.refresh_from_db()
    assert (projet.emplois_maintenus, double.emplois_maintenus) == (30, 20)
    agir(client, "projets", depot, "annuler")
    projet.refresh_from_db()
    assert projet.emplois_maintenus == 20


def test_a_file_of_before_the_merge_says_again_only_what_it_changes(client, projet, double):
    """What the merge did not keep of the other record does not come back with it."""
    before = exporter(client, "projets", code="aigle-2")
    fusionner(projet, double)
    untouched = importer(client, "projets", before)
    assert (dits(untouched), changes(untouched)) == ([], {})
    changed = modifier(before, {(2, "emplois_maintenus"): "30"})
    depot = importer(client, "projets", changed)
    assert "« aigle-2 » a été fusionné" in remarques(depot)
    assert changes(depot) == {2: [["Emplois maintenus", "20", "30"]]}
    after = exporter(client, "projets")
    assert b"aigle-2" in after
    untouched = importer(client, "projets", after)
    assert (dits(untouched), changes(untouched)) == ([], {})


def test_a_file_older_than_what_was_changed_before_the_merge_is_told(client, projet, double):
    before = exporter(client, "projets", code="aigle-2")
    double.emplois_maintenus = 21
    double.save()
    fusionner(projet, double)
    depot = importer(client, "projets", modifier(before, {(2, "emplois_crees"): "13"}))
    (told,) = dits(depot)
    assert "a modifié cet enregistrement depuis votre export" in told
    assert "emplois maintenus : « 20 » → « 21 »" in told


def test_both_lines_of_a_file_are_one_record(client, projet, double):
    fusionner(projet, double)
    rows = (
        {"code": "aigle-1", "emplois_maintenus": "29"},
        {"code": "aigle-2", "emplois_maintenus": "30"},
    )
    depot = importer(client, "projets", fichier(*rows))
    (told,) = dits(depot)
    assert "« aigle-2 » a été fusionné" in told
    assert "La ligne 2 la désigne déjà : reportez-y ce qui change" in told


def test_without_a_code_what_was_merged_makes_no_doubt(client, projet, double):
    double.objet = projet.objet
    double.save()
    fusionner(projet, double)
    row = {"objet": projet.objet, "commune": "61214", "emplois_maintenus": "30"}
    row |= {"beneficiaire": projet.beneficiaire}
    depot = importer(client, "projets", fichier(row))
    told = client.post(colonnes(depot), choix(client, depot))
    assert told.status_code == 302
    depot.refresh_from_db()
    assert depot.nb_erreurs == 0, dits(depot)
    assert changes(depot) == {2: [["Emplois maintenus", "20", "30"]]}


def test_a_financeur_and_a_project_by_their_old_names(client, projet, double):
    region = f.FinanceurFactory(nom="Région Normandie")
    other = f.FinanceurFactory(nom="Conseil régional de Normandie")
    fusionner(region, other)
    fusionner(projet, double)
    row = {"projet": "aigle-2", "financeur": "CONSEIL REGIONAL DE NORMANDIE"}
    depot = importer(client, "financements", fichier(row | {"montant_demande_eur": "500"}))
    said = remarques(depot)
    assert "« CONSEIL REGIONAL DE NORMANDIE » a été fusionné dans « Région Normandie »" in said
    assert f"« aigle-2 » a été fusionné dans « {projet} »" in said
    appliquer(client, "financements", depot)
    assert projet.financements.get().financeur == region
    assert Financeur.objects.get(pk=other.pk).financements.count() == 0


def test_what_was_left_under_it_is_read_as_it_is(client, projet, double):
    """An untouched export changes nothing, of a financement that both had too."""
    financeur = f.FinanceurFactory()
    for one, asked in ((projet, 500), (double, 900)):
        f.FinancementFactory(
            projet=one, financeur=financeur, enveloppe=None, montant_demande_eur=asked,
            montant_accorde_eur=None, montant_verse_eur=None,
        )  # fmt: skip
    fusionner(projet, double)
    untouched = importer(client, "financements", exporter(client, "financements"))
    assert (dits(untouched), changes(untouched)) == ([], {})


def test_a_contract_by_its_old_address(client, projet):
    garde, absorbe = (
        f.ContratFactory(
            territoire=projet.territoire, intitule=name, slug=slug, publication="brouillon"
        )
        for name, slug in (("Acte d’Avre", "acte"), ("Contrat d’Avre", "contrat"))
    )
    fusionner(garde, absorbe)
    depot = importer(client, "projets", fichier({"code": "aigle-1", "contrat": "contrat"}))
    assert f"« contrat » a été fusionné dans « {garde} »" in remarques(depot)
    appliquer(client, "projets", depot)
    projet.refresh_from_db()
    assert projet.contrat == garde
