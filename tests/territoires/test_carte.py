"""The map at a date, and what changed between two dates."""

from datetime import date

import pytest

from territoires.carte import Classe, carte_at, differences
from territoires.couches import geojson_membres, geojson_territoires, topojson
from territoires.models import Certitude, Territoire
from tests.factories import (
    AutreNomFactory,
    CommuneFactory,
    IntercommunaliteFactory,
    RattachementFactory,
    TerritoireFactory,
)

pytestmark = pytest.mark.django_db

LANCEMENT = date(2018, 11, 22)
ASSEMBLEE = date(2019, 3, 6)
MULHOUSE = date(2019, 11, 14)
LISTE_148 = date(2020, 10, 15)
BILAN = date(2021, 11, 22)
# Real members, so that their outlines are known. Grand-Orly touches Paris-Saclay, not Cergy.
GRAND_ORLY, SACLAY, CERGY = "200058014", "200056232", "249500109"


def territoire(*, debut=MULHOUSE, certitude=Certitude.AU_PLUS_TARD, fin=None, siren=None, **kwargs):
    """A territory with one member."""
    created = TerritoireFactory(rattachement=None, **kwargs)
    membre = {"intercommunalite": IntercommunaliteFactory(siren=siren)} if siren else {}
    RattachementFactory(territoire=created, debut=debut, certitude=certitude, fin=fin, **membre)
    return created


def presence(created, day):
    return carte_at(day).par_code[created.code]


class TestCarteAt:
    @pytest.mark.parametrize("certitude", Certitude)
    def test_attested_from_its_first_day(self, certitude):
        created = territoire(certitude=certitude)
        seen = presence(created, MULHOUSE)
        assert (seen.classe, seen.depuis, seen.certitude) == (
            Classe.ATTESTE,
            MULHOUSE,
            certitude,
        )

    @pytest.mark.parametrize(
        ("certitude", "classe"),
        [
            (Certitude.AU_PLUS_TARD, Classe.POSSIBLE),
            (Certitude.EXACTE, Classe.ABSENT),
            (Certitude.RECONSTITUEE, Classe.ABSENT),
        ],
    )
    def test_before_its_first_day_only_a_latest_date_makes_it_possible(self, certitude, classe):
        assert presence(territoire(certitude=certitude), ASSEMBLEE).classe == classe

    def test_a_possible_territory_says_since_when_at_the_latest_and_where(self):
        created = territoire(siren=GRAND_ORLY)
        seen = presence(created, ASSEMBLEE)
        assert (seen.depuis, seen.certitude) == (MULHOUSE, "au plus tard")
        assert seen.codes_membres == {GRAND_ORLY}

    def test_nothing_is_possible_before_the_programme(self):
        created = territoire(debut=LANCEMENT)
        assert presence(created, date(2018, 11, 21)).classe == Classe.ABSENT
        assert presence(created, LANCEMENT).classe == Classe.ATTESTE

    def test_absent_from_the_day_it_leaves(self):
        created = territoire(fin=BILAN)
        assert presence(created, date(2021, 11, 21)).classe == Classe.ATTESTE
        gone = presence(created, BILAN)
        assert (gone.classe, gone.depuis, gone.certitude, gone.membres) == (
            Classe.ABSENT,
            None,
            "",
            (),
        )

    def test_since_is_the_start_of_the_present_stay(self):
        """Replacing a member the day another leaves does not restart the stay; a gap does."""
        created = territoire(debut=LANCEMENT, fin=MULHOUSE)
        RattachementFactory(
            territoire=created, debut=MULHOUSE, certitude=Certitude.EXACTE, fin=LISTE_148
        )
        RattachementFactory(territoire=created, debut=BILAN, certitude=Certitude.EXACTE)
        assert presence(created, MULHOUSE).depuis == LANCEMENT
        assert presence(created, MULHOUSE).certitude == "au plus tard"
        assert presence(created, LISTE_148).classe == Classe.ABSENT
        assert presence(created, BILAN).depuis == BILAN
        assert presence(created, BILAN).certitude == "exacte"

    def test_a_member_that_joins_later_does_not_make_its_territory_possible_earlier(self):
        created = territoire(debut=MULHOUSE, certitude=Certitude.EXACTE)
        RattachementFactory(territoire=created, debut=LISTE_148)
        assert presence(created, ASSEMBLEE).classe == Classe.ABSENT

    def test_a_possible_stay_before_an_attested_return_after_an_exit(self):
        created = territoire(debut=LANCEMENT, fin=ASSEMBLEE)
        RattachementFactory(territoire=created, debut=LISTE_148)
        assert presence(created, MULHOUSE).classe == Classe.POSSIBLE

    def test_name_is_the_one_then_in_use(self):
        created = territoire(nom="Grand-Orly Seine Bièvre", debut=LANCEMENT)
        AutreNomFactory(territoire=created, nom="Grand Orly", fin=ASSEMBLEE)
        AutreNomFactory(territoire=created, nom="Orly Rungis", fin=LISTE_148)
        AutreNomFactory(territoire=created, nom="GOSB")  # an undated name proves nothing
        noms = [presence(created, day).nom for day in (LANCEMENT, ASSEMBLEE, LISTE_148)]
        assert noms == ["Grand Orly", "Orly Rungis", "Grand-Orly Seine Bièvre"]

    def test_commune_by_itself_is_a_member(self):
        created = TerritoireFactory(rattachement=None)
        commune = CommuneFactory(code="30048", nom="Bouquet")
        RattachementFactory(territoire=created, intercommunalite=None, commune=commune)
        assert presence(created, MULHOUSE).codes_membres == {"30048"}

    def test_keeps_the_territories_of_a_queryset(self):
        kept, _other = territoire(), territoire()
        carte = carte_at(MULHOUSE, Territoire.objects.filter(pk=kept.pk))
        assert [p.territoire for p in carte.presences] == [kept]

    def test_agrees_with_the_queryset(self):
        territoire()
        territoire(debut=BILAN)
        territoire(debut=LANCEMENT, fin=BILAN)
        for day in (LANCEMENT, MULHOUSE, date(2021, 11, 21), BILAN):
            attested = {p.territoire for p in carte_at(day).attestes}
            assert attested == set(Territoire.objects.at(day))

    @pytest.mark.parametrize("count", [1, 5])
    def test_four_queries_whatever_the_number(self, count, django_assert_num_queries):
        for _ in range(count):
            AutreNomFactory(territoire=territoire())
        with django_assert_num_queries(4):
            for seen in carte_at(MULHOUSE).presences:
                assert seen.membres[0].membre.nom


