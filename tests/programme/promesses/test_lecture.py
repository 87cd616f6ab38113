"""What the published records say of each promise: the board, the file and the page tell it."""

from datetime import date
from unittest import mock

import pytest
from django.urls import reverse
from django.utils import timezone

from programme.promesses.lecture import suivis
from programme.promesses.regle import Statut
from tests import factories as f
from tests.programme.catalogue.pages.outils import mots, section, texte
from tests.programme.donnees.outils import read_json

pytestmark = pytest.mark.django_db


@pytest.fixture
def au():
    """Function: makes it the noon of a day, for the rest of the test."""
    patches = []

    def set_day(day):
        while patches:
            patches.pop().stop()
        noon = timezone.make_aware(timezone.datetime(day.year, day.month, day.day, 12))
        patches.append(mock.patch.object(timezone, "now", return_value=noon))
        patches[-1].start()

    yield set_day
    while patches:
        patches.pop().stop()


@pytest.fixture
def engagement():
    """Function: a promise of 100 M€ a year until the end of 2022."""

    def make(**fields):
        usual = {
            "code": "fonds-propres",
            "cible": 100_000_000,
            "unite": "EUR",
            "rythme": "par an",
            "debut": 2019,
            "echeance": date(2022, 12, 31),
            "precision_echeance": "année",
            "approximatif": True,
        }
        return f.EngagementFactory(**usual | fields)

    return make


def the_only():
    (suivi,) = suivis()
    return suivi


def test_a_yearly_amount_is_counted_over_its_years(engagement):
    done = engagement()
    for year in (2019, 2020, 2021, 2022):
        f.RealisationFactory(engagement=done, annee=year, valeur=100_000_000)
    suivi = the_only()
    assert suivi.promesse.cible == 400_000_000
    assert (suivi.statut, suivi.jugement.ecart) == (Statut.TENU, 0)


def test_a_draft_is_no_evidence(engagement):
    f.RealisationFactory(engagement=engagement(), valeur=10**9, publication="brouillon")
    assert the_only().statut == Statut.ECHU
    assert the_only().jugement.realise is None


def test_words_without_a_day_are_read_at_their_latest(engagement, au):
    engagement(echeance=None, precision_echeance="", echeance_mots="dès l’été", rythme="")
    assert the_only().promesse.echeance == date(2019, 12, 31)
    assert the_only().echeance_lue
    au(date(2020, 6, 28))
    assert the_only().statut == Statut.RIEN
    au(date(2020, 6, 29))
    assert the_only().statut == Statut.ECHU
    assert the_only().echu_depuis == date(2020, 6, 29)


def test_territories_are_those_of_phase_1_alone(engagement):
    f.TerritoireFactory()
    f.TerritoireFactory(phase_id=2)
    engagement(cible=1, unite="référent par territoire", rythme="", approximatif=False)
    assert the_only().promesse.cible_en(timezone.localdate().year) == 1


def test_published_referents_are_the_evidence_of_what_each_operateur_promised(engagement):
    here = f.RattachementFactory().territoire
    engagement(
        operateur=None,
        type="référent",
        cible=1,
        unite="référent par opérateur et par territoire",
        rythme="",
        echeance=None,
        precision_echeance="",
    )
    assert the_only().statut == Statut.RIEN
    f.ReferentFactory(territoire=here, publication="brouillon")
    assert the_only().statut == Statut.RIEN
    f.ReferentFactory(territoire=here)
    assert the_only().couverts
    assert the_only().statut in {Statut.TENU, Statut.SANS_ECHEANCE}


# --- The board --------------------------------------------------------------------------------


def test_the_board_says_what_is_published_and_its_gap(client, engagement):
    done = engagement(operateur__nom="Banque des Territoires")
    f.RealisationFactory(engagement=done, annee=2020, valeur=150_000_000, source="Rapport annuel")
    said = section(client.get("/operateurs/"), "engagements")
    assert "environ 100 M€ par an, soit environ 400 M€" in said
    assert "2020 : environ 150 M€ Rapport annuel" in said
    assert "−environ 250 M€" in said
    assert "échu sans preuve publiée depuis le 30 juin 2023" in said


def test_the_board_of_nothing_claims_nothing(client):
    said = texte(client.get("/operateurs/"))
    assert "Aucun engagement n’est publié." in said
    assert "Les opérateurs" in said


