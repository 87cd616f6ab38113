"""What is found, in which order, on both databases; what is never found."""

import pytest
from django.core.management import call_command
from django.db import connection

from programme.catalogue.recherche.indexation import indexer, reindexer
from programme.catalogue.recherche.moteur import MAXIMUM, chercher, suggerer
from programme.models import (
    Contrat,
    DonneesVersion,
    EntreeIndex,
    MotIndex,
    Projet,
    Publication,
    TrigrammeIndex,
    index,
)
from programme.models.index import tous
from territoires.models import Commune
from territoires.recherche.texte import trigrammes
from tests.factories import (
    AutreNomFactory,
    CodePostalFactory,
    CommuneAncienneFactory,
    CommuneFactory,
    ContratFactory,
    DepartementFactory,
    IntercommunaliteFactory,
    OperateurFactory,
    ProjetFactory,
    RegionFactory,
    TerritoireFactory,
)

pytestmark = pytest.mark.django_db


def noms(texte, type_=""):
    return [entree.nom for entree in chercher(texte, type_).entrees]


def commune(nom, population=1_000, **fields):
    return CommuneFactory(nom=nom, population=population, intercommunalite=None, **fields)


# --- Rank -------------------------------------------------------------------------------------


@pytest.fixture
def saint_etienne():
    commune("Saint-Étienne-du-Rouvray", 28_000)
    commune("Availles-Saint-Étienne", 300_000)
    IntercommunaliteFactory(nom="Saint-Etienne Métropole", nature="METRO", population=400_000)
    loire = DepartementFactory(code="42", nom="Loire")
    city = commune("Saint-Étienne", 174_000, code="42218", departement=loire)
    CodePostalFactory(commune=city, code="42000")
    return city


@pytest.mark.usefixtures("saint_etienne")
@pytest.mark.parametrize(
    "texte", ["saint etienne", "SAINT-ÉTIENNE", "St Etienne", "st-étienne", "saints etiennes"]
)
def test_exact_name_then_beginnings_then_words(texte):
    found = noms(texte)
    assert found[0] == "Saint-Étienne"
    if texte != "saints etiennes":
        assert found == [
            "Saint-Étienne",
            "Saint-Etienne Métropole",
            "Saint-Étienne-du-Rouvray",
            "Availles-Saint-Étienne",
        ]
    assert len(found) == 4


@pytest.mark.usefixtures("saint_etienne")
@pytest.mark.parametrize("texte", ["42000", "42 000", "42218", "saintetienne", "st etienne loire"])
def test_codes_one_word_and_context_find_one(texte):
    assert noms(texte) == ["Saint-Étienne"]


@pytest.mark.usefixtures("saint_etienne")
def test_context_alone_finds_nothing():
    """A département names the communes of the same name apart; it does not list its communes."""
    assert noms("Loire") == ["Loire"]


def test_articles_and_apostrophes_do_not_count():
    commune("L'Aigle", 8_000)
    territoire = TerritoireFactory(nom="Pays de l’Aigle", rattachement=None)
    for texte in ("l'aigle", "l’aigle", "L AIGLE", "aigle"):
        assert noms(texte) == ["L'Aigle", territoire.nom]


def test_earlier_names_and_codes_lead_to_the_commune():
    today = commune("Arboys en Bugey", code="01015")
    CommuneAncienneFactory(commune=today, nom="Arbignieu", code="01015")
    CommuneAncienneFactory(commune=today, nom="Saint-Bois", code="01340")
    assert noms("arbignieu") == noms("St Bois") == noms("01340") == ["Arboys en Bugey"]


def test_a_past_name_and_code_of_a_commune_find_it():
    today = commune("Ambérieu-en-Bugey", code="01004")
    CommuneAncienneFactory(commune=today, nom="Ambérieu", code="01004", nature="nom")
    valserhone = commune("Valserhône", code="01033")
    CommuneAncienneFactory(commune=valserhone, nom="Arlod", code="01018", nature="commune-absorbee")
    afa = commune("Afa", code="2A001")
    CommuneAncienneFactory(commune=afa, nom="Afa", code="20001", nature="code")
    assert noms("ambérieu") == ["Ambérieu-en-Bugey"]
    assert noms("Arlod") == noms("01018") == ["Valserhône"]
    assert noms("20001") == noms("afa") == ["Afa"]


