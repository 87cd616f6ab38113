"""The announced figures beside the computed ones, and the page of the fund."""

from datetime import date

import pytest

from programme.catalogue.pages.chiffres import comparer
from programme.catalogue.pages.indicateurs import INDICATEURS
from programme.catalogue.pages.recomptes import Verdict
from programme.models import ChiffreAnnonce
from territoires.models import Certitude
from tests.factories import (
    ChiffreAnnonceFactory,
    ContratFactory,
    ConventionFactory,
    EnveloppeFactory,
    FinancementFactory,
    FinanceurFactory,
    ProjetFactory,
    RattachementFactory,
    RegionFactory,
    SourceFactory,
    TerritoireFactory,
)

from .outils import PUBLICATIONS_CACHEES, section, texte

pytestmark = pytest.mark.django_db


@pytest.fixture
def fonds():
    """The financeur whose projects are those of the fund."""
    return FinanceurFactory(slug="etat-fonds-acceleration", nom="État (fonds d’accélération)")


@pytest.fixture
def laureat(fonds):
    def make(**fields):
        projet = ProjetFactory(**fields)
        FinancementFactory(projet=projet, financeur=fonds, enveloppe=None)
        return projet

    return make


def compare(indicateur, **fields):
    """The comparison of one announced figure of this indicator."""
    ChiffreAnnonceFactory(indicateur=indicateur, **fields)
    [comparaison] = comparer(ChiffreAnnonce.objects.published())
    return comparaison


class TestIndicateurs:
    @pytest.mark.parametrize("code", INDICATEURS)
    def test_each_says_how_it_is_computed(self, client, code):
        ChiffreAnnonceFactory(indicateur=code)
        read = texte(client.get("/chiffres/"))
        assert INDICATEURS[code].titre in read
        assert INDICATEURS[code].methode in read

    @pytest.mark.parametrize("code", INDICATEURS)
    def test_each_is_a_number_or_nothing_on_an_empty_site(self, code):
        assert compare(code).calcule in {0, None}

    def test_the_map_counts_attested_and_possible_territories_apart(self):
        for debut, certitude in (
            (date(2019, 3, 6), Certitude.EXACTE),
            (date(2019, 11, 14), Certitude.AU_PLUS_TARD),
            (date(2020, 10, 15), Certitude.EXACTE),
        ):
            RattachementFactory(debut=debut, certitude=certitude)
        found = compare("territoires", date=date(2019, 3, 6), valeur=136)
        assert (found.calcule, found.possibles, found.ecart) == (1, 1, -135)

    def test_a_month_is_computed_at_its_end(self):
        RattachementFactory(debut=date(2021, 11, 22), certitude=Certitude.EXACTE)
        month = {"date": date(2021, 11, 1), "precision_date": "mois"}
        assert compare("territoires", **month).calcule == 1

    def test_a_day_is_computed_on_that_day(self):
        RattachementFactory(debut=date(2021, 11, 22), certitude=Certitude.EXACTE)
        assert compare("territoires", date=date(2021, 11, 1)).calcule == 0

    def test_protocols_signed_by_the_date(self):
        signed = {"type": "protocole", "date_signature": date(2019, 4, 30)}
        ContratFactory(**signed)
        ContratFactory(**signed, publication="brouillon")
        ContratFactory(**signed, statut="abandonné")
        ContratFactory(type="contrat", date_signature=date(2019, 4, 30))
        ContratFactory(type="protocole", date_signature=date(2019, 5, 1))
        assert compare("protocoles_signes", date=date(2019, 4, 30)).calcule == 1

    def test_conventions(self):
        ConventionFactory()
        ConventionFactory(publication="retiré")
        ConventionFactory(signee_le=date(2022, 1, 1))
        assert compare("conventions_operateurs").calcule == 1

    def test_the_fund_counts_each_project_once(self, laureat):
        projet = laureat(emplois_crees=10, investissement_eur=1_000)
        FinancementFactory(projet=projet)
        laureat(emplois_crees=None, investissement_eur=None)
        laureat(publication="à valider", emplois_crees=99)
        ProjetFactory(emplois_crees=50)
        found = compare("emplois_fonds_acceleration", valeur=27_250)
        assert (found.calcule, found.renseignes) == (10, 1)
        ChiffreAnnonce.objects.all().delete()
        assert compare("projets_fonds_acceleration").calcule == 2

    def test_sums_are_whole_numbers(self, laureat):
        laureat(investissement_eur=3_000_000_000)
        laureat(investissement_eur=2_500_000_000)
        value = compare("investissement_fonds_acceleration").calcule
        assert (value, type(value)) == (5_500_000_000, int)

    def test_envelopes_of_the_year(self):
        EnveloppeFactory(montant_eur=100, annee=2021)
        EnveloppeFactory(montant_eur=50, annee=2021, region=RegionFactory())
        EnveloppeFactory(montant_eur=7, annee=2020)
        EnveloppeFactory(montant_eur=3, annee=2021, fonds="Un autre fonds")
        year = {"date": date(2021, 9, 6)}
        assert compare("renforcement_fonds", **year).calcule == 150
        ChiffreAnnonce.objects.all().delete()
        assert compare("renforcement_fonds_enveloppes_regionales", **year).calcule == 50

    def test_envelopes_are_told_by_what_they_are_for(self):
        year = {"annee": 2021, "region": None}
        EnveloppeFactory(montant_eur=100, intitule="À répartir entre les régions", **year)
        EnveloppeFactory(montant_eur=50, intitule="Territoires en reconversion", **year)
        at = {"date": date(2021, 9, 6)}
        found = compare("renforcement_fonds_reconversion_collectifs", valeur=50, unite="EUR", **at)
        assert (found.calcule, found.verdict, found.notes) == (50, Verdict.RETROUVE, [])
        ChiffreAnnonce.objects.all().delete()
        found = compare("renforcement_fonds_enveloppes_regionales", valeur=100, unite="EUR", **at)
        assert (found.calcule, found.ecart) == (100, 0)
        assert found.notes == [
            "100\N{NO-BREAK SPACE}€ à répartir : la part de chaque région n’est pas publiée."
        ]

    def test_prefigurateurs_and_project_leaders(self):
        TerritoireFactory(prefigurateur=True, chef_de_projet="Zoé Petit")
        TerritoireFactory(prefigurateur=False)
        TerritoireFactory()
        found = compare("territoires_prefigurateurs")
        assert (found.calcule, found.renseignes) == (1, 2)
        ChiffreAnnonce.objects.all().delete()
        assert compare("chefs_de_projet", date=date(2021, 11, 30)).calcule == 1

    def test_what_nobody_says_is_told_with_how_many_are_silent(self, client):
        TerritoireFactory()
        TerritoireFactory()
        found = compare("territoires_prefigurateurs", valeur=29)
        assert (found.calcule, found.verdict) == (None, Verdict.NON_RECOMPTABLE)
        said = "ce jour-là, 2 territoires dont aucune source publiée ne dit s’ils en étaient"
        assert f"Non recomptable : {said}." in texte(client.get("/chiffres/"))

    def test_an_unknown_indicator_is_shown_and_not_computed(self, client):
        found = compare("ruches_installees", valeur=12)
        assert found.calcule is None
        assert "Ruches installees" in texte(client.get("/chiffres/"))


