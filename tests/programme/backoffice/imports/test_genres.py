"""What committees sign and decide, as files: new rows, changed rows, what an act alone changes."""

from datetime import date

import pytest

from programme.models import Avenant, Contrat, Decision, Document, Import, Publication, Seance
from territoires.models import Territoire
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    agir,
    appliquer,
    changes,
    dits,
    exporter,
    fichier,
    importer,
    lire,
)

pytestmark = pytest.mark.django_db
BROUILLON = Publication.BROUILLON


@pytest.fixture
def redige(redacteur, signed_in):
    return signed_in(redacteur)


@pytest.fixture
def contrat(territoire):
    return f.ContratFactory(
        territoire=territoire,
        publication=BROUILLON,
        statut="en préparation",
        date_signature=None,
        precision_signature="",
    )


@pytest.fixture
def seance(normandie):
    comite = f.ComiteRegionalFactory(region=normandie)
    return f.SeanceFactory(comite_regional=comite, date=date(2022, 5, 3), publication=BROUILLON)


def faire(client, genre, *rows):
    """Import what may be; fails with what is told when it may not."""
    depot = importer(client, genre, fichier(*rows))
    assert depot.nb_erreurs == 0, dits(depot)
    appliquer(client, genre, depot)
    assert depot.etat == Import.Etat.APPLIQUE
    return depot


def refus(client, genre, *rows):
    return "\n".join(dits(importer(client, genre, fichier(*rows))))


# --- Contracts, avenants --------------------------------------------------------------------------


def test_contracts_that_were_signed_long_ago_come_with_their_address(client, territoire):
    row = {"Territoire": "Pays de l’Aigle", "Type": "contrat", "Intitulé": "Pays de l’Aigle"}
    row |= {"Statut": "signé", "Signature": "9 décembre 2019", "Précision de la date": "jour"}
    depot = faire(client, "contrats", row | {"Montant": "1,2 M€"})
    made = Contrat.objects.get()
    assert (made.territoire, made.statut, made.montant_eur) == (territoire, "signé", 1_200_000)
    assert (made.slug, made.publication) == ("contrat-pays-de-laigle", BROUILLON)
    # The same file changes nothing; the import is undone, then done again.
    assert faire_rien(client, "contrats", row | {"Montant": "1,2 M€"})
    agir(client, "contrats", depot, "annuler")
    assert not Contrat.objects.exists()
    faire(client, "contrats", row)


def faire_rien(client, genre, *rows):
    depot = importer(client, genre, fichier(*rows))
    return depot.nb_erreurs == 0 and changes(depot) == {}


def test_a_status_is_changed_by_its_act_and_begun_by_who_may_do_it(client, redige, contrat):
    told = refus(client, "contrats", {"code": contrat.slug, "statut": "signé"})
    assert "le statut se change par les actes de la page du contrat" in told
    new = {"territoire": contrat.territoire_id, "type": "protocole", "intitule": "Neuf"}
    signed = new | {
        "statut": "signé",
        "date_signature": "2019-12-09",
        "precision_signature": "jour",
    }
    told = refus(redige, "contrats", signed)
    assert "ne permet pas d’enregistrer un contrat « signé »" in told
    faire(redige, "contrats", new)
    assert Contrat.objects.get(intitule="Neuf").statut == "en préparation"


def test_what_a_contract_may_not_say_is_refused_by_its_own_sentence(client, contrat):
    told = refus(client, "contrats", {"code": contrat.slug, "date_signature": "2019-12-09"})
    assert "Dites ce que vaut la date de signature" in told or "n’est plus en préparation" in told
    other = f.ContratFactory(territoire__region_porteuse=contrat.territoire.region_porteuse)
    told = refus(client, "contrats", {"code": contrat.slug, "meme_acte": other.slug})
    assert "Deux noms d’un même acte ont un même territoire." in told


