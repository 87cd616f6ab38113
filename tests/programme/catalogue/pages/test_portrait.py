"""The portrait of a territory: shares are compared, jobs added up, basins kept apart."""

from datetime import date
from decimal import Decimal

import pytest

from programme.catalogue.graphiques.dessin import LIGNE
from programme.catalogue.pages import portrait
from programme.models import MesureEmploi
from tests import factories as f

from .outils import section

pytestmark = pytest.mark.django_db

SALARIES = MesureEmploi.Indicateur.SALARIES_PRIVES


@pytest.fixture
def territoire():
    return f.TerritoireFactory(nom="Pays de l’Aigle", rattachement=None)


@pytest.fixture
def membre(territoire):
    def join(nom="CC de l’Iton", **jobs):
        epci = f.IntercommunaliteFactory(nom=nom)
        f.RattachementFactory(territoire=territoire, intercommunalite=epci)
        for year, number in jobs.items():
            f.MesureEmploiFactory(
                indicateur=SALARIES, annee=int(year[1:]), intercommunalite=epci, valeur=number
            )
        return epci

    return join


def of(territoire):
    return portrait.of_membres(
        territoire.rattachements.select_related("intercommunalite", "commune"), date(2021, 11, 22)
    )


def read(client, territoire):
    return section(client.get(territoire.get_portrait_url()), "portrait")


# --- Industry -----------------------------------------------------------------------------------


def test_each_member_stands_beside_france_and_the_absent_is_named(client, territoire, membre):
    f.MesureEmploiFactory(intercommunalite=None, valeur=Decimal("11.6"))
    for nom, part in (("CC A", "36.04"), ("CC B", "11.62"), ("CC C", "7.1")):
        f.MesureEmploiFactory(intercommunalite=membre(nom), valeur=Decimal(part))
    membre("CC D")
    words = read(client, territoire)
    assert "1 membre sur 3 renseignés est plus industriel que la France" in words
    assert "2022, en %. Trait : la France, 11,6 %." in words
    assert "CC A 36,0 % CC B 11,6 % CC C 7,1 %" in words
    assert "Non renseigné par cette source : CC D." in words


def test_the_territory_on_paper_says_where_its_portrait_is(client, territoire, membre):
    f.MesureEmploiFactory(intercommunalite=membre(), valeur=Decimal("36.04"))
    page = client.get(territoire.get_absolute_url()).content.decode()
    printed = page.split('<p class="impression mention">Ses graphiques')[1].split("</p>")[0]
    assert printed.endswith(territoire.get_portrait_url())
    assert "://" in printed


@pytest.mark.parametrize(
    ("parts", "absents", "titre"),
    [
        ([20], 0, "Plus industriel que la France"),
        ([10], 0, "Pas plus industriel que la France"),
        ([20, 15], 0, "2 membres sur 2 sont plus industriels que la France"),
        ([20, 5], 0, "1 membre sur 2 est plus industriel que la France"),
        ([5, 4], 0, "Aucun membre n’est plus industriel que la France"),
        ([5], 1, "Aucun membre renseigné n’est plus industriel que la France"),
        ([20], 1, "1 membre sur 1 renseigné est plus industriel que la France"),
    ],
)
def test_the_title_says_what_the_rows_say(territoire, membre, parts, absents, titre):
    f.MesureEmploiFactory(intercommunalite=None, valeur=Decimal("11.6"))
    for part in parts:
        f.MesureEmploiFactory(intercommunalite=membre(), valeur=part)
    for _ in range(absents):
        membre()
    assert of(territoire).industrie.titre == titre


def test_without_france_nothing_is_compared(client, territoire, membre):
    f.MesureEmploiFactory(intercommunalite=membre(), valeur=20)
    words = read(client, territoire)
    assert "La part de l’industrie dans l’emploi, membre par membre" in words
    assert "la France" not in words


