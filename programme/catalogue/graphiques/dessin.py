"""Drawing: x in % of the width, y in px, no viewBox, so that words keep their size at any width.

A mark is `(element, attributes, text)`; its class says how it is drawn, and the style sheet does
it. A file, which has no style sheet, is given the colours of day as attributes.
"""

from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

LIGNE = 16
"""Height of a line of words, px."""
LARGEUR_IMAGE = 720
SIGNES_IMAGE = 84
"""How many letters a line of an image holds, at 16 px."""


@dataclass(frozen=True)
class Marque:
    nom: str
    attributs: dict
    texte: str = ""


@dataclass(frozen=True)
class Dessin:
    """Marks in a box `hauteur` px high, as wide as there is room for."""

    hauteur: int
    marques: list


def rectangle(trait, x, largeur, y, hauteur):
    """x, largeur: in %; y, hauteur: in px."""
    return Marque(
        "rect",
        {
            "class": f"g-{trait}",
            "x": _cent(x),
            "width": _cent(largeur),
            "y": _px(y),
            "height": _px(hauteur),
        },
    )


def ligne(classe, x1, y1, x2, y2):
    return Marque(
        "line",
        {"class": classe, "x1": _cent(x1), "y1": _px(y1), "x2": _cent(x2), "y2": _px(y2)},
    )


def point(trait, x, y, rayon):
    return Marque("circle", {"class": f"g-{trait}", "cx": _cent(x), "cy": _px(y), "r": _px(rayon)})


def texte(words, x, y, ancre="start", classe="g-mot"):
    return Marque(
        "text", {"class": classe, "x": _cent(x), "y": _px(y), "text-anchor": ancre}, str(words)
    )


def _cent(value):
    return f"{float(value):.2f}".rstrip("0").rstrip(".") + "%"


def _px(value):
    return f"{float(value):.1f}".rstrip("0").rstrip(".")


def marques(drawn, code, couleurs=None) -> SafeString:
    """The marks as SVG; `couleurs`, {class: attributes}, for what no style sheet reaches."""
    return format_html_join("", "{}", ((_marque(mark, code, couleurs),) for mark in drawn))


def _marque(mark, code, couleurs):
    attributes = dict(mark.attributs)
    if attributes["class"] == "g-inconnu":
        attributes["fill"] = f"url(#hachures-{code})"
    if couleurs is not None:
        attributes = couleurs.get(attributes.pop("class"), {}) | attributes
    written = format_html_join("", ' {}="{}"', attributes.items())
    if mark.nom == "text":
        return format_html("<text{}>{}</text>", written, mark.texte)
    return format_html("<{}{}/>", mark.nom, written)


# --- A file of its own --------------------------------------------------------------------------

_JOUR = {"encre": "#161616", "pale": "#595959", "fond": "#fff", "filet": "#ddd"}
COULEURS = {
    "g-fort": {"fill": "#003b47"},
    "g-moyen": {"fill": "#459aab"},
    "g-pale": {"fill": "#d6e9ec", "stroke": "#459aab"},
    "g-accent": {"fill": "#b34000"},
    "g-vide": {"fill": "#fff", "stroke": "#595959"},
    "g-inconnu": {"stroke": "#666"},
    "g-axe": {"stroke": "#929292"},
    "g-filet": {"stroke": _JOUR["filet"]},
    "g-repere": {"stroke": "#b34000", "stroke-width": "2"},
    "g-renvoi": {"stroke": "#b34000"},
    "g-ligne-fort": {"stroke": "#003b47", "stroke-width": "2.5"},
    "g-ligne-moyen": {"stroke": "#459aab", "stroke-width": "2.5", "stroke-dasharray": "5 4"},
    "g-ligne-accent": {"stroke": "#b34000", "stroke-width": "2.5"},
    "g-mot": {"fill": _JOUR["pale"], "font-size": "12"},
    "g-nombre": {"fill": _JOUR["encre"], "font-size": "13", "font-weight": "700"},
    "g-mot-accent": {"fill": "#b34000", "font-size": "12", "font-weight": "700"},
    "g-titre": {"fill": _JOUR["encre"], "font-size": "18", "font-weight": "700"},
    "g-mesure": {"fill": "#3a3a3a", "font-size": "14"},
}
"""The colours of a file, those of day: what `theme-neutre.css` gives the same classes."""


def image(graphique, pied=""):
    """The chart as a file: it says its title, its measure, its numbers and its last line."""
    drawn, y = [], 28
    for said, classe, signs in (
        (graphique.titre, "g-titre", SIGNES_IMAGE - 10),
        (graphique.mesure, "g-mesure", SIGNES_IMAGE + 12),
    ):
        for line in couper(said, signs):
            drawn.append(texte(line, 0, y, classe=classe))
            y += 22
    y = _legende(graphique, drawn, y)
    body, height = graphique.forme.en_image(graphique)
    inner = format_html(
        '<svg y="{}" width="{}" height="{}" overflow="visible">{}</svg>',
        y,
        LARGEUR_IMAGE - 48,
        height,
        marques(body, graphique.code, COULEURS),
    )
    y += height + 24
    foot = []
    for said in filter(None, (graphique.reserve, pied)):
        for line in couper(said, SIGNES_IMAGE + 26):
            foot.append(texte(line, 0, y))
            y += LIGNE
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" '
        'role="img" aria-label="{titre}" font-family="Figtree, Arial, sans-serif">'
        '<title>{titre}</title><defs>{motif}</defs><rect width="100%" height="100%" fill="#fff"/>'
        '<svg x="24" width="{inner}" height="{h}" overflow="visible">{head}{body}{foot}</svg>'
        "</svg>",
        w=LARGEUR_IMAGE,
        h=y + 8,
        inner=LARGEUR_IMAGE - 48,
        titre=graphique.titre,
        motif=_motif(graphique.code),
        head=marques(drawn, graphique.code, COULEURS),
        body=inner,
        foot=marques(foot, graphique.code, COULEURS),
    )


def _motif(code):
    return format_html(
        '<pattern id="hachures-{}" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" fill="#f6f6f6"/>'
        '<rect width="1.4" height="6" fill="#767676"/></pattern>',
        code,
    )


def _legende(graphique, drawn, y):
    if not graphique.legende:
        return y
    x = 0.0
    for mesure in graphique.legende:
        drawn.append(rectangle(mesure.trait, x, 2.6, y - 10, 11))
        drawn.append(texte(mesure.titre, x + 3.4, y, classe="g-mesure"))
        x += 7 + len(mesure.titre) * 1.15
    return y + 14


def couper(words, signs):
    """Words in lines of `signs` letters at most, none cut; a longer word has its own line."""
    lines = [""]
    for word in str(words).split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > signs:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
