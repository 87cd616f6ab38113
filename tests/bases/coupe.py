"""A cut of the fixtures: two régions, one département each, and all that holds to them."""

import csv

from django.conf import settings

from programme.chargement import PROGRAMME
from territoires.chargement.fichiers import CARTE, GEOGRAPHIE

FICHIERS = GEOGRAPHIE + CARTE + PROGRAMME
GARDES = {"regions.csv": {"28", "53"}, "departements.csv": {"61", "29"}}
"""Normandie with the Orne, Bretagne with the Finistère."""


def couper(dossier, source=None):
    """Write in `dossier` the files of `source` (the fixtures) with the rows of the cut alone.

    A row stays when each record that it names stays; a column of several codes keeps those that
    do, and its row needs one.
    """
    restent = {}
    for fichier in FICHIERS:
        path = (source or settings.FIXTURES_ROOT) / fichier.nom
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        cible = {c: fichier.champ(c).related_model for c in fichier.colonnes}
        if chosen := GARDES.get(fichier.nom):
            rows = [row for row in rows if row[fichier.cle[0]] in chosen]
        rows = [row for row in rows if all(_reste(fichier, row, c, restent) for c in cible)]
        restent[fichier.modele] = {row[fichier.cle[0]] for row in rows}
        rows = [
            row
            for row in rows
            if all(
                row[c] in {"", *restent[fichier.modele]}
                for c, modele in cible.items()
                if modele is fichier.modele
            )
        ]
        with (dossier / fichier.nom).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fichier.colonnes, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _reste(fichier, row, colonne, restent):
    """Whether what a row names in a column stays; a column of several codes is shortened."""
    kept = restent.get(fichier.champ(colonne).related_model)
    if kept is None or not row[colonne]:
        return True
    if colonne in fichier.multiples:
        row[colonne] = " ".join(code for code in row[colonne].split() if code in kept)
        return bool(row[colonne])
    return row[colonne] in kept
