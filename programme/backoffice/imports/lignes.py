"""The rows of a file as values of their columns, and the records that they designate."""

import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from programme.backoffice.cadre.champs import plus_grand
from programme.backoffice.imports.comparaison import same_text
from programme.backoffice.imports.entete import CONSTANTE
from programme.backoffice.imports.plan import Faute
from programme.backoffice.imports.relations import devenu
from programme.backoffice.imports.valeurs import (
    ValeurRefusee,
    canonical,
    is_empty,
    lire,
    lu_autrement,
    plain,
    shown,
)
from programme.donnees.schema import Type
from programme.models.base import Absorbable
from territoires.lecture import LE_PLUS_GRAND
from territoires.lecture.tables.encodage import damage
from territoires.lecture.tables.tableau import Illisible, letters

EST_UN_CODE = re.compile(r"^\W*[0-9][0-9AB]?[0-9]{0,4}(?:[.,]0+)?\W*$", re.IGNORECASE)
"""What is a code of a place, and no name."""


@dataclass(frozen=True)
class Doute:
    """Stands for a cell that could not be read: `texte` as it is, and the sentence to tell."""

    texte: str | None
    phrase: str


@dataclass
class Ligne:
    """One row: {column: value, None, or `Doute`}, then the key of its record, None when new.

    entetes: {column: (how the file calls it, its letter)}. ecartees: as `valeurs`, for the columns
    whose values are compared, never written. remarques: what the preview says of a value, under
    its column, or of the whole row, under the empty name. a_verifier: the row is not accepted
    before somebody has looked at it. ecrits: the text of the cells that name what was merged, under
    their column. remplace: what the record that the row names says, when it was merged in that of
    `pk`.
    """

    numero: int
    valeurs: dict
    entetes: dict
    fautes: list = field(default_factory=list)
    pk: object = None
    ecartees: dict = field(default_factory=dict)
    remarques: dict = field(default_factory=dict)
    a_verifier: bool = False
    ecrits: dict = field(default_factory=dict)
    remplace: dict | None = None

    @property
    def origine(self):
        """The key of the record that the row names, merged since or not; None for a new one."""
        return self.remplace["identifiant"] if self.remplace else self.pk

    def remarquer(self, nom, phrase, *, doute=False):
        """Say something of the column `nom`, or of the whole row; `doute`: it is to be checked."""
        self.remarques.setdefault(nom, []).append(phrase)
        self.a_verifier = self.a_verifier or doute

    def fauter(self, nom, phrase):
        """Tell a fault of the cell in the column `nom`; of the whole row when it is empty."""
        self.fautes.append(Faute(self.numero, phrase, *self.entetes.get(nom, (nom, ""))))


def lire_ligne(genre, places, entetes, numero, cells, *, arrondie=False):
    """The `Ligne` of one row of the table; `arrondie`: the cents of its amounts are."""
    row = Ligne(numero, {}, entetes)
    for place in places:
        if place.ecartee and place.nom not in genre.calculees:
            continue
        if place.rang == CONSTANTE:
            cell = place.fixe
        else:
            cell = cells[place.rang] if place.rang < len(cells) else None
        value = lire_cellule(genre, place.nom, cell, arrondie=arrondie)
        if place.ecartee:
            row.ecartees[place.nom] = value
            continue
        row.valeurs[place.nom] = value
        read = value is not None and not isinstance(value, Doute)
        if read and (told := lu_autrement(genre.colonnes[place.nom].type, cell, value)):
            row.remarquer(place.nom, told)
    named = {place.rang for place in places}
    for rank, cell in enumerate(cells):
        if rank not in named and not is_empty(cell):
            row.fautes.append(
                Faute(
                    numero,
                    f"« {shown(cell)} » est dans une colonne sans nom : la ligne a-t-elle un "
                    "séparateur de trop ? Videz la cellule, ou mettez le texte entre guillemets.",
                    lettre=letters(rank + 1),
                )
            )
            break
    return row


def lire_cellule(genre, nom, cell, *, arrondie=False):
    """The value of a cell in the column `nom`, None when it is empty, or a `Doute`."""
    if is_empty(cell):
        return None
    if isinstance(cell, Illisible):
        return Doute(None, cell.phrase)
    if isinstance(cell, str) and (told := damage(cell)):
        return Doute(plain(cell), told)
    try:
        value = _lue(genre, nom, cell, arrondie=arrondie)
    except ValeurRefusee as error:
        return Doute(plain(cell), str(error))
    bounds = nom in genre.ecrits and genre.ecrits[nom].bornes
    if bounds and not bounds[0] <= value <= bounds[1]:
        low, high = bounds
        return Doute(
            None,
            f"« {shown(cell)} » est hors des bornes ({low} à {high}) : la virgule manque-t-elle ?",
        )
    return None if value == "" else value


def _lue(genre, nom, cell, *, arrondie):
    column, written = genre.colonnes[nom], genre.ecrits.get(nom)
    width = written.largeur if written else 0
    if width and written.aussi and isinstance(cell, str) and not EST_UN_CODE.search(cell):
        return lire(Type.TEXTE, cell)  # a name, which the relation looks up
    return lire(
        column.type,
        cell,
        width,
        column.valeurs,
        unite=column.unite,
        maximum=plus_grand(genre.champ(nom)) if written else LE_PLUS_GRAND,
        arrondi=arrondie,
    )


