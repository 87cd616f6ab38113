"""Workbooks: what a spreadsheet hides, counts and merges; hostile ones within bounds."""

import tracemalloc
import zipfile
from datetime import datetime

import pytest

from territoires.lecture.tables import ouvrir
from territoires.lecture.tables.tableau import FichierRefuse, Illisible
from tests.territoires.lecture.outils import HEADER, STRICT, archive, classeur, parts


def refusal(contenu):
    with pytest.raises(FichierRefuse) as refused:
        list(ouvrir(contenu).lignes)
    return "\n".join(refused.value.messages)


def hidden(change):
    def of(book):
        change(book.active)

    return ouvrir(classeur(["code", "objet"], ["a", "x"], ["b", "y"], change=of))


# --- What a person does not see ----------------------------------------------------------------


def test_a_hidden_row_is_read_and_told():
    def hide(sheet):
        sheet.row_dimensions[2].hidden = True

    table = hidden(hide)
    assert table.masquees == {2}
    assert len(table.lignes) == 2
    assert table.remarques == (
        "Feuille lue : « Sheet ».",
        "Lignes masquées dans le classeur : 2 (1 en tout). Elles ne sont pas cochées d’avance.",
    )


def test_rows_without_height_or_put_aside_by_a_filter_are_hidden():
    rows = HEADER + b"".join(
        b'<row r="%d" %s><c r="A%d"><v>1</v></c></row>' % (number, how, number)
        for number, how in ((2, b'ht="0"'), (3, b'ht="15"'), (4, b'hidden="true"'))
    )
    table = ouvrir(archive(parts(rows, after=b'<autoFilter ref="A1:A4"/>')))
    assert table.masquees == {2, 4}
    assert "masquées, ou écartées par un filtre" in table.remarques[1]
    default = b'<sheetFormatPr zeroHeight="1"/>'
    assert ouvrir(archive(parts(rows, before=default))).masquees == {2, 4}


def test_a_hidden_column_is_told():
    def hide(sheet):
        sheet.column_dimensions["B"].hidden = True

    table = hidden(hide)
    assert table.colonnes_masquees == {1}
    assert "colonne « objet » (B)" in table.remarques[1]


def test_a_hidden_sheet_is_left_out_and_told():
    def more(book):
        book.create_sheet("Brouillon").append(["zzz"])
        book["Brouillon"].sheet_state = "hidden"

    table = ouvrir(classeur(["code"], ["a"], change=more))
    assert (table.entete, table.lignes) == (["code"], [(2, ["a"])])
    assert table.remarques == ("Feuille lue : « Sheet ». Non lue : « Brouillon » (masquée).",)


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_workbook_whose_only_sheet_is_hidden_is_refused(state):
    assert "La feuille « F1 » est masquée" in refusal(archive(parts(HEADER, state=state)))


# --- Values --------------------------------------------------------------------------------------


def cells(*xml, **more):
    rows = HEADER + b'<row r="2">' + b"".join(xml) + b"</row>"
    return ouvrir(archive(parts(rows, **more))).lignes[0][1]


def test_the_dates_of_a_spreadsheet_lose_the_noise_of_their_floats():
    def floating(book):
        book.active["A2"] = 45351.0000001
        book.active["A2"].number_format = "dd/mm/yyyy"
        book.active["A3"] = 45350.9999999
        book.active["A3"].number_format = "[$-40C]d\\ mmmm\\ yyyy;@"
        book.active["A4"] = 1500000.4
        book.active["A4"].number_format = '# ##0,00\\ "€ par jour"'

    table = ouvrir(classeur(["code"], change=floating))
    assert [cell for _, (cell,) in table.lignes] == [
        datetime(2024, 2, 29),
        datetime(2024, 2, 29),
        1500000.4,
    ]


def test_the_calendar_of_an_old_mac_counts_from_1904():
    made = parts(HEADER + b'<row r="2"><c r="A2" s="1"><v>43889</v></c></row>')
    made["xl/workbook.xml"] = made["xl/workbook.xml"].replace(
        "<sheets>", '<workbookPr date1904="1"/><sheets>'
    )
    made["xl/_rels/workbook.xml.rels"] = made["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        '<Relationship Id="s" Type="x/styles" Target="/xl/st.xml"/></Relationships>',
    )
    made["xl/st.xml"] = '<s><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></s>'
    assert ouvrir(archive(made)).lignes == [(2, [datetime(2024, 2, 29)])]


def test_texts_shared_rich_escaped_or_computed():
    texts = [b"<si><r><t>Forges </t></r><r><t>de l'Iton</t></r><rPh><t>bruit</t></rPh></si>"]
    found = cells(
        b'<c r="A2" t="s"><v>0</v></c>',
        b'<c r="B2" t="str"><f>A2</f><v>oui_x000D_</v></c>',
        b'<c r="D2" t="b"><v>1</v></c>',
        b'<c r="E2"><f>1+1</f></c>',
        texts=texts,
    )
    assert found[:4] == ["Forges de l'Iton", "oui\r", None, True]
    assert isinstance(found[4], Illisible)


# --- Refusals -------------------------------------------------------------------------------------


