"""The first row of a file: which column is which, whatever the order, the case and the accents."""

import difflib
from dataclasses import dataclass
from itertools import chain, islice

from programme.backoffice.imports.valeurs import shown
from territoires.lecture.tables import FichierRefuse
from territoires.lecture.tables.tableau import letters
from territoires.recherche.texte import plier

LONGEST_NAME = 100
LIGNES_REGARDEES = 20
"""Rows among which a header that is not the first is looked for."""


@dataclass(frozen=True)
class Place:
    """Where a column of the file is: its rank from 0, its letter, its name.

    ecartee: the sentence that says why nothing of it is written; its name is empty when unknown.
    """

    rang: int
    lettre: str
    nom: str
    ecartee: str = ""


def reconnaitre(genre, tableau):
    """(places, table): the columns of `genre` in the file, and the table with its rows untouched.

    A column that is unknown, or that nobody declared for imports, is set aside with a sentence.
    Raises `FichierRefuse` with a sentence for each column that is repeated or missing.
    """
    known = _known(genre)
    header = tableau.entete
    looked, tableau = _peek(tableau)
    if not any(plier(name) in known for name in header):
        raise FichierRefuse(_no_header(known, looked, genre))
    places, told = [], []
    for rank, name in enumerate(header):
        letter = letters(rank + 1)
        if not name.strip():
            if any(len(cells) > rank and cells[rank] not in (None, "") for _, cells in looked):
                told.append(
                    f"La colonne {letter} n’a pas de nom : donnez-lui-en un, ou supprimez-la."
                )
            continue
        column = known.get(plier(name))
        if column is None:
            places.append(Place(rank, letter, "", _unknown(name, letter, known)))
        elif same := next((place for place in places if place.nom == column), None):
            told.append(
                f"La colonne « {shown(name)} » est deux fois dans le fichier ({same.lettre} et "
                f"{letter}) : gardez-en une."
            )
        else:
            places.append(Place(rank, letter, column, _set_aside(genre, column, name, letter)))
    if missing := _missing(genre, {place.nom for place in places}):
        told += missing + [place.ecartee for place in places if not place.nom]
    if told:
        raise FichierRefuse(told)
    return places, tableau


def _known(genre):
    """{folded word: name of the column}: a name or a title names a column."""
    known = {plier(column.titre): column.nom for column in genre.complet.colonnes}
    return known | {plier(column.nom): column.nom for column in genre.complet.colonnes}


def _peek(tableau):
    """(the first rows, the same table with all its rows)."""
    rows = iter(tableau.lignes)
    looked = list(islice(rows, LIGNES_REGARDEES))
    return looked, tableau.avec(chain(looked, rows))


def _no_header(known, looked, genre):
    for number, cells in looked:
        if sum(plier(str(cell)) in known for cell in cells if cell is not None) > 1:
            return (
                f"L’en-tête est à la ligne {number} : supprimez les lignes qui sont au-dessus, "
                "la première ligne doit nommer les colonnes."
            )
    return (
        "La première ligne ne nomme aucune colonne connue : elle doit être l’en-tête. "
        f"Colonnes connues : {_names(genre)}."
    )


def _unknown(name, letter, known):
    near = difflib.get_close_matches(plier(name[:LONGEST_NAME]), known, n=1, cutoff=0.6)
    remedy = f" Est-ce « {known[near[0]]} » ? Renommez-la." if near else ""
    return (
        f"La colonne {letter}, « {shown(name)} », est mise de côté : elle est inconnue ici, rien "
        f"n’en est importé.{remedy}"
    )


def _set_aside(genre, column, name, letter):
    """The sentence of a known column that no file writes; empty for the others."""
    why = genre.ecartee(column)
    return why and (
        f"La colonne {letter}, « {shown(name)} », est mise de côté : {why}, rien n’en est importé."
    )


def _names(genre):
    return ", ".join(genre.complet.noms)


def _missing(genre, names):
    """The sentence of the columns without which no row can be told from another."""
    needed = [name for name in genre.jeu.cle if name not in names]
    if not needed or "identifiant" in names:
        return []
    listed = ", ".join(f"« {name} »" for name in needed)
    return [f"Il manque {listed} : sans cette colonne, rien ne désigne les lignes du fichier."]
