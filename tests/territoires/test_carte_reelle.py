"""The map at its milestones, from the facts that the demonstration loads."""

from datetime import date

import pytest

from territoires.carte import Classe, carte_at, differences
from territoires.couches import geojson_membres, geojson_territoires
from territoires.geometrie import trace
from territoires.models import Rattachement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]

# date, announced, attested, possible
JALONS = [
    ("2018-11-22", 124, 38, 105),
    ("2019-03-06", 136, 48, 95),
    ("2019-07-01", 141, 59, 84),
    ("2019-09-24", 144, 62, 84),
    ("2019-11-14", 146, 146, 0),
    ("2020-10-15", 148, 148, 0),
    ("2021-11-22", 146, 146, 0),
    ("2022-12-31", 149, 149, 0),
    ("2023-11-09", 183, 183, 0),
    ("2024-07-04", 183, 183, 0),
]


@pytest.mark.parametrize(("day", "announced", "attested", "possible"), JALONS)
def test_milestones(day, announced, attested, possible):
    carte = carte_at(date.fromisoformat(day))
    assert (len(carte.attestes), len(carte.possibles)) == (attested, possible)
    assert len(carte.presences) == (152 if carte.date.year < 2023 else 183)
    # What was announced lies between what is attested and what is not excluded.
    assert attested <= announced <= attested + possible


def test_finistere_is_absent_before_not_possible():
    for day in (date(2019, 3, 6), date(2020, 10, 15)):
        assert carte_at(day).par_code["ti-5313"].classe == Classe.ABSENT


def test_brest_morlaix_and_quimper_become_finistere():
    found = differences(date(2020, 10, 15), date(2021, 11, 22))
    assert [m.territoire.code for m in found.entrees] == ["ti-5313"]
    partis = ["ti-5305", "ti-5307", "ti-5308"]
    assert sorted(m.territoire.code for m in found.sorties) == partis
    [fusion] = found.fusions
    assert fusion.successeur.code == "ti-5313"
    assert sorted(t.code for t in fusion.predecesseurs) == partis
    assert (fusion.gagnes, fusion.perdus) == ((), ())


def test_members_gained_and_lost_between_the_lists_of_148_and_of_the_end_of_2021():
    found = differences(date(2020, 10, 15), date(2021, 11, 22))
    counts = {c.territoire.code: (len(c.gagnes), len(c.perdus)) for c in found.membres}
    assert counts == {
        "ti-2404": (1, 0),
        "ti-3201": (4, 0),
        "ti-4415": (2, 1),
        "ti-5205": (5, 0),
        "ti-5310": (2, 1),
        "ti-7602": (0, 1),
        "ti-8409": (0, 1),
        "ti-9302": (1, 0),
        "ti-9402": (1, 0),
    }


def test_every_member_that_ever_was_has_an_outline():
    rows = Rattachement.objects.values_list("intercommunalite", "commune")
    codes = {siren or insee for siren, insee in rows}
    assert trace().connus(codes) == codes


def test_layers_hold_every_territory_and_member_of_the_day():
    carte = carte_at(date(2021, 11, 22))
    features = geojson_territoires(carte)["features"]
    assert len(features) == 146
    assert all(feature["geometry"] for feature in features)
    assert len(geojson_membres(carte)["features"]) == sum(len(p.membres) for p in carte.attestes)