def test_what_another_source_states_makes_no_status(client, engagement):
    engagement(code="bdt-fonds-propres")
    f.FaitFactory(
        indicateur="engage_banque_des_territoires",
        intitule="Engagé par la Banque des Territoires",
        valeur=10**12,
        unite="EUR",
        date=date(2019, 9, 24),
    )
    said = section(client.get("/operateurs/"), "engagements")
    assert "Engagé par la Banque des Territoires" in said
    assert "tout ce que la banque a engagé, quand la promesse est en fonds propres" in said
    assert the_only().jugement.realise is None
    assert "rien de publié" in said


def test_promises_are_chosen_by_their_status_with_counts(client, engagement):
    engagement()
    engagement(code="autre", echeance=None, precision_echeance="", intitule="Nommer un coach")
    page = client.get("/operateurs/", {"statut": "rien de publié"})
    said = section(page, "engagements")
    assert "tous · 2 échu sans preuve publiée · 1 rien de publié · 1" in said
    assert [rang.engagement.code for rang in page.context["rangs"]] == ["autre"]
    assert "statut=rien+de+publi%C3%A9&format=csv" in page.content.decode().replace("&amp;", "&")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"statut": "gagné"}, "« gagné » n’existe pas. Valeurs possibles : tenu, tenu après"),
        ({"operateur": "l’Aigle"}, "« l’Aigle » n’existe pas. Valeurs possibles : "),
        ({"statut": ["tenu", "en cours"]}, "Ce paramètre est donné plusieurs fois"),
        ({"statuts": "tenu"}, "Vouliez-vous dire « statut » ?"),
    ],
)
def test_what_is_not_understood_is_refused(client, query, said):
    page = client.get("/operateurs/", query)
    assert page.status_code == 400
    assert mots(said) in texte(page)


def test_a_file_of_the_operateurs_sends_who_asks_for_promises_to_theirs(client):
    page = client.get("/operateurs/", {"statut": "tenu", "format": "csv"})
    assert page.status_code == 400
    assert "Demandez /engagements/ avec ce paramètre et ce format." in page.content.decode()


# --- Addresses of before, the file --------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("", "/operateurs/"),
        ("?type=service", "/operateurs/?type=service"),
        (
            "?operateur=chacun+des+op%C3%A9rateurs",
            "/operateurs/?operateur=chacun+des+op%C3%A9rateurs",
        ),
    ],
)
def test_the_list_of_before_leads_to_the_board(client, asked, leads):
    response = client.get(f"/engagements/{asked}")
    assert (response.status_code, response["Location"]) == (301, leads)
    assert client.get(leads).status_code == 200


@pytest.mark.parametrize(
    "asked", ["?format=csv", "?type=service&type=r%C3%A9f%C3%A9rent", "?tri=cible", "?cible_min=3"]
)
def test_what_the_board_cannot_answer_stays_where_it_was(client, asked):
    assert client.get(f"/engagements/{asked}").status_code == 200


def test_the_file_has_the_status_of_the_board(client, engagement):
    engagement()
    engagement(code="autre", echeance=None, precision_echeance="")
    rows = read_json(client.get(reverse("engagements"), {"format": "json"}))["results"]
    assert {row["code"]: row["statut"] for row in rows} == {
        suivi.engagement.code: suivi.statut for suivi in suivis()
    }
    asked = {"format": "json", "statut": "échu sans preuve publiée"}
    kept = read_json(client.get(reverse("engagements"), asked))["results"]
    assert [row["code"] for row in kept] == ["fonds-propres"]


def test_the_page_of_an_operateur_leads_to_the_definition(client, engagement):
    page = client.get(engagement().operateur.get_absolute_url()).content.decode()
    assert 'href="/operateurs/#statut-echu"' in page


def test_the_cost_of_the_board_does_not_grow(client, engagement, django_assert_num_queries):
    def asked():
        f.EngagementFactory()  # another version: nothing is kept of the one before
        client.get("/glossaire/")
        with django_assert_num_queries(QUERIES):
            client.get("/operateurs/")

    asked()
    for number in range(4):
        f.RealisationFactory(engagement=engagement(code=f"promesse-{number}"))
    asked()


QUERIES = 19
