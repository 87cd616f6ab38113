"""From a cell to a value of its column's type: the reader of all our values, over files.

A file of ours writes an apostrophe before what a spreadsheet would run; what is read here has it
no more. Everything else is `territoires.lecture`, as the forms and the addresses have it.
"""

import re
from functools import lru_cache

from programme.donnees.neutralisation import restore
from programme.donnees.schema import Type
from territoires import lecture
from territoires.lecture import ValeurRefusee
from territoires.lecture import cite as shown
from territoires.lecture import est_vide as is_empty
from territoires.lecture import net as canonical
from territoires.lecture.codes import SIREN
from territoires.lecture.nombres import EUROS
from territoires.lecture.texte import en_texte

__all__ = ["ValeurRefusee", "canonical", "is_empty", "lire", "lu_autrement", "plain", "shown"]

COURT = 40
"""Characters of a cell that is likely to come again."""
ERREURS_TABLEUR = {
    "#N/A", "#REF!", "#VALUE!", "#VALEUR!", "#DIV/0!", "#NAME?", "#NOM?", "#NUM!", "#NOMBRE!",
    "#NULL!", "#NUL!",
}  # fmt: skip
UNITES = {"euros": EUROS, "": None}
DECIMALES_NULLES = re.compile(r"[.,]0+(?=\D*$)")


def lire(
    type_,
    cell,
    largeur=0,
    valeurs=(),
    *,
    unite="",
    maximum=lecture.LE_PLUS_GRAND,
    arrondi=False,
):
    """The value of a cell that is not empty.

    largeur: digits of a code. valeurs: the words of a closed list. unite, maximum: those of a
    whole number; arrondi: whether the cents of an amount are rounded.
    """
    read = _lire if isinstance(cell, str) and len(cell) > COURT else _deja_lu
    return read(type_, cell, largeur, valeurs, unite=unite, maximum=maximum, arrondi=arrondi)


def _lire(type_, cell, largeur, valeurs, *, unite, maximum, arrondi):
    if isinstance(cell, str):
        if cell.strip() in ERREURS_TABLEUR:
            raise ValeurRefusee(
                f"« {cell.strip()} » est une erreur du tableur : corrigez la formule, ou videz la "
                "cellule."
            )
        cell = restore(cell)
    if type_ is Type.CODE:
        return lecture.siren(cell) if largeur == SIREN else lecture.code(cell, largeur)
    if type_ is Type.CHOIX:
        return lecture.choix(cell, valeurs)
    if type_ is Type.ENTIER:
        unit = UNITES.get(unite, unite)
        return lecture.entier(cell, unite=unit, maximum=maximum, arrondi=arrondi)
    return LECTEURS.get(type_, lecture.texte)(cell)


# Few words are written over and over; 1, 1.0 and VRAI are not the same cell.
_deja_lu = lru_cache(maxsize=20_000, typed=True)(_lire)

LECTEURS = {
    Type.NOMBRE: lecture.decimal,
    Type.DATE: lecture.jour,
    Type.BOOLEEN: lecture.oui_non,
}


def plain(cell):
    """The text of a cell, as one would type it."""
    return en_texte(restore(cell) if isinstance(cell, str) else cell)


def lu_autrement(type_, cell, value):
    """What the preview says of a value that is not written like its cell; often nothing."""
    if type_ is Type.ENTIER and isinstance(cell, str):
        written = re.sub(r"\D", "", DECIMALES_NULLES.sub("", plain(cell)))
        same, said = written.lstrip("0") == str(value).lstrip("0"), lecture.groupe(value)
    elif type_ is Type.CODE:
        same, said = lecture.sans_signes(plain(cell)) == lecture.sans_signes(value), value
    else:
        return ""
    return "" if same else f"« {shown(cell)} » est lu {said}."
