"""The page of the map: what it says, at which date, what it refuses, and its files."""

import csv
import io
import re
from datetime import date, timedelta

import openpyxl
import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from programme.catalogue.ordre import fold
from programme.models import Contrat, Publication
from territoires.carte import LANCEMENT
from territoires.models import Certitude
from tests.factories import (
    ContratFactory,
    JalonFactory,
    ProjetFactory,
    RattachementFactory,
    RegionFactory,
    TerritoireFactory,
)

from .outils import CERGY, GRAND_ORLY, LISTE_148, LYON, MULHOUSE, PAU, SACLAY, member, page, words

pytestmark = pytest.mark.django_db

URL = reverse("carte")


@pytest.fixture
def pau():
    """On the map since Lyon, in two régions."""
    nouvelle_aquitaine, occitanie = RegionFactory(code="75"), RegionFactory(code="76")
    territoire = TerritoireFactory(
        rattachement=None,
        nom="Lacq-Pau-Tarbes",
        region_porteuse=nouvelle_aquitaine,
        regions=[occitanie],
    )
    return member(territoire, PAU, debut=LYON)


@pytest.fixture
def orly():
    """On the map at the latest in Mulhouse."""
    return member(TerritoireFactory(rattachement=None, nom="Grand Orly"), GRAND_ORLY)


@pytest.fixture
def cergy():
    """On the map on a day that is known: not before."""
    territoire = TerritoireFactory(rattachement=None, nom="Évry")
    return member(territoire, CERGY, debut=LISTE_148, certitude=Certitude.EXACTE)


@pytest.fixture
def _jalons():
    JalonFactory(date=LYON, nb_territoires=136, intitule="Carte portée à 136 territoires")
    JalonFactory(date=MULHOUSE, nb_territoires=146)
    JalonFactory(date=date(2019, 4, 30), nb_territoires=None)
    JalonFactory(date=date(2019, 5, 1), nb_territoires=999, publication=Publication.BROUILLON)


def rows(response):
    """(code, name, what is said after it) of each territory of the table."""
    body = re.search(r"<tbody.*?</tbody>", response.content.decode(), re.DOTALL)
    links = re.findall(r'data-code="([\w-]+)">(.*?)</a>', body[0], re.DOTALL)
    return [(code, *words(said).split(" : ", 1)) for code, said in links]


def shapes(response):
    """(code, title) of the drawing, in its order."""
    found = r'<a class="carte-lien"[^>]*data-code="([\w-]+)">\s*<title>(.*?)</title>'
    return [(code, words(title)) for code, title in re.findall(found, response.content.decode())]


class TestInWords:
    @pytest.mark.usefixtures("pau", "orly", "cergy", "_jalons")
    def test_the_announced_number_beside_the_three_classes(self, client):
        text = page(client.get(URL, {"date": "2019-03-06"}))
        assert (
            "136 annoncés ; 1 attesté ; 1 dont l’entrée est attestée au plus tard le "
            "14 novembre 2019 ." in text
        )
        assert "Ce territoire est possible" in text
        assert "« Carte portée à 136 territoires »" in text
        assert "1 territoire connu à une autre date, absent à celle-ci" in text

    @pytest.mark.usefixtures("pau", "_jalons")
    def test_between_two_milestones_the_last_number_is_given_with_its_date(self, client):
        text = page(client.get(URL, {"date": "2019-09-01"}))
        assert "136 annoncés (dernier nombre connu, 6 mars 2019 ) ; 1 attesté ." in text

    @pytest.mark.usefixtures("pau", "_jalons")
    def test_before_any_announcement_no_number_is_lent(self, client):
        response = client.get(URL, {"date": "2018-12-01"})
        assert response.context["bilan"].annonce is None
        assert "aucun attesté ; 1 dont l’entrée est attestée au plus tard le 6 mars 2019" in page(
            response
        )

    @pytest.mark.usefixtures("pau", "_jalons")
    def test_before_the_launch(self, client):
        day = LANCEMENT - timedelta(days=1)
        text = page(client.get(URL, {"date": day.isoformat()}))
        assert "Le programme n’existait pas encore : il a été lancé le 22 novembre 2018 ." in text
        assert "Aucun territoire à cette date." in text

    def test_without_any_record(self, client):
        text = page(client.get(URL))
        assert "aucun attesté ." in text
        assert "Aucun territoire à cette date." in text

    def test_the_title_says_the_date_and_the_filter(self, client, pau):
        response = client.get(URL, {"date": "2019-03-06", "region": "76"})
        title = re.search(r"<title>(.*?)</title>", response.content.decode())[1]
        assert title.startswith("La carte des Territoires d’industrie au 6 mars 2019 : Occitanie")
        assert "La carte au 6 mars 2019" in page(response)

    def test_the_canonical_address_restores_the_view(self, client, pau):
        query = "?date=2019-03-06&region=76"
        response = client.get(f"{URL}{query}&couleur=contrats&utm_source=lettre")
        canonical = re.search(r'rel="canonical" href="([^"]+)"', response.content.decode())[1]
        assert canonical.replace("&amp;", "&").endswith(URL + query)