def many(block, times, by=10_000):
    return [block * by] * (times // by)


HOSTILE = {
    "one cell of 150 MB": (
        lambda: parts(
            HEADER + b'<row><c t="inlineStr"><is><t>', *many(b"x", 150_000_000, 1 << 20),
            b"</t></is></c></row>",
        ),
        "Une cellule du classeur dépasse 32 767 caractères",
    ),
    "8 million empty rows": (
        lambda: parts(HEADER, *many(b"<row/>", 8_000_000)),
        "plus de 100000 lignes, presque toutes vides (1 remplies)",
    ),
    "8 million empty cells": (
        lambda: parts(HEADER, b"<row>", *many(b"<c/>", 8_000_000), b"</row>"),
        "décrit trop de cellules, vides pour la plupart",
    ),
    "many texts": (lambda: parts(HEADER, texts=many(b"<si/>", 5_000_000)), "trop de cellules"),
    "one text named everywhere": (
        lambda: parts(
            *many(b"<row>" + b'<c t="s"><v>0</v></c>' * 30 + b"</row>", 20_000, 100),
            texts=[b"<si><t>" + b"y" * 32_000 + b"</t></si>"],
        ),
        "dépassent vingt millions de caractères",
    ),
    "a text of many pieces": (
        lambda: parts(
            HEADER + b'<row><c t="inlineStr"><is>',
            *many(b"<r><t>" + b"x" * 10_000 + b"</t></r>", 5_000, 10),
            b"</is></c></row>",
        ),
        "Une cellule du classeur dépasse 32 767 caractères",
    ),
    "blanks around": (
        lambda: parts(HEADER, *many(b"<!--" + b"x" * 400_000 + b"-->", 300, 1)),
        "une fois décompressé, est démesuré",
    ),
    "a cell at the end of the world": (
        lambda: parts(HEADER + b'<row r="2"><c r="XFD2"><v>1</v></c></row>'),
        "Ligne 2 : plus de 256 colonnes",
    ),
    "many sheets": (
        lambda: parts(HEADER, *many(b"<row><c/><c/></row>", 60_000), sheets=40),
        "décrit trop de cellules",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("make", "told"), HOSTILE.values(), ids=HOSTILE)
def test_a_tiny_hostile_workbook_is_refused_soon(make, told, monkeypatch):
    """What it costs grows with what is inflated, and nobody goes on after the first excess."""
    contenu = archive(make())
    assert len(contenu) < 300_000
    inflated, read = [], zipfile.ZipExtFile.read

    def counted(self, *size):
        inflated.append(read(self, *size))
        return inflated[-1]

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    assert told in refusal(contenu)
    assert sum(map(len, inflated)) < 25_000_000


@pytest.mark.parametrize("name", ["one cell of 150 MB", "a text of many pieces"])
def test_a_tiny_hostile_workbook_is_refused_in_little_memory(name):
    contenu = archive(HOSTILE[name][0]())
    tracemalloc.start()
    try:
        refusal(contenu)
        assert tracemalloc.get_traced_memory()[1] < 10 * 1024 * 1024
    finally:
        tracemalloc.stop()


def without(name):
    made = parts(HEADER)
    del made[name]
    return archive(made)


def with_doctype(padding):
    made = parts(HEADER)
    text = '<!DOCTYPE x [<!ENTITY a "b">]>' + made["xl/workbook.xml"]
    return archive(made | {"xl/workbook.xml": padding + text})


def lying(contenu):
    """The sizes that the directory declares, made small."""
    out = bytearray(contenu)
    place = out.find(b"PK\x01\x02")
    out[place + 24 : place + 28] = (5).to_bytes(4, "little")
    return bytes(out)


@pytest.mark.parametrize(
    ("contenu", "told"),
    [
        (archive(parts(HEADER, namespace=STRICT)), "Strict Open XML : enregistrez-le en « "),
        (archive(parts(HEADER) | {"xl/vbaProject.bin": "x"}), "contient des macros (.xlsm)"),
        (archive({"xl/workbook.bin": "x"}), "un classeur binaire (.xlsb)"),
        (archive({"word/document.xml": "x"}), "un document Word (.docx)"),
        (archive({"content.xml": "x"}), "un document, pas un classeur"),
        (archive({"autre.xlsx": archive(parts(HEADER))}), "une archive, pas un classeur"),
        (archive(parts(HEADER), zipfile.ZIP_LZMA), "abîmé"),
        (with_doctype(""), "déclare des entités XML"),
        (with_doctype("<!--" + "x" * 5_000 + "-->"), "déclare des entités XML"),
        (without("xl/_rels/workbook.xml.rels"), "abîmé"),
        (without("xl/worksheets/s1.xml"), "Le classeur est vide"),
        (archive(parts(HEADER, b"<row")), "abîmé"),
        (archive(parts(HEADER, b'<row r="1"/>')), "abîmé"),
        (archive(parts(HEADER, b'<row r="9999999"/>')), "abîmé"),
        (archive(parts(HEADER, b'<row><c r="?"><v>1</v></c></row>')), "abîmé"),
        (archive(parts(HEADER, b'<row><c t="s"><v>7</v></c></row>')), "abîmé"),
        (archive(parts(HEADER, b"<row><c><v>1e999</v></c></row>")), "abîmé"),
        (archive(parts(HEADER, b"<row><c><v>" + b"9" * 5_000 + b"</v></c></row>")), "abîmé"),
        (archive(parts(HEADER, after=b'<mergeCell ref="A1:B1"/>')), "fusionnées (A1:B1)"),
        (lying(archive(parts(HEADER))), "abîmé"),
        (archive(parts(HEADER))[:-30], "ne s’ouvre pas"),
        (b"PK\x05\x06" + bytes(18), "une archive, pas un classeur"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_refused_in_words(contenu, told):
    assert told in refusal(contenu)


def test_a_dimension_that_lies_changes_nothing():
    made = parts(
        HEADER, b'<row r="2"><c r="A2"><v>1</v></c></row>', before=b'<dimension ref="A1"/>'
    )
    assert ouvrir(archive(made)).lignes == [(2, [1])]
