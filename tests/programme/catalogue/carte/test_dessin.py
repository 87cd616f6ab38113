"""The drawing of the map: what it holds, its weight, what it says without colour."""

import gzip
import re
import xml.etree.ElementTree as ET

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from programme.catalogue.carte import Aplat, Repere, dessin_ensemble, dessin_proche
from programme.catalogue.carte.themes import AVANCEMENT, PRESENCES, TRANCHES
from territoires.geometrie import trace

GRAND_ORLY, SACLAY = "200058014", "200056232"
CAP_EXCELLENCE, PAU = "200018653", "200067254"
CSS = (settings.BASE_DIR / "static/css/carte.css").read_text(encoding="utf-8")
THEMES = {
    name: "".join(
        (settings.BASE_DIR / f"static/css/{sheet}.css").read_text(encoding="utf-8")
        for sheet in ("theme", f"theme-{name}")
    )
    for name in ("neutre", "etat")
}


def aplat(*membres, classe="carte-n2", titre="Territoire", url="/territoires/essai/"):
    return Aplat("ti-0000", titre, classe, frozenset(membres), url)


def drawn(dessin, **kwargs):
    """The SVG element of the rendered partial."""
    context = {"dessin": dessin, "id": "carte", "titre": "Carte", "description": "Voir le tableau."}
    html = render_to_string("partials/carte.html", context | kwargs)
    return ET.fromstring(re.search(r"<svg.*</svg>", html, re.DOTALL).group())


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palette(sheet, night):
    """The colours of the map in a theme, {name: "#rrggbb"}, by day or by night."""
    declared = dict(re.findall(r"^  (--[\w-]+): (.+);", sheet, re.MULTILINE))

    def resolved(value):
        if found := re.fullmatch(r"var\((--[\w-]+)\)", value):
            return resolved(declared[found[1]])
        return wide(re.fullmatch(r"light-dark\((#\w+), (#\w+)\)", value)[2 if night else 1])

    prefix = "--carte-"
    return {
        name.removeprefix(prefix): resolved(value)
        for name, value in declared.items()
        if name.startswith(prefix)
    }


def wide(value):
    return value if len(value) == 7 else "#" + "".join(2 * digit for digit in value[1:])


PALETTES = [palette(sheet, night) for sheet in THEMES.values() for night in (False, True)]


class TestEnsemble:
    def test_weighs_less_than_65_kb_compressed_with_every_member_apart(self):
        # Those of the last list: an EPT and its metropolis are never both on it.
        path = settings.FIXTURES_ROOT / "rattachements.csv"
        lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
        members = [siren or commune for code, siren, commune, *_ in lines if "ti2" in code]
        dessin = dessin_ensemble(aplat(code, titre=f"Membre {code}") for code in members)
        html = render_to_string(
            "partials/carte.html",
            {"dessin": dessin, "id": "carte", "titre": "Carte", "description": ""},
        )
        assert len(gzip.compress(html.encode(), 6)) < 65_000

    def test_a_shape_is_a_link_with_a_name(self):
        svg = drawn(dessin_ensemble([aplat(PAU, titre="Lacq-Pau-Tarbes : contrat signé")]))
        [link] = svg.iter("a")
        assert link.get("href") == "/territoires/essai/"
        assert link.find("title").text == "Lacq-Pau-Tarbes : contrat signé"
        assert link.find("path").get("class") == "carte-n2"

    def test_ile_de_france_is_drawn_twice_under_one_link(self):
        dessin = dessin_ensemble([aplat(GRAND_ORLY), aplat(PAU)])
        orly, pau = dessin.formes
        assert orly.d
        assert orly.d_loupe
        assert orly.d != orly.d_loupe
        assert not pau.d_loupe
        assert len(list(drawn(dessin).iter("a"))) == 2

    def test_frames_are_named(self):
        labels = drawn(dessin_ensemble([])).iterfind(".//text[@class='carte-encadre-nom']")
        texts = ["".join(t.itertext()).strip() for t in labels]
        assert texts == [
            "Île-de-France × 2",
            "Guadeloupe",
            "Martinique",
            "Guyane",
            "La Réunion",
            "Mayotte",
        ]

    def test_a_member_without_known_outline_is_said_not_forgotten(self):
        dessin = dessin_ensemble([aplat("999999999", titre="Pays neuf"), aplat(PAU, "999999999")])
        assert len(dessin.formes) == 1
        assert dessin.sans_contour == ["Pays neuf"]
        context = {"dessin": dessin, "id": "c", "titre": "Carte", "description": ""}
        html = render_to_string("partials/carte.html", context)
        assert "Contour inconnu, absent du dessin : Pays neuf." in html

    def test_numbers_are_not_written_the_french_way(self):
        svg = drawn(dessin_ensemble([], [Repere(2.35, 48.85, "Forge", "Paris")]))
        assert re.fullmatch(r"0 0 \d+ \d+", svg.get("viewBox"))
        for circle in svg.iter("circle"):
            assert all(re.fullmatch(r"[\d.]+", circle.get(key)) for key in ("cx", "cy", "r") if
                       circle.get("class") == "carte-point")  # fmt: skip

    def test_no_inline_style_and_no_script(self):
        svg = drawn(dessin_ensemble([aplat(PAU)]))
        for element in svg.iter():
            assert "style" not in element.attrib
            assert not any(name.startswith("on") for name in element.attrib)