class TestTimeline:
    @pytest.mark.usefixtures("_jalons")
    @pytest.mark.parametrize(
        ("day", "current"),
        [("2019-03-05", []), ("2019-03-06", [136]), ("2019-09-01", [136]), ("", [146])],
    )
    def test_published_numbers_as_links_the_last_one_marked(self, client, day, current):
        asked = {"date": day, "couleur": "presence"}
        etapes = client.get(URL, asked, follow=True).context["etapes"]
        assert [etape.jalon.nb_territoires for etape in etapes] == [136, 146]
        assert [e.jalon.nb_territoires for e in etapes if e.courante] == current
        assert QueryDict(etapes[0].url[1:]).dict() == {"date": "2019-03-06", "couleur": "presence"}

    def test_an_announcement_to_come_is_no_step(self, client):
        JalonFactory(date=timezone.localdate() + timedelta(days=1), nb_territoires=150)
        assert client.get(URL).context["etapes"] == []


class TestTableAndDrawing:
    @pytest.mark.usefixtures("cergy")
    @pytest.mark.parametrize("couleur", ["presence", "contrats", "projets"])
    def test_same_territories_with_the_same_words(self, client, pau, orly, couleur):
        ContratFactory(territoire=pau, statut=Contrat.Statut.SIGNE)
        ProjetFactory(territoire=orly)
        response = client.get(URL, {"couleur": couleur, "date": "2021-11-22"})
        table, drawing = rows(response), shapes(response)
        assert {row[1] for row in table} == {
            "Évry",
            "Grand Orly",
            "Lacq-Pau-Tarbes (aussi en Occitanie)",
        }
        titles = dict(drawing)
        assert set(titles) == {row[0] for row in table}
        if couleur != "presence":
            for code, _, said in table:
                assert said.endswith(f": {titles[code].rpartition(' : ')[2]}")

    def test_each_territory_is_once_under_the_region_that_carries_it(self, client, pau, orly):
        response = client.get(URL, {"date": "2021-11-22"})
        body = re.search(r"<tbody.*?</tbody>", response.content.decode(), re.DOTALL)[0]
        heads = [words(head) for head in re.findall(r"<th[^>]*>(.*?)</th>", body, re.DOTALL)]
        assert heads == sorted(heads, key=fold)
        assert "Nouvelle-Aquitaine" in heads
        assert "Occitanie" not in heads
        assert body.count(f'data-code="{pau.code}"') == 1

    def test_the_table_says_since_when_and_how_well_it_is_known(self, client, pau, orly, cergy):
        found = {row[0]: row[2] for row in rows(client.get(URL, {"date": "2020-10-15"}))}
        assert found == {
            pau.code: "attesté, depuis le 6 mars 2019 au plus tard",
            orly.code: "attesté, depuis le 14 novembre 2019 au plus tard",
            cergy.code: "attesté, depuis le 15 octobre 2020",
        }

    @pytest.mark.parametrize("address", [URL, reverse("integrer_carte")])
    def test_what_is_true_of_all_is_said_once(self, client, pau, address):
        other = member(TerritoireFactory(rattachement=None, nom="Cergy"), CERGY, debut=LYON)
        response = client.get(address, {"date": "2019-11-14", "couleur": "projets"})
        said = page(response)
        assert "2 territoires attestés, depuis le 6 mars 2019 au plus tard" in said
        assert {row[0] for row in rows(response)} == {other.code, pau.code}
        assert {row[2] for row in rows(response)} == {"aucun projet publié"}

    def test_possible_territories_each_say_until_when(self, client, orly):
        found = rows(client.get(URL, {"date": "2019-03-06"}))
        assert [row[2] for row in found] == [
            "possible : entrée attestée au plus tard le 14 novembre 2019"
        ]

    def test_a_possible_territory_is_told_apart_under_every_colour(self, client, pau, orly):
        response = client.get(URL, {"date": "2019-03-06", "couleur": "projets"})
        assert dict(shapes(response))[orly.code] == (
            "Grand Orly : aucun projet publié (possible à cette date)"
        )
        assert "contour tireté : possible à cette date (1)" in page(response)
        assert "dit ce qui est publié aujourd’hui" in page(response)

    def test_in_the_past_the_colour_is_presence_and_today_projects(self, client, pau):
        assert client.get(URL, {"date": "2019-03-06"}).context["vue"].theme == "presence"
        assert client.get(URL).context["vue"].theme == "projets"

    def test_a_territory_that_left_is_among_the_absent(self, client):
        RattachementFactory(
            territoire__nom="Pays de Brest", fin=date(2021, 11, 22), intercommunalite__siren=PAU
        )
        response = client.get(URL, {"date": "2021-11-22"})
        assert [p.nom for p in response.context["absents"]] == ["Pays de Brest"]
        assert "Aucun territoire à cette date." in page(response)