def test_unknown_is_one_sentence_and_never_zero(client, territoire, membre):
    f.MesureEmploiFactory(intercommunalite=None, valeur=Decimal("11.6"))
    membre()
    words = read(client, territoire)
    assert "Part de l’industrie dans l’emploi : non renseignée pour les membres" in words
    assert "Emploi salarié privé : non renseigné pour les membres" in words
    assert "Le bassin d’emploi des communes de ce territoire n’est pas renseigné." in words
    assert " 0" not in words


# --- Jobs ---------------------------------------------------------------------------------------


def test_jobs_are_added_up_for_the_members_that_every_year_tells(client, territoire, membre):
    membre("CC A", a2014=1000, a2015=1100)
    membre("CC B", a2014=1000, a2015=1000)
    membre("CC C", a2015=500)
    for year, number in ((2014, 20_000), (2015, 19_000)):
        f.MesureEmploiFactory(indicateur=SALARIES, annee=year, intercommunalite=None, valeur=number)
    f.SourceFactory(code="urssaf-salaries", titre="Urssaf", remarque="repris d’un observatoire")
    MesureEmploi.objects.update(source="urssaf-salaries")
    words = read(client, territoire)
    assert "Source : Urssaf (repris d’un observatoire). Sommes" in words
    assert (
        "privé des membres renseignés a crû de 5,0 % de 2014 à 2015 ; en France, il a reculé "
        "de 5,0 %" in words
    )
    assert "2014 2 000 100,0 100,0 2015 2 100 105,0 95,0" in words
    assert (
        "Sommes et indices calculés ici, sur 2 membres. Non renseigné par cette source : CC C."
        in words
    )


def test_jobs_stand_beside_those_of_the_region(client, territoire, membre):
    """Those of its intercommunalités, when the same ones tell every year."""
    ici = membre("CC A", a2014=1000, a2015=1100)
    departement = f.DepartementFactory(region=territoire.region_porteuse)
    other = f.IntercommunaliteFactory(nom="CC voisine")
    for epci in (ici, other):
        epci.departements.set([departement])
    f.MesureEmploiFactory(indicateur=SALARIES, annee=2014, intercommunalite=other, valeur=1000)
    assert "région" not in read(client, territoire)
    f.MesureEmploiFactory(indicateur=SALARIES, annee=2015, intercommunalite=other, valeur=1100)
    words = read(client, territoire)
    assert "a crû de 10,0 % de 2014 à 2015 ; dans la région, il a crû de 10,0 %" in words
    assert "2014 1 000 100,0 100,0" in words
    assert f"Région : {territoire.region_porteuse.nom}." in words


def test_jobs_that_do_not_change_are_stable(client, territoire, membre):
    membre(a2014=1000, a2015=1000)
    assert "privé est resté stable de 2014 à 2015 Salariés" in read(client, territoire)


@pytest.mark.parametrize("jobs", [{"a2014": 1000}, {"a2014": 0, "a2015": 10}])
def test_one_year_or_no_job_at_first_makes_no_line(client, territoire, membre, jobs):
    membre(**jobs)
    assert "Emploi salarié privé : non renseigné" in read(client, territoire)


def test_the_names_of_both_lines_never_cover_each_other(membre, territoire):
    membre(a2014=1000, a2015=1101)
    f.MesureEmploiFactory(indicateur=SALARIES, annee=2014, intercommunalite=None, valeur=100_000)
    f.MesureEmploiFactory(indicateur=SALARIES, annee=2015, intercommunalite=None, valeur=110_000)
    drawn = of(territoire).salaries.graphique.dessin.marques
    ici, france = (float(mark.attributs["y"]) for mark in drawn if mark.texte in {"ici", "France"})
    assert abs(ici - france) >= LIGNE


# --- Needs --------------------------------------------------------------------------------------