def test_regions_answer_by_what_people_call_them():
    RegionFactory(code="32", nom="Hauts-de-France", autres_noms="Nord-Pas-de-Calais, Picardie, HDF")
    for texte in ("Picardie", "picardi", "HDF", "nord pas de calais", "Région Picardie"):
        assert noms(texte)[:1] == ["Hauts-de-France"], texte


def test_departements_answer_by_name_and_code():
    DepartementFactory(code="29", nom="Finistère", region__nom="Bretagne")
    for texte in ("Finistère", "finistere", "29", "département 29", "dept. finistère", "finistre"):
        assert noms(texte)[:1] == ["Finistère"], texte


def test_a_cedex_is_no_place():
    sarthe = DepartementFactory(code="72", nom="Sarthe")
    commune("Le Mans", 140_000, code="72181", departement=sarthe)
    commune("Mansle", 1_500)
    for texte in ("72000 LE MANS CEDEX 2", "72039 Le Mans cedex", "LE MANS CEDEX 09"):
        assert noms(texte)[:1] == ["Le Mans"], texte


def test_a_lost_apostrophe_does_not_count():
    commune("L’Haÿ-les-Roses")
    commune("L'Aigle")
    assert noms("LHAY LES ROSES") == ["L’Haÿ-les-Roses"]
    assert noms("laigle") == ["L'Aigle"]


def test_one_slip_in_each_word():
    commune("Montceau-les-Mines")
    for autre in ("Monteaux", "Le Monteau", "Mine-sur-Forge", "Minas"):
        commune(autre)
    assert chercher("Monteau les miines").correction == "Montceau Mines"
    assert noms("Monteau les miines")[:1] == ["Montceau-les-Mines"]
    assert noms("montcau les mine")[:1] == ["Montceau-les-Mines"]


def test_arrondissements_lead_to_their_city():
    paris = commune("Paris", 2_000_000, code="75056")
    nature = "arrondissement-municipal"
    for rang in (1, 12):
        nom = f"Paris {rang}{'er' if rang == 1 else 'e'} Arrondissement"
        CommuneAncienneFactory(commune=paris, code=f"751{rang:02d}", nom=nom, nature=nature)
    assert noms("paris 12ème") == noms("75112") == noms("Paris 1er arrondissement") == ["Paris"]


def test_a_territory_is_found_by_its_other_names_and_code():
    territoire = TerritoireFactory(
        code="ti-7505", nom="Lacq-Pau - Tarbes", slug="lacq", rattachement=None
    )
    AutreNomFactory(territoire=territoire, nom="Bassin de Lacq")
    for texte in ("lacq pau", "bassins de lacq", "ti-7505", "TI 7505"):
        assert noms(texte) == ["Lacq-Pau - Tarbes"]


def test_a_project_is_found_by_its_holder_siren_object_and_code():
    projet = ProjetFactory(
        beneficiaire="3D MEDICAL",
        siren="810565101",
        objet="Offre complète d’implants imprimés",
        code="fai-0001",
        commune=None,
    )
    for texte in ("3d medical", "810 565 101", "81056510100012", "implant imprimé", "FAI-0001"):
        assert [e.projet_id for e in chercher(texte).entrees] == [projet.pk], texte


def test_regions_operators_and_contracts_are_found():
    region = RegionFactory(code="53")
    OperateurFactory(code="bpifrance", nom="Bpifrance")
    contrat = ContratFactory(intitule="Carros", type=Contrat.Type.PROTOCOLE)
    assert noms(region.nom)[0] == "Bretagne"
    assert noms("bpifrance") == ["Bpifrance"]
    assert noms("protocole carros") == ["Protocole d’accord – Carros"]
    assert chercher("protocole carros").entrees[0].code == contrat.slug


def test_the_heaviest_first_then_the_order_of_types():
    small, large = commune("Forges", 10), commune("Forges", 20)
    TerritoireFactory(nom="Forges", rattachement=None)
    reindexer()
    found = [(e.type, e.code) for e in chercher("forges").entrees]
    assert found[:2] == [("commune", large.code), ("commune", small.code)]
    assert found[2][0] == "territoire"


