"""What changed between two dates: page, CSV, JSON, and what is refused."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from territoires.models import Certitude
from tests.factories import AutreNomFactory, JalonFactory, TerritoireFactory
from tests.programme.donnees.outils import assert_problem

from .outils import CERGY, GRAND_ORLY, LISTE_148, LYON, MULHOUSE, PAU, SACLAY, member, page

pytestmark = pytest.mark.django_db

URL = reverse("differences")
BILAN = date(2021, 11, 22)
DATES = {"de": "2020-10-15", "a": "2021-11-22"}


@pytest.fixture
def fusion():
    """Brest and Morlaix, become Finistère with all their members."""
    finistere = TerritoireFactory(rattachement=None, nom="Finistère")
    parts = [
        TerritoireFactory(rattachement=None, nom=nom, successeur=finistere)
        for nom in ("Pays de Brest", "Pays de Morlaix")
    ]
    for part, siren in zip(parts, (PAU, SACLAY), strict=True):
        member(part, siren, fin=BILAN, fin_certitude="exacte")
        member(finistere, siren, debut=BILAN, certitude=Certitude.RECONSTITUEE)
    return finistere, *parts


@pytest.fixture
def change():
    """A territory that changed its name, gained a member and lost one."""
    territoire = TerritoireFactory(rattachement=None, nom="Cergy-Vexin")
    AutreNomFactory(territoire=territoire, nom="Grand Cergy", fin=date(2021, 1, 1))
    member(territoire, "911000000")
    member(territoire, GRAND_ORLY, fin=date(2021, 3, 1))
    return member(territoire, CERGY, debut=date(2021, 3, 1), certitude=Certitude.EXACTE)


class TestPage:
    def test_a_merger_is_one_entry_and_several_exits(self, client, fusion):
        response = client.get(URL, DATES)
        text = page(response)
        assert "1 entrée à un jour reconstitué, 2 sorties , dont 1 fusion" in text
        assert (
            "Pays de Brest et Pays de Morlaix ont été réunis dans Finistère , le 22 novembre 2021 "
            "(date reconstituée), avec tous leurs membres et aucun autre." in text
        )
        assert "Finistère le 22 novembre 2021 (date reconstituée) absent" in text
        assert "Pays de Brest le 22 novembre 2021 Finistère" in text

    def test_a_merger_that_lost_a_member_says_so(self, client, fusion):
        _, brest, _ = fusion
        member(brest, GRAND_ORLY, fin=BILAN)
        text = page(client.get(URL, DATES))
        assert "aucun autre" not in text
        assert f"a perdu CC du Pays des Forges {GRAND_ORLY} (SIREN {GRAND_ORLY})" in text

    def test_names_and_members(self, client, change):
        text = page(client.get(URL, DATES))
        assert (
            "aucune entrée , aucune sortie ; 1 renommage ; 1 territoire aux membres changés."
            in text
        )
        assert "« Grand Cergy » est devenu Cergy-Vexin" in text
        assert f"(SIREN {CERGY}), depuis le 1er mars 2021" in text
        assert f"(SIREN {GRAND_ORLY}), jusqu’au 1er mars 2021" in text
        assert "Aucune entrée." in text
        assert "Aucune sortie." in text

    def test_an_entry_that_may_be_older_says_so(self, client):
        member(TerritoireFactory(rattachement=None), PAU)
        text = page(client.get(URL, {"de": "2019-03-06", "a": "2019-11-14"}))
        assert "1 territoire peut-être déjà là, aucune sortie" in text
        assert "au plus tard le 14 novembre 2019 possible : peut-être déjà là" in text

    def test_the_two_maps_show_what_moved(self, client, fusion, change):
        response = client.get(URL, DATES)
        keys = {
            name: {(cle.libelle, cle.nombre) for cle in response.context[name].cles}
            for name in ("avant", "apres")
        }
        assert keys == {
            "avant": {("sorti avant la seconde date", 2), ("membres changés", 1)},
            "apres": {("entré, à un jour reconstitué", 1), ("membres changés", 1)},
        }
        html = response.content.decode()
        assert html.count('id="motif-sortie"') == 1, "patterns are drawn once for both"

    def test_without_dates_the_last_two_milestones(self, client, fusion):
        for day, number in ((MULHOUSE, 146), (LISTE_148, 148), (BILAN, 146)):
            JalonFactory(date=day, nb_territoires=number)
        response = client.get(URL)
        assert (response.context["found"].de.date, response.context["found"].a.date) == (
            LISTE_148,
            BILAN,
        )
        couples = response.context["couples"]
        assert [(c.url, c.courant) for c in couples] == [
            ("?de=2019-11-14&a=2020-10-15", False),
            ("?de=2020-10-15&a=2021-11-22", True),
        ]
        assert "146 → 148 ( 15 octobre 2020 )" in page(response)
        assert 'value="2020-10-15"' in response.content.decode()

    def test_without_dates_nor_milestones_the_form_alone(self, client):
        text = page(client.get(URL))
        assert "Choisissez deux dates." in text

    def test_the_same_day_twice_changes_nothing(self, client, change):
        text = page(client.get(URL, {"de": "2021-11-22", "a": "2021-11-22"}))
        assert "aucune entrée , aucune sortie ; aucun territoire aux membres changés." in text


class TestRefusals:
    @pytest.mark.parametrize(
        ("query", "message"),
        [
            (
                {"de": "2021-11-22", "a": "2020-10-15"},
                "La date de départ vient après celle d’arrivée : échangez-les.",
            ),
            ({"de": "2021-11-22"}, "Il manque cette date : comparer en demande deux."),
            ({"a": "2021-11-22"}, "Il manque cette date : comparer en demande deux."),
            ({"de": "hier", "a": "2021-11-22"}, "« hier » n’est pas une date"),
            ({"du": "2021-11-22"}, "Ce paramètre n’existe pas à cette adresse."),
        ],
    )
    def test_a_sentence_and_the_form_as_typed(self, client, query, message):
        JalonFactory.create_batch(2, nb_territoires=146)
        response = client.get(URL, query)
        assert response.status_code == 400
        assert message in page(response)
        for name in query.keys() & {"de", "a"}:
            assert f'value="{query[name]}"' in response.content.decode()

    def test_a_date_to_come(self, client):
        tomorrow = timezone.localdate() + timedelta(days=1)
        response = client.get(URL, {"de": "2021-11-22", "a": tomorrow.isoformat()})
        assert response.status_code == 400
        assert "est à venir" in page(response)

    def test_a_machine_gets_json(self, client):
        response = client.get(URL, {"de": "2021-11-22", "a": "2020-10-15", "format": "json"})
        sentence = "de : La date de départ vient après celle d’arrivée : échangez-les."
        assert_problem(response, 400, sentence)

    def test_a_file_without_dates_nor_milestones(self, client):
        response = client.get(URL, {"format": "csv"})
        assert response.status_code == 400
        assert (
            response.content.decode() == "de : Écrivez deux dates : de=AAAA-MM-JJ&a=AAAA-MM-JJ.\n"
        )


class TestSorties:
    """What is known of the day of an exit has its own word, colour and table, everywhere."""

    @pytest.mark.parametrize(
        ("certitude", "datation", "dit", "classe", "cle"),
        [
            ("exacte", "entre les deux dates", "1 sortie", "carte-sortie", "sorti avant"),
            (
                "au plus tard",
                "au plus tard",
                "1 sortie datée « au plus tard »",
                "carte-sortie-au-plus-tard",
                "sorti, au plus tard à un jour connu",
            ),
            (
                "reconstituée",
                "reconstituée",
                "1 sortie à un jour reconstitué",
                "carte-sortie-reconstituee",
                "sorti, à un jour reconstitué",
            ),
        ],
    )
    def test_of_each_kind(self, client, *, certitude, datation, dit, classe, cle):
        brest = TerritoireFactory(rattachement=None, nom="Pays de Brest")
        member(brest, PAU, fin=BILAN, fin_certitude=certitude)
        member(TerritoireFactory(rattachement=None), SACLAY)
        response = client.get(URL, DATES)
        assert f"<h2>{dit}</h2>" in response.content.decode().replace("\N{NO-BREAK SPACE}", " ")
        key = next(k for k in response.context["avant"].cles if k.libelle.startswith(cle))
        assert (key.classe, key.nombre) == (classe, 1)
        told = client.get(URL, DATES | {"format": "json"}).json()["sorties"]
        assert [(m["certitude"], m["datation"]) for m in told] == [(certitude, datation)]
        body = client.get(URL, DATES | {"format": "csv"}).content.decode("utf-8-sig")
        lines = [ln for ln in csv.DictReader(io.StringIO(body)) if ln["changement"] == "sortie"]
        assert [(ln["certitude"], ln["datation"]) for ln in lines] == [(certitude, datation)]


class TestFiles:
    def test_json(self, client, fusion, change):
        finistere, brest, morlaix = fusion
        assert client.get(URL, DATES | {"format": "json"}).json() == {
            "de": "2020-10-15",
            "a": "2021-11-22",
            "entrees": [
                {
                    "code": finistere.code,
                    "nom": "Finistère",
                    "depuis": "2021-11-22",
                    "certitude": "reconstituée",
                    "avant": "absent",
                    "datation": "reconstituée",
                }
            ],
            "sorties": [
                {
                    "code": territoire.code,
                    "nom": territoire.nom,
                    "sortie": "2021-11-22",
                    "certitude": "exacte",
                    "datation": "entre les deux dates",
                    "successeur": finistere.code,
                }
                for territoire in (brest, morlaix)
            ],
            "fusions": [
                {
                    "successeur": {"code": finistere.code, "nom": "Finistère"},
                    "predecesseurs": [
                        {"code": brest.code, "nom": "Pays de Brest"},
                        {"code": morlaix.code, "nom": "Pays de Morlaix"},
                    ],
                    "gagnes": [],
                    "perdus": [],
                }
            ],
            "renommages": [
                {"code": change.code, "ancien": "Grand Cergy", "nouveau": "Cergy-Vexin"}
            ],
            "lignees": [],
            "membres": [
                {
                    "code": change.code,
                    "nom": "Cergy-Vexin",
                    "gagnes": [
                        {
                            "code": CERGY,
                            "nom": f"CC du Pays des Forges {CERGY}",
                            "nature": "CC",
                            "depuis": "2021-03-01",
                            "certitude": "exacte",
                        }
                    ],
                    "perdus": [
                        {
                            "code": GRAND_ORLY,
                            "nom": f"CC du Pays des Forges {GRAND_ORLY}",
                            "nature": "CC",
                            "jusqu_au": "2021-03-01",
                        }
                    ],
                }
            ],
        }

    def test_csv_has_one_line_a_change(self, client, fusion, change):
        finistere, brest, morlaix = fusion
        response = client.get(URL, DATES | {"format": "csv"})
        assert response["X-Total-Count"] == "8"
        lines = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
        assert [(ln["changement"], ln["territoire"], ln["autre_territoire"]) for ln in lines] == [
            ("entrée", finistere.code, ""),
            ("sortie", brest.code, finistere.code),
            ("sortie", morlaix.code, finistere.code),
            ("fusion", finistere.code, brest.code),
            ("fusion", finistere.code, morlaix.code),
            ("renommage", change.code, ""),
            ("membre gagné", change.code, ""),
            ("membre perdu", change.code, ""),
        ]
        assert (lines[5]["nom"], lines[5]["autre_nom"]) == ("Cergy-Vexin", "Grand Cergy")
        assert (lines[6]["membre"], lines[6]["date"]) == (CERGY, "2021-03-01")
        assert client.get(URL, DATES).context["nombre"] == len(lines)

    def test_every_file_offered_answers(self, client, change):
        for titre, url in client.get(URL, DATES).context["fichiers"]:
            assert client.get(URL + url).status_code == 200, titre


def test_the_map_in_small_tells_what_was_there_and_what_may_have_been(client):
    member(TerritoireFactory(rattachement=None), PAU, debut=LYON)
    member(TerritoireFactory(rattachement=None), SACLAY, debut=BILAN, certitude="au plus tard")
    JalonFactory(date=LYON, nb_territoires=136)
    JalonFactory(date=BILAN, nb_territoires=146)
    found = client.get(URL, {"de": f"{LYON}", "a": f"{BILAN}"})
    told = found.context["planche"].vignettes
    assert [(v.nombre, v.nombre_possible) for v in told] == [(1, 1), (2, 0)]
    assert told[0].presents
    assert told[0].possibles
    assert "136 annoncés" in page(found)
    source = found.content.decode()
    assert f'href="/carte/?date={LYON}"' in source
    assert source.count('id="vignettes-fond"') == 1


def test_one_milestone_has_nothing_to_be_compared_with(client):
    member(TerritoireFactory(rattachement=None), PAU, debut=LYON)
    JalonFactory(date=LYON, nb_territoires=136)
    found = client.get(URL, {"de": f"{LYON}", "a": f"{BILAN}"})
    assert found.context["planche"] is None


# Version of the data, twice; territories, members, names; milestones.
@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow(client, django_assert_num_queries, number):
    for siren in (PAU, GRAND_ORLY, SACLAY)[:number]:
        member(TerritoireFactory(rattachement=None), siren, debut=BILAN)
        gone = TerritoireFactory(rattachement=None, successeur=TerritoireFactory())
        gone.source_sortie = "000_0e414c3b78148b42"
        gone.save()
        member(gone, siren, fin=BILAN)
    JalonFactory.create_batch(number, nb_territoires=146)
    client.get(URL, DATES)  # makes the version's row, and keeps the titles of the sources
    with django_assert_num_queries(7):
        response = client.get(URL, DATES)
    assert sum(len(group) for _, group in response.context["entrees"]) == number
    assert sum(len(group) for _, group in response.context["sorties"]) == number
