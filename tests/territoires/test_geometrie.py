"""The geometry: projections, outlines, neighbours, GeoJSON and TopoJSON."""

import csv
import json
import re
from collections import defaultdict

import pytest
import shapely
from django.conf import settings
from django.core.management import CommandError, call_command

from territoires.geometrie import (
    CADRES,
    DETAIL,
    ENSEMBLE,
    HAUTEUR,
    LARGEUR,
    LOUPE,
    METROPOLE,
    agrandie,
    project,
    trace,
)
from territoires.geometrie.construction import construire, placer, simplifie
from territoires.geometrie.planaire import coupe, demele, planaire
from territoires.geometrie.topologie import Topologie, aire_signee, contient
from territoires.management.commands.construire_geometrie import communes

COUCHES = ("regions", "departements", "membres")
CAP_EXCELLENCE = "200018653"
GRAND_ORLY = "200058014"


def of(code):
    return frozenset([code])


@pytest.fixture(scope="module")
def geometry():
    return trace()


def polygons_of_path(d):
    """The rings of SVG path data, as absolute points."""
    for ring in re.findall(r"M(-?\d+) (-?\d+)l([^z]*)z", d):
        x, y = int(ring[0]), int(ring[1])
        points = [(x, y)]
        numbers = [int(n) for n in re.findall(r"-?\d+", ring[2])]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append((x, y))
        yield points


class TestProject:
    @pytest.mark.parametrize(
        ("lon", "lat", "cadre"),
        [
            (2.3522, 48.8566, "metropole"),
            (9.1509, 41.9192, "metropole"),
            (-61.5331, 16.2411, "guadeloupe"),
            (-61.0588, 14.6037, "martinique"),
            (-52.3261, 4.9372, "guyane"),
            (55.4481, -20.8789, "la-reunion"),
            (45.2279, -12.7806, "mayotte"),
        ],
    )
    def test_a_prefecture_lies_inside_its_frame(self, lon, lat, cadre):
        position = project(lon, lat)
        assert position.cadre == cadre
        x, y, width, height = CADRES[cadre].boite
        assert x < position.x < x + width
        assert y < position.y < y + height

    def test_distances_on_the_mainland_are_those_of_lambert_93(self):
        # Paris, Notre-Dame (652 381, 6 861 984) in EPSG:2154; one unit is 100 m.
        position = project(2.349850, 48.852966)
        x, y = METROPOLE.origine_de(position.x, position.y)
        assert x == pytest.approx(652_300, abs=150)
        assert y == pytest.approx(6_861_700, abs=150)

    def test_outside_the_eighteen_regions_there_is_no_place(self):
        assert project(166.45, -22.27) is None  # Nouméa
        assert project(-56.17, 46.78) is None  # Saint-Pierre

    def test_only_ile_de_france_is_enlarged(self):
        paris = agrandie(project(2.3522, 48.8566))
        x, y, width, height = LOUPE.boite
        assert paris.cadre == "ile-de-france"
        assert x < paris.x < x + width
        assert y < paris.y < y + height
        assert agrandie(project(2.4667, 49.1944)) is None  # Chantilly, just outside
        assert agrandie(project(-61.5331, 16.2411)) is None


