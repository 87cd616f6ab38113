"""CSV: the separator is that of the first line, and nothing is read without an end."""

import pytest

from territoires.lecture.tables import ouvrir
from territoires.lecture.tables.tableau import COLONNES_MAX, FichierRefuse


def rows(contenu):
    table = ouvrir(contenu)
    return [table.entete, *(cells for _, cells in table.lignes)]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_the_first_line_says_the_separator_whatever_ends_it(end):
    text = end.join(["code;objet", "a;b, c, d, e", "f;g, h, i, j", ""])
    assert rows(text.encode()) == [["code", "objet"], ["a", "b, c, d, e"], ["f", "g, h, i, j"]]
    assert rows(("sep=;" + end + text).encode()) == rows(text.encode())


def test_what_is_between_quotes_separates_nothing():
    assert rows(b'"Un, deux, trois";code\na;b\n') == [["Un, deux, trois", "code"], ["a", "b"]]


def test_blank_lines_above_the_header_are_left_out():
    table = ouvrir(b"\n\ncode;objet\na;b\n")
    assert (table.entete, list(table.lignes)) == (["code", "objet"], [(4, ["a", "b"])])


@pytest.mark.parametrize(
    ("contenu", "told"),
    [
        (b"code;objet\n" + b"x" * 2_000_000, "Ligne 2 : une cellule dépasse un million de"),
        (b";".join([b"c"] * 100_000), f"Ligne 1 : plus de {COLONNES_MAX} colonnes"),
        (b"code;objet\n" + b";" * 1_000, f"Ligne 2 : plus de {COLONNES_MAX} colonnes"),
        (b"code;objet\n" + b"\n" * 200_000, "plus de 100000 lignes, presque toutes vides"),
        (b"code;objet\n" + b"a;b\n" * 2_000 + b"a\0;b\n", "ni un texte CSV ni un classeur"),
        (b'code;objet\n"' + b"x;\n" * 900_000, "Ligne 2 : une cellule dépasse un million"),
    ],
)
def test_a_file_without_end_is_refused(contenu, told):
    with pytest.raises(FichierRefuse) as refused:
        list(ouvrir(contenu).lignes)
    assert told in refused.value.messages[0]
