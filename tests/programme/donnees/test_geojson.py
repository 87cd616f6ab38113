"""Outlines in GeoJSON: those of the members, merged; null when none is known."""

import json
from datetime import date

import pytest

from territoires.geometrie import trace
from tests import factories
from tests.programme.donnees.outils import export, read_json

pytestmark = pytest.mark.django_db
BREST, MORLAIX = "242900314", "242900835"


def member(siren, **kwargs):
    body = factories.IntercommunaliteFactory(siren=siren, departements=[])
    return factories.RattachementFactory(intercommunalite=body, **kwargs)


def features(code):
    return read_json(export(code, "geojson"))["features"]


def test_the_members_of_these_tests_have_an_outline():
    assert trace().connus([BREST, MORLAIX]) == {BREST, MORLAIX}


def test_a_territory_is_the_merged_outline_of_its_members():
    territoire = factories.TerritoireFactory(rattachement=None)
    for siren in (BREST, MORLAIX):
        member(siren, territoire=territoire)
    [feature] = features("territoires")
    assert feature["id"] == territoire.code
    assert feature["geometry"] == outline([BREST, MORLAIX])
    first = features("rattachements")[0]
    assert first["geometry"] == outline([BREST])


def test_a_territory_that_left_the_map_keeps_the_outline_of_its_last_members():
    territoire = factories.TerritoireFactory(rattachement=None)
    member(BREST, territoire=territoire, debut=date(2018, 11, 22), fin=date(2020, 1, 1))
    member(MORLAIX, territoire=territoire, debut=date(2018, 11, 22), fin=date(2021, 11, 22))
    [feature] = features("territoires")
    assert feature["geometry"] == outline([MORLAIX])
    assert feature["properties"]["fin"] == "2021-11-22"


def test_an_outline_that_is_not_known_is_null():
    factories.RattachementFactory()
    assert [feature["geometry"] for feature in features("territoires")] == [None]
    assert [feature["geometry"] for feature in features("rattachements")] == [None]
    factories.ConventionFactory()
    assert [feature["geometry"] for feature in features("conventions")] == [None]


def test_a_region_and_a_contract_have_an_outline():
    factories.RegionFactory(code="53")
    [region] = [feature for feature in features("regions") if feature["id"] == "53"]
    assert region["geometry"]["type"] == "MultiPolygon"
    territoire = factories.TerritoireFactory(rattachement=None)
    member(BREST, territoire=territoire)
    factories.ContratFactory(territoire=territoire)
    [contrat] = features("contrats")
    assert contrat["geometry"] == outline([BREST])


def test_the_file_names_whose_outlines_they_are():
    assert "IGN" in read_json(export("territoires", "geojson"))["attribution"]


def outline(codes):
    """The merged outline of these members, as JSON gives it back: lists, no tuples."""
    return json.loads(json.dumps(trace().topologie.multipolygone("membres", codes)))
