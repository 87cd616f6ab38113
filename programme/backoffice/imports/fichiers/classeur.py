"""XLSX: values as they are typed in the cells; openpyxl reads, row by row, never the whole."""

import io
import re
import warnings
import zipfile
from datetime import date, datetime, time

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from programme.backoffice.imports.fichiers.tableau import (
    FichierRefuse,
    Illisible,
    Tableau,
    limited,
)

DECOMPRESSE_MAX = 200 * 1024 * 1024
FEUILLE = "Données"
NOTICE = "À propos"
HABITUEL = "Ouvrez-le dans votre tableur et enregistrez-le au format « Classeur Excel (.xlsx) »."
FUSION = re.compile(rb"<(?:\w+:)?mergeCell [^>]*ref=\"([A-Z]+[0-9]+:[A-Z]+[0-9]+)\"")
FORMULE = re.compile(rb"<(?:\w+:)?f[ >/]")
ECHAPPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
CHUNK = 1 << 20
SANS_VALEUR = (
    "la cellule est une formule dont le résultat n’est pas enregistré : "
    "collez-y la valeur (copier, collage spécial, valeurs)."
)


def lire_classeur(contenu):
    """The `Tableau` of a workbook. Raises `FichierRefuse` when it is not one, or is ambiguous."""
    with _archive(contenu) as archive:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of the styles it leaves out
            try:
                book = openpyxl.load_workbook(io.BytesIO(contenu), read_only=True, data_only=True)
                sheet = _sheet(book)
            except FichierRefuse:
                raise
            except (InvalidFileException, KeyError, ValueError, OSError, SyntaxError, TypeError):
                raise FichierRefuse(f"Ce classeur est abîmé ou incomplet. {HABITUEL}") from None
        merged, has_formulas, total = _scan(archive, sheet)
    if merged:
        raise FichierRefuse(
            f"Des cellules sont fusionnées ({', '.join(merged)}) : défusionnez-les (Accueil, "
            "Fusionner et centrer), une valeur par cellule, puis enregistrez de nouveau."
        )
    formulas = _formulas(contenu, sheet.title) if has_formulas else frozenset()
    rows = _rows(sheet, formulas)
    entete = next(rows, (1, []))[1]
    return Tableau([_header(cell) for cell in entete], limited(rows), total)


def _archive(contenu):
    """The zip of a workbook, of a size and of a kind that may be read."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(contenu))
        parts = archive.infolist()
    except zipfile.BadZipFile:
        raise FichierRefuse(f"Ce classeur est abîmé : il ne s’ouvre pas. {HABITUEL}") from None
    if sum(part.file_size for part in parts) > DECOMPRESSE_MAX:
        raise FichierRefuse(
            "Ce classeur, une fois décompressé, dépasse 200 Mo : gardez les lignes et les colonnes "
            "utiles dans un classeur neuf."
        )
    names = archive.namelist()
    if "xl/workbook.xml" not in names:
        kind = "un classeur LibreOffice (.ods)" if "content.xml" in names else "une archive"
        raise FichierRefuse(f"Ce fichier est {kind}, pas un XLSX. {HABITUEL}")
    for name in names:
        if name.endswith((".xml", ".rels")):
            try:
                with archive.open(name) as part:
                    head = part.read(1024)
            except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError):
                raise FichierRefuse(f"Ce classeur est abîmé. {HABITUEL}") from None
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise FichierRefuse(f"Ce classeur déclare des entités XML. {HABITUEL}")
    return archive


def _sheet(book):
    """The sheet to import: « Données », else the only one that holds something."""
    sheets = [sheet for sheet in book.worksheets if sheet.title != NOTICE]
    for sheet in sheets:
        sheet.reset_dimensions()
        if sheet.title == FEUILLE:
            return sheet
    filled = [sheet for sheet in sheets if _holds_something(sheet)]
    if len(filled) > 1:
        names = ", ".join(f"« {sheet.title} »" for sheet in filled)
        raise FichierRefuse(
            f"Le classeur a plusieurs feuilles remplies ({names}) : gardez-en une seule, ou nommez "
            f"« {FEUILLE} » celle à importer."
        )
    if not filled:
        raise FichierRefuse("Le classeur est vide : exportez la liste, et partez de ce fichier.")
    return filled[0]


def _holds_something(sheet):
    return any(
        value not in (None, "")
        for row in sheet.iter_rows(max_row=50, values_only=True)
        for value in row
    )


def _scan(archive, sheet):
    """(merged ranges, three at most; whether a cell is a formula; number of rows) of the XML."""
    merged, has_formulas, total, rest = [], False, 0, b""
    with archive.open(sheet._worksheet_path) as part:
        while block := part.read(CHUNK):
            text = rest + block
            merged += [found.decode() for found in FUSION.findall(text)]
            has_formulas = has_formulas or FORMULE.search(text) is not None
            total += text.count(b"<row ") + text.count(b"<row>")
            # The end may hold the beginning of an element; a whole one is not found twice.
            rest = text[text.rfind(b"<") :]
    return merged[:3], has_formulas, total


def _formulas(contenu, title):
    """{(row, column)} of the cells that are formulas: a second reading, only when there are any."""
    sheet = openpyxl.load_workbook(io.BytesIO(contenu), read_only=True)[title]
    sheet.reset_dimensions()
    return {
        (number, rank)
        for number, row in enumerate(sheet.iter_rows(), 1)
        for rank, cell in enumerate(row)
        if cell.data_type == "f"
    }


def _rows(sheet, formulas):
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [_value(cell) for cell in row]
        if formulas:
            cells = [
                Illisible(SANS_VALEUR) if cell is None and (number, rank) in formulas else cell
                for rank, cell in enumerate(cells)
            ]
        yield number, cells


def _value(cell):
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "e":
        return Illisible(f"la cellule affiche l’erreur {value} : corrigez-la dans votre tableur.")
    if isinstance(value, str):
        return ECHAPPE.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value
    if isinstance(value, datetime | date | bool | int | float):
        return value
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)


def _header(cell):
    if isinstance(cell, Illisible):
        raise FichierRefuse(f"Ligne 1 : {cell.phrase}")
    return "" if cell is None else str(cell)