class TestPageDesChiffres:
    def test_queries_do_not_grow(self, client, django_assert_num_queries):
        TerritoireFactory()
        ChiffreAnnonceFactory(indicateur="territoires")
        with django_assert_num_queries(14):
            client.get("/chiffres/")
        for number in range(5):
            ChiffreAnnonceFactory(indicateur="territoires", valeur=number)
            ChiffreAnnonceFactory(indicateur="chefs_de_projet", valeur=number)
            TerritoireFactory()
            SourceFactory()
        with django_assert_num_queries(14):
            client.get("/chiffres/")

    def test_empty(self, client):
        assert "Aucun chiffre annoncé n’est publié." in texte(client.get("/chiffres/"))

    def test_the_summary_says_of_each_figure_what_its_recount_is_worth(self, client):
        ConventionFactory()
        ChiffreAnnonceFactory(indicateur="conventions_operateurs", valeur=1, unite="conventions")
        ChiffreAnnonceFactory(indicateur="protocoles_signes", valeur=5, unite="protocoles")
        ChiffreAnnonceFactory(indicateur="personnes_formees", valeur=9, nature="plus de", unite="")
        read = section(client.get("/chiffres/"), "resume")
        retrouve, _, rest = read.partition("1 chiffre dont l’écart reste inexpliqué")
        inexplique, _, rien = rest.partition("1 chiffre qui ne se recompte pas")
        assert "1 chiffre retrouvé" in retrouve
        assert ": 1 convention" in retrouve
        assert ": 5 protocoles ; selon les fiches aucun, soit −5" in inexplique
        assert "Personnes formées, 6 mars 2019 : plus de 9" in rien

    def test_a_figure_found_by_reconstruction_says_so(self, client):
        RattachementFactory(debut=date(2019, 11, 14), certitude=Certitude.RECONSTITUEE)
        ChiffreAnnonceFactory(
            indicateur="territoires", date=date(2019, 11, 14), valeur=1, unite="territoires"
        )
        assert ": 1 territoire ; 1 par reconstitution" in section(
            client.get("/chiffres/"), "resume"
        )

    def test_wording_date_and_source_of_the_announcement(self, client):
        SourceFactory(
            code="001_902e68a0463380e5",
            titre="Communiqué : trois ans",
            date=date(2021, 11, 1),
            precision_date="mois",
        )
        ChiffreAnnonceFactory(
            indicateur="investissement_fonds_acceleration",
            valeur=5_400_000_000,
            unite="EUR",
            nature="environ",
            date=date(2021, 11, 1),
            precision_date="mois",
            source="001_902e68a0463380e5",
        )
        response = client.get("/chiffres/")
        read = texte(response)
        assert (
            "Investissement industriel des projets du fonds d’accélération, novembre 2021" in read
        )
        assert "environ 5,4 Md€ non renseigné" in read
        assert 'href="/sources/001_902e68a0463380e5/"' in response.content.decode()
        sources = texte(client.get("/sources/"))
        assert "Ministère de la Cohésion des territoires, novembre 2021" in sources

    def test_the_reason_is_told_only_where_there_is_a_gap(self, client):
        ConventionFactory()
        ChiffreAnnonceFactory(indicateur="protocoles_signes", valeur=50)
        ChiffreAnnonceFactory(indicateur="conventions_operateurs", valeur=1)
        assert texte(client.get("/chiffres/")).count("Écart :") == 1

    @pytest.mark.parametrize("publication", PUBLICATIONS_CACHEES)
    def test_nothing_hidden_shows(self, client, publication):
        ChiffreAnnonceFactory(indicateur="territoires", valeur=777, publication=publication)
        assert "777" not in texte(client.get("/chiffres/"))


