"""French text made comparable, and the territory of a commune."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.carte import Classe
from territoires.models import Certitude, Rattachement
from territoires.recherche.commune import Appartenances, commune_of, territoires_proches
from territoires.recherche.texte import distance, mots, plier, racine, trigrammes
from tests.factories import (
    CommuneAncienneFactory,
    CommuneFactory,
    IntercommunaliteFactory,
    RattachementFactory,
    TerritoireFactory,
)

HIER, AVANT, JOUR = date(2018, 11, 22), date(2019, 11, 14), date(2022, 3, 1)


# --- Text -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("SAINT-ÉTIENNE", ["saint", "etienne"]),
        ("St Etienne", ["saint", "etienne"]),
        ("Ste-Foy-lès-Lyon", ["sainte", "foy", "lyon"]),
        ("L’Aigle", ["aigle"]),
        ("L'Haÿ-les-Roses", ["hay", "roses"]),
        ("Œuilly", ["oeuilly"]),
        ("Curaçao – Lætitia", ["curacao", "laetitia"]),
        ("Paris 12ème arrondissement", ["paris", "12", "arrondissement"]),
        ("Marseille 1er", ["marseille", "1"]),
        ("42 000", ["42000"]),
        ("810 565 101", ["810565101"]),
        ("810 565 101 00012", ["810565101"]),
        ("ti-7505", ["ti", "7505"]),
        ("Le", ["le"]),
        ("", []),
        ("«\x00» !", []),
    ],
)
def test_words(texte, attendu):
    assert mots(texte) == attendu


@pytest.mark.parametrize(
    ("texte", "fini", "en_cours"),
    [
        ("saint d", ["saint"], ["saint", "d"]),
        ("St", ["saint"], ["st"]),
        ("pays de l", ["pays"], ["pays", "l"]),
        ("", [], []),
    ],
)
def test_the_last_word_may_be_unfinished(texte, fini, en_cours):
    assert mots(texte) == fini
    assert mots(texte, en_cours=True) == en_cours


@pytest.mark.parametrize(
    ("un", "plusieurs"),
    [("vallée", "vallées"), ("cheval", "chevaux"), ("Sainte", "saint"), ("implant", "implants")],
)
def test_plurals_share_a_stem(un, plusieurs):
    assert racine(plier(un)) == racine(plier(plusieurs))


@given(st.text(max_size=60))
def test_folding_is_stable_and_ascii(texte):
    plie = plier(texte)
    assert plier(plie) == plie
    assert plie.isascii()
    assert "  " not in plie
    # A query and a name always meet: what is indexed can be asked.
    assert mots(" ".join(mots(texte))) == mots(texte) or not mots(texte)


@pytest.mark.parametrize(
    ("a", "b", "fautes"),
    [
        ("chatelleraut", "chatellerault", 1),
        ("etiene", "etienne", 1),
        ("lyno", "lyon", 1),
        ("nantes", "nantes", 0),
        ("marsielle", "marseille", 1),
        ("nantes", "cannes", 2),
        ("brest", "lille", 3),
        ("a", "abcdef", 3),
    ],
)
def test_distance_counts_slips_up_to_two(a, b, fautes):
    assert distance(a, b, 2) == fautes
    assert distance(b, a, 2) == fautes


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_distance_that_gives_up_agrees_with_the_whole_one(a, b):
    whole = distance(a, b, 20)
    assert distance(a, b, 1) == min(whole, 2)
    assert (whole == 0) == (a == b)


def test_trigrams_mark_both_ends():
    assert trigrammes("aigle") == {"  a", " ai", "aig", "igl", "gle", "le "}


# --- « Ma commune » ---------------------------------------------------------------------------


@pytest.mark.django_db
class TestCommune:
    def test_belongs_through_its_intercommunalite(self):
        commune = CommuneFactory()
        rattachement = RattachementFactory(intercommunalite=commune.intercommunalite)
        found = Appartenances.of([commune]).rattachement(commune, JOUR)
        assert found == rattachement

    def test_by_itself_first_then_through_its_ept(self):
        ept = IntercommunaliteFactory(nature="EPT")
        commune = CommuneFactory(ept=ept)
        RattachementFactory(intercommunalite=commune.intercommunalite)
        by_ept = RattachementFactory(intercommunalite=ept)
        assert Appartenances.of([commune]).rattachement(commune, JOUR) == by_ept
        alone = RattachementFactory(intercommunalite=None, commune=commune)
        assert Appartenances.of([commune]).rattachement(commune, JOUR) == alone

    def test_what_it_left_does_not_hide_its_intercommunalite(self):
        commune = CommuneFactory()
        RattachementFactory(
            intercommunalite=None, commune=commune, debut=HIER, fin=date(2020, 1, 1)
        )
        today = RattachementFactory(intercommunalite=commune.intercommunalite)
        connues = Appartenances.of([commune])
        assert connues.rattachement(commune, JOUR) == today
        assert [r.fin for r in connues.passees(commune, JOUR)] == [date(2020, 1, 1)]

    def test_a_commune_without_intercommunalite_is_in_no_territory(self):
        island = CommuneFactory(intercommunalite=None)
        RattachementFactory()
        assert Appartenances.of([island]).appartenance(island, JOUR).classe == Classe.ABSENT

    @pytest.mark.parametrize(
        ("certitude", "classe"),
        [
            (Certitude.AU_PLUS_TARD, Classe.POSSIBLE),
            (Certitude.EXACTE, Classe.ABSENT),
            (Certitude.RECONSTITUEE, Classe.ABSENT),
        ],
    )
    def test_before_its_entry_it_is_possible_when_the_date_is_at_the_latest(
        self, certitude, classe
    ):
        commune = CommuneFactory()
        rattachement = RattachementFactory(
            intercommunalite=commune.intercommunalite, certitude=certitude, debut=AVANT
        )
        connues = Appartenances.of([commune])
        avant = connues.appartenance(commune, HIER)
        assert avant.classe == classe
        assert avant.territoire is None
        assert connues.appartenance(commune, AVANT).territoire == rattachement.territoire

    def test_the_first_day_outside_is_outside(self):
        commune = CommuneFactory()
        RattachementFactory(intercommunalite=commune.intercommunalite, debut=AVANT, fin=JOUR)
        connues = Appartenances.of([commune])
        assert connues.rattachement(commune, date(2022, 2, 28))
        assert connues.rattachement(commune, JOUR) is None

    def test_two_queries_whatever_their_number(self, django_assert_num_queries):
        communes = [CommuneFactory() for _ in range(4)]
        for commune in communes:
            RattachementFactory(intercommunalite=commune.intercommunalite)
        with django_assert_num_queries(2):
            connues = Appartenances.of(communes)
            found = {connues.rattachement(c, JOUR).territoire.nom for c in communes}
        assert len(found) == 4

    def test_an_intercommunalite_answers_too(self):
        rattachement = RattachementFactory()
        place = rattachement.intercommunalite
        connues = Appartenances.of(intercommunalites=[place])
        assert connues.rattachement(place, JOUR) == rattachement

    def test_an_earlier_code_is_answered_by_the_commune_of_today(self):
        ancienne = CommuneAncienneFactory(code="98001")
        assert commune_of("98001") == ancienne.commune
        assert commune_of(ancienne.commune.code) == ancienne.commune
        assert commune_of("00000") is None


@pytest.mark.django_db
class TestProches:
    def test_the_nearest_first_by_their_nearest_member(self):
        commune = CommuneFactory(lon=0.0, lat=48.0)
        places = {"loin": 3.0, "pres": 0.5, "entre": 1.0}
        for nom, lon in places.items():
            RattachementFactory(
                territoire=TerritoireFactory(nom=nom, rattachement=None),
                intercommunalite=IntercommunaliteFactory(lon=lon, lat=48.0),
            )
        pres = rattachements(nom="pres")[0].territoire
        RattachementFactory(
            territoire=pres, intercommunalite=IntercommunaliteFactory(lon=2.9, lat=48.0)
        )
        RattachementFactory(intercommunalite=IntercommunaliteFactory(lon=None, lat=None))
        found = territoires_proches(commune, rattachements(), nombre=2)
        assert [(p.territoire.nom, p.km) for p in found] == [("pres", 37), ("entre", 74)]

    def test_a_place_without_a_point_has_none(self):
        RattachementFactory()
        commune = CommuneFactory(lon=None, lat=None)
        assert territoires_proches(commune, rattachements()) == []


def rattachements(nom=None):
    rows = Rattachement.objects.select_related("territoire", "intercommunalite", "commune")
    return list(rows.filter(territoire__nom=nom) if nom else rows)