def test_basins_are_never_added_up(client, territoire, membre):
    epci, soudeurs = membre(), f.MetierFactory(nom="Soudeurs")
    toulouse, auch = (f.BassinEmploiFactory(nom=nom) for nom in ("Toulouse", "Auch"))
    f.BassinCommuneFactory(commune=f.CommuneFactory(intercommunalite=epci), bassin=toulouse)
    for _ in range(2):
        f.BassinCommuneFactory(commune=f.CommuneFactory(intercommunalite=epci), bassin=auch)
        f.BassinCommuneFactory(bassin=toulouse)
    f.BesoinMainOeuvreFactory(bassin=toulouse, metier=soudeurs, projets=3000, difficiles=1500)
    f.BesoinMainOeuvreFactory(bassin=toulouse, metier=soudeurs, annee=2019, projets=999)
    f.BesoinMainOeuvreFactory(bassin=auch, metier=soudeurs, projets=40, difficiles=12)
    words = read(client, territoire)
    assert "Projets de recrutement de 2024" in words
    assert "Auch 2 sur 2 12 28 40 aucun Toulouse 1 sur 3 1 500 1 500 3 000 aucun" in words
    assert "Toulouse : 50 % des recrutements industriels jugés difficiles" in words
    assert "Soudeurs : 3 000 projets, dont 1 500 jugés difficiles" in words
    for wrong in ("3 040", "1 512", "999"):
        assert wrong not in words


def test_a_secret_part_makes_its_trade_secret(client, territoire, membre):
    bassin = f.BassinEmploiFactory(nom="Vallée de l’Iton")
    f.BassinCommuneFactory(commune=f.CommuneFactory(intercommunalite=membre()), bassin=bassin)
    whole, cut, hidden = (f.MetierFactory(nom=n) for n in ("Soudeurs", "Fondeurs", "Ajusteurs"))
    for partie, projets in ((1, 30), (2, 10)):
        f.BesoinMainOeuvreFactory(bassin=bassin, metier=whole, partie=partie, projets=projets)
    for partie, projets in ((1, 500), (2, None)):
        f.BesoinMainOeuvreFactory(bassin=bassin, metier=cut, partie=partie, projets=projets)
    f.BesoinMainOeuvreFactory(bassin=bassin, metier=hidden, projets=None, difficiles=None)
    words = read(client, territoire)
    assert "Vallée de l’Iton 1 sur 1 au moins 48 au moins 16 au moins 40 2" in words
    assert (
        "Iton, parmi ceux qui ne sont pas sous secret : Soudeurs : 40 projets, dont 24 "
        "jugés difficiles" in words
    )
    assert "500" not in words


def test_a_basin_of_secrets_only_says_so(client, territoire, membre):
    bassin = f.BassinCommuneFactory(commune=f.CommuneFactory(intercommunalite=membre())).bassin
    f.BesoinMainOeuvreFactory(bassin=bassin, projets=None, difficiles=None)
    secret = "secret statistique " * 3
    assert f"1 sur 1 {secret}1" in read(client, territoire)


def test_a_basin_without_figures_is_named_by_its_code(client, territoire, membre):
    bassin = f.BassinEmploiFactory(code="2734", nom="", departement=None)
    f.BassinCommuneFactory(commune=f.CommuneFactory(intercommunalite=membre()), bassin=bassin)
    words = read(client, territoire)
    assert "Aucun besoin publié ici" in words
    assert "Sans chiffre dans ces données : bassin n° 2734 (1 commune du territoire sur 1)" in words


def test_a_commune_without_a_basin_is_counted_apart(client, territoire, membre):
    epci = membre()
    bassin = f.BassinCommuneFactory(commune=f.CommuneFactory(intercommunalite=epci)).bassin
    f.CommuneFactory(intercommunalite=epci)
    f.BesoinMainOeuvreFactory(bassin=bassin)
    words = read(client, territoire)
    assert "du territoire, qui en compte 2." in words
    assert "Bassin non renseigné pour 1 commune du territoire." in words


def test_a_commune_member_by_itself_counts_alone(client, territoire):
    commune = f.CommuneFactory()
    bassin = f.BassinCommuneFactory(commune=commune).bassin
    f.BassinCommuneFactory(
        commune=f.CommuneFactory(intercommunalite=commune.intercommunalite), bassin=bassin
    )
    f.RattachementFactory(territoire=territoire, intercommunalite=None, commune=commune)
    f.BesoinMainOeuvreFactory(bassin=bassin)
    assert "1 sur 2 12 18 30 aucun" in read(client, territoire)