class TestProche:
    def test_view_holds_the_members_and_keeps_one_shape(self):
        for members in ([PAU], [GRAND_ORLY], [CAP_EXCELLENCE], [PAU, "200067106", "200069417"]):
            dessin = dessin_proche([aplat(code) for code in members])
            x, y, width, height = map(int, dessin.viewbox.split())
            box = trace().boite("membres", frozenset(members))
            assert x < box.x < box.droite < x + width
            assert y < box.y < box.bas < y + height
            assert width / height == pytest.approx(4 / 3, rel=0.02)

    def test_neighbours_in_sight_only_and_under_the_shapes(self):
        far = aplat(PAU, titre="Loin")
        near = aplat(SACLAY, titre="Voisin")
        dessin = dessin_proche([aplat(GRAND_ORLY, titre="Ici")], voisins=[far, near])
        assert [forme.titre for forme in dessin.formes] == ["Voisin", "Ici"]

    def test_a_large_view_is_drawn_coarser(self):
        dessin = dessin_proche([], contour=("regions", frozenset(["75"])))
        *_, height = map(int, dessin.viewbox.split())
        box = trace().boite("regions", frozenset(["75"]))
        assert height * trace().pas_ensemble > box.hauteur > height
        assert dessin.contour.startswith("M")

    def test_weighs_little(self):
        neighbours = [aplat(code) for code in trace().topologie.objets["membres"]]
        svg = drawn(dessin_proche([aplat(PAU)], voisins=neighbours))
        assert len(gzip.compress(ET.tostring(svg))) < 12_000

    def test_nothing_to_draw_is_none(self):
        assert dessin_proche([]) is None
        assert dessin_proche([aplat("999999999")]) is None


class TestPoints:
    def test_a_point_alone_is_a_link_to_it(self):
        repere = Repere(-0.3708, 43.2951, "Febus Optics", "Pau", "/projets/febus/")
        [point] = dessin_proche([aplat(PAU)], reperes=[repere]).points
        assert (point.nombre, point.titre, point.url) == (
            1,
            "Pau : Febus Optics",
            "/projets/febus/",
        )

    def test_points_at_one_place_are_one_circle_with_their_number(self):
        reperes = [Repere(-0.3708, 43.2951, name, "Pau", "/p/") for name in ("Febus", "Tarmac")]
        dessin = dessin_proche([aplat(PAU)], reperes=reperes)
        [point] = dessin.points
        assert (point.nombre, point.titre, point.url) == (2, "Pau : 2 projets", "")
        [text] = drawn(dessin).iterfind(".//text[@class='carte-nombre']")
        assert text.text == "2"

    def test_a_cluster_names_its_communes_briefly(self):
        lieux = ["Pau", "Lons", "Billère", "Jurançon", "Gan"]
        [point] = dessin_ensemble([], [Repere(-0.37, 43.29, "Forge", nom) for nom in lieux]).points
        assert point.titre == "Pau, Lons, Billère et 2 autres lieux : 5 projets"

    def test_points_outside_the_drawing_are_left_out(self):
        noumea = Repere(166.45, -22.27, "Mine", "Nouméa")
        paris = Repere(2.3522, 48.8566, "Forge", "Paris")
        assert dessin_ensemble([], [noumea]).points == []
        assert len(dessin_ensemble([], [paris]).points) == 2  # in place and enlarged
        assert dessin_proche([aplat(CAP_EXCELLENCE)], reperes=[paris]).points == []


class TestContraste:
    def test_three_themes(self):
        assert len(PALETTES) == 4

    @pytest.mark.parametrize("colours", PALETTES, ids=["clair", "sombre", "etat", "etat sombre"])
    def test_the_three_fills_are_told_apart_without_colour(self, colours):
        assert contrast(colours["fond"], colours["moyen"]) >= 3
        assert contrast(colours["moyen"], colours["fonce"]) >= 3

    @pytest.mark.parametrize("colours", PALETTES, ids=["clair", "sombre", "etat", "etat sombre"])
    def test_outlines_and_points_stand_out_of_the_land(self, colours):
        for name in ("trait", "cadre", "rouge", "fonce", "vert", "encre"):
            assert contrast(colours[name], colours["terre"]) >= 3, name

    def test_every_class_of_the_themes_has_its_own_fill(self):
        themes = ([c for c, _ in AVANCEMENT.values()], [c for _, c, _ in TRANCHES],
                  [c for c, _ in PRESENCES.values()])  # fmt: skip
        fills = {}
        for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", CSS):
            for classe in re.findall(r"\.carte-formes \.([\w-]+)", selectors):
                if found := re.search(r"fill: ([^;]+);", body):
                    fills[classe] = found.group(1)
        assert "carte-n0" not in fills  # the plain outline, as for any shape
        for classes in themes:
            used = [fills.get(classe) for classe in classes]
            assert len(set(used)) == len(classes)

    def test_every_pattern_of_the_stylesheet_is_drawn(self):
        ids = {p.get("id") for p in drawn(dessin_ensemble([])).iter("pattern")}
        assert set(re.findall(r'url\("#([\w-]+)"\)', CSS)) == ids
