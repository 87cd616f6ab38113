"""Makes the files of this folder, byte for byte as the tools of our correspondents leave them.

    python -m tests.programme.backoffice.imports.fichiers.fabriquer

Six projects of Normandie, told eleven ways: what each tool does to an accent, an amount, a date, a
code, a line end. LibreOffice makes its own; it has to be installed.
"""

import csv
import io
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.territoires.lecture.outils import archive, parts

ICI = Path(__file__).parent
ENTETE = ["Code", "Porteur", "SIREN", "Objet", "Commune", "Emplois créés"]
ENTETE += ["Investissement", "Mise à jour"]


@dataclass(frozen=True)
class Ligne:
    code: str
    porteur: str
    siren: str
    objet: str
    commune: str
    nom: str
    emplois: int | None
    euros: int | None
    jour: date


LIGNES = [
    Ligne("nor-001", "Fonderie du Bocage", "331408336", "Four électrique", "61169", "Flers", 12,
          2_400_000, date(2021, 3, 2)),
    Ligne("nor-002", "Aciéries de l’Orne", "552081317", "Atelier « légers » ; lot n° 2", "14118",
          "Caen", None, 1_250_000, date(2021, 3, 2)),
    Ligne("nor-003", "Verrerie Lemaître", "", "Four à œillets, 2e ligne", "61214", "L’Aigle", 0,
          None, date(2021, 4, 12)),
    Ligne("nor-004", "Tissages de Lisieux", "005480546", "Métiers\nà tisser", "14366", "Lisieux", 7,
          980_500, date(2021, 12, 31)),
    Ligne("nor-005", "Bois & Fils", "775670417", "Scierie à façon", "61169", "Flers", 3, 15_000,
          date(2020, 2, 29)),
    Ligne("nor-006", "Cuirs d’Écouché", "", "Tannerie", "61214", "L’Aigle", 25, 3_300_000,
          date(2022, 1, 1)),
]  # fmt: skip
CACHEE = Ligne("nor-007", "Ligne masquée", "", "Masquée", "14118", "Caen", 1, 1, date(2021, 1, 1))


# --- CSV ------------------------------------------------------------------------------------------


def francais(ligne, *, euro="€", blanc="\N{NO-BREAK SPACE}"):
    """The cells as a French spreadsheet shows them."""
    euros = ""
    if ligne.euros is not None:
        euros = f"{ligne.euros:,}".replace(",", blanc) + f",00{blanc}{euro}"
    return [
        ligne.code, ligne.porteur, ligne.siren, ligne.objet.replace("\n", " "), ligne.commune,
        "" if ligne.emplois is None else ligne.emplois, euros, f"{ligne.jour:%d/%m/%Y}",
    ]  # fmt: skip


def texte(rows, separateur, fin, *, tout=False):
    out = io.StringIO()
    style = csv.QUOTE_ALL if tout else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=separateur, lineterminator=fin, quoting=style).writerows(rows)
    return out.getvalue()


def excel_windows():
    """« CSV (séparateur : point-virgule) » : Windows-1252, empty lines that were once filled."""
    rows = [ENTETE, *map(francais, LIGNES), [""] * 8, [""] * 8]
    return texte(rows, ";", "\r\n").encode("cp1252")


def excel_windows_utf8():
    """« CSV UTF-8 » : a mark at the beginning; a total below."""
    total = ["", "", "", "TOTAL", "", 47, "7 945 500,00 €", ""]
    return texte([ENTETE, *map(francais, LIGNES), total], ";", "\r\n").encode("utf-8-sig")


def excel_windows_unicode():
    """« Texte Unicode » : UTF-16 with its mark, tabs."""
    return texte([ENTETE, *map(francais, LIGNES)], "\t", "\r\n").encode("utf-16")


def excel_mac():
    """« CSV (Macintosh) » : MacRoman, lines that end with a carriage return alone."""
    rows = [ENTETE, *(francais(ligne, blanc=" ") for ligne in LIGNES)]
    return texte(rows, ";", "\r").encode("mac_roman")


def google_csv():
    """Comma, no mark, no last line end; a date as the sheet of an English account shows it."""
    rows = [ENTETE]
    for ligne in LIGNES:
        cells = francais(ligne)
        cells[3], cells[6] = ligne.objet, "" if ligne.euros is None else ligne.euros
        rows.append([*cells[:7], f"{ligne.jour:%Y-%m-%d}"])
    return texte(rows, ",", "\r\n").removesuffix("\r\n").encode()


# --- Workbooks ------------------------------------------------------------------------------------


def valeurs(ligne):
    """Typed cells: codes are numbers, but the one that would lose its zeros."""
    siren = ligne.siren or None
    if siren and not siren.startswith("0"):
        siren = int(siren)
    return [
        ligne.code, ligne.porteur, siren, ligne.objet, int(ligne.commune), ligne.emplois,
        ligne.euros, datetime.combine(ligne.jour, datetime.min.time()),
    ]  # fmt: skip


