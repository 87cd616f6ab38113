"""Files of rows that are computed, not read from a table: the map, its differences."""

import csv
import io
import json
from dataclasses import dataclass, replace

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse

from programme.donnees.ecriture import BOM
from programme.donnees.exports import LICENCE, LICENCE_URL, SEPARATEURS, TYPES
from programme.donnees.neutralisation import neutralise
from programme.donnees.schema import Colonne, today
from programme.donnees.xlsx import write_computed_xlsx


@dataclass(frozen=True)
class Tableau:
    """Computed rows, declared like a published dataset. `lignes`: tuples in column order."""

    titre: str
    nom_de_fichier: str
    colonnes: tuple[Colonne, ...]
    lignes: list[tuple]

    @property
    def noms(self):
        return [colonne.nom for colonne in self.colonnes]


def csv_response(tableau, separateur=""):
    """UTF-8 with a byte order mark, line feeds, formulas neutralised: as every other CSV here."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=SEPARATEURS[separateur or "virgule"], lineterminator="\n")
    writer.writerow(tableau.noms)
    for ligne in tableau.lignes:
        writer.writerow(_cell(c, v) for c, v in zip(tableau.colonnes, ligne, strict=True))
    response = HttpResponse(BOM + out.getvalue(), content_type=TYPES["csv"])
    response["X-Total-Count"] = len(tableau.lignes)
    return attached(response, f"{tableau.nom_de_fichier}.csv")


def _cell(colonne, value):
    return neutralise(value) if value and colonne.type.is_free_text else value


def json_response(data, nom="", content_type=TYPES["json"]):
    """Compact JSON; downloaded under `nom` when it is given, else shown."""
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)
    response = HttpResponse(text, content_type=content_type)
    return attached(response, nom) if nom else response


def attached(response, name):
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def xlsx_response(request, tableau):
    """A workbook: the rows, and a sheet that says where they come from."""
    neutral = [
        tuple(_cell(c, v) for c, v in zip(tableau.colonnes, ligne, strict=True))
        for ligne in tableau.lignes
    ]
    notice = [
        ("Contenu", tableau.titre),
        ("Lignes", len(neutral)),
        ("Date", f"{today():%Y-%m-%d}"),
        ("Adresse", request.build_absolute_uri()),
        ("Licence", f"{LICENCE} ({LICENCE_URL})"),
    ]
    blocks = write_computed_xlsx(replace(tableau, lignes=neutral), notice=notice)
    response = HttpResponse(b"".join(blocks), content_type=TYPES["xlsx"])
    response["X-Total-Count"] = len(neutral)
    return attached(response, f"{tableau.nom_de_fichier}.xlsx")
