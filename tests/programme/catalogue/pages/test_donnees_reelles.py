"""The pages on the real facts: the figures that a journalist would check by hand."""

import re
from collections import Counter
from datetime import date

import pytest

from programme.catalogue.pages.chiffres import comparer
from programme.models import ChiffreAnnonce, Confrontation, Fait, Source
from territoires.models import Region, Territoire

from .outils import section, texte

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]


@pytest.fixture
def compares():
    """{(indicator, figure): `Comparaison`}."""
    found = comparer(ChiffreAnnonce.objects.published())
    return {(c.annonce.indicateur, c.annonce.valeur): c for c in found}


def test_announced_figures_and_what_they_become(compares):
    found = {key: (c.calcule, c.possibles, c.renseignes) for key, c in compares.items()}
    assert len(found) == 30  # 146 was announced twice
    assert found["territoires", 136] == (48, 95, None)
    assert found["territoires", 146] == (146, 3, None)
    # Nobody states them: nothing is known, which is not zero.
    assert found["chefs_de_projet", 50] == (None, None, 0)
    assert found["projets_remontes", 330] == (None, None, 0)
    assert found["projets_fonds_acceleration", 1400] == (1158, None, None)
    assert found["emplois_fonds_acceleration", 27_250] == (11_765, None, 452)
    assert found["protocoles_signes", 9] == (9, None, None)
    assert found["protocoles_signes", 13] == (13, None, None)
    assert found["protocoles_signes_normandie", 4] == (4, None, None)
    assert found["regions_protocoles", 7] == (7, None, None)
    assert found["renforcement_fonds", 150_000_000] == (150_000_000, None, None)
    assert found["personnes_formees", 2000] == (None, None, None)


def test_every_gap_is_the_sum_of_its_parts(compares):
    explained = [c.explication for c in compares.values() if c.explication]
    assert len(explained) > 20
    for found in explained:
        assert sum(part.nombre for part in found.parts) + found.reste == found.ecart


def test_the_map_says_what_is_possible_and_what_is_deduced(compares):
    [part] = compares["territoires", 136].explication.parts
    assert (part.nombre, part.raison.split(",")[0]) == (-88, "sur les 95 possibles ce jour-là")
    by_day = {
        c.annonce.date: c.notes
        for c in comparer(ChiffreAnnonce.objects.published())
        if c.annonce.indicateur == "territoires"
    }
    assert any(note.startswith("82 de ces 146") for note in by_day[date(2019, 11, 14)])
    assert any(note.startswith("144 des 148 fiches") for note in by_day[date(2020, 10, 15)])


def test_the_fund_tells_what_is_later_than_its_announcement(compares):
    found = compares["projets_fonds_acceleration", 1400].explication
    assert (found.ecart, [part.nombre for part in found.parts], found.reste) == (-242, [153], -395)
    assert "postérieure au 30 novembre 2021" in found.parts[0].raison


def test_two_of_the_protocols_may_be_contracts(compares):
    for key in (("protocoles_signes", 9), ("protocoles_signes", 13)):
        [note] = [note for note in compares[key].notes if "mêmes actes" in note]
        assert note.startswith(f"2 de ces {key[1]} protocoles")
        assert "Grand Est Touraine et Lacq-Pau-Tarbes" in note


def test_recounts_drawn_from_their_announcement_say_so(compares):
    def first_note(*key):
        return compares[key].notes[0]

    assert first_note("conventions_operateurs", 4).startswith("Recompte circulaire")
    assert first_note("renforcement_fonds", 150_000_000).startswith("Recompte circulaire")
    assert first_note("protocoles_signes", 13).startswith("10 des 13 fiches")


def test_a_pair_says_what_its_facts_say():
    """Where a statement is a fact of ours too, both have one date."""
    faits = {}
    for fait in Fait.objects.all():
        faits.setdefault(fait.source, []).append(fait)
    told = 0
    for pair in Confrontation.objects.all():
        for cote in pair.cotes:
            digits = "".join(cote.valeur.split())
            for fait in faits.get(cote.source, []):
                if digits.startswith(str(fait.valeur)) and cote.date:
                    assert (cote.date, cote.precision) == (fait.date, fait.precision_date)
                    told += 1
    assert told >= 5


def test_only_true_disagreements_are_called_so():
    natures = Counter(Confrontation.objects.values_list("nature", flat=True))
    assert natures == {"désaccord": 8, "autre objet": 2, "autre moment": 2, "piège": 1}
    assert Fait.objects.published().count() == 89


def test_every_source_has_a_human_title_and_a_page(client):
    for source in Source.objects.all():
        assert source.titre != source.code
        assert client.get(source.get_absolute_url()).status_code == 200


def test_home(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(24):
        response = client.get("/")
    read = texte(response)
    told = "183 territoires de la phase 2, sur la dernière liste connue, portés par 18 régions"
    assert f"{told} liste du 4 juillet 2024" in read
    told = "1 158 projets de la phase 1 publiés, lauréats du fonds d’accélération, sur plus de"
    assert f"{told} 1 400 annoncés" in read
    assert "3 072 actions des territoires, selon une source : 56 % réalisées ou en cours" in read
    assert "154 territoires prolongent la phase 1, 29 sont entièrement nouveaux" in read
    assert "Sur 11 engagements, aucun ne peut être dit tenu d’après ce qui est publié" in read
    assert "124 136 141 144 146 148 146 149 183" in " ".join(
        re.findall(r"(\d+) territoires annoncés", read)
    )
    assert response.content.decode().count("data-code=") == 183


def test_a_shared_territory(client, django_assert_max_num_queries):
    # Eighteen of the page, one of them to compare its jobs with the région and France, one for what
    # carries its sums; the version of the data, and three that are kept for each version.
    with django_assert_max_num_queries(23):
        response = client.get("/territoires/lacq-pau-tarbes/")
    read = texte(response)
    assert "Nouvelle-Aquitaine (région porteuse), Occitanie." in read
    assert "166 M€" in section(response, "contrat")
    assert "Emplois créés : 115 (3 sur 12 renseignés)" in section(response, "projets")


def test_the_fund_adds_up(client):
    """Each breakdown counts every project once."""
    charts = client.get("/fonds/").context["graphiques"]
    counts = [
        sum(line.valeurs["projets"] for line in charts[name].lignes)
        for name in ("par_region", "par_filiere", "par_taille", "par_annee")
    ]
    assert counts == [1158] * 4


@pytest.mark.parametrize("model", [Territoire, Region])
def test_every_page_answers(client, model):
    wrong = [
        record.pk
        for record in model.objects.order_by("pk")[::7]
        if client.get(record.get_absolute_url()).status_code != 200
    ]
    assert wrong == []


def test_toulouse_is_not_added_to_gers_tarn_et_garonne(client):
    """One of its 299 communes lies in that basin."""
    territoire = Territoire.objects.get(code="ti-7606")
    page = section(client.get(territoire.get_portrait_url()), "portrait")
    assert "du territoire, qui en compte 299." in page
    assert " Toulouse 1 sur " in page


@pytest.mark.parametrize(
    ("url", "most"),
    [
        ("/territoires/lacq-pau-tarbes/", 4),
        ("/territoires/grand-chatellerault/", 4),
        ("/regions/normandie/", 3),
        ("/contrats/protocole-carros/", 3),
        ("/operateurs/bpifrance/", 3),
    ],
)
def test_what_is_missing_is_said_once(client, url, most):
    """Not a wall of the same two words: a table says once what its « n. r. » means."""
    assert texte(client.get(url)).lower().count("non renseigné") <= most