def test_an_avenant_is_recorded_late_or_added_by_its_act(client, contrat):
    row = {"contrat": contrat.slug, "numero": 1, "objet": "Deux actions de plus"}
    faire(client, "avenants", row | {"nb_actions": 12})
    assert Avenant.objects.get().nb_actions == 12
    faire(client, "avenants", row | {"nb_actions": 14})
    assert Avenant.objects.get().nb_actions == 14
    signed = f.ContratFactory(territoire=contrat.territoire)
    told = refus(client, "avenants", row | {"contrat": signed.slug})
    assert "ajoutez l’avenant par l’acte « Ajouter un avenant »" in told


# --- Séances, decisions ---------------------------------------------------------------------------


def test_seances_are_named_by_their_committee_and_their_day(client, normandie, seance):
    row = {"Comité régional": "Normandie", "Date": "14/06/2022", "Lieu": "Caen"}
    normandie.nom = "Normandie"
    normandie.save()
    faire(client, "seances", row)
    made = Seance.objects.get(date=date(2022, 6, 14))
    assert (made.comite_regional, made.precision) == (seance.comite_regional, "jour")
    faire(client, "seances", row | {"Lieu": "Rouen"})
    assert Seance.objects.get(pk=made.pk).lieu == "Rouen"
    assert Seance.objects.count() == 2


def test_a_decision_names_its_seance_and_its_author(client, secretariat, seance, contrat):
    row = {"seance": "28 – 2022-05-03", "type": "valider un contrat", "texte": "Le comité valide."}
    faire(client, "decisions", row | {"contrat": contrat.slug})
    made = Decision.objects.get()
    assert (made.seance, made.contrat, made.auteur) == (seance, contrat, secretariat)
    assert faire_rien(client, "decisions", row | {"contrat": contrat.slug})
    told = refus(client, "decisions", row | {"seance": "28 – 2022-05-04"})
    assert "ne désigne aucun enregistrement de votre périmètre (séance)" in told


def test_who_validates_alone_writes_that_a_seance_validates(redige, seance, contrat):
    row = {"seance": "28 – 2022-05-03", "type": "valider un contrat", "texte": "Le comité valide."}
    told = refus(redige, "decisions", row | {"contrat": contrat.slug})
    assert "choisissez « autre », ou demandez-le au secrétariat du comité" in told
    faire(redige, "decisions", row | {"type": "autre"})


def test_an_act_on_the_map_keeps_its_seance_and_its_type(client, seance, normandie):
    row = f.DecisionFactory(seance=seance, type="ajuster la carte", ajustement={}, texte="Entrée")
    told = refus(client, "decisions", {"identifiant": row.pk, "type": "autre"})
    assert "Cette décision change la carte" in told
    faire(client, "decisions", {"identifiant": row.pk, "texte": "Entrée d’un membre"})


# --- Documents, people ----------------------------------------------------------------------------


def test_documents_are_listed_and_addresses_added(client, contrat):
    f.DocumentFactory(territoire=None, contrat=contrat, titre="Plan", publication=BROUILLON)
    row = {"Titre": "Diagnostic", "Date": "2021-03", "Contrat": contrat.slug}
    assert "date" in refus(client, "documents", row)
    row |= {"Date": "2021-03-02", "Lien": "https://www.example.org/diagnostic.pdf"}
    faire(client, "documents", row)
    assert Document.objects.get(titre="Diagnostic").contrat == contrat
    told = refus(client, "documents", row | {"Titre": "Sans objet", "Contrat": ""})
    assert "serait hors de votre périmètre" in told or "se rattache à" in told
    told = refus(client, "documents", {"titre": "Plan", "date": "2019-09-24", "fichier": "a.pdf"})
    assert "un fichier se dépose sur la page du document" in told