class TestTrace:
    @pytest.mark.parametrize("niveau", [DETAIL, ENSEMBLE])
    @pytest.mark.parametrize("couche", COUCHES)
    def test_no_outline_is_degenerate_or_out_of_its_frame(self, geometry, couche, niveau):
        unit = 1 if niveau == DETAIL else geometry.pas_ensemble
        for code in geometry.topologie.objets[couche]:
            rings = list(polygons_of_path(geometry.d(couche, of(code), niveau)))
            assert rings, code
            left, top, width, height = CADRES[geometry.boite(couche, of(code)).cadre].boite
            # An islet may be less than a step of the whole country, a shape may not.
            assert any(aire_signee(ring) for ring in rings), code
            for ring in rings:
                assert niveau == ENSEMBLE or aire_signee(ring) != 0, code
                assert all(left <= x * unit <= left + width for x, _ in ring), code
                assert all(top <= y * unit <= top + height for _, y in ring), code

    def test_frames_do_not_overlap_and_stay_in_the_drawing(self):
        frames = [cadre.boite for code, cadre in CADRES.items() if code != "metropole"]
        for index, (x, y, width, height) in enumerate(frames):
            assert 0 <= x <= x + width <= LARGEUR
            assert 0 <= y <= y + height <= HAUTEUR
            for x2, y2, width2, height2 in frames[index + 1 :]:
                assert x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y

    def test_the_frame_of_ile_de_france_hides_no_land(self, geometry):
        left, top, width, height = LOUPE.boite
        for code in geometry.topologie.objets["regions"]:
            for ring in polygons_of_path(geometry.d("regions", of(code))):
                assert not any(
                    left <= x <= left + width and top <= y <= top + height for x, y in ring
                ), code

    def test_merged_members_keep_their_area_and_lose_their_common_line(self, geometry):
        together = frozenset(["200067254", "200067262"])  # Pau, and the Haut Béarn beside it
        assert geometry.topologie.voisins(["200067254"]) & together

        def area(codes):
            return sum(abs(aire_signee(r)) for r in polygons_of_path(geometry.d("membres", codes)))

        one, two = (area(of(code)) for code in together)
        assert area(together) == one + two
        lengths = [len(geometry.d("membres", of(code))) for code in together]
        assert len(geometry.d("membres", together)) < sum(lengths)

    def test_members_of_ile_de_france_are_drawn_twice_others_once(self, geometry):
        assert geometry.d("membres", of(GRAND_ORLY), ENSEMBLE, loupe=True)
        assert not geometry.d("membres", of(CAP_EXCELLENCE), ENSEMBLE, loupe=True)
        left, top, width, height = LOUPE.boite
        [ring] = polygons_of_path(geometry.d("membres", of(GRAND_ORLY), DETAIL, loupe=True))
        assert all(left < x < left + width and top < y < top + height for x, y in ring)

    def test_the_centre_of_a_member_lies_in_its_box(self, geometry):
        for code in geometry.topologie.objets["membres"]:
            box, (x, y) = geometry.boite("membres", of(code)), geometry.centre("membres", of(code))
            assert box.x <= x <= box.droite
            assert box.y <= y <= box.bas

    def test_a_box_over_two_frames_is_refused(self, geometry):
        with pytest.raises(ValueError, match="2 cadres"):
            geometry.boite("membres", frozenset([CAP_EXCELLENCE, GRAND_ORLY]))

    def test_an_unknown_member_is_an_error(self, geometry):
        with pytest.raises(KeyError, match="000000000"):
            geometry.d("membres", of("000000000"))


class TestTopologie:
    def test_neighbours_share_a_line(self, geometry):
        assert geometry.topologie.voisins([GRAND_ORLY]) == {
            "200054781",  # Métropole du Grand Paris
            "200056232",  # Paris-Saclay
            "200057941",  # Paris-Est-Marne et Bois
            "200057966",  # Vallée Sud Grand Paris
            "200058006",  # Grand Paris Sud Est Avenir
            "200057859",  # Cœur d'Essonne
            "200058477",  # Val d'Yerres Val de Seine
            "200059228",  # Grand Paris Sud
        }
        for code in geometry.topologie.voisins([GRAND_ORLY]):
            assert GRAND_ORLY in geometry.topologie.voisins([code])

    def test_geojson_is_closed_oriented_and_holds_the_point(self, geometry):
        for code in ("248400251", GRAND_ORLY, CAP_EXCELLENCE):
            shape = geometry.topologie.multipolygone("membres", [code])
            assert shape["type"] == "MultiPolygon"
            for exterior, *holes in shape["coordinates"]:
                assert exterior[0] == exterior[-1]
                assert aire_signee(exterior[:-1]) > 0
                assert all(aire_signee(hole[:-1]) < 0 for hole in holes)

    def test_every_region_has_as_many_exteriors_as_in_the_source(self, geometry):
        for code, source in geometry.topologie.objets["regions"].items():
            shape = geometry.topologie.multipolygone("regions", [code])
            polygons = source["arcs"] if source["type"] == "MultiPolygon" else [source["arcs"]]
            assert len(shape["coordinates"]) == len(polygons), code
            assert sorted(map(len, shape["coordinates"])) == sorted(map(len, polygons)), code

    def test_gaps_are_holes_without_anybody_not_enclaves(self, geometry):
        gaps = [geometry.topologie.contour(ring) for ring in geometry.topologie.vides]
        hesdin, valreas = (2.0369, 50.3736), (4.9907, 44.3841)  # no outline; in another région
        assert any(contient(ring, hesdin) for ring in gaps)
        assert not any(contient(ring, valreas) for ring in gaps)

    def test_departements_merge_into_their_region(self, geometry):
        departements = geometry.topologie.objets["departements"]
        inside = [k for k, g in departements.items() if g["properties"]["region"] == "84"]
        merged = geometry.topologie.multipolygone("departements", inside)["coordinates"]
        region = geometry.topologie.multipolygone("regions", ["84"])["coordinates"]

        def area(polygons):
            return sum(aire_signee(ring[:-1]) for polygon in polygons for ring in polygon)

        assert area(merged) == pytest.approx(area(region))

    def test_topojson_extract_decodes_to_the_same_shape(self, geometry):
        source = geometry.topologie
        codes = [GRAND_ORLY, "200056232"]
        extract = source.extrait(
            {
                "territoires": [(codes, {"code": "ti-1104"})],
                "membres": [([code], {"id": code}) for code in codes],
            }
        )
        assert len(extract["arcs"]) < 40
        assert extract["objects"]["territoires"]["geometries"][0]["properties"] == {
            "code": "ti-1104"
        }
        again = type(source)(
            {
                **extract,
                "objects": {
                    "regions": {"geometries": []},
                    "departements": {"geometries": []},
                    "membres": extract["objects"]["membres"],
                },
            }
        )
        assert again.multipolygone("membres", codes) == source.multipolygone("membres", codes)


