"""An empty file to fill: the columns that an agent may write, with the words that each admits."""

import csv
import io
from dataclasses import dataclass

from django.http import HttpResponse

from programme.backoffice.imports.declarations import LIBELLES
from programme.donnees.neutralisation import neutralise
from programme.donnees.xlsx import write_template
from territoires.dates import iso
from territoires.moment import today

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
MOTS_MAX = 1_000
"""Rows of a relation that a list can still hold; beyond, one types the code or the name."""
MODE_D_EMPLOI = (
    "Une ligne par enregistrement, à partir de la ligne 2. Supprimez les colonnes dont vous n’avez "
    "pas l’usage. Les flèches des cellules proposent les mots admis ; une case vide veut dire "
    "« non renseigné », jamais zéro."
)


@dataclass(frozen=True)
class Modele:
    """The table to fill. listes: {rank of a column, from 0: the words that it admits}."""

    colonnes: list
    listes: dict

    @property
    def noms(self):
        return [column.titre for column in self.colonnes]


def composer(genre, admin, request, permis):
    """The `Modele` of a kind for one agent: what they may write, and choose, and nothing else."""
    columns = [
        genre.colonnes[name] for name in genre.ecrits if genre.colonnes[name].champ in permis
    ]
    words = {}
    for rank, column in enumerate(columns):
        if found := _mots(genre, admin, request, column):
            words[rank] = found
    return Modele(columns, words)


def _mots(genre, admin, request, column):
    """The words of a closed list, or the names of the rows that the agent may choose."""
    written = genre.ecrits[column.nom]
    if not written.par:
        return list(genre.nouveaux.get(column.nom, column.valeurs))
    choices = admin.choices_for(request, genre.champ(column.nom)).order_by()
    name = "nom" if "nom" in {written.par, *written.aussi} else written.par
    if name == "libelle":
        choices = choices.annotate(libelle=LIBELLES[choices.model]())
    found = sorted(set(choices.values_list(name, flat=True)[: MOTS_MAX + 1]))
    return found if len(found) <= MOTS_MAX else []


def repondre(modele, genre, nom):
    """The response of the file `nom`, a key of `FORMATS`."""
    if nom == "csv":
        out = io.StringIO()
        csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(modele.noms)
        content = "\ufeff".encode() + out.getvalue().encode()
    else:
        told = [("Pour remplir", MODE_D_EMPLOI), ("Date", iso(today()))]
        told += [(column.titre, _aide(column)) for column in modele.colonnes]
        listes = {rank: list(map(neutralise, words)) for rank, words in modele.listes.items()}
        content = b"".join(write_template(modele, listes, notice=told))
    response = HttpResponse(content, content_type=FORMATS[nom])
    response["Content-Disposition"] = f'attachment; filename="{genre.code}-a-remplir.{nom}"'
    response["Cache-Control"] = "no-store"
    return response


def _aide(column):
    said = (column.description, column.ecrit.aide)
    return " ".join(dict.fromkeys(text for text in said if text))
