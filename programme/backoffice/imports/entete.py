"""The header of a file: which row it is, and which column is which, whatever the order."""

import difflib
from dataclasses import dataclass
from itertools import chain, islice

from programme.backoffice.imports.valeurs import shown
from territoires.lecture.tables import FichierRefuse
from territoires.lecture.tables.tableau import letters
from territoires.lecture.texte import en_texte
from territoires.recherche.texte import mots, plier

LONGEST_NAME = 100
LIGNES_REGARDEES = 20
"""Rows among which a header that is not the first is looked for."""
CONSTANTE = -1
"""The rank of a column that the file has not: its value is the same in each row."""


class ColonnesAChoisir(FichierRefuse):
    """The table can be read, but not all its columns are known: somebody has to say."""


@dataclass(frozen=True)
class Place:
    """Where a column of the file is: its rank from 0, its letter, its name.

    ecartee: the sentence that says why nothing of it is written; its name is empty when unknown.
    fixe: what stands in each row, when its rank is `CONSTANTE`.
    """

    rang: int
    lettre: str
    nom: str
    ecartee: str = ""
    fixe: str = ""

    def dite(self, genre, entete):
        """How the file calls it; what is said for all rows is called as on the site."""
        if self.rang == CONSTANTE:
            return genre.colonnes[self.nom].titre
        return shown(entete[self.rang])


def reconnaitre(genre, tableau, correspondance=None):
    """(places, table): the columns of `genre` in the file, and the table with its rows untouched.

    A column that is unknown, or that nobody declared for imports, is set aside with a sentence.
    `correspondance`: what somebody chose for this layout. Raises `ColonnesAChoisir` with a sentence
    for each column that is repeated or missing.
    """
    tableau = bon_entete(genre, tableau)
    if correspondance is not None:
        return correspondance.places(genre), tableau
    known = connues(genre)
    header = tableau.entete
    looked, tableau = regarder(tableau)
    if not any(plier(name) in known for name in header):
        raise ColonnesAChoisir(
            "La première ligne ne nomme aucune colonne connue : elle doit être l’en-tête. "
            f"Colonnes connues : {', '.join(genre.complet.noms)}."
        )
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
            places.append(Place(rank, letter, column, mise_de_cote(genre, column, name, letter)))
    if missing := manquantes(genre, {place.nom for place in places}):
        told += missing + [place.ecartee for place in places if not place.nom]
    if told:
        raise ColonnesAChoisir(told)
    return places, tableau


def bon_entete(genre, tableau):
    """The same table from its header on: a title may stand above it, and is not read."""
    looked, tableau = regarder(tableau)
    known = connues(genre, de_loin=True)

    def names(cells):
        return sum(isinstance(cell, str) and plier(cell) in known for cell in cells)

    def filled(cells):
        return sum(cell not in (None, "") for cell in cells)

    if names(tableau.entete):
        return tableau
    rank = next((rank for rank, (_, cells) in enumerate(looked) if names(cells) > 1), None)
    if rank is None and filled(tableau.entete) < 2:
        # A title alone in its row, above a table whose columns nobody knows.
        rank = next((rank for rank, (_, cells) in enumerate(looked) if filled(cells) > 1), None)
    if rank is None:
        return tableau
    number, header = looked[rank]
    rows = islice(iter(tableau.lignes), rank + 1, None)
    return tableau.sous(
        [en_texte(cell) if cell is not None else "" for cell in header],
        rows,
        f"L’en-tête est à la ligne {number} : rien n’est lu de ce qui est au-dessus.",
    )


def connues(genre, *, de_loin=False):
    """{folded word: name of the column}: a name or a title names a column.

    de_loin: also what files of others call it, which is proposed and not taken for granted.
    """
    known = {}
    if de_loin:
        known = {sans_articles(column.titre): column.nom for column in genre.complet.colonnes}
        for name, written in genre.ecrits.items():
            known |= {
                fold(other): name for other in written.noms for fold in (plier, sans_articles)
            }
    known |= {plier(column.titre): column.nom for column in genre.complet.colonnes}
    return known | {plier(column.nom): column.nom for column in genre.complet.colonnes}


def sans_articles(titre):
    """The words of a title that count: « Nom de la commune » is « Nom commune »."""
    return " ".join(mots(titre))


def regarder(tableau):
    """(the first rows, the same table with all its rows)."""
    rows = iter(tableau.lignes)
    looked = list(islice(rows, LIGNES_REGARDEES))
    return looked, tableau.avec(chain(looked, rows))


def _unknown(name, letter, known):
    near = difflib.get_close_matches(plier(name[:LONGEST_NAME]), known, n=1, cutoff=0.6)
    remedy = f" Est-ce « {known[near[0]]} » ? Renommez-la." if near else ""
    return (
        f"La colonne {letter}, « {shown(name)} », est mise de côté : elle est inconnue ici, rien "
        f"n’en est importé.{remedy}"
    )


def mise_de_cote(genre, column, name, letter):
    """The sentence of a known column that no file writes; empty for the others."""
    why = genre.ecartee(column)
    return why and (
        f"La colonne {letter}, « {shown(name)} », est mise de côté : {why}, rien n’en est importé."
    )


def manquantes(genre, names):
    """The sentence of the columns without which no row can be told from another."""
    needed = [name for name in genre.jeu.cle if name not in names]
    if genre.secours and set(genre.secours) <= names:
        # An address is composed: a new row has none to say.
        needed = [name for name in needed if genre.champ(name).name != "slug"]
    if not needed or "identifiant" in names:
        return []
    listed = ", ".join(f"« {name} »" for name in needed)
    return [f"Il manque {listed} : sans cette colonne, rien ne désigne les lignes du fichier."]