class TestValidity:
    """As an independent reader of simple features (OGC) judges what is served."""

    @pytest.mark.parametrize("couche", COUCHES)
    def test_every_outline_is_valid_and_turns_as_geojson_asks(self, geometry, couche):
        for code in geometry.topologie.objets[couche]:
            self.assert_valid(geometry.topologie.multipolygone(couche, [code]), code)

    def test_every_territory_is_valid_at_every_date(self, geometry):
        with (settings.FIXTURES_ROOT / "rattachements.csv").open(encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
        days = sorted({row["debut"] for row in rows} | {row["fin"] for row in rows if row["fin"]})
        unions = set()
        for day in days:
            members = defaultdict(set)
            for row in rows:
                if row["debut"] <= day and not (row["fin"] and row["fin"] <= day):
                    members[row["territoire"]].add(row["intercommunalite"] or row["commune"])
            unions |= {frozenset(codes) for codes in members.values()}
        assert len(unions) > 150
        for codes in unions:
            self.assert_valid(geometry.topologie.multipolygone("membres", codes), codes)

    @staticmethod
    def assert_valid(geojson, whose):
        shape = shapely.geometry.shape(geojson)
        assert shape.is_valid, (whose, shapely.is_valid_reason(shape))
        assert shape.area > 0
        for polygon in shape.geoms:
            assert polygon.exterior.is_ccw
            assert not any(hole.is_ccw for hole in polygon.interiors)

    def test_a_hole_is_in_the_polygon_around_it_not_in_the_island_inside(self):
        """An island in a lake that touches the shore."""
        land = [[0, 0], [10, 0], [0, 10], [-10, 0], [0, -10]]
        lake = [[2, 5], [0, 3], [3, 0], [0, -3], [-3, 0]]
        island = [[5, 6], [-1, 1], [-1, -1], [2, 0]]
        topology = Topologie(
            {
                "transform": {"scale": [1, 1], "translate": [0, 0]},
                "arcs": [land, lake, island],
                "objects": {
                    "regions": {"geometries": []},
                    "departements": {"geometries": []},
                    "membres": {
                        "geometries": [
                            {
                                "type": "MultiPolygon",
                                "arcs": [[[0], [1]], [[2]]],
                                "properties": {"id": "x"},
                            }
                        ]
                    },
                },
            }
        )
        self.assert_valid(topology.multipolygone("membres", ["x"]), "x")


class TestPlanar:
    def test_what_crosses_loses_the_vertex_that_makes_it_cross(self):
        line, other = [(0, 0), (50, 0), (100, 0)], [(0, 10), (48, -2), (100, 10)]
        assert demele([line, other]) in (
            [line, [(0, 10), (100, 10)]],
            [[(0, 0), (100, 0)], [(0, 10), (100, 10)]],
        )

    def test_a_spike_and_a_repeated_point_go(self):
        assert demele([[(0, 0), (0, 0), (5, 0), (9, 3), (5, 0), (20, 1)]]) == [
            [(0, 0), (5, 0), (20, 1)]
        ]

    def test_a_loop_of_a_line_over_itself_is_undone(self):
        [line] = demele([[(0, 0), (6, 0), (8, 3), (5, 2), (5, -2), (12, -2)]])
        assert (line[0], line[-1]) == ((0, 0), (12, -2))
        assert shapely.LineString(line).is_simple

    def test_a_line_that_passes_over_an_end_takes_it_as_a_vertex(self):
        assert demele([[(0, 0), (10, 0)], [(5, 0), (5, 7)]]) == [
            [(0, 0), (5, 0), (10, 0)],
            [(5, 0), (5, 7)],
        ]

    def test_a_knot_that_cannot_be_undone_is_refused(self):
        with pytest.raises(ValueError, match="se croisent encore"):
            demele([[(0, 0), (10, 10)], [(0, 10), (10, 0)]])

    def test_a_point_met_twice_becomes_a_node(self):
        pieces = coupe([[(0, 0), (5, 5), (9, 0)], [(0, 9), (5, 5), (9, 9)]])
        assert pieces == [
            [[(0, 0), (5, 5)], [(5, 5), (9, 0)]],
            [[(0, 9), (5, 5)], [(5, 5), (9, 9)]],
        ]

    def test_an_outline_that_touches_itself_becomes_two_rings(self):
        """A figure of eight, of two squares that share a corner: two polygons."""
        eight = [[0, 0], [5, 0], [0, 5], [5, 0], [0, 5], [-5, 0], [0, -5], [-5, 0], [0, -5]]
        geometry = {"type": "Polygon", "arcs": [[0]], "properties": {"id": "x"}}
        empty = {"geometries": []}
        found = planaire(
            {
                "transform": {"scale": [1, 1], "translate": [0, 0]},
                "arcs": [eight],
                "objects": {
                    "regions": empty,
                    "departements": empty,
                    "membres": {"geometries": [geometry]},
                },
            }
        )
        shape = shapely.geometry.shape(Topologie(found).multipolygone("membres", ["x"]))
        assert shape.is_valid
        assert [polygon.area for polygon in shape.geoms] == [25, 25]


class TestConstruction:
    def test_stored_drawing_is_that_of_the_stored_outlines(self):
        folder = settings.FIXTURES_ROOT / "geo"
        topojson = json.loads((folder / "contours.topojson").read_text(encoding="utf-8"))
        stored = json.loads((folder / "dessin.json").read_text(encoding="utf-8"))
        assert "Licence Ouverte 2.0" in stored.pop("attribution")
        assert "Licence Ouverte 2.0" in topojson["attribution"]
        assert construire(topojson) == stored
        towns = json.loads((folder / "villes.json").read_text(encoding="utf-8"))
        assert "Licence Ouverte" in towns.pop("attribution")
        assert towns == {"villes": placer(communes())}

    def test_a_town_needs_a_place_and_inhabitants(self):
        known = [("Bourg", 3_000, 0.62, 48.76), ("Ville", 9_000, 2.32, 48.86)]
        rows = [*known, ("Hameau", 2_999, 0.62, 48.76), ("Nulle part", 9_000, -40, 0)]
        assert [nom for nom, *_ in placer(rows)] == ["Ville", "Bourg"]

    def test_every_member_of_the_map_has_an_outline(self, geometry):
        lines = (settings.FIXTURES_ROOT / "geo").parent.glob("**/rattachements.csv")
        codes = {
            row.split(",")[1] or row.split(",")[2]
            for path in lines
            for row in path.read_text(encoding="utf-8").splitlines()[1:]
        }
        assert codes <= geometry.topologie.objets["membres"].keys()

    def test_simplifying_keeps_ends_and_triangles(self):
        line = [(0, 0), (1, 0.1), (2, 0), (3, 5), (4, 0)]
        assert simplifie(line, 1) == [(0, 0), (2, 0), (3, 5), (4, 0)]
        island = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
        assert len(simplifie(island, 100)) == 4

    def test_the_command_names_the_file_and_what_is_wrong(self, settings, tmp_path):
        settings.FIXTURES_ROOT = tmp_path
        with pytest.raises(CommandError, match="fichier introuvable"):
            call_command("construire_geometrie", tmp_path / "absent.topojson")
        (tmp_path / "liste.topojson").write_text('{"arcs": []}', encoding="utf-8")
        with pytest.raises(CommandError, match=r"il manque \['objects', 'transform'\]"):
            call_command("construire_geometrie", tmp_path / "liste.topojson")
        (tmp_path / "texte.topojson").write_text("bonjour", encoding="utf-8")
        with pytest.raises(CommandError, match="ce n’est pas du JSON"):
            call_command("construire_geometrie", tmp_path / "texte.topojson")
        assert not (tmp_path / "geo").exists()