def test_who_leads_a_territory_is_changed_and_the_map_is_not(client, territoire, normandie):
    before = set(territoire.regions.values_list("pk", flat=True))
    depot = faire(
        client, "binomes", {"code": "ti-2801", "elu": "Éloïse d’Ys", "chef_de_projet": "Ana Roy"}
    )
    territoire.refresh_from_db()
    assert (territoire.elu, territoire.chef_de_projet) == ("Éloïse d’Ys", "Ana Roy")
    kept = territoire.history.first()
    assert {row.region_id for row in kept.regions.all()} == before, "the history keeps its régions"
    agir(client, "binomes", depot, "annuler")
    territoire.refresh_from_db()
    assert territoire.elu == ""
    assert {row.region_id for row in territoire.history.first().regions.all()} == before


def test_no_file_makes_a_territory_nor_renames_one(client, redige, territoire):
    told = refus(client, "binomes", {"code": "ti-9999", "elu": "Éloïse d’Ys"})
    assert "un territoire s’ajoute par une séance" in told
    told = refus(client, "binomes", {"code": "ti-2801", "nom": "Autre", "elu": "Éloïse d’Ys"})
    assert "il se change sur la page du territoire" in told
    # What the public reads at once is locked for who proposes.
    assert "public dès l’enregistrement" in refus(
        redige, "binomes", {"code": "ti-2801", "elu": "Éloïse d’Ys"}
    )


def test_no_coordinates_of_a_person_come_by_a_file(client, territoire):
    told = refus(client, "binomes", {"code": "ti-2801", "elu": "Éloïse d’Ys, 06 12 34 56 78"})
    assert "Ligne 2" in told
    assert Territoire.objects.get(pk="ti-2801").elu == ""


# --- The perimeter, both ways ---------------------------------------------------------------------


@pytest.fixture
def ailleurs(bretagne):
    """A row of each kind, of another région; `seance` and `decision` too."""
    territoire = f.TerritoireFactory(code="ti-5301", nom="Vallée cachée", region_porteuse=bretagne)
    contrat = f.ContratFactory(territoire=territoire, intitule="Cachée", publication=BROUILLON)
    seance = f.SeanceFactory(comite_regional__region=bretagne, lieu="Rennes caché")
    decision = f.DecisionFactory(seance=seance, contrat=contrat, texte="Décision cachée")
    return {
        "contrats": contrat,
        "avenants": f.AvenantFactory(contrat=contrat, objet="Objet caché"),
        "seances": seance,
        "decisions": decision,
        "documents": f.DocumentFactory(
            territoire=None, contrat=contrat, titre="Titre caché", publication=BROUILLON
        ),
        "binomes": territoire,
    }


@pytest.mark.parametrize(
    "genre", ["contrats", "avenants", "seances", "decisions", "documents", "binomes"]
)
def test_nothing_of_elsewhere_goes_out_nor_comes_in(client, normandie, ailleurs, genre):
    row = ailleurs[genre]
    Seance.objects.update(publication=BROUILLON)
    _, lines = lire(exporter(client, genre))
    told = " ".join(" ".join(line) for line in lines)
    assert "cach" not in told.lower()
    forged = {"identifiant": row.pk, "source": "x"}
    if genre == "binomes":
        forged = {"code": row.pk, "elu": "Éloïse d’Ys"}
    said = refus(client, genre, forged)
    assert "périmètre" in said
    assert "cach" not in said.lower()


def test_what_leads_elsewhere_is_masked_then_comes_back_untouched(client, normandie, bretagne):
    """A territory of two régions: the decision of one names a project of the other."""
    hidden = f.ProjetFactory(territoire__region_porteuse=bretagne, publication=BROUILLON)
    seance = f.SeanceFactory(comite_regional__region=normandie, publication=BROUILLON)
    f.DecisionFactory(seance=seance, type="valider un projet", projet=hidden)
    content = exporter(client, "decisions")
    assert "hors de votre périmètre" in content.decode()
    assert hidden.code not in content.decode()
    depot = importer(client, "decisions", content)
    assert (dits(depot), changes(depot)) == ([], {})
