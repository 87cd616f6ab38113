"""The names of towns on a drawing: the most populous that fit, none over another."""

from itertools import combinations

import pytest

from programme.catalogue.carte import Aplat, dessin_ensemble, dessin_proche, noms
from territoires.geometrie import Position, villes

from .test_dessin import PAU, drawn

PARIS, LYON = (
    ("Paris", Position(6_516, 2_420, "metropole")),
    ("Lyon", Position(8_500, 5_900, "metropole")),
)


@pytest.fixture
def towns(monkeypatch):
    """Says which towns there are, the most populous first."""
    return lambda *known: monkeypatch.setattr(noms, "villes", lambda: list(known))


def texts(dessin):
    return [nom.texte for nom in dessin.noms]


def around_pau():
    return dessin_proche([Aplat("ti-1", "Pau", "carte-ici", frozenset([PAU]))])


def boxes(dessin):
    """What each name takes, those of a telephone at the size that they have there."""
    for nom in dessin.noms:
        corps = dessin.corps * (noms.SUR_TELEPHONE if nom.premier else 1)
        half = len(nom.texte) * corps * noms.LARGEUR_DE_LETTRE / 2
        yield nom.x - half, nom.y - corps / 2, nom.x + half, nom.y + 1.5 * corps


def test_the_most_populous_are_named_where_they_are(towns):
    towns(PARIS, LYON)
    dessin = dessin_ensemble([])
    assert texts(dessin) == ["Paris", "Lyon"]
    paris, lyon = dessin.noms
    assert (paris.x < lyon.x, paris.y < lyon.y) == (True, True)


def test_a_town_beside_a_larger_one_has_no_room(towns):
    towns(PARIS, ("Boulogne-Billancourt", Position(6_480, 2_430, "metropole")))
    assert texts(dessin_ensemble([])) == ["Paris"]


def test_a_town_of_another_frame_or_cut_by_the_edge_is_not_named(towns):
    towns(
        ("Mamoudzou", Position(11_000, 11_500, "mayotte")),
        ("Brest", Position(10, 3_000, "metropole")),
    )
    dessin = dessin_ensemble([])
    assert texts(dessin) == []
    assert drawn(dessin).find(".//g[@class='carte-noms']") is not None


def test_a_name_is_escaped_and_is_not_read_aloud(towns):
    towns(("<b>&Paris", PARIS[1]))
    group = drawn(dessin_ensemble([])).find(".//g[@class='carte-noms']")
    assert group.get("aria-hidden") == "true"
    assert group.find("text").text == "<b>&Paris"


def test_a_near_drawing_names_what_is_in_sight():
    assert texts(around_pau())[0] == "Pau"


@pytest.mark.parametrize("dessin", [dessin_ensemble([]), around_pau()], ids=["ensemble", "proche"])
def test_no_name_lies_over_another_nor_out_of_the_drawing(dessin):
    x, y, width, height = map(float, dessin.viewbox.split())
    assert noms.PREMIERS < len(dessin.noms) <= noms.NOMBRE
    assert sum(nom.premier for nom in dessin.noms) == noms.PREMIERS
    for left, top, right, bottom in boxes(dessin):
        assert x - 1 <= left < right <= x + width + 1
        assert y - 1 <= top < bottom <= y + height + 1
    for one, other in combinations(boxes(dessin), 2):
        beside = one[2] <= other[0] + 1 or other[2] <= one[0] + 1
        assert beside or one[3] <= other[1] + 1 or other[3] <= one[1] + 1


def test_the_largest_towns_of_france_come_first():
    assert [nom for nom, _ in villes()[:3]] == ["Paris", "Marseille", "Lyon"]
