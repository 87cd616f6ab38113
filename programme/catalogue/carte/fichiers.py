"""Files of rows that are computed, not read from a table: the map, its differences."""

import csv
import hashlib
import io
import json
from dataclasses import dataclass, replace

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse

from programme.donnees.ecriture import BOM
from programme.donnees.exports import LICENCE, LICENCE_URL, SEPARATEURS, TYPES, keep, promise
from programme.donnees.neutralisation import neutralise
from programme.donnees.schema import Colonne
from programme.donnees.xlsx import write_computed_xlsx
from programme.models import DonneesVersion, Preuve
from territoires.dates import iso
from territoires.moment import today

PREUVES = "carte"
"""The name under which the proofs of these files are kept; no dataset has it."""


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


@dataclass(frozen=True)
class FichierCalcule:
    """A file of computed rows, made in memory: announced and proved as those of the datasets.

    nom: the name it is downloaded under; without one it is shown. lignes: how many rows, or
    features, it holds.
    """

    format: str
    contenu: bytes
    lignes: int
    nom: str = ""
    type: str = ""

    def response(self, request):
        response = HttpResponse(self.contenu, content_type=self.type or TYPES[self.format])
        response["X-Total-Count"] = self.lignes
        if self.nom:
            response["Content-Disposition"] = f'attachment; filename="{self.nom}"'
        if request.method != "HEAD":
            keep(
                Preuve(
                    sha256=hashlib.sha256(self.contenu).hexdigest(),
                    jeu=PREUVES,
                    format=self.format,
                    adresse=request.get_full_path(),
                    lignes=self.lignes,
                    octets=len(self.contenu),
                    version=DonneesVersion.objects.current().numero,
                ),
                allowed=promise(request, response),
            )
        return response


def as_csv(tableau, separateur=""):
    """UTF-8 with a byte order mark, line feeds, formulas neutralised: as every other CSV here."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=SEPARATEURS[separateur or "virgule"], lineterminator="\n")
    writer.writerow(tableau.noms)
    for ligne in tableau.lignes:
        writer.writerow(_cell(c, v) for c, v in zip(tableau.colonnes, ligne, strict=True))
    text = BOM + out.getvalue()
    return FichierCalcule(
        "csv", text.encode(), len(tableau.lignes), f"{tableau.nom_de_fichier}.csv"
    )


def _cell(colonne, value):
    return neutralise(value) if value and colonne.type.is_free_text else value


def as_json(data, lignes, **fichier):
    """Compact JSON; `fichier`: what it is downloaded as, when it is not only shown."""
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)
    return FichierCalcule(**{"format": "json"} | fichier, contenu=text.encode(), lignes=lignes)


def as_xlsx(request, tableau):
    """A workbook: the rows, and a sheet that says where they come from."""
    neutral = [
        tuple(_cell(c, v) for c, v in zip(tableau.colonnes, ligne, strict=True))
        for ligne in tableau.lignes
    ]
    notice = [
        ("Contenu", tableau.titre),
        ("Lignes", len(neutral)),
        ("Date", iso(today())),
        ("Adresse", request.build_absolute_uri()),
        ("Licence", f"{LICENCE} ({LICENCE_URL})"),
    ]
    blocks = write_computed_xlsx(replace(tableau, lignes=neutral), notice=notice)
    return FichierCalcule("xlsx", b"".join(blocks), len(neutral), f"{tableau.nom_de_fichier}.xlsx")