class TestFonds:
    def test_queries_do_not_grow(self, client, laureat, django_assert_num_queries):
        laureat()
        EnveloppeFactory()
        ChiffreAnnonceFactory(indicateur="projets_fonds_acceleration")
        with django_assert_num_queries(22):
            client.get("/fonds/")
        for number in range(5):
            laureat(filiere=f"Filière {number}")
            EnveloppeFactory(region=RegionFactory())
            ChiffreAnnonceFactory(indicateur="emplois_fonds_acceleration", valeur=number)
        with django_assert_num_queries(22):
            client.get("/fonds/")

    def test_empty(self, client):
        read = texte(client.get("/fonds/"))
        assert "Aucune enveloppe publiée" in read
        assert "Aucun projet publié." in read
        assert "les aucun" not in read

    def test_breakdowns_keep_a_line_for_what_is_not_stated(self, client, laureat):
        normandie = RegionFactory(code="28")
        here = {"territoire__region_porteuse": normandie}
        laureat(**here, filiere="Bois", emplois_crees=8, investissement_eur=None)
        laureat(**here, filiere="Bois", emplois_crees=None, investissement_eur=2_000)
        laureat(territoire=None, commune=None, filiere="", mise_a_jour=date(2022, 3, 1))
        page = client.get("/fonds/")
        assert "Normandie 2" in section(page, "par-region")
        assert 'href="/graphiques/graphique-fonds-par-filiere/"' in page.content.decode()

        def chart(name):
            return texte(client.get(f"/graphiques/graphique-fonds-{name}/"))

        by_region = chart("par-region")
        assert "Région Projets le disent ne le disent pas Investissement dit" in by_region
        assert "Normandie 2 1 1 2 000 €" in by_region
        assert "Hors des 18 régions, ou lieu non renseigné 1 1 aucun 1 500 000 €" in by_region
        by_sector = chart("par-filiere")
        assert "Filière Projets les disent ne les disent pas Emplois créés dits" in by_sector
        assert "Bois 2 1 1 8" in by_sector
        assert "non renseignée 1 1 aucun 8" in by_sector
        assert "2021 2 1 1 8" in chart("par-annee")

    def test_consumption(self, client, fonds):
        enveloppe = EnveloppeFactory(intitule="Relance", montant_eur=1_000_000)
        FinancementFactory(enveloppe=enveloppe, financeur=fonds)
        read = section(client.get("/fonds/"), "enveloppes")
        assert "nationale 2021 1 000 000 € 300 000 € 100 000 € 1" in read