class TestFilters:
    def test_same_filters_on_the_drawing_the_table_and_the_files(self, client, pau, orly, cergy):
        for query, kept in [
            ({"region": "76"}, [pau]),
            ({"departement": orly.departements.get().pk}, [orly]),
            ({"contrat": "aucun contrat publié", "region": ["75", "76"]}, [pau]),
            ({"q": "grand"}, [orly]),
        ]:
            query["date"] = "2021-11-22"
            response = client.get(URL, query)
            codes = [territoire.code for territoire in kept]
            assert [row[0] for row in rows(response)] == codes
            assert [code for code, _ in shapes(response)] == codes
            answer = client.get(URL, query | {"format": "json"}).json()
            assert [t["code"] for t in answer["territoires"]] == codes

    @pytest.mark.usefixtures("pau", "orly", "_jalons")
    def test_no_national_number_beside_a_part_of_the_country(self, client):
        response = client.get(URL, {"region": "76", "date": "2019-03-06"})
        assert "Occitanie : 1 attesté ." in page(response)
        assert client.get(f"{URL}?region=76&format=json").json()["annonce"] is None

    def test_a_filter_counts_the_territories_of_the_map_at_its_date(self, client, pau, cergy):
        def counts(day):
            criteres = {c.nom: c for c in client.get(URL, {"date": day}).context["criteres"]}
            return {m.valeur: m.nombre for m in criteres["contrat"].modalites if m.nombre}

        assert counts("2019-03-06") == {"aucun contrat publié": 1}
        assert counts("2020-10-15") == {"aucun contrat publié": 2}

    def test_active_filters_are_links_without_them(self, client, pau):
        response = client.get(URL, {"date": "2019-03-06", "region": "76"})
        [(_, url)] = response.context["etiquettes"]
        assert url == "?date=2019-03-06"