class TestVoisins:
    def test_attested_territories_that_share_a_border(self):
        orly, saclay = territoire(siren=GRAND_ORLY), territoire(siren=SACLAY)
        territoire(siren=CERGY)
        carte = carte_at(MULHOUSE)
        assert [p.territoire for p in carte.voisins(orly.code)] == [saclay]
        assert [p.territoire for p in carte.voisins(saclay.code)] == [orly]

    def test_a_territory_of_unknown_outline_has_none(self):
        created = territoire()
        territoire(siren=SACLAY)
        assert carte_at(MULHOUSE).voisins(created.code) == []


class TestDifferences:
    def test_a_merger_is_one_entry_several_exits_and_one_merger(self):
        finistere = territoire(debut=BILAN, certitude=Certitude.RECONSTITUEE, siren="242900314")
        partis = [
            territoire(fin=BILAN, successeur=finistere, siren=siren)
            for siren in ("242900314", "242900835", "200068120")
        ]
        RattachementFactory(
            territoire=finistere,
            debut=BILAN,
            intercommunalite=IntercommunaliteFactory(siren="242900835"),
        )
        found = differences(LISTE_148, BILAN)
        assert [m.territoire for m in found.entrees] == [finistere]
        assert {m.territoire for m in found.sorties} == set(partis)
        [fusion] = found.fusions
        assert fusion.successeur == finistere
        assert set(fusion.predecesseurs) == set(partis)
        assert fusion.gagnes == ()
        assert [r.intercommunalite_id for r in fusion.perdus] == ["200068120"]

    def test_a_territory_absorbed_by_one_that_was_there(self):
        stays = territoire(siren=GRAND_ORLY)
        gone = territoire(fin=BILAN, successeur=stays, siren=SACLAY)
        RattachementFactory(
            territoire=stays, debut=BILAN, intercommunalite=IntercommunaliteFactory(siren=SACLAY)
        )
        found = differences(LISTE_148, BILAN)
        assert found.entrees == ()
        [fusion] = found.fusions
        assert (fusion.predecesseurs, fusion.gagnes, fusion.perdus) == ((gone,), (), ())

    def test_an_exit_without_successor_is_no_merger(self):
        gone = territoire(fin=BILAN)
        found = differences(LISTE_148, BILAN)
        assert [m.territoire for m in found.sorties] == [gone]
        assert found.fusions == ()

    def test_an_exit_towards_one_that_left_too_is_no_merger(self):
        heir = territoire(fin=BILAN)
        territoire(fin=BILAN, successeur=heir)
        assert differences(LISTE_148, BILAN).fusions == ()

    def test_a_day_is_as_surely_known_as_the_least_sure_of_its_members(self):
        known = (Certitude.EXACTE, Certitude.AU_PLUS_TARD, Certitude.RECONSTITUEE)
        created = TerritoireFactory(rattachement=None)
        left = TerritoireFactory(rattachement=None)
        for certitude in known:
            RattachementFactory(territoire=created, debut=BILAN, certitude=certitude)
            RattachementFactory(territoire=left, debut=MULHOUSE, fin=BILAN, fin_certitude=certitude)
        found = differences(LISTE_148, BILAN)
        [entree], [sortie] = found.entrees, found.sorties
        assert (entree.certitude, sortie.certitude) == ("au plus tard", "au plus tard")
        assert presence(created, BILAN).certitude == "au plus tard"

    def test_an_entry_that_may_be_older_says_so(self):
        older, exact = territoire(), territoire(certitude=Certitude.EXACTE)
        found = differences(ASSEMBLEE, MULHOUSE)
        classes = {m.territoire: m.avant.classe for m in found.entrees}
        assert classes == {older: Classe.POSSIBLE, exact: Classe.ABSENT}

    def test_renamings_and_members(self):
        created = territoire(nom="Sud Oise", debut=LANCEMENT)
        AutreNomFactory(territoire=created, nom="Agglomération Creil Sud Oise", fin=BILAN)
        gained = RattachementFactory(territoire=created, debut=BILAN)
        lost = RattachementFactory(territoire=created, debut=LANCEMENT, fin=BILAN)
        territoire(debut=LANCEMENT)  # unchanged: in no list
        found = differences(LISTE_148, BILAN)
        [renamed] = found.renommages
        assert (renamed.territoire, renamed.ancien, renamed.nouveau) == (
            created,
            "Agglomération Creil Sud Oise",
            "Sud Oise",
        )
        [changed] = found.membres
        assert (changed.territoire, changed.gagnes, changed.perdus) == (
            created,
            (gained,),
            (lost,),
        )

    def test_a_member_that_stays_under_a_new_rattachement_is_no_change(self):
        created = territoire(debut=LANCEMENT, fin=MULHOUSE, siren=SACLAY)
        RattachementFactory(
            territoire=created,
            debut=MULHOUSE,
            intercommunalite=IntercommunaliteFactory(siren=SACLAY),
        )
        assert differences(LANCEMENT, BILAN).membres == ()

    def test_the_same_day_twice_shows_nothing(self):
        territoire(fin=BILAN)
        found = differences(LISTE_148, LISTE_148)
        assert (found.entrees, found.sorties, found.membres) == ((), (), ())

    def test_dates_in_the_wrong_order_are_refused(self):
        with pytest.raises(ValueError, match="vient après la date d’arrivée"):
            differences(BILAN, LISTE_148)

    @pytest.mark.parametrize("count", [1, 5])
    def test_four_queries_whatever_the_number(self, count, django_assert_num_queries):
        finistere = territoire(debut=BILAN)
        for _ in range(count):
            territoire(fin=BILAN, successeur=finistere)
        with django_assert_num_queries(4):
            [fusion] = differences(LISTE_148, BILAN).fusions
            assert [str(r.membre) for r in fusion.perdus]


