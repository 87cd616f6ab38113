"""The text layer of a PDF, as its pages draw it: read to find a word in it, not to show it.

Letters are those of the alphabet of their font, which says what each stands for (ToUnicode). Fonts
are not told apart: every string is read in each of the alphabets. What is drawn as a picture, or
encrypted, does not read.
"""

import re
import zlib

FLUX = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
PAIRES = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
SUITES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
HEXA = rb"<([0-9A-Fa-f\s]*)>"
PAIRE = re.compile(HEXA + rb"\s*" + HEXA)
SUITE = re.compile(HEXA + rb"\s*" + HEXA + rb"\s*(?:" + HEXA + rb"|\[(.*?)\])", re.DOTALL)
DESSINE = re.compile(
    rb"\((?P<texte>(?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*)\)|" + HEXA + rb"(?!>)"
    rb"|(?P<ecart>-?\d+(?:\.\d+)?)(?=\s*[(<\]])|(?P<fin>\bT[dDmJj*]|\bET\b|['\"])",
    re.DOTALL,
)
ECHAPPE = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
SIGNES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
BLANC = -150
"""Thousandths of the size of letters, moved back by so much or more: a space between two words."""
ALPHABETS, SUITE_AU_PLUS = 60, 70_000


def textes(content, limit):
    """Each way to read the text of a PDF; `limit`: bytes read once decompressed."""
    parts = [content, *_flux(content, limit)]
    alphabets = [alphabet for part in parts if (alphabet := _alphabet(part))][:ALPHABETS]
    for part in parts:
        if not re.search(rb"T[jJ]\b|['\"]", part):
            continue
        pieces = list(_morceaux(part))
        for lire in (_latin, *(_en(alphabet) for alphabet in alphabets)):
            told = [piece if isinstance(piece, str) else lire(piece) for piece in pieces]
            yield "".join(told)
            # A word may be drawn letter by letter.
            yield "".join(piece for piece in told if piece != " ")


def _flux(content, room):
    for found in FLUX.finditer(content):
        try:
            part = zlib.decompressobj().decompress(found[1], room)
        except zlib.error:
            continue
        room -= len(part)
        yield part
        if room <= 0:
            return


def _octets(hexa):
    hexa = re.sub(rb"\s", b"", hexa)
    return bytes.fromhex((hexa + b"0" * (len(hexa) % 2)).decode())


def _morceaux(part):
    """The strings that a page draws, as bytes, and « " " » between two words, as text."""
    for found in DESSINE.finditer(part):
        if found["ecart"] is not None:
            if float(found["ecart"]) <= BLANC:
                yield " "
        elif found["fin"] is not None:
            yield " "
        elif found["texte"] is not None:
            yield ECHAPPE.sub(_echappe, found["texte"])
        else:
            yield _octets(found[2])


def _echappe(found):
    sign = found[1]
    if sign[:1].isdigit():
        return bytes([int(sign, 8) & 0xFF])
    return b"" if sign.endswith(b"\n") else SIGNES.get(sign, sign)


def _latin(piece):
    return piece.decode("cp1252", errors="replace")


def _alphabet(part):
    """`{code, as bytes: what it stands for}` of a font; empty for any other stream."""
    found = {}
    for block in PAIRES.findall(part):
        for code, told in PAIRE.findall(block):
            found[_octets(code)] = _lu(_octets(told))
    for block in SUITES.findall(part):
        for first, last, start, each in SUITE.findall(block):
            low, high = _octets(first), _octets(last)
            number = int.from_bytes(high) - int.from_bytes(low) + 1
            if not low or not 0 < number <= SUITE_AU_PLUS:
                continue
            codes = [(int.from_bytes(low) + n).to_bytes(len(low)) for n in range(number)]
            if each:
                told = [_lu(_octets(one)) for one in re.findall(HEXA, each)]
            else:
                base = _octets(start)
                told = [_lu((int.from_bytes(base) + n).to_bytes(len(base))) for n in range(number)]
            found |= dict(zip(codes, told, strict=False))
    return found


def _lu(octets):
    return octets.decode("utf-16-be", errors="replace")


def _en(alphabet):
    width = max(map(len, alphabet))

    def lire(piece):
        codes = (piece[at : at + width] for at in range(0, len(piece), width))
        return "".join(alphabet.get(code, "") for code in codes)

    return lire