class TestRefusals:
    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ({"date": "6 mars"}, "« 6 mars » n’est pas une date complète"),
            ({"date": "2019-02-30"}, "« 2019-02-30 » n’existe pas au calendrier"),
            ({"date": "2099-01-01"}, "est à venir : la carte ne dit rien au-delà d’aujourd’hui."),
            ({"couleur": "rouge"}, "Valeurs possibles : contrats, projets, presence, phases."),
            ({"region": "ZZ"}, "« ZZ » n’est pas une valeur possible."),
            ({"jour": "2019-03-06"}, "Ce paramètre n’existe pas à cette adresse."),
            ({"date": ["2019-03-06", "2020-01-01"]}, "Ce paramètre est donné plusieurs fois"),
            ({"date": "\x00"}, "contient un caractère nul"),
            ({"q": "a" * 9000}, "Elle dépasse 8000 caractères"),
        ],
    )
    def test_a_sentence_and_the_form_as_typed(self, client, query, message):
        RegionFactory(code="53")
        response = client.get(URL, query)
        assert response.status_code == 400
        assert message in page(response)
        if isinstance(typed := query.get("date"), str) and len(typed) > 1:
            assert f'value="{typed}"' in response.content.decode()

    def test_the_error_is_tied_to_its_field(self, client):
        html = client.get(URL, {"date": "hier"}).content.decode()
        assert 'aria-invalid="true" aria-describedby="erreur-date"' in html
        assert 'id="erreur-date"' in html

    @pytest.mark.parametrize("nom", ["json", "geojson", "topojson"])
    def test_a_machine_gets_json(self, client, nom):
        response = client.get(URL, {"date": "hier", "format": nom})
        assert response.status_code == 400
        assert response.json()["erreur"].startswith("date : « hier » n’est pas une date")

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ({"format": "pdf"}, "format : « pdf » n’existe pas. Valeurs possibles : csv, xlsx,"),
            ({"format": "csv", "separateur": "x"}, "separateur : « x » n’existe pas."),
            ({"format": "csv", "couche": "membres"}, "couche : La couche ne se choisit qu’en"),
        ],
    )
    def test_a_file_is_refused_in_words(self, client, query, message):
        response = client.get(URL, query)
        assert response.status_code == 400
        assert response.content.decode().startswith(message)

    def test_today_is_not_to_come(self, client):
        assert client.get(URL, {"date": timezone.localdate().isoformat()}).status_code == 200


class TestFiles:
    @pytest.mark.usefixtures("_jalons")
    def test_json_has_exactly_these_keys(self, client, pau, orly, cergy):
        answer = client.get(URL, {"date": "2019-03-06", "format": "json"}).json()
        assert answer == {
            "date": "2019-03-06",
            "annonce": 136,
            "attestes": 1,
            "possibles": 1,
            "horizon": None,
            "derniers_connus": 0,
            "reconstitues": 0,
            "territoires": [
                {
                    "code": cergy.code,
                    "nom": "Évry",
                    "classe": "absent",
                    "depuis": None,
                    "certitude": None,
                },
                {
                    "code": orly.code,
                    "nom": "Grand Orly",
                    "classe": "possible",
                    "depuis": "2019-11-14",
                    "certitude": "au plus tard",
                },
                {
                    "code": pau.code,
                    "nom": "Lacq-Pau-Tarbes",
                    "classe": "attesté",
                    "depuis": "2019-03-06",
                    "certitude": "au plus tard",
                },
            ],
        }

    def test_csv_and_xlsx_say_the_same_as_json(self, client, pau, orly, cergy):
        query = {"date": "2019-03-06"}
        expected = client.get(URL, query | {"format": "json"}).json()["territoires"]
        response = client.get(URL, query | {"format": "csv"})
        assert response["X-Total-Count"] == "3"
        assert response["Content-Disposition"] == 'attachment; filename="carte-2019-03-06.csv"'
        text = response.content.decode()
        assert text.startswith("\ufeffcode,nom,classe,depuis,certitude\n")
        lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
        assert [{k: v or None for k, v in line.items()} for line in lines] == expected
        response = client.get(URL, query | {"format": "xlsx"})
        sheet, about = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets
        header, *lines = sheet.iter_rows(values_only=True)
        found = [dict(zip(header, line, strict=True)) for line in lines]
        for line in found:
            line["depuis"] = line["depuis"] and f"{line['depuis']:%Y-%m-%d}"
        assert found == expected
        assert about["B1"].value == "Carte des Territoires d’industrie au 06/03/2019"

    def test_a_name_is_no_formula(self, client):
        member(TerritoireFactory(rattachement=None, nom="=1+1"), PAU)
        query = {"date": "2021-11-22", "format": "csv", "separateur": "point-virgule"}
        text = client.get(URL, query).content.decode()
        assert ";'=1+1;attesté;2019-11-14;au plus tard\n" in text

    def test_geojson_of_each_layer_and_topojson_of_both(self, client, pau, orly):
        member(pau, SACLAY, debut=LYON)
        query = {"date": "2019-03-06", "format": "geojson"}
        response = client.get(URL, query)
        assert response["Content-Type"] == "application/geo+json"
        found = {f["properties"]["code"]: f for f in response.json()["features"]}
        assert set(found) == {pau.code, orly.code}
        assert found[orly.code]["properties"]["classe"] == "possible"
        assert found[pau.code]["geometry"]["type"] == "MultiPolygon"
        members = client.get(URL, query | {"couche": "membres"}).json()["features"]
        assert {f["properties"]["siren"] for f in members} == {PAU, SACLAY, GRAND_ORLY}
        topology = client.get(URL, query | {"format": "topojson"}).json()
        assert set(topology["objects"]) == {"territoires", "membres"}
        assert len(topology["objects"]["membres"]["geometries"]) == 3

    def test_the_page_offers_this_very_map(self, client, pau):
        response = client.get(URL, {"date": "2019-03-06", "region": "76"})
        for titre, url in response.context["fichiers"]:
            answer = client.get(URL + url)
            assert answer.status_code == 200, titre
            assert "2019-03-06" in answer.get("Content-Disposition", "2019-03-06")