class TestCouches:
    def test_territories_and_members_shown_with_what_is_known_of_them(self):
        orly = territoire(siren=GRAND_ORLY, nom="Grand-Orly Seine Bièvre")
        territoire(certitude=Certitude.EXACTE, siren=CERGY)  # absent on that day
        carte = carte_at(ASSEMBLEE)
        [feature] = geojson_territoires(carte)["features"]
        assert feature["properties"] == {
            "code": orly.code,
            "nom": "Grand-Orly Seine Bièvre",
            "classe": "possible",
            "depuis": "2019-11-14",
            "certitude": "au plus tard",
        }
        longitude, latitude = feature["geometry"]["coordinates"][0][0][0]
        assert 2.2 < longitude < 2.6
        assert 48.6 < latitude < 48.9
        [membre] = geojson_membres(carte)["features"]
        assert membre["geometry"] == feature["geometry"]
        assert membre["properties"]["siren"] == GRAND_ORLY
        assert membre["properties"]["territoire"] == orly.code

    def test_topojson_shares_the_arcs_of_both_layers(self):
        territoire(siren=GRAND_ORLY)
        territoire(siren=SACLAY)
        layers = topojson(carte_at(MULHOUSE))
        assert len(layers["objects"]["territoires"]["geometries"]) == 2
        assert len(layers["objects"]["membres"]["geometries"]) == 2
        [used, again] = [
            {max(a, ~a) for g in layers["objects"][layer]["geometries"] for p in g["arcs"]
             for ring in p for a in ring}
            for layer in ("territoires", "membres")
        ]  # fmt: skip
        assert used == again == set(range(len(layers["arcs"])))

    def test_an_unknown_outline_is_a_null_geometry_not_a_lost_row(self):
        territoire()
        carte = carte_at(MULHOUSE)
        [feature] = geojson_territoires(carte)["features"]
        assert feature["geometry"] is None
        assert topojson(carte)["objects"]["territoires"]["geometries"] == []
