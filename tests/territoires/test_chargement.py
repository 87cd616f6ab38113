"""Loading: once, again, after a change of the file, after a change of an officer."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from programme.models import BesoinMainOeuvre, DonneesVersion, Financement, Financeur, Projet
from programme.models.absorption import Absorption
from territoires.models import (
    Commune,
    Intercommunalite,
    LigneChargee,
    Rattachement,
    Territoire,
)
from territoires.models.modification import Porte, annoncer
from tests.factories import AutreNomFactory, RegionFactory
from tests.territoires.outils_chargement import LIGNES, Dossier

pytestmark = pytest.mark.django_db

LIGNE = LIGNES["territoires.csv"][0]


@pytest.fixture
def dossier(tmp_path):
    return Dossier(tmp_path)


@pytest.fixture
def charge(dossier):
    """The folder, loaded once."""
    dossier.charger()
    return dossier


def territoire():
    return Territoire.objects.get(code="ti-2807")


# --- The first load ---------------------------------------------------------------------------


def test_first_load_reads_every_kind_of_value(charge):
    projet = Projet.objects.get(code="fai-0001")
    assert projet.publication == "publié"
    assert projet.mise_a_jour == date(2021, 3, 2)
    assert (projet.emplois_crees, projet.emplois_maintenus) == (8, None)
    assert (projet.commune_id, projet.territoire_id) == ("61214", "ti-2807")
    assert projet.financements.get().financeur.nom == "État"
    assert {d.code for d in territoire().departements.all()} == {"61", "27"}
    assert {d.code for d in Intercommunalite.objects.get(pk="200068468").departements.all()} == {
        "61",
        "27",
    }


def test_secret_is_not_zero(charge):
    besoin = BesoinMainOeuvre.objects.get()
    assert (besoin.projets, besoin.difficiles, besoin.saisonniers) == (52, None, 0)


def test_first_load_writes_history_with_links(charge):
    created = territoire().history.get()
    assert (created.history_type, created.history_change_reason) == ("+", "chargement initial")
    assert {row.departement_id for row in created.departements.all()} == {"61", "27"}
    assert {row.region_id for row in created.regions.all()} == {"28"}
    assert Financement.history.count() == 1


def test_output_is_a_line_per_file_and_no_bar(dossier, capsys):
    out = dossier.charger()
    assert "regions.csv : 2 créées\n" in out
    assert "communes.csv : 1 créée\n" in out
    assert capsys.readouterr().err == ""


def test_a_load_gives_the_data_a_new_version(dossier):
    before = DonneesVersion.objects.current().numero
    dossier.charger()
    loaded = DonneesVersion.objects.current().numero
    assert loaded > before
    dossier.charger()
    assert DonneesVersion.objects.current().numero == loaded


def test_the_planner_learns_how_many_rows_there_are(dossier):
    """PostgreSQL took the loaded tables for empty, and the facets of a list lasted minutes."""
    with CaptureQueriesContext(connection) as queries:
        dossier.charger()
    assert "ANALYZE" in [query["sql"] for query in queries]
    with CaptureQueriesContext(connection) as queries:
        dossier.charger()
    assert "ANALYZE" not in [query["sql"] for query in queries]


def test_commands_load_their_own_files(dossier):
    dossier.charger("charger_geographie")
    assert Commune.objects.count() == 1
    assert not Territoire.objects.exists()
    dossier.charger("charger_carte")
    assert Rattachement.objects.count() == 2
    assert not Projet.objects.exists()
    dossier.charger("charger_programme")
    assert Projet.objects.count() == 2
    assert dossier.charger().startswith("Aucun changement")


# --- Again ------------------------------------------------------------------------------------


def test_second_load_writes_nothing_and_says_so(charge):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        out = charge.charger()
    assert out == "Aucun changement (24 lignes relues).\n"
    written = [q["sql"] for q in queries if q["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert written == []


def test_a_changed_row_updates_only_its_record(charge):
    charge.remplacer("territoires.csv", "Pays de l'Aigle", "Pays de L'Aigle")
    out = charge.charger()
    assert out == "territoires.csv : 1 modifiée, 1 inchangée\n"
    changed, other = Territoire.objects.order_by("code")
    assert (changed.nom, changed.version) == ("Pays de L'Aigle", 2)
    assert (other.version, other.history.count()) == (1, 1)
    last, first = changed.history.all()
    assert (last.history_type, last.history_change_reason) == ("~", "chargement des données")
    assert first.nom == "Pays de l'Aigle"


def test_changed_links_are_updated(charge):
    charge.remplacer("territoires.csv", "28,28,61 27", "28,28 53,61 27 35")
    charge.charger()
    assert {r.code for r in territoire().regions.all()} == {"28", "53"}
    assert {d.code for d in territoire().departements.all()} == {"61", "27", "35"}
    assert {row.region_id for row in territoire().history.first().regions.all()} == {"28", "53"}


def test_a_reference_row_follows_the_file(charge):
    charge.remplacer("communes.csv", "7900", "7950")
    charge.remplacer("intercommunalites.csv", "61 27", "61")
    out = charge.charger()
    assert "communes.csv : 1 modifiée\n" in out
    assert "intercommunalites.csv : 1 modifiée, 1 inchangée\n" in out
    assert Commune.objects.get().population == 7950
    links = Intercommunalite.objects.get(pk="200068468").departements
    assert [d.code for d in links.all()] == ["61"]


def test_rows_gone_from_a_file_stay(charge):
    charge.poser("communes_anciennes.csv", [])
    charge.poser("codes_postaux.csv", [])
    charge.poser("autres_noms.csv", [])
    out = charge.charger()
    assert "codes_postaux.csv : lignes en base et absentes du fichier, conservées : 1." in out
    assert "« ti-2807 | L'Aigle » n’est plus dans le fichier" in out
    assert "Aucun changement" in out
    assert territoire().autres_noms.count() == 1


# --- After an officer -------------------------------------------------------------------------


def officer_changes(**values):
    row = territoire()
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def test_an_officers_value_stays_and_is_named(charge):
    officer_changes(nom="L’Aigle et son pays")
    charge.remplacer("territoires.csv", "Pays de l'Aigle", "Pays de L'Aigle")
    for _ in range(2):  # said again until the two agree
        out = charge.charger()
        assert "« ti-2807 » : nom modifié par un agent" in out
        assert "Aucun changement" in out
    assert (territoire().nom, territoire().version) == ("L’Aigle et son pays", 2)
    charge.remplacer("territoires.csv", "Pays de L'Aigle", "L’Aigle et son pays")
    assert charge.charger().startswith("Aucun changement")


def test_an_untouched_file_leaves_an_officers_value_in_silence(charge):
    officer_changes(nom="L’Aigle et son pays")
    assert charge.charger().startswith("Aucun changement")
    assert territoire().nom == "L’Aigle et son pays"


def test_other_columns_of_the_row_still_follow_the_file(charge):
    officer_changes(nom="L’Aigle et son pays", elu="Claude Renard")
    charge.remplacer("territoires.csv", "61 27,,,liste", "61 27,,,liste de 148")
    out = charge.charger()
    assert "agent" not in out
    row = territoire()
    assert (row.nom, row.elu, row.source_entree, row.version) == (
        "L’Aigle et son pays",
        "Claude Renard",
        "liste de 148",
        3,
    )
    # The load wrote the officer's name again, in passing: it is still the officer's.
    charge.remplacer("territoires.csv", "Pays de l'Aigle", "Pays de L'Aigle")
    assert "nom modifié par un agent" in charge.charger()
    assert territoire().nom == "L’Aigle et son pays"


def test_a_column_new_in_the_file_fills_the_records(charge):
    remembered = LigneChargee.objects.get(fichier="territoires.csv", cle="ti-2807")
    del remembered.valeurs["remarque"]
    remembered.save()
    charge.poser("territoires.csv", [f"{LIGNE}réunion", LIGNES["territoires.csv"][1]])
    assert charge.charger() == "territoires.csv : 1 modifiée, 1 inchangée\n"
    assert territoire().remarque == "réunion"


def test_an_officers_links_stay(charge):
    territoire().regions.add(RegionFactory(code="53"))
    charge.remplacer("territoires.csv", "28,28,61 27", "28,28,61")
    charge.charger()
    assert {r.code for r in territoire().regions.all()} == {"28", "53"}
    assert {d.code for d in territoire().departements.all()} == {"61"}
    charge.poser("territoires.csv", [LIGNE.replace("28,28,61 27", "28,,61")])
    assert "regions modifié par un agent" in charge.charger()
    assert {r.code for r in territoire().regions.all()} == {"28", "53"}


def test_a_deleted_record_is_not_made_again(charge):
    territoire().autres_noms.get().delete()
    out = charge.charger()
    assert "« ti-2807 | L'Aigle » a été supprimé par un agent : il n’est pas recréé." in out
    assert not territoire().autres_noms.exists()


def test_a_record_already_typed_is_kept(charge):
    AutreNomFactory(territoire=territoire(), nom="Ouche", fin=date(2020, 1, 1))
    charge.poser("autres_noms.csv", ["ti-2807,L'Aigle,", "ti-2807,Ouche,2020-01-01"])
    out = charge.charger()
    assert "« ti-2807 | Ouche » existait déjà, saisi par un agent" in out
    assert territoire().autres_noms.get(nom="Ouche").fin == date(2020, 1, 1)
    assert charge.charger().startswith("Aucun changement")


def test_a_record_renamed_by_an_officer_is_found_by_its_row(charge):
    projet = Projet.objects.get(code="fai-0001")
    projet.code = "NOR-1"
    projet.save()
    charge.poser("financements.csv", ["fai-0001,etat", "fai-0002,etat"])
    charge.remplacer("projets.csv", "Un atelier", "Deux ateliers")
    charge.charger()
    assert Projet.objects.count() == 2
    projet.refresh_from_db()
    assert (projet.code, projet.objet, projet.financements.count()) == ("NOR-1", "Deux ateliers", 1)


def test_what_was_loaded_is_remembered_by_row(charge):
    remembered = LigneChargee.objects.get(fichier="territoires.csv", cle="ti-2807")
    assert (remembered.objet, remembered.valeurs["nom"]) == ("ti-2807", "Pays de l'Aigle")


# --- What was merged --------------------------------------------------------------------------


def fusionner(garde, absorbe):
    """One is kept for both; as they are then."""
    with transaction.atomic():
        annoncer(Porte.ACTE)
        Absorption(garde, absorbe).faire({})
    absorbe.refresh_from_db()
    assert absorbe.absorbe_par == garde
    return absorbe


@pytest.fixture
def fusionnes(charge):
    """The second project of the folder, kept for the first."""
    garde, absorbe = Projet.objects.get(code="fai-0002"), Projet.objects.get(code="fai-0001")
    return garde, fusionner(garde, absorbe)


def test_what_was_merged_is_written_no_more(charge, fusionnes):
    garde, absorbe = fusionnes
    charge.remplacer("projets.csv", ",8,,,2021-03-02", ",9,,,2021-03-02")
    out = charge.charger()
    assert f"« fai-0001 » a été fusionné dans « {garde} » : rien n’est écrit" in out
    absorbe.refresh_from_db()
    garde.refresh_from_db()
    assert (absorbe.emplois_crees, garde.emplois_crees) == (8, 8)
    assert charge.charger().count("rien n’est écrit") == 1, "said again while the file says it"


def test_what_a_file_adds_to_what_was_merged_goes_to_what_was_kept(charge, fusionnes):
    garde, absorbe = fusionnes
    charge.poser("financeurs.csv", ["etat,État,État,", "bpi,Bpifrance,opérateur,"])
    charge.poser("financements.csv", ["fai-0001,etat", "fai-0001,bpi"])
    out = charge.charger()
    assert f"projet « fai-0001 » a été fusionné dans « {garde} », et se lit comme lui" in out
    assert not absorbe.financements.exists()
    assert set(garde.financements.values_list("financeur__slug", flat=True)) == {"etat", "bpi"}
    assert charge.charger().startswith("Aucun changement")


def test_a_financeur_that_was_merged_is_read_as_the_one_that_was_kept(charge):
    charge.poser("financeurs.csv", ["etat,État,État,", "l-etat,L'État,État,"])
    charge.charger()
    etat, double = Financeur.objects.get(slug="etat"), Financeur.objects.get(slug="l-etat")
    fusionner(etat, double)
    charge.poser("financements.csv", ["fai-0001,etat", "fai-0002,l-etat"])
    assert "« l-etat » a été fusionné dans « État »" in charge.charger()
    assert Projet.objects.get(code="fai-0002").financements.get().financeur == etat
