"""Bytes become the text that was written, or a refusal: never another text without a word."""

import csv
import random
from pathlib import Path

import pytest
from django.conf import settings

from territoires.lecture.tables.encodage import damage, decode
from territoires.lecture.tables.tableau import FichierRefuse

PHRASE = "Hausse de capacité d’un fabricant de bâtiments en bois lamellé-collé, à Brécey"
CODECS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
    "iso8859-15": "Windows-1252",  # the same bytes, here
    "mac_roman": "Mac Roman",
    "cp850": "CP850",
}


@pytest.fixture(scope="module")
def real_texts():
    """Texts of the public data that are not ASCII, in the order of the files."""
    found = {}
    for path in sorted((Path(settings.BASE_DIR) / "fixtures").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.reader(file):
                found |= {cell: None for cell in row if not cell.isascii()}
    return list(found)


def decoded(contenu):
    try:
        return decode(contenu)[0]
    except FichierRefuse:
        return None


@pytest.mark.parametrize(("codec", "name"), CODECS.items())
def test_the_encodings_of_spreadsheets_are_read_and_named(codec, name):
    text = PHRASE if codec not in {"cp850", "iso8859-15"} else PHRASE.replace("’", "'")
    read, called = decode(text.encode(codec))
    assert (read, called.startswith(name)) == (text, True)


def test_the_euro_of_linux_is_not_a_sign_of_windows():
    text = "code;objet\r\nfai-0003;Aide de 10 000 € à l'œuvre\r\n"
    assert decode(text.encode("iso8859-15"))[0] == text


@pytest.mark.parametrize("codec", ["cp1252", "mac_roman", "cp850", "iso8859-15"])
def test_real_texts_are_read_right_or_refused(real_texts, codec):
    chance = random.Random(7)
    read = refused = 0
    for _ in range(150):
        text = "\r\n".join(chance.sample(real_texts, 6)).replace("’", "'")
        try:
            contenu = text.encode(codec)
        except UnicodeEncodeError:
            continue
        found = decoded(contenu)
        assert found in {text, None}
        read, refused = read + (found is not None), refused + (found is None)
    assert read > 20 * refused


def test_a_damaged_utf8_file_is_never_read_in_another_encoding(real_texts):
    chance = random.Random(7)
    for _ in range(300):
        text = "\n".join([PHRASE, *chance.sample(real_texts, 2)])
        contenu = text.encode()
        inside = [rank for rank, byte in enumerate(contenu) if byte & 0xC0 == 0x80]
        place = chance.choice(inside)
        stray = bytes([chance.randrange(128, 256)])
        damaged = chance.choice(
            [
                contenu[:place],  # cut in a character
                contenu[:place] + contenu[place + 1 :],
                contenu + b"\n" + PHRASE.encode("cp1252"),
                contenu + stray,
            ]
        )
        assert decoded(damaged) is None


@pytest.mark.parametrize("contenu", [b"caf\xc3", b"capacit\xa9", b"voil\xa0 tout", b"l\xe2\x80"])
def test_one_byte_alone_proves_no_encoding(contenu):
    assert decoded(contenu) is None


def test_the_line_of_the_damage_is_told():
    contenu = "code;objet\r\na;é\r\nb;".encode() + b"\xe9t\xe9\r\n"
    with pytest.raises(FichierRefuse, match="Ligne 3 : le fichier est en UTF-8, mais"):
        decode(contenu)


@pytest.mark.parametrize(
    "text",
    [
        "capacit\ufffd",
        "capacitÃ©",
        "l‚Äôusine",
        "lâ€™usine",
        "d├®veloppement",
        "Ã  Brécey",
        "10Â\xa0000",
        "bÈtiment",
        "capacit‚ d'un",
        "b?timent",
        "√©tude",
    ],
)
def test_damaged_texts_are_seen(text):
    assert "encodage" in damage(text)


@pytest.mark.parametrize(
    "text",
    ["Où ? Ici.", "https://exemple.fr/?q=été&p=2", "ÉLÉGANCE", "Aÿ", "São Paulo", "GéoÉnergie", ""],
)
def test_sound_texts_are_left_alone(text):
    assert damage(text) == ""


def test_the_public_data_hold_no_damaged_text(real_texts):
    assert [text for text in real_texts if damage(text)] == []
