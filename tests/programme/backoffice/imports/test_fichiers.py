"""Files of every make: those that are read, and the sentence of each that is not."""

import io
import zipfile

import openpyxl
import pytest

from programme.backoffice.imports.declarations import IMPORTABLES
from programme.backoffice.imports.entete import reconnaitre
from territoires.lecture.tables import FichierRefuse, ouvrir
from territoires.lecture.tables.tableau import LIGNES_MAX
from tests.programme.backoffice.imports.outils import classeur, octets

GENRE = IMPORTABLES["signataires"]
ROWS = [["contrat", "organisme"], ["a-b", "Région ; Normandie"], ["c-d", "L’État"]]
PLAIN = 'contrat;organisme\r\na-b;"Région ; Normandie"\r\nc-d;L’État\r\n'


def read(contenu):
    """(header, rows) of a file, without blanks at the end of rows."""
    table = ouvrir(contenu)
    return [table.entete, *([cell or "" for cell in cells] for _, cells in table.lignes)]


def refusal(contenu):
    with pytest.raises(FichierRefuse) as refused:
        list(reconnaitre(GENRE, ouvrir(contenu))[1].lignes)
    return "\n".join(refused.value.messages)


@pytest.mark.parametrize(
    "contenu",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("cp1252"),
        PLAIN.encode("utf-16"),
        PLAIN.replace(" ; ", "!").replace(";", "\t").replace("!", " ; ").encode("utf-16"),
        PLAIN.replace(" ; ", "!").replace(";", ",").replace("!", " ; ").encode(),
        ("sep=;\r\n" + PLAIN).encode("utf-8-sig"),
        (PLAIN + "\r\n;\r\n;;\r\n").encode(),
        PLAIN.replace("\r\n", "\n").encode(),
        classeur(*ROWS),
        classeur(*ROWS, titre="Feuil1"),
        classeur(*ROWS, [], [], [None, ""]),
    ],
)
def test_a_table_is_read(contenu):
    assert read(contenu) == ROWS


def test_extra_empty_columns_and_any_order():
    places, _ = reconnaitre(GENRE, ouvrir(b" ORGANISME ;Contrat;;NOM;;\nL;a-b;;x;;\n"))
    found = [(place.nom, place.lettre) for place in places]
    assert found == [("organisme", "A"), ("contrat", "B"), ("nom", "D")]


def test_titles_and_accents_name_columns_too():
    places, _ = reconnaitre(GENRE, ouvrir("CONTRAT;Pour;nom;Signé le\n".encode()))
    assert [place.nom for place in places] == ["contrat", "organisme", "nom", "signe_le"]


@pytest.mark.parametrize("genre", IMPORTABLES.values(), ids=lambda genre: genre.code)
def test_no_two_columns_have_the_same_name(genre):
    header = ";".join(column.titre for column in genre.complet.colonnes)
    places, _ = reconnaitre(genre, ouvrir(header.encode()))
    assert [place.nom for place in places] == genre.complet.noms


def test_rows_are_numbered_as_a_spreadsheet_does():
    table = ouvrir(b'a;b\n"une\nautre";2\n\n3;4\n')
    assert [number for number, _ in table.lignes] == [2, 4]
    book = ouvrir(classeur(["a"], ["x"], [], ["y"]))
    assert [number for number, _ in book.lignes] == [2, 4]


def workbook(change):
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    change(book)
    return octets(book)


def archive(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return out.getvalue()


def two_sheets(book):
    book.create_sheet("Autre").append(["x"])


def doctype():
    text = '<!DOCTYPE x [<!ENTITY a "b">]><workbook/>'
    return archive(xl__workbook_xml=text)


@pytest.mark.parametrize(
    ("contenu", "told"),
    [
        (b"", "Le fichier est vide"),
        (b"\xef\xbb\xbf \r\n", "Le fichier est vide"),
        (b"%PDF-1.7 ...", "Ce fichier est un PDF, pas un tableau, quel que soit son nom"),
        (b"\x89PNG\r\n\x1a\n...", "Ce fichier est une image"),
        (b"<html><table>", "Ce fichier est une page web"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "l’ancien format d’Excel (.xls)"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protégé par un mot de passe",
        ),
        (b"contrat\0;organisme\0\n", "ni un texte CSV ni un classeur XLSX"),
        (b"\xff\xfea", "ni un texte CSV ni un classeur XLSX"),
        (b"PK\x03\x04 not a zip", "Ce classeur est abîmé"),
        (archive(a="b"), "Ce fichier est une archive, pas un classeur"),
        (archive(content_xml="<a/>"), "Ce fichier est un document, pas un classeur"),
        (archive(xl__workbook_xml="<a"), "Ce classeur est abîmé"),
        (doctype(), "déclare des entités XML"),
        (b"x" * (10 * 1024 * 1024 + 1), "Le fichier pèse 10,0 Mo ; la limite est de 10 Mo"),
        (workbook(lambda book: book.active.merge_cells("A1:B1")), "fusionnées (A1:B1)"),
        (workbook(two_sheets), "plusieurs feuilles remplies (« Sheet », « Autre »)"),
        (octets(openpyxl.Workbook()), "Le classeur est vide"),
        (
            b"contrat;organism\n",
            "« organism », est mise de côté : elle est inconnue ici",
        ),
        (b"contrat;organisme;Contrat\n", "« Contrat » est deux fois dans le fichier (A et C)"),
        (b"contrat;fonction\n", "Il manque « organisme », « nom »"),
        (b"a;b\nc;d\n", "La première ligne ne nomme aucune colonne connue"),
        (b"Mes signatures;\n;\ncontrat;organisme\n", "Il manque « nom »"),
        (b"contrat;organisme;nom;\na;b;c;d\n", "La colonne D n’a pas de nom"),
        (b'contrat;organisme;nom\na;"b;c\n', "Ligne 2 : un guillemet n’est pas refermé"),
        (b"contrat;organisme;nom\n" + b"a;b;c\n" * (LIGNES_MAX + 1), "plus de 20000 lignes"),
    ],
)
def test_what_is_no_table_gets_a_sentence(contenu, told):
    assert told in refusal(contenu)


def test_a_formula_without_a_value_is_told_and_one_with_a_value_is_read():
    def formula(book):
        book.active["B2"] = "=1+1"

    rows = list(ouvrir(workbook(formula)).lignes)
    assert "formule dont le résultat n’est pas enregistré" in rows[0][1][1].phrase

    def computed(text):
        return text.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>").replace(
            b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"
        )

    rows = list(ouvrir(rewritten(workbook(formula), computed)).lignes)
    assert rows[0][1][1] == 2


def rewritten(contenu, change):
    """A workbook whose first sheet's XML is changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(contenu)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            text = before.read(name)
            after.writestr(name, change(text) if "sheet1" in name else text)
    return out.getvalue()


def test_an_error_of_the_spreadsheet_is_told():
    def broken(book):
        book.active["A2"] = "#REF!"

    rows = list(ouvrir(workbook(broken)).lignes)
    assert "la cellule affiche l’erreur #REF!" in rows[0][1][0].phrase
