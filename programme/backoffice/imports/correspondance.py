"""What the columns of a layout are: understood, chosen once by whoever knows, and remembered.

A file of the portal's own names its columns as the portal does, and needs none of this.
"""

import hashlib
import re
from dataclasses import asdict, dataclass, field, replace

from programme.backoffice.imports.entete import (
    CONSTANTE,
    Place,
    connues,
    mise_de_cote,
    sans_articles,
)
from programme.backoffice.imports.valeurs import is_empty, shown
from programme.models import Import
from territoires.lecture.tables.tableau import Illisible, letters
from territoires.recherche.texte import plier

A_CHOISIR = "?"
"""Stands for a column that may be several things: nobody but a person can say which."""
DERNIERES = 20
"""Layouts of an agent among which the name of a column is looked for."""
MONTANT = re.compile(r"\b(?:montants?|aides?|subventions?|couts?|ht|ttc|dotation|depenses?)\b")
CODE_COMMUNE = re.compile(r"[0-9][0-9AB]?[0-9]{3}", re.IGNORECASE)


@dataclass(frozen=True)
class Correspondance:
    """For each column of the file, in order: the name of ours, or nothing when it is set aside.

    entete: the names in the file. valeurs: {name: text} that is the same in each row. reprises:
    {name: rank of the column of the file} for a column of ours that a second one repeats. suite:
    how the codes that are proposed begin. arrondie: whether cents are rounded. comme: the file and
    the day whence it is remembered.
    """

    entete: list
    colonnes: list
    valeurs: dict = field(default_factory=dict)
    reprises: dict = field(default_factory=dict)
    suite: str = ""
    arrondie: bool = False
    comme: str = ""

    def __post_init__(self):
        if len(self.entete) != len(self.colonnes):
            raise ValueError("a name for each column of the file")

    def as_json(self):
        return {name: value for name, value in asdict(self).items() if name != "comme"}

    @property
    def noms(self):
        """The names of our columns that get something."""
        return {*self.colonnes, *self.valeurs, *self.reprises} - {""}

    def places(self, genre):
        found = []
        for rank, (name, column) in enumerate(zip(self.entete, self.colonnes, strict=True)):
            letter = letters(rank + 1)
            if column:
                aside = mise_de_cote(genre, column, name, letter)
            else:
                aside = (
                    f"La colonne {letter}, « {shown(name)} », est mise de côté, comme choisi : "
                    "rien n’en est importé."
                )
            found.append(Place(rank, letter, column, aside))
        found += [Place(rank, letters(rank + 1), column) for column, rank in self.reprises.items()]
        return found + [
            Place(CONSTANTE, "", column, fixe=text) for column, text in self.valeurs.items()
        ]

    def dite(self, genre):
        """The sentences of the preview on what was chosen beside the columns."""
        if self.comme:
            yield f"Colonnes lues comme dans {self.comme}."
        for column, rank in self.reprises.items():
            title = genre.colonnes[column].titre
            yield f"« {title} » reprend la colonne « {shown(self.entete[rank])} »."
        for column, text in self.valeurs.items():
            title = genre.colonnes[column].titre
            yield f"« {title} » est « {shown(text)} » pour toutes les lignes, comme choisi."
        if self.suite:
            yield (
                f"Les codes des lignes nouvelles sont proposés : « {self.suite} » et un numéro, "
                "à la suite de ceux qui existent."
            )


def empreinte(entete):
    """What identifies a layout: the names of its columns, in order."""
    return hashlib.sha256("\n".join(map(plier, entete)).encode()).hexdigest()


def retenue(code, agent, entete):
    """The `Correspondance` that `agent` chose last for this layout; None when there is none."""
    mine = Import.objects.filter(genre=code, agent=agent, correspondance__isnull=False)
    last = mine.filter(disposition=empreinte(entete)).defer("contenu").first()
    if last is None:
        return None
    return Correspondance(**{**last.correspondance, "entete": entete}, comme=last.dit)


def gardee(depot):
    """The `Correspondance` of an import; None when its columns are known by their names."""
    return None if depot.correspondance is None else Correspondance(**depot.correspondance)


@dataclass(frozen=True)
class Comprise:
    """What is understood of one column of a file: `nom` is proposed, `phrase` says why."""

    rang: int
    lettre: str
    titre: str
    exemples: list
    nom: str
    phrase: str


def comprendre(genre, tableau, lignes, agent):
    """A `Comprise` for each column of the file; `lignes`: its first rows."""
    known = connues(genre)
    far = connues(genre, de_loin=True)
    before = _retenus(genre.code, agent)
    found, taken = [], {}
    for rank, title in enumerate(tableau.entete):
        cells = [row[rank] for _, row in lignes if len(row) > rank and not is_empty(row[rank])]
        word = plier(title)
        if word in before:
            name, told = before[word], "comme dans un de vos fichiers"
        elif word in known:
            name, told = known[word], "d’après son nom"
        elif near := far.get(word) or far.get(sans_articles(title)):
            name, told = near, "d’après son nom"
        elif MONTANT.search(word):
            name, told = (
                A_CHOISIR,
                "un montant : de tout le projet, ou de l’aide ? À vous de le dire",
            )
        else:
            name, told = "", "inconnue" if cells else "vide"
        if not cells and name != A_CHOISIR:
            name, told = "", "vide"
        name, told = _selon_le_contenu(name, told, cells)
        if name in taken:
            name, told = _deja_prise(found, taken, name, cells)
        if name and name != A_CHOISIR:
            taken[name] = rank
        readable = (cell for cell in cells if not isinstance(cell, Illisible))
        samples = list(dict.fromkeys(map(shown, readable)))[:3]
        found.append(Comprise(rank, letters(rank + 1), title, samples, name, told))
    return found


def _selon_le_contenu(name, told, cells):
    """A name of commune says less than its code: where there is one column, it will do."""
    if name == "commune_nom" and _are_codes(cells):
        return "commune", "d’après son contenu : des codes INSEE"
    if name == "commune" and cells and not _are_codes(cells):
        return name, "des noms de communes, lus par leur nom"
    return name, told


def _deja_prise(found, taken, name, cells):
    """Of two columns that would be the commune, the one of codes is; the other is its name."""
    if name == "commune":
        if not _are_codes(cells):
            return "commune_nom", "comparée au code de la commune"
        first = taken["commune"]
        if not found[first].exemples or not CODE_COMMUNE.fullmatch(found[first].exemples[0]):
            found[first] = replace(
                found[first], nom="commune_nom", phrase="comparée au code de la commune"
            )
            taken["commune_nom"] = first
            return "commune", "d’après son contenu : des codes INSEE"
    return "", "une autre colonne du fichier le dit déjà"


def _are_codes(cells):
    texts = [str(cell).strip() for cell in cells]
    return bool(texts) and all(CODE_COMMUNE.fullmatch(text) for text in texts)


def _retenus(code, agent):
    """{folded title: name} of the columns that `agent` chose in other layouts."""
    mine = Import.objects.filter(genre=code, agent=agent, correspondance__isnull=False)
    known = {}
    for kept in reversed(mine.values_list("correspondance", flat=True)[:DERNIERES]):
        known |= {
            plier(title): name
            for title, name in zip(kept["entete"], kept["colonnes"], strict=True)
            if name and title.strip()
        }
    return known