def test_types_are_counted_and_kept_apart():
    commune("Thiérache")
    OperateurFactory(nom="Thiérache")
    reponse = chercher("thierache", "opérateur")
    assert reponse.comptes == {"commune": 1, "opérateur": 1}
    assert (reponse.total, [e.type for e in reponse.entrees]) == (1, ["opérateur"])


def test_the_answer_is_capped_and_says_so():
    departement = DepartementFactory()
    Commune.objects.bulk_create(
        Commune(code=f"99{n:03d}", nom=f"Forges {n}", departement=departement) for n in range(999)
    )
    Commune.objects.bulk_create(
        Commune(code=f"98{n:03d}", nom="Forges du Nord", departement=departement, population=5)
        for n in range(20)
    )
    reindexer()
    reponse = chercher("forges")
    assert reponse.plafonnee
    assert len(reponse.entrees) == MAXIMUM
    # The heaviest were numbered first: they are never cut off.
    assert {e.nom for e in reponse.entrees[:20]} == {"Forges du Nord"}
    assert chercher("forges", "commune").plafonnee
    assert chercher("forges 7").entrees[0].nom == "Forges 7"


@pytest.mark.parametrize("parts", [(5, 20, 2), (40, 60, 2), (200, 300, 50)])
def test_the_first_are_the_same_whatever_parts_are_read(parts, monkeypatch):
    """PostgreSQL looks for a common word among the first numbers first."""
    departement = DepartementFactory()
    Commune.objects.bulk_create(
        Commune(
            code=f"99{n:03d}",
            nom="Forges " + "Nord " * (n % 2) + "Sud " * (n % 7 == 6) + "Est" * (n > 90),
            departement=departement,
            population=n,
        )
        for n in range(100)
    )
    reindexer()
    known = list(EntreeIndex.objects.order_by("pk").values_list("pk", "texte"))
    pres, loin, rare = parts
    monkeypatch.setattr(index, "PRES", known[0][0] + pres)
    monkeypatch.setattr(index, "LOIN", known[0][0] + loin)
    monkeypatch.setattr(index, "RARE", rare)
    for words in (("forges",), ("nord",), ("sud",), ("est",), ("nord", "sud"), ("ouest",)):
        expected = [pk for pk, tokens in known if set(words) <= set(tokens.split())]
        for limit in (1, 4, 10, 45, 300):
            found = EntreeIndex.objects.matching(tous(*words), limit=limit).order_by("pk")
            assert [entree.pk for entree in found] == expected[:limit], (words, limit)


def test_a_word_alone_is_not_found_by_its_context_but_beside_another_is():
    loire = DepartementFactory(code="42", nom="Loire")
    commune("Feurs", departement=loire)
    assert noms("loire") == ["Loire"]
    assert noms("feurs loire") == ["Feurs"]


# --- Slips ------------------------------------------------------------------------------------


@pytest.fixture
def chatellerault():
    commune("Châtellerault", 31_000)
    commune("Availles-en-Châtellerault", 1_700)
    IntercommunaliteFactory(nom="CA Grand Châtellerault", nature="CA", population=83_000)


@pytest.mark.usefixtures("chatellerault")
@pytest.mark.parametrize(
    "texte", ["chatelleraut", "chatelerault", "châtelleralut", "xhatellerault"]
)
def test_a_slip_is_corrected_when_nothing_is_found(texte):
    reponse = chercher(texte)
    assert reponse.correction == "Châtellerault"
    assert reponse.exactes == 0
    assert [e.nom for e in reponse.entrees] == [
        "Châtellerault",
        "CA Grand Châtellerault",
        "Availles-en-Châtellerault",
    ]


