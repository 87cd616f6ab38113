"""The picture of a citation for social networks: 1 200 × 630, value, source and date inside."""

from functools import cache
from io import BytesIO
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from programme.catalogue.citer.textes import ligne
from territoires.dates import date_in_words

TAILLE = LARGEUR, HAUTEUR = 1200, 630
MARGE = 72
FOND, ENCRE, SECOND, ACCENT, TRAIT = "#ffffff", "#161616", "#4a4a4a", "#000091", "#dddddd"
"""Each text at 8.8 to 1 on the ground, or more."""
POLICE = Path("static/fonts/figtree-latin.woff2")
"""Figtree (SIL Open Font License 1.1, `static/fonts/figtree-OFL.txt`), kept in the repository."""
NORMAL, GRAS = 400, 700
POINTS = "…"


@cache
def _bytes():
    return (settings.BASE_DIR / POLICE).read_bytes()


def _font(size, weight):
    # The plain layout: it refuses no text, and draws the same wherever the portal is served.
    font = ImageFont.truetype(BytesIO(_bytes()), size, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([weight])
    return font


def dessiner(enonces):
    """The PNG of an `Enonces`, as bytes."""
    image = Image.new("RGB", TAILLE, FOND)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 16, HAUTEUR), fill=ACCENT)
    y = _paragraph(draw, MARGE, enonces.lecture.titre, _font(34, NORMAL), SECOND, lines=2)
    if enonces.citable.est_un_graphique:
        _paragraph(draw, y + 16, enonces.valeur, _font(52, GRAS), ACCENT, lines=4)
    else:
        y = _value(draw, y + 12, enonces.valeur)
        y = _paragraph(draw, y + 16, enonces.nom, _font(40, GRAS), ENCRE, lines=1)
        _paragraph(draw, y + 6, enonces.retenus, _font(30, NORMAL), SECOND, lines=1)
    _foot(draw, enonces)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _value(draw, y, text):
    """In the largest letters that hold on one line."""
    size = next(
        size
        for size in range(140, 30, -4)
        if size == 32 or draw.textlength(_drawn(text), _font(size, GRAS)) <= LARGEUR - 2 * MARGE
    )
    return _paragraph(draw, y, text, _font(size, GRAS), ACCENT, lines=1)


def _foot(draw, enonces):
    top = HAUTEUR - 182
    draw.line((MARGE, top, LARGEUR - MARGE, top), fill=TRAIT, width=2)
    day = date_in_words(enonces.jour)
    sources = " ; ".join(enonces.sources) or "non renseignée"
    y = _paragraph(draw, top + 14, f"Source : {sources}", _font(24, NORMAL), SECOND, lines=2)
    y = _paragraph(draw, y + 2, f"{settings.SITE['nom']}, {day}", _font(26, GRAS), ENCRE, lines=1)
    _paragraph(draw, y + 2, enonces.adresse, _font(24, NORMAL), SECOND, lines=1)


def _paragraph(draw, y, text, font, fill, *, lines):
    """Draw `text` from `y` in so many lines at most, cut with « … »; where the next one begins."""
    step = round(font.size * 1.25)
    for line in _lines(draw, _drawn(text), font, lines):
        draw.text((MARGE, y), line, font=font, fill=fill)
        y += step
    return y


def _lines(draw, text, font, most):
    width = LARGEUR - 2 * MARGE
    words, found = text.split(" "), []
    while words and len(found) < most:
        line = words.pop(0)
        while words and draw.textlength(f"{line} {words[0]}", font) <= width:
            line += f" {words.pop(0)}"
        found.append(line)
    if found and (words or draw.textlength(found[-1], font) > width):
        found[-1] = _cut(draw, found[-1], font, width)
    return found


def _cut(draw, line, font, width):
    while line and draw.textlength(line + POINTS, font) > width:
        line = line[:-1]
    return line.rstrip() + POINTS


def _drawn(text):
    """One line of characters that the font has: another one is a question mark."""
    return "".join(char if char in _known() or char == " " else "?" for char in ligne(text))


@cache
def _known():
    """The characters of the font, among those that a text of ours may hold."""
    font = _font(20, NORMAL)
    absent = bytes(font.getmask("\N{SNOWMAN}"))
    candidates = [
        chr(code)
        for code in (*range(33, 127), *range(0xA1, 0x250), *range(0x2010, 0x2040), 0x20AC, 0x2212)
    ]
    return {char for char in candidates if bytes(font.getmask(char)) != absent} | {
        "\N{NO-BREAK SPACE}",
        "\N{NARROW NO-BREAK SPACE}",
    }
