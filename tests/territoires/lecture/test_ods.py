"""ODS: what LibreOffice repeats, hides, merges and notes; hostile ones within bounds."""

from datetime import datetime

import pytest

from territoires.lecture.tables import ouvrir
from territoires.lecture.tables.tableau import FichierRefuse, Illisible
from tests.territoires.lecture.outils import archive, ods

NOTE = "<text:p>à vérifier</text:p>"
CACHEE = (
    '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
)


def cell(inside="", said=""):
    return f"<table:table-cell {said}>{inside}</table:table-cell>"


def word(text, said=""):
    return cell(f"<text:p>{text}</text:p>", said)


def row(*cells, said=""):
    return f"<table:table-row {said}>{''.join(cells)}</table:table-row>"


def sheet(*rows, name="Données", said=""):
    inside = "".join([row(word("code")), *rows])
    return f'<table:table table:name="{name}" {said}>{inside}</table:table>'


def read(*rows):
    return ouvrir(ods(sheet(*rows)))


def refusal(contenu):
    with pytest.raises(FichierRefuse) as refused:
        list(ouvrir(contenu).lignes)
    return "\n".join(refused.value.messages)


# --- Values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (word("12 €", 'office:value-type="currency" office:value="12"'), 12),
        (word("12,5 %", 'office:value-type="percentage" office:value="0.125"'), 0.125),
        (word("1E+20", 'office:value-type="float" office:value="1e20"'), 1e20),
        (word("VRAI", 'office:value-type="boolean" office:boolean-value="true"'), True),
        (
            word("29/02/24", 'office:value-type="date" office:date-value="2024-02-29T10:30:00"'),
            datetime(2024, 2, 29, 10, 30),
        ),
        (cell("<text:p>un</text:p><text:p>deux</text:p>"), "un\ndeux"),
        (word('a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d'), "a   b\tc\nd"),
        (word("montré", 'office:value-type="string" office:string-value="gardé"'), "gardé"),
        (cell(f"<office:annotation>{NOTE}</office:annotation><text:p>a</text:p>"), "a"),
    ],
)  # fmt: skip
def test_a_cell_is_what_it_holds(written, value):
    ((_, cells),) = read(row(word("x"), written)).lignes
    assert cells == ["x", value]


def test_an_error_of_a_formula_is_told():
    ((_, cells),) = read(row(word("#REF!", 'table:formula="of:=A1"'), word("#12"))).lignes
    assert isinstance(cells[0], Illisible)
    assert cells[0].phrase.startswith("la cellule affiche l’erreur #REF!")
    assert cells[1] == "#12"


def test_what_is_repeated_is_read_as_many_times():
    table = read(
        row(cell(said='table:number-columns-repeated="2"'), word("z"), said=""),
        row(cell(), said='table:number-rows-repeated="1048000"'),
        row(word("a", 'table:number-columns-repeated="2"'), said='table:number-rows-repeated="3"'),
    )
    assert [number for number, _ in table.lignes] == [2, *range(1_048_003, 1_048_006)]
    assert table.lignes[0][1] == [None, None, "z"]
    assert table.lignes[-1][1] == ["a", "a"]


# --- What a person does not see -----------------------------------------------------------------


@pytest.mark.parametrize(("how", "told"), [("collapse", "masquées dans"), ("filter", "un filtre")])
def test_a_hidden_row_is_read_and_told(how, told):
    table = read(row(word("a")), row(word("b"), said=f'table:visibility="{how}"'))
    assert table.masquees == {3}
    assert told in table.remarques[1]


def test_a_hidden_column_is_told():
    columns = (
        "<table:table-column/>"
        '<table:table-column table:number-columns-repeated="2" table:visibility="collapse"/>'
    )
    contenu = ods(
        f'<table:table table:name="F" >{columns}'
        + row(word("code"), word("objet"), word("lieu"))
        + row(word("a"), word("b"), word("c"))
        + "</table:table>"
    )
    assert ouvrir(contenu).colonnes_masquees == {1, 2}


def test_merged_cells_are_refused_and_a_title_is_not():
    wide = 'table:number-columns-spanned="2" table:number-rows-spanned="2"'
    covered = "<table:covered-table-cell/>"
    told = refusal(ods(sheet(row(word("a", wide), covered), row(covered, covered))))
    assert "Des cellules sont fusionnées (A2:B3)" in told
    title = 'table:number-columns-spanned="8" table:number-rows-spanned="1"'
    hidden = '<table:covered-table-cell table:number-columns-repeated="7"/>'
    assert len(read(row(word("Année 2024", title), hidden), row(word("a"))).lignes) == 2


def test_which_sheet_is_read_is_said():
    one, other = sheet(row(word("a")), name="Un"), sheet(row(word("b")), name="Deux")
    told = refusal(ods(one, other))
    assert "plusieurs feuilles remplies (« Un », « Deux »)" in told
    hidden = sheet(row(word("b")), name="Deux", said='table:style-name="ta2"')
    table = ouvrir(ods(one, hidden, styles=CACHEE))
    assert table.remarques[0] == "Feuille lue : « Un ». Non lue : « Deux » (masquée)."
    assert "La feuille « Deux » est masquée" in refusal(ods(hidden, styles=CACHEE))


# --- Refusals -----------------------------------------------------------------------------------


def test_a_protected_one_says_how_to_open_it():
    manifest = (
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        "<m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"
    )
    told = refusal(ods(sheet(row(word("a"))), **{"META-INF/manifest.xml": manifest}))
    assert "protégé par un mot de passe" in told


@pytest.mark.parametrize(
    ("contenu", "told"),
    [
        (ods(sheet(row(word("a"), said='table:number-rows-repeated="50000"'))), "20000 lignes"),
        (
            ods(sheet(row(word("a"), cell(said='table:number-columns-repeated="300"'), word("b")))),
            "plus de 256 colonnes",
        ),
        (ods(sheet(row(word('a<text:s text:c="240000"/>')))), "32 767 caractères"),
        (ods(sheet(row(word("a" * 240_000)))), "32 767 caractères"),
        (
            ods(sheet(*[row(word('<text:s text:c="200000"/>'))] * 101)),
            "dépassent vingt millions de caractères",
        ),
        (ods(sheet(row(word("a", 'office:value-type="float" office:value="x"')))), "abîmé"),
        (ods(sheet(row(word("a", 'office:value-type="float" office:value="nan"')))), "abîmé"),
        (ods(sheet(row(word("a"))).replace("</table:table>", "")), "abîmé"),
        (archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "abîmé"),
        (ods(), "vide"),
    ],
    ids=["rows", "columns", "blanks", "text", "texts", "number", "nan", "cut", "no part", "empty"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_remedy(contenu, told):
    assert told in refusal(contenu)
