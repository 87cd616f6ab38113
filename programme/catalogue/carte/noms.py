"""The names of towns on a drawing of the map: the most populous that fit, for a reader to place.

A size of text is a share of the drawing's width: it is drawn larger on a telephone, where only the
first names have the room.
"""

from dataclasses import dataclass

from territoires.geometrie import Boite, villes

CORPS = 1 / 52
"""The size of the text beside the width of the drawing; on a telephone, `SUR_TELEPHONE` times."""
SUR_TELEPHONE = 1.9
LARGEUR_DE_LETTRE = 0.58  # of the size of the text
NOMBRE, PREMIERS = 18, 7


@dataclass(frozen=True, slots=True)
class Nom:
    """A name, with the point that it names just above its text; `premier` on a telephone too."""

    texte: str
    x: float
    y: float
    premier: bool


def noms_de_villes(largeur: float, unite: int, vue: Boite) -> tuple[float, list[Nom]]:
    """`(size of the text, names)` of the towns seen in `vue`.

    largeur: of the drawing, in its units of `unite` hundreds of metres. One frame of the drawing
    has names: that of the view.
    """
    corps = largeur * CORPS
    seen = [(nom, p) for nom, p in villes() if p.cadre == vue.cadre and _inside(p, vue)]
    placed, names, grand = [], [], corps * SUR_TELEPHONE
    for nom, position in seen:
        x, y = position.x / unite, position.y / unite
        premier = len(names) < PREMIERS
        place = _box(nom, x, y, grand if premier else corps)
        if _out(place, vue, unite) or any(_meet(place, other) for other in placed):
            continue
        placed.append(place)
        names.append(Nom(nom, round(x, 1), round(y, 1), premier))
        if len(names) == NOMBRE:
            break
    return round(corps, 1), names


def _inside(position, vue):
    return vue.x <= position.x <= vue.droite and vue.y <= position.y <= vue.bas


def _box(nom, x, y, corps):
    """`(left, top, right, bottom)` of the dot and of its text, which is centred under it."""
    half = len(nom) * corps * LARGEUR_DE_LETTRE / 2
    return x - half, y - corps / 2, x + half, y + 1.5 * corps


def _out(box, vue, unite):
    left, top, right, bottom = box
    return (
        left < vue.x / unite
        or right > vue.droite / unite
        or top < vue.y / unite
        or bottom > vue.bas / unite
    )


def _meet(box, other):
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
