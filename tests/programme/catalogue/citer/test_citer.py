"""Citing a figure: what is kept, what stays of it, what is refused."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from html import unescape
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from programme.catalogue.citer import vues
from programme.catalogue.citer.citables import CITABLES
from programme.catalogue.citer.image import HAUTEUR, LARGEUR, dessiner
from programme.catalogue.citer.lecture import of_citation
from programme.catalogue.citer.textes import Enonces, bibtex_of
from programme.catalogue.pages.indicateurs import FINANCEUR_DU_FONDS
from programme.catalogue.recherche.indexation import reindexer
from programme.catalogue.version import version_reader
from programme.enonces import quantite
from programme.models import Citation, DonneesVersion, Projet
from tests import factories as f

from .outils import requete_de

pytestmark = pytest.mark.django_db
URL = reverse("citer")


@pytest.fixture(autouse=True)
def _nobody_asked_before():
    vues.demandes.forget_all()


@pytest.fixture
def bretagne():
    return f.RegionFactory(code="53", nom="Bretagne", slug="bretagne")


@pytest.fixture
def projets(bretagne):
    """Three projects in Bretagne, one of which does not tell its jobs, and one elsewhere."""
    departement = f.DepartementFactory(region=bretagne)
    commune = f.CommuneFactory(departement=departement)
    fonds = f.FinanceurFactory(slug=FINANCEUR_DU_FONDS)
    for jobs in (10, 32, None):
        projet = f.ProjetFactory(commune=commune, emplois_crees=jobs, filiere="Bois")
        f.FinancementFactory(projet=projet, financeur=fonds)
    f.ProjetFactory(emplois_crees=1_000, filiere="Aéronautique")


def citer(client, chiffre, requete="", **headers):
    return client.post(URL, {"chiffre": chiffre, "requete": requete}, headers=headers)


def cite(client, chiffre, requete=""):
    """The citation that is kept."""
    response = citer(client, chiffre, requete)
    assert response.status_code == 303, response.text
    return Citation.objects.get(pk=response["Location"].split("/")[-2])


def test_a_citation_says_what_it_counts_and_what_does_not_tell(client, projets):
    citation = cite(client, "projets-emplois-crees", "?region=53&page=2&tri=-emplois_crees")
    assert (citation.valeur, citation.fiches, citation.renseignees) == (42, 3, 2)
    assert citation.requete == "region=53"
    text = client.get(citation.get_absolute_url()).text
    assert "42\N{NO-BREAK SPACE}emplois créés" in text
    assert "3\N{NO-BREAK SPACE}projets, dont 1\N{NO-BREAK SPACE}qui ne le disent pas" in text
    assert "Projets : Bretagne" in text
    assert '<a href="/projets/?region=53" rel="nofollow">La même, ce jour</a>' in text
    assert "Inchangé depuis" in text
    assert '<meta name="robots" content="noindex">' in text


def test_the_same_citation_twice_is_one_row(client, projets):
    first = citer(client, "projets", "region=53&filiere=Bois")
    again = citer(client, "projets", "?filiere=Bois&utm_source=x&region=53")
    assert first["Location"] == again["Location"]
    assert Citation.objects.count() == 1
    Projet.objects.filter(emplois_crees=10).first().save()
    f.ProjetFactory()
    later = citer(client, "projets", "region=53&filiere=Bois")
    assert later["Location"] != first["Location"]


def test_it_survives_edits_and_says_todays_value_beside(client, projets):
    citation = cite(client, "projets-emplois-crees", "region=53")
    projet = Projet.objects.get(emplois_crees=32)
    projet.emplois_crees = 40
    projet.save()
    text = client.get(citation.get_absolute_url()).text
    assert "42\N{NO-BREAK SPACE}emplois créés" in text
    assert "50\N{NO-BREAK SPACE}emplois créés" in text
    assert "A changé : +8." in text
    link = unescape(re.search(r'<a href="(/projets/\?region=53&amp;au=[^"]+\.\.[^"]+)"', text)[1])
    told = client.get(link)
    assert told.status_code == 200
    assert "32" in told.text
    assert "40" in told.text
    found = client.get(reverse("citation_json", args=[citation.pk])).json()
    assert (found["valeur"], found["aujourdhui"]["valeur"]) == (42, 50)


def test_a_renamed_place_is_told_by_its_name_of_today(client, projets, bretagne):
    citation = cite(client, "projets", "region=53")
    bretagne.nom, bretagne.slug = "Armorique", "armorique"
    bretagne.save()
    text = client.get(citation.get_absolute_url()).text
    assert "Projets : Armorique" in text
    assert "3\N{NO-BREAK SPACE}projets" in text


def test_a_value_that_no_row_has_any_more_is_read_as_none(client, projets):
    citation = cite(client, "projets", "filiere=Bois")
    for projet in Projet.objects.filter(filiere="Bois"):
        projet.filiere = "Forêt"
        projet.save()
    text = client.get(citation.get_absolute_url()).text
    assert "3\N{NO-BREAK SPACE}projets" in text
    assert "Projets : Bois" in text
    found = client.get(reverse("citation_json", args=[citation.pk])).json()
    assert (found["valeur"], found["aujourdhui"]["valeur"]) == (3, 0)
    assert "redonne la valeur citée" in text


def test_a_query_that_reads_no_more_leaves_the_value(client, projets):
    financeur = f.FinanceurFactory(slug="ademe", nom="Ademe")
    citation = cite(client, "projets", "financeur=ademe")
    financeur.delete()
    text = client.get(citation.get_absolute_url()).text
    assert "Projets : Ademe" in text
    assert "Sans réponse : cette requête ne se relit plus." in text
    assert "redonne la valeur citée" in text


def test_what_cannot_be_read_again_at_its_moment_says_so(client, projets):
    citation = cite(client, "projets", "filiere=Bois")
    Projet.history.filter(filiere="Bois").first().delete()
    DonneesVersion.objects.bump()
    text = client.get(citation.get_absolute_url()).text
    assert "3\N{NO-BREAK SPACE}projets" in text
    assert "la requête donne 2\N{NO-BREAK SPACE}projets" in text


@pytest.mark.parametrize("code", sorted(CITABLES))
def test_every_figure_of_the_registry_is_cited_in_every_form(client, projets, code):
    citation = cite(client, code, requete_de(code))
    page = client.get(citation.get_absolute_url())
    assert page.status_code == 200
    assert (citation.lecture["nom"] or CITABLES[code].titre) in page.text
    for name in ("citation_bib", "citation_json", "citation_image"):
        response = client.get(reverse(name, args=[citation.pk]))
        assert response.status_code == 200, name
        assert response["X-Robots-Tag"] == "noindex"


def test_what_was_public_at_a_moment_is_cited_as_it_was(client, projets):
    then = timezone.now()
    for projet in Projet.objects.filter(emplois_crees=32):
        projet.emplois_crees = 40
        projet.save()
    page = client.get("/projets/", {"region": "53", "au": then.isoformat()}).text
    hidden = re.search(r'<input type="hidden" name="au" value="([^"]+)">', page)[1]
    asked = {"chiffre": "projets-emplois-crees", "requete": "region=53", "au": hidden}
    address = client.post(URL, asked)["Location"]
    citation = Citation.objects.get()
    assert (citation.valeur, citation.moment) == (42, then)
    assert client.post(URL, asked)["Location"] == address
    text = client.get(address).text
    assert "redonne la valeur citée" in text
    links = map(unescape, re.findall(r'<a href="(/projets/\?region=53&amp;au=[^"]+)"', text))
    link = next(link for link in links if ".." not in link)
    assert "42" in client.get(link).text
    frame = client.get("/integrer/chiffre/projets-emplois-crees/" + link.removeprefix("/projets/"))
    assert "42\N{NO-BREAK SPACE}emplois créés" in frame.text
    assert "au=" in frame.text.partition("<footer")[2]
    refused = client.post(URL, asked | {"au": "hier"})
    assert refused.status_code == 400
    assert "Écrivez un jour" in refused.text


# --- The figures of one record --------------------------------------------------------------------


def test_a_value_of_a_record_is_cited_with_its_unit_and_its_record(client):
    projet = f.ProjetFactory(
        investissement_eur=1_200_000, beneficiaire="Fonderie du Pont", objet=""
    )
    query = f"jeu=projets&fiche={projet.code}&colonne=investissement_eur"
    citation = cite(client, "valeur", query)
    assert (citation.valeur, citation.fiches, citation.renseignees) == (1_200_000, 1, 1)
    text = client.get(citation.get_absolute_url()).text
    assert "1,2\N{NO-BREAK SPACE}M€" in text
    assert "Projets : Fonderie" in text
    assert f'href="{projet.get_absolute_url()}"' in text
    projet.investissement_eur = 1_400_000
    projet.save()
    text = client.get(citation.get_absolute_url()).text
    assert "1,2\N{NO-BREAK SPACE}M€" in text
    assert f"A changé : +{quantite(200_000, 'EUR')}" in text


@pytest.mark.parametrize(("valeur", "dit"), [("18.35", "18,35"), ("18.00", "18"), ("0.50", "0,5")])
def test_a_decimal_is_cited_with_each_of_its_decimals(client, valeur, dit):
    mesure = f.MesureEmploiFactory(indicateur="part_industrie", valeur=Decimal(valeur))
    citation = cite(client, "valeur", f"jeu=emploi&fiche={mesure.pk}&colonne=valeur")
    page = client.get(citation.get_absolute_url()).text
    assert f"{dit}\N{NO-BREAK SPACE}%" in page
    assert "redonne la valeur citée" in page
    told = client.get(reverse("citation_json", args=[citation.pk])).json()
    assert told["valeur"] == float(valeur) == told["aujourdhui"]["valeur"]
    type(mesure).objects.update(valeur=Decimal("19.1"))
    DonneesVersion.objects.bump()
    version_reader.forget_all()
    page = client.get(citation.get_absolute_url()).text
    assert f"{dit}\N{NO-BREAK SPACE}%" in page
    assert f"A changé : +{quantite(Decimal('19.1') - Decimal(valeur).normalize())}" in page


def test_an_announced_figure_never_loses_its_hedge(client):
    announced = f.ChiffreAnnonceFactory(valeur=1_400, nature="plus de", unite="projets")
    citation = cite(client, "valeur", f"jeu=chiffres&fiche={announced.pk}&colonne=valeur")
    said = announced.enonce
    assert said in client.get(citation.get_absolute_url()).text
    announced.delete()
    gone = client.get(citation.get_absolute_url()).text
    assert said in gone
    assert "cette requête ne se relit plus" in gone


def test_a_recount_is_cited_with_what_makes_its_gap(client, projets):
    announced = f.ChiffreAnnonceFactory(
        indicateur="projets_fonds_acceleration", valeur=5, nature="exact", unite="projets"
    )
    citation = cite(client, "recompte", f"fiche={announced.pk}")
    assert citation.valeur == 3
    assert ["écart", -2] in citation.lecture["tableau"]
    text = client.get(citation.get_absolute_url()).text
    assert "Recompté : Projets soutenus par le fonds d’accélération" in text


@pytest.mark.parametrize("publication", ["brouillon", "proposé"])
def test_nothing_of_a_draft_is_cited(client, publication):
    projet = f.ProjetFactory(publication=publication, beneficiaire="Canari")
    query = f"jeu=projets&fiche={projet.code}&colonne=emplois_crees"
    response = citer(client, "valeur", query)
    assert response.status_code == 400
    assert "Canari" not in response.text
    contrat = f.ContratFactory(publication=publication)
    assert citer(client, "contrat-investissement", f"fiche={contrat.slug}").status_code == 400
    assert not Citation.objects.exists()


def test_the_name_of_a_record_withdrawn_is_not_told_any_more(client):
    projet = f.ProjetFactory(beneficiaire="Retirée SA", objet="", emplois_crees=12)
    query = f"jeu=projets&fiche={projet.code}&colonne=emplois_crees"
    citation = cite(client, "valeur", query)
    Projet.history.filter(pk__isnull=False, code=projet.code).delete()
    projet.delete()
    Projet.history.filter(code=projet.code).delete()
    text = client.get(citation.get_absolute_url()).text
    assert "Retirée" not in text
    assert "12\N{NO-BREAK SPACE}" in text


# --- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chiffre", "requete", "phrase"),
    [
        ("", "", "n’est pas un chiffre que ce site sait citer"),
        ("inconnu", "", "« inconnu » n’est pas un chiffre"),
        ("<script>", "", "&lt;script&gt;"),
        ("projets", "regoin=53", "Vouliez-vous dire « region » ?"),
        ("projets", "emplois_crees_min=abc", "emplois"),
        ("projets", "region=\x00", "nul n’est pas autorisé"),
        ("projets", "q=%00", "caractère nul"),
        ("projets", "q=" + "x" * 9_000, "8000 caractères"),
        ("projets", "q=06+12+34+56+78", "qui ne se citent pas"),
        ("projets", "q=jean@exemple.fr", "qui ne se citent pas"),
        ("carte", "date=2999-01-01", "invraisemblable"),
        ("valeur", "", "Dites de quelle fiche"),
        ("valeur", "jeu=rien&fiche=1&colonne=valeur", "Aucun jeu de données ne s’appelle « rien »"),
        ("valeur", "jeu=projets&fiche=1&colonne=objet", "aucune colonne de nombres « objet »"),
        ("valeur", "jeu=projets&fiche=1&colonne=emplois_crees", "Aucune fiche publiée"),
        ("valeur", "jeu=enveloppes&fiche=%C2%B2&colonne=montant_eur", "Aucune fiche publiée"),
        ("region-completude", "fiche=99", "Aucune fiche publiée"),
    ],
)
def test_what_cannot_be_cited_is_refused_with_a_sentence(client, chiffre, requete, phrase):
    response = citer(client, chiffre, requete)
    assert response.status_code == 400
    assert phrase in response.text
    assert not Citation.objects.exists()


def test_a_number_of_a_firm_is_no_telephone(client):
    assert citer(client, "projets", "q=552100554").status_code == 303


def test_a_reader_writes_nothing(client):
    assert client.get(URL).status_code == 200
    assert client.get(URL + "?chiffre=projets").status_code == 400
    assert not Citation.objects.exists()


def test_an_unknown_code_is_told(client):
    for code in ("bcdfghjkmnpq", "bcd", "BCDFGHJKMNPQ"):
        assert client.get(f"{URL}{code}/").status_code == 404
    assert "Aucune citation" in client.get(f"{URL}bcdfghjkmnpq/").text


def test_the_page_of_another_site_cites_nothing_for_its_visitors(client):
    response = citer(client, "projets", **{"sec-fetch-site": "cross-site"})
    assert response.status_code == 403
    assert "vient d’un autre site" in response.text
    assert citer(client, "projets", **{"sec-fetch-site": "same-origin"}).status_code == 303


def test_who_asks_too_much_waits(client, monkeypatch):
    monkeypatch.setattr(vues, "PAR_MINUTE", 2)
    assert [citer(client, "projets").status_code for _ in range(3)] == [303, 303, 429]
    refused = citer(client, "projets")
    assert "Attendez" in refused.text
    assert 0 < int(refused["Retry-After"]) <= 60


def test_new_citations_are_bounded_by_day_and_known_ones_are_not(client, monkeypatch):
    monkeypatch.setattr("programme.models.citations.PAR_JOUR", 1)
    assert citer(client, "projets").status_code == 303
    assert citer(client, "contrats").status_code == 429
    assert citer(client, "projets").status_code == 303


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite in memory refuses a second writer at once"
)
@pytest.mark.django_db(transaction=True)
def test_two_at_once_keep_one(projets):
    def ask(_):
        try:
            return citer(Client(), "projets", "region=53")["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(ask, range(4)))
    assert len(set(found)) == 1
    assert Citation.objects.count() == 1


# --- Hostile words ------------------------------------------------------------------------------

HOSTILE = "}\\end{x} & <b>\"'%$#_^~ \u202e\n\x07 ☎ 漢 {"


@pytest.fixture
def hostile():
    citation = f.CitationFactory()
    citation.lecture["liste"] = HOSTILE
    citation.lecture["filtres"] = [["x", HOSTILE, False]]
    citation.save()
    return Enonces(citation, CITABLES["projets"], of_citation(citation, None))


def test_hostile_words_stay_words_in_bibtex(hostile):
    depth = 0
    text = hostile.bibtex
    for rank, char in enumerate(text):
        if char in "{}" and text[rank - 1] != "\\":
            depth += 1 if char == "{" else -1
            assert depth >= 0
    assert depth == 0
    assert "\u202e" not in text
    assert bibtex_of("50 % & {Bois}") == r"50 \% \& \{Bois\}"


def test_hostile_words_are_drawn_and_read(hostile):
    image = Image.open(BytesIO(dessiner(hostile)))
    assert (image.size, image.format) == ((LARGEUR, HAUTEUR), "PNG")
    assert (
        HOSTILE.split("\n", maxsplit=1)[0][:5] in json.loads(json.dumps(hostile.as_json()))["titre"]
    )


def test_hostile_words_are_escaped_on_the_page(client, hostile):
    text = client.get(hostile.citation.get_absolute_url()).text
    assert "<b>" not in text
    assert "&lt;b&gt;" in text


# --- What must go goes --------------------------------------------------------------------------

NUMERO = "06 12 34 56 78"


def doors(client, citation):
    yield client.get(citation.get_absolute_url()).text
    for name in ("citation_bib", "citation_json"):
        yield client.get(reverse(name, args=[citation.pk])).content.decode()


def erase(model, field, wrong, right):
    """What is erased is in no state of a row any more."""
    for rows in (model.objects, model.history):
        rows.filter(**{field: wrong}).update(**{field: right})
    DonneesVersion.objects.bump()


def test_a_telephone_number_cited_then_erased_is_nowhere(client, bretagne, projets):
    bretagne.nom = f"Bretagne {NUMERO}"
    bretagne.save()
    wrong = f"Bois {NUMERO}"
    for projet in Projet.objects.filter(filiere="Bois"):
        projet.filiere = wrong
        projet.save()
    cited = [
        cite(client, "projets", "region=53"),
        cite(client, "graphique-fonds-par-filiere"),
        cite(client, "graphique-fonds-par-region"),
        cite(client, "projets", "q=Bois"),
    ]
    refused = citer(client, "projets", f"filiere={wrong.replace(' ', '+')}")
    assert refused.status_code == 400
    for citation in cited:  # nor before it was erased
        for text in doors(client, citation):
            assert NUMERO not in text
    bretagne.nom = "Bretagne"
    bretagne.save()
    erase(Projet, "filiere", wrong, "Bois")
    for citation in cited:
        for text in doors(client, citation):
            assert NUMERO not in text
            assert "+".join(NUMERO.split()) not in text


def test_a_name_searched_and_cited_goes_with_the_last_record_that_has_it(client):
    f.ProjetFactory(beneficiaire="Zébulon Dupont")
    citation = cite(client, "projets", "q=zebulon")
    assert "zebulon" in client.get(citation.get_absolute_url()).text
    erase(Projet, "beneficiaire", "Zébulon Dupont", "[occulté]")
    reindexer()
    for text in doors(client, citation):
        assert "zebulon" not in text.lower()


def test_what_is_not_published_is_never_cited(client, projets):
    before = cite(client, "projets").valeur
    for publication in ("brouillon", "à valider", "retiré"):
        f.ProjetFactory(publication=publication, filiere="Xyloglyphe", emplois_crees=7_777_777)
    after = cite(client, "projets")
    assert after.valeur == before
    for code in ("projets-emplois-crees", "graphique-fonds-par-filiere", "carte"):
        for text in doors(client, cite(client, code)):
            assert "Xyloglyphe" not in text
            assert "7\N{NO-BREAK SPACE}777" not in text
            assert "777777" not in text
    assert citer(client, "projets", "filiere=Xyloglyphe").status_code == 400


def test_the_cost_of_a_citation_does_not_grow(client, projets, django_assert_max_num_queries):
    f.ProjetFactory.create_batch(5)
    citation = cite(client, "projets-emplois-crees", "region=53")
    with django_assert_max_num_queries(20):
        client.get(citation.get_absolute_url())