@pytest.mark.usefixtures("chatellerault")
def test_a_slip_that_a_source_made_hides_nothing():
    """« Grand Châtelleraut » is how one list wrote it: what is found by it comes first."""
    territoire = TerritoireFactory(nom="Grand Châtellerault", rattachement=None)
    AutreNomFactory(territoire=territoire, nom="Grand Châtelleraut")
    reponse = chercher("chatelleraut")
    assert reponse.exactes == 1
    assert reponse.correction == "Châtellerault"
    found = [(e.type, e.nom) for e in reponse.entrees]
    assert found[0] == ("territoire", "Grand Châtellerault")
    assert ("commune", "Châtellerault") in found
    # Asked for by its whole name, it is no slip.
    assert chercher("grand chatelleraut").correction == ""


@pytest.mark.usefixtures("chatellerault")
@pytest.mark.parametrize("texte", ["châtellerault", "grenoble", "xyz", "86100", "chat"])
def test_what_is_right_or_too_far_is_not_corrected(texte):
    assert chercher(texte).correction == ""


def test_one_wrong_word_among_several():
    commune("Saint-Nazaire", 70_000)
    commune("Saint-Malo", 46_000)
    reponse = chercher("saint nasaire")
    assert reponse.correction == "saint Nazaire"
    assert [e.nom for e in reponse.entrees] == ["Saint-Nazaire"]


# --- While typing -----------------------------------------------------------------------------


@pytest.mark.usefixtures("saint_etienne")
def test_suggestions_begin_with_what_is_typed():
    entrees, correction = suggerer("saint-ét")
    assert [e.nom for e in entrees][:2] == ["Saint-Etienne Métropole", "Saint-Étienne"]
    assert correction == ""
    assert [e.nom for e in suggerer("rouv")[0]] == ["Saint-Étienne-du-Rouvray"]


@pytest.mark.usefixtures("chatellerault")
def test_suggestions_for_a_slip():
    entrees, correction = suggerer("chatelleraut")
    assert correction == "Châtellerault"
    assert entrees[0].nom == "Châtellerault"


@pytest.mark.usefixtures("chatellerault")
def test_queries_are_few(django_assert_num_queries):
    with django_assert_num_queries(1):
        suggerer("chat")
    with django_assert_num_queries(3):
        suggerer("chatelleraut")
    commune("Châtellerault-le-Vieux")
    with django_assert_num_queries(2):
        list(chercher("chatellerault").entrees)


# --- Hostile ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "texte",
    [
        "'; DROP TABLE x; --",
        '" OR 1=1',
        "a AND NOT b*",
        "{a b} : ^c",
        "%_\\",
        "NEAR(a, b)",
        "a:* & !b | c",
        "\x00",
        "𝕬𝖎𝖌𝖑𝖊",
        "أ",
        "(((((",
        "t_commune n_aigle",
        " ".join(["mot"] * 60),
        "x" * 200,
    ],
)
def test_hostile_texts_are_plain_words(texte):
    commune("L'Aigle")
    assert isinstance(list(chercher(texte).entrees), list)
    suggerer(texte)


# --- Nothing unpublished ----------------------------------------------------------------------

CACHES = [state for state in Publication if state != Publication.PUBLIE]


@pytest.mark.parametrize("state", CACHES)
def test_what_is_not_published_is_not_in_the_index(state):
    ProjetFactory(beneficiaire="Fonderie secrète", publication=state)
    ContratFactory(intitule="Contrat secret", publication=state)
    assert noms("fonderie secrète") == noms("contrat secret") == []
    assert not MotIndex.objects.filter(mot__in=["secrete", "fonderie", "secret"]).exists()
    assert chercher("fondrie").correction == ""
    reindexer()
    assert noms("fonderie") == []


@pytest.mark.parametrize("state", CACHES)
def test_a_bulk_withdrawal_is_followed_even_before_the_index_is(state):
    ProjetFactory(beneficiaire="Fonderie secrète")
    ContratFactory(intitule="Contrat secret")
    assert noms("fonderie")
    assert noms("contrat secret")
    Projet.objects.update(publication=state)
    Contrat.objects.update(publication=state)
    assert EntreeIndex.objects.filter(projet__isnull=False).exists()
    assert noms("fonderie") == noms("contrat secret") == []
    assert chercher("fondrie").total == 0
    assert suggerer("fonde") == ([], "")
    assert chercher("fonderie").comptes == {}
    indexer(Projet, Projet.objects.values_list("pk", flat=True))
    assert not EntreeIndex.objects.filter(projet__isnull=False).exists()