class Enregistrements:
    """The records that the rows of a file may designate, as their own export would say them."""

    def __init__(self, genre, visible, agent):
        self.genre = genre
        self.jeu = genre.vu_par(agent)
        self.visible = visible
        self.courants = {}
        self.par_cle = defaultdict(list)
        self.pris = {}
        self.devenus = {}
        self.cle = ()

    def charger(self, rows, names):
        """Read, in one query, all the records that `rows` may be about; `names`: their columns."""
        genre = self.genre
        self.cle = tuple(name for name in genre.cle if name in names)
        if not self.cle and set(genre.secours) <= names:
            self.cle = genre.secours
        # Of the columns that say which record it is, one that the base can be asked for as it is.
        plain_ones = (genre.complet.colonne(name) for name in (*self.cle, genre.cle[0]))
        first = next(column for column in plain_ones if not callable(column.source))
        path = first.source or first.nom
        condition = Q(pk__in={row.valeurs["identifiant"] for row in rows if self._has_id(row)})
        said = {row.valeurs.get(first.nom) for row in rows}
        texts = {text for text in said if isinstance(text, str)}
        known = {variant for text in texts for variant in (text, text.lower(), text.upper())}
        known |= {day for day in said if isinstance(day, date)}
        condition |= Q(**{f"{path}__in": known})
        for record in self._read(condition):
            if self.cle:
                self.par_cle[self._key(record)].append(record["identifiant"])
        if issubclass(genre.modele, Absorbable):
            gone = self.visible.filter(condition, absorbe_par__isnull=False).order_by()
            kept = {row.pk: row.absorbe_par for row in gone.select_related("absorbe_par")}
            if lacking := {row.pk for row in kept.values()} - self.courants.keys():
                deque(self._read(Q(pk__in=lacking)), maxlen=0)
            self.devenus = {pk: row for pk, row in kept.items() if row.pk in self.courants}

    def _read(self, condition):
        """Keep the records of `condition`, and yield them."""
        expressions = {column.alias: column.expression() for column in self.jeu.colonnes}
        found = self.jeu.annotated(self.visible.filter(condition), **expressions)
        for values in found.values_list(*expressions):
            record = dict(zip(self.genre.complet.noms, values, strict=True))
            self.courants[record["identifiant"]] = record
            yield record

    def designer(self, row, same):
        """Give `row` its record's key, or a fault; `same(row, pk)`: would nothing change?"""
        if self._has_id(row):
            pk = row.valeurs["identifiant"]
            if pk not in self.courants:
                row.fauter(
                    "identifiant",
                    f"« {pk} » ne désigne aucun enregistrement de votre périmètre : videz la "
                    "cellule pour ajouter une ligne, ou retirez la ligne.",
                )
                return
            self._take(row, [pk], same)
        elif self.cle and not any(isinstance(row.valeurs.get(n), Doute) for n in self.cle):
            self._take(row, self.par_cle.get(self._key(row.valeurs), []), same)
        if row.pk in self.devenus and not same(row, row.pk):
            self._follow(row)

    def _follow(self, row):
        """Read as the record that was kept a row which says something new of the one merged."""
        kept = self.devenus[row.pk]
        name = row.valeurs.get(self.cle[0]) if self.cle else None
        name = name if isinstance(name, str) else row.valeurs.get("identifiant")
        told = devenu(name, kept)
        if (number := self.pris.get(kept.pk)) is not None:
            row.fauter(
                "",
                f"{told} La ligne {number} la désigne déjà : reportez-y ce qui change, et retirez "
                "celle-ci du fichier.",
            )
            return
        row.remplace, row.pk = self.courants[row.pk], kept.pk
        self.pris[kept.pk] = row.numero
        row.remarquer("", told)

    def _has_id(self, row):
        return isinstance(row.valeurs.get("identifiant"), int | str)

    def _take(self, row, candidates, same):
        free = [pk for pk in candidates if pk not in self.pris]
        if len(free) > 1:
            # Without all of its key, a row that changes nothing still tells which record it is.
            exact = [pk for pk in free if same(row, pk)]
            if not exact and len({self._devenu(pk) for pk in free}) == 1:
                exact = [self._devenu(free[0])]
            if not exact:
                row.fauter(
                    self.cle[0],
                    f"cette ligne peut désigner {len(free)} enregistrements : repartez d’un "
                    "fichier exporté de l’espace des comités, qui a une colonne « identifiant ».",
                )
                return
            free = exact
        if free:
            row.pk = free[0]
            self.pris[row.pk] = row.numero
        elif candidates:
            row.fauter(
                "identifiant" if self._has_id(row) else self.cle[0],
                f"cette ligne désigne le même enregistrement que la ligne "
                f"{self.pris[candidates[0]]} : gardez-en une, ou videz son identifiant pour en "
                "ajouter un.",
            )

    def _devenu(self, pk):
        return self.devenus[pk].pk if pk in self.devenus else pk

    def _key(self, values):
        return tuple(self._comparable(name, values.get(name)) for name in self.cle)

    def _comparable(self, name, value):
        if not isinstance(value, str):
            return value
        text = canonical(value)
        return text.casefold() if self.genre.colonnes[name].type is Type.CODE else text


def se_lit_pareil(type_, doute, current):
    """Whether a cell that could not be read is, as it stands, what the record says already."""
    if doute.texte is None or current is None:
        return False
    return same_text(doute.texte, str(current), type_)