class TestCost:
    # Version of the data; territories, régions, lists, members, names; milestones; the words of two
    # filters; facets; the colour; the version again, for the sources. A filter adds one, and takes
    # away the announced number with its source. A file adds four: the version, the
    # room for its proof, what prolongs it, what makes it.
    @pytest.mark.parametrize("number", [1, 4])
    @pytest.mark.parametrize(
        ("query", "queries"),
        [
            ({}, 12),
            ({"couleur": "presence"}, 10),
            ({"couleur": "contrats", "region": "53"}, 13),
            ({"format": "json"}, 11),
            ({"format": "csv"}, 10),
            ({"format": "geojson"}, 10),
        ],
    )
    def test_queries_do_not_grow(self, client, django_assert_num_queries, number, query, queries):
        bretagne = RegionFactory(code="53")
        for siren in (PAU, GRAND_ORLY, SACLAY, CERGY)[:number]:
            territoire = TerritoireFactory(rattachement=None, region_porteuse=bretagne)
            member(territoire, siren)
            ContratFactory(territoire=territoire)
            ProjetFactory(territoire=territoire)
        JalonFactory.create_batch(number, nb_territoires=146)
        client.get(URL, query)  # makes the version's row, and keeps the titles of the sources
        with django_assert_num_queries(queries):
            response = client.get(URL, query)
        assert response.status_code == 200


class TestPageOfFilters:
    def test_it_offers_what_the_map_leads_to_and_keeps_its_day(self, client, pau):
        day = {"date": "2021-11-22"}
        shown = client.get(URL, day)
        address = f"{reverse('carte_filtrer')}?date=2021-11-22"
        assert f'href="{address}#critere-contrat"' in shown.text
        response = client.get(address)
        assert "aucun contrat publié (1)" in page(response)
        assert f'action="{URL}"' in response.text
        assert '<input type="hidden" name="date" value="2021-11-22">' in response.text
        assert "Retour à la carte : 1 territoire" in page(response)

    def test_a_mistake_is_told(self, client):
        response = client.get(reverse("carte_filtrer"), {"date": "hier"})
        assert response.status_code == 400
        assert "« hier »" in page(response)
