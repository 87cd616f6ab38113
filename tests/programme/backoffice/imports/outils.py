"""Export a list, change the file, deposit it, as an agent with a spreadsheet does."""

import csv
import io
from datetime import date
from xml.sax.saxutils import escape

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from programme.models import (
    Avenant,
    Contrat,
    Decision,
    Document,
    Financement,
    Import,
    LigneImport,
    Projet,
    Realisation,
    Referent,
    Seance,
    Signataire,
)
from territoires.models import Territoire
from tests.programme.backoffice.outils import address
from tests.territoires.lecture.outils import ODS, ods

MODELES = {
    "projets": Projet,
    "contrats": Contrat,
    "avenants": Avenant,
    "seances": Seance,
    "decisions": Decision,
    "documents": Document,
    "binomes": Territoire,
    "financements": Financement,
    "referents": Referent,
    "realisations": Realisation,
    "signataires": Signataire,
}


def exporter(client, genre, nom="csv", **filtres):
    """The bytes of the file that the list gives."""
    response = client.get(address(MODELES[genre], "exporter", nom), filtres)
    assert response.status_code == 200, response
    return b"".join(response.streaming_content)


def deposer(client, genre, contenu, nom="fichier.csv"):
    """The response to a file deposited, its stream read to the end."""
    upload = SimpleUploadedFile(nom, contenu)
    response = client.post(address(MODELES[genre], "importer"), {"fichier": upload})
    if response.streaming:
        response.lu = b"".join(response.streaming_content).decode()
    return response


def importer(client, genre, contenu, nom="fichier.csv"):
    """The `Import` that a file makes; fails when it is refused on the spot."""
    response = deposer(client, genre, contenu, nom)
    assert response.status_code in {200, 302}, refus(response)
    assert response.status_code == 302 or response.streaming, refus(response)
    return Import.objects.latest("pk")


def refus(response):
    """The sentences of a file refused on the spot."""
    return response.context["form"].errors.get("fichier", [])


def page(genre, depot):
    return address(MODELES[genre], "import", depot.pk)


def agir(client, genre, depot, action, **data):
    """Press a button of the preview; the import as it is afterwards."""
    response = client.post(page(genre, depot), {"action": action, **data})
    if response.streaming:
        response.lu = b"".join(response.streaming_content).decode()
    depot.refresh_from_db()
    return response


def appliquer(client, genre, depot):
    return agir(client, genre, depot, "appliquer")


def dits(depot):
    """« Ligne 3, siren (C) : … » of each row of an import that has something to say."""
    said = []
    for row in depot.lignes.exclude(motif=""):
        where = f", {row.colonne or '–'} ({row.lettre})" if row.lettre else ""
        where = where or (f", {row.colonne}" if row.colonne else "")
        said.append(f"Ligne {row.numero}{where} : {row.motif}")
    return said


def changes(depot):
    """{row: [column, before, after]…} of what would be written."""
    written = depot.lignes.filter(
        nature__in=[LigneImport.Nature.NOUVEAU, LigneImport.Nature.MODIFIE]
    )
    return {row.numero: row.changements for row in written}


# --- Files ------------------------------------------------------------------------------------


def lire(contenu, separateur=","):
    """(header, rows) of a CSV."""
    rows = csv.reader(io.StringIO(contenu.decode("utf-8-sig"), newline=""), delimiter=separateur)
    header, *lines = rows
    return header, lines


def ecrire(header, rows, separateur=";", codec="utf-8-sig"):
    """The bytes of a CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=separateur, lineterminator="\r\n").writerows([header, *rows])
    return out.getvalue().encode(codec)


def fichier(*rows, separateur=";"):
    """A CSV of dictionaries; the columns are those of all of them."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    return ecrire(header, [[row.get(name, "") for name in header] for row in rows], separateur)


def classeur(*rows, titre="Données"):
    """An XLSX of rows of typed values."""
    book = openpyxl.Workbook()
    book.active.title = titre
    for row in rows:
        book.active.append(list(row))
    return octets(book)


def classeur_ods(titre, entete, rows, ligne="<table:table-row>", mimetype=ODS):
    """An ODS as LibreOffice makes it; `ligne`: how each of `rows` opens."""

    def cell(value):
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, date):
            said = f'office:value-type="date" office:date-value="{value.isoformat()}"'
        elif isinstance(value, int | float):
            said = f'office:value-type="float" office:value="{value}"'
        else:
            said = 'office:value-type="string"'
        lines = (f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
        return f"<table:table-cell {said}>{''.join(lines)}</table:table-cell>"

    def lines(opening, many):
        return "".join(f"{opening}{''.join(map(cell, row))}</table:table-row>" for row in many)

    inside = lines("<table:table-row>", entete) + lines(ligne, rows)
    table = f'<table:table table:name="{titre}">{inside}</table:table>'
    return ods(table, mimetype=mimetype)


def en_ods(content):
    """The ODS of the sheet of an XLSX which holds the rows."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    titre, *_ = book.sheetnames
    return classeur_ods(titre, [], list(book[titre].iter_rows(values_only=True)))


def octets(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def modifier(contenu, changes, separateur=","):
    """A CSV with `changes`, {(row as a spreadsheet numbers it, column): text}."""
    header, rows = lire(contenu, separateur)
    for (number, column), text in changes.items():
        rows[number - 2][header.index(column)] = text
    return ecrire(header, rows)