# --- The index follows ------------------------------------------------------------------------


def test_a_save_and_a_deletion_are_followed():
    projet = ProjetFactory(beneficiaire="Fonderie")
    before = EntreeIndex.objects.get(projet=projet).pk
    projet.beneficiaire = "Aciérie"
    projet.save()
    assert noms("fonderie") == []
    assert noms("acierie") == ["Aciérie"]
    assert EntreeIndex.objects.get(projet=projet).pk == before
    projet.publication = Publication.RETIRE
    projet.save()
    assert noms("acierie") == []
    projet.publication = Publication.PUBLIE
    projet.save()
    projet.delete()
    assert noms("acierie") == []


def test_the_parts_of_a_record_are_followed():
    place = commune("Aigle")
    code = CodePostalFactory(commune=place, code="61300")
    assert noms("61300") == ["Aigle"]
    code.delete()
    assert noms("61300") == []


def test_a_bulk_load_is_followed_on_demand():
    departement = DepartementFactory()
    Commune.objects.bulk_create([Commune(code="99001", nom="Nulle-Part", departement=departement)])
    assert noms("nulle part") == []
    indexer(Commune, ["99001"])
    assert noms("nulle part") == ["Nulle-Part"]
    Commune.objects.filter(pk="99001")._raw_delete("default")
    indexer(Commune, ["99001"])
    assert noms("nulle part") == []


def test_a_rebuild_says_the_same_as_the_saves_did(capsys):
    commune("L'Aigle", 8_000)
    projet = ProjetFactory(beneficiaire="Forges de l’Iton")
    projet.beneficiaire = "Aciéries de l’Iton"
    projet.save()
    ProjetFactory(beneficiaire="Fonderie").delete()
    ContratFactory(intitule="Iton").delete()
    # Not `poids`: a région's is the sum of its communes, and only a rebuild sums.
    fields = ("type", "identifiant", "code", "nom", "precision", "adresse")
    fields += ("noms", "autres", "texte", "projet", "contrat")

    def content():
        entries = set(EntreeIndex.objects.values_list(*fields))
        words = set(MotIndex.objects.values_list("mot", "longueur", "nombre"))
        pieces = set(TrigrammeIndex.objects.values_list("mot__mot", "trigramme"))
        return entries, words, pieces

    before, version = content(), DonneesVersion.objects.current().numero
    call_command("reindexer")
    assert "entrées" in capsys.readouterr().out
    assert content() == before
    assert before[2] == {(mot, t) for mot, _, _ in before[1] for t in trigrammes(mot)}
    assert DonneesVersion.objects.current().numero == version + 1


def test_a_rebuild_gives_the_numbers_that_there_were():
    """The first that a common word finds are looked for among the smallest."""
    commune("Aigle", 10)
    commune("Fers", 20)
    before = set(EntreeIndex.objects.values_list("pk", flat=True))
    Commune.objects.bulk_create(
        [Commune(code="99001", nom="Beau", departement=DepartementFactory(), population=15)]
    )
    reindexer()
    after = EntreeIndex.objects.filter(type="commune").order_by("pk")
    assert [entree.nom for entree in after] == ["Fers", "Beau", "Aigle"]
    assert before < set(EntreeIndex.objects.values_list("pk", flat=True))
    # What comes next takes a number of its own.
    commune("Creil", 5)
    assert EntreeIndex.objects.order_by("-pk").first().nom == "Creil"


def test_the_full_text_of_sqlite_follows_its_table():
    """The index is made by triggers: a migration that copies the table would lose them."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has a stored column")
    ProjetFactory(beneficiaire="Fonderie")
    EntreeIndex.objects.update(texte="autrement")
    assert [e.nom for e in EntreeIndex.objects.matching("fonderie")] == []
    assert EntreeIndex.objects.matching("autrement").count() == EntreeIndex.objects.count()
    EntreeIndex.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM programme_entreeindex_fts "
            "WHERE programme_entreeindex_fts MATCH 'autrement'"
        )
        assert cursor.fetchone() == (0,)