def octets(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def excel_windows_xlsx():
    """A merged title, a blank line, amounts in euros, a hidden row, a total that is a formula."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Fiches actions"
    sheet["A1"] = "Projets remontés – comité du 3 mai"
    sheet["A1"].font = Font(bold=True, size=16)
    sheet.merge_cells("A1:H1")
    sheet.append([])
    sheet.append(ENTETE)
    for ligne in (*LIGNES[:3], CACHEE, *LIGNES[3:]):
        sheet.append(valeurs(ligne))
        sheet.cell(sheet.max_row, 7).number_format = '#,##0.00\\ "€"'
        sheet.cell(sheet.max_row, 8).number_format = "dd/mm/yyyy"
        if ligne is CACHEE:
            sheet.row_dimensions[sheet.max_row].hidden = True
    sheet.append(["Total", None, None, None, None, "=SUM(F4:F10)", "=SUM(G4:G10)", None])
    book.create_sheet("Feuil2")
    return octets(book)


def excel_mac_1904():
    """Excel for Mac of old: days are counted from 1904."""
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    sheet.title = "Feuille 1"
    for row in [ENTETE, *map(valeurs, LIGNES)]:
        sheet.append(row)
    for row in sheet.iter_rows(min_row=2, min_col=8, max_col=8):
        row[0].number_format = "dd/mm/yy"
    return octets(book)


def google_xlsx():
    """A sheet of a thousand rows, all of them styled; SIREN and codes as texts."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Feuille 1"
    sheet.append(ENTETE)
    for ligne in LIGNES:
        cells = valeurs(ligne)
        cells[2], cells[4] = ligne.siren or None, ligne.commune
        sheet.append(cells)
    sheet.freeze_panes = "A2"
    font = Font(name="Arial", size=10)
    for row in sheet.iter_rows(min_row=1, max_row=1_000, max_col=26):
        for cell in row:
            cell.font = font
    return octets(book)


def export_d_un_outil():
    """What a program of another administration exports: texts in their cells, no style."""
    rows = [ENTETE, *([str(cell) for cell in francais(ligne)] for ligne in LIGNES)]
    xml = []
    for number, row in enumerate(rows, 1):
        cells = "".join(
            f'<c r="{chr(65 + rank)}{number}" t="inlineStr"><is><t xml:space="preserve">'
            f"{value.replace('&', '&amp;')}</t></is></c>"
            for rank, value in enumerate(row)
            if value
        )
        xml.append(f'<row r="{number}">{cells}</row>'.encode())
    return archive(parts(*xml))


def ressaisie():
    """Typed again by a colleague, from a paper: their words, their ways, a line between two."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "à jour"
    sheet.append(["liste des projets (reprise du PV)"])
    header = ["n°", "Entreprise", "n° SIREN", "Intitulé du projet", "Ville"]
    sheet.append([*header, "Créations d’emplois", "Coût total", "Date"])
    for rank, ligne in enumerate(LIGNES, 1):
        amount = None if ligne.euros is None else f"{ligne.euros / 1e6:g} M€".replace(".", ",")
        siren = ligne.siren and f"{ligne.siren[:3]} {ligne.siren[3:6]} {ligne.siren[6:]}"
        town = f"{ligne.nom.upper()} ({ligne.commune[:2]})"
        day = f"{ligne.jour.day}/{ligne.jour.month}/{ligne.jour:%y}"
        cells = [rank, f" {ligne.porteur} ", siren or None, ligne.objet, town]
        sheet.append([*cells, ligne.emplois, amount, day])
        if ligne.code == "nor-003":
            sheet.append([])
    sheet.append([None, None, None, "Total", None, 47, None, None])
    return octets(book)


# --- LibreOffice ----------------------------------------------------------------------------------


def libreoffice(contents, target):
    """What LibreOffice saves of a workbook."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "liste.xlsx"
        path.write_bytes(contents)
        command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profil"]
        command += ["--convert-to", target, "--outdir", f"{folder}/lu", str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return (Path(folder) / "lu" / f"liste.{target.partition(':')[0]}").read_bytes()


LIBRE_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1036,true,true,true"
"""Comma, quotes around every text, UTF-8, French, cells as they are shown."""

FICHIERS = {
    "excel-windows.csv": excel_windows,
    "excel-windows-utf8.csv": excel_windows_utf8,
    "excel-windows-unicode.txt": excel_windows_unicode,
    "excel-windows.xlsx": excel_windows_xlsx,
    "excel-mac.csv": excel_mac,
    "excel-mac-1904.xlsx": excel_mac_1904,
    "google-sheets.csv": google_csv,
    "google-sheets.xlsx": google_xlsx,
    "libreoffice.csv": lambda: libreoffice(google_xlsx(), LIBRE_CSV),
    "libreoffice.ods": lambda: libreoffice(excel_windows_xlsx(), "ods"),
    "export-d-un-outil.xlsx": export_d_un_outil,
    "ressaisie.xlsx": ressaisie,
}

if __name__ == "__main__":
    for nom, faire in FICHIERS.items():
        (ICI / nom).write_bytes(faire())
        print(f"{nom} : écrit.")
