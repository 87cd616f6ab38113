"""A datum is found in the text of a PDF, whatever the alphabet of its fonts."""

import zlib

import pytest

from programme.occultation import fichiers
from programme.occultation.mots import Masque
from tests.programme.occultation.outils import JOUR

NUMERO = "06 12 34 56 78"
ALPHABET = {letter: rank for rank, letter in enumerate("0123456789 CamilertnM", 3)}


def pdf(*streams):
    """A PDF of these streams, compressed."""
    body = b"%PDF-1.4\n"
    for number, stream in enumerate(streams, 1):
        packed = zlib.compress(stream)
        head = f"{number} 0 obj << /Length {len(packed)} /Filter /FlateDecode >>\nstream\n"
        body += head.encode() + packed + b"\nendstream endobj\n"
    return body + b"%%EOF"


def cmap():
    pairs = "".join(f"<{rank:04x}> <{ord(letter):04x}>\n" for letter, rank in ALPHABET.items())
    return f"{len(ALPHABET)} beginbfchar\n{pairs}endbfchar".encode()


def coded(text):
    return "".join(f"{ALPHABET[letter]:04X}" for letter in text).encode()


def holds(content, texte):
    return fichiers.contient(content, Masque(texte, JOUR))


@pytest.mark.parametrize(
    "page",
    [
        b"BT <" + coded(NUMERO) + b"> Tj ET",
        b"BT [<" + coded("06 12 3") + b"> -20 <" + coded("4 56 78") + b">] TJ ET",
        b"BT " + b" ".join(b"<" + coded(sign) + b"> Tj 5 0 Td" for sign in NUMERO) + b" ET",
    ],
)
def test_letters_of_a_font_of_its_own(page):
    assert holds(pdf(cmap(), page), NUMERO) is True


def test_a_range_of_letters():
    ranges = b"1 beginbfrange\n<0010> <0019> <0030>\nendbfrange"
    page = b"BT <" + b"".join(b"00%02x" % (0x10 + int(n)) for n in "0612345678") + b"> Tj ET"
    assert holds(pdf(ranges, page), NUMERO) is True


@pytest.mark.parametrize(
    "page",
    [
        rb"BT (06 12 34 56 78) Tj ET",
        rb"BT [(06 1) 20 (2 34 5) -300 (6 78)] TJ ET",
        rb"BT (\06006\0401234\(56\)78) Tj ET",
    ],
)
def test_letters_as_they_are(page):
    assert holds(pdf(page), NUMERO) is True


def test_a_name_is_found_between_two_moves():
    names = b"BT <" + coded("Camille") + b"> Tj 1 0 Td <" + coded("Martin") + b"> Tj ET"
    assert holds(pdf(cmap(), names), "Camille Martin") is True


@pytest.mark.parametrize(
    "content", [pdf(b"BT (Rien.) Tj ET"), pdf(b"\x00\xff"), b"%PDF-1.4 <zz> Tj"]
)
def test_what_is_not_found_is_not_said_to_be_absent(content):
    assert holds(content, NUMERO) is None
