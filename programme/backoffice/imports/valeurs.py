"""From a cell to a value of its column's type, with the repairs that leave no doubt.

Each reader takes a cell (text, number, date, boolean) and returns a value, never None; it raises
`ValeurRefusee` with a sentence that quotes the cell and says the remedy.
"""

import re
from datetime import date, datetime, time
from functools import lru_cache

from programme.donnees.neutralisation import restore
from programme.donnees.schema import Type
from territoires.recherche.texte import plier

BLANKS = " \t\u00a0\u2007\u2009\u202f"
ZERO_WIDTH = "\ufeff\u200b"
COURT = 40
"""Characters of a cell that is likely to come again."""
SHOWN = 60
"""Characters of a cell that a sentence quotes."""
# Three zeros after a point may be thousands: they are refused.
ENTIER = re.compile(r"(-?[0-9]{1,30})(?:[.,]0{0,2})?")
MILLIERS = re.compile(r"-?[0-9]{1,3}(?:[.,][0-9]{3})+")
DECIMAL = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
SCIENTIFIQUE = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?e[+-]?[0-9]+", re.IGNORECASE)
UNITE = re.compile(r"(?:€|euros?|eur)$", re.IGNORECASE)
MULTIPLE = re.compile(
    r"(?:k|mds?|m|(?:mill(?:ion|iard|ier)s?))(?:€|d.euros|euros?)?$", re.IGNORECASE
)
ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
FRANCAISE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4}|[0-9]{2})(?: 00:00(?::00)?)?")
EN_LETTRES = re.compile(r"(?:[a-z]+ )?([0-9]{1,2})(?:er)? ([a-z]+) ([0-9]{4})")
MOIS = {
    name: rank
    for rank, names in enumerate(
        (
            ("janvier", "janv"),
            ("fevrier", "fevr"),
            ("mars",),
            ("avril", "avr"),
            ("mai",),
            ("juin",),
            ("juillet", "juil"),
            ("aout",),
            ("septembre", "sept"),
            ("octobre", "oct"),
            ("novembre", "nov"),
            ("decembre", "dec"),
        ),
        1,
    )
    for name in names
}
# Two digits of a year, when they can only be a day of this programme.
SIECLE = range(18, 50)
ERREURS_TABLEUR = {
    "#N/A", "#REF!", "#VALUE!", "#VALEUR!", "#DIV/0!", "#NAME?", "#NOM?", "#NUM!", "#NOMBRE!",
    "#NULL!", "#NUL!",
}  # fmt: skip
SIREN, SIRET = 9, 14
CODE_ENTIER = "retapez-le, la colonne au format « Texte »."
PREMIERE_ANNEE, DERNIERE_ANNEE = 1950, 2100
OUI, NON = {"oui", "vrai", "true", "1", "o"}, {"non", "faux", "false", "0", "n"}
INVISIBLES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


class ValeurRefusee(Exception):
    """The cell does not say a value of its column; the message quotes it and says the remedy."""


def shown(cell):
    """The cell as a sentence quotes it."""
    if isinstance(cell, bool):
        return "VRAI" if cell else "FAUX"
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    text = INVISIBLES.sub("�", str(cell))
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def is_empty(cell):
    return cell is None or (isinstance(cell, str) and not cell.strip(BLANKS + ZERO_WIDTH + "\r\n"))


def canonical(text):
    """A text as two spreadsheets agree on it: one kind of line break, no blank at the ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip(BLANKS + ZERO_WIDTH + "\n")


def lire(type_, cell, largeur=0, valeurs=()):
    """The value of a cell that is not empty. `largeur`: digits of a code; `valeurs`: its words."""
    if isinstance(cell, str) and len(cell) > COURT:
        return _lire(type_, cell, largeur, valeurs)
    return _deja_lu(type_, cell, largeur, valeurs)


def _lire(type_, cell, largeur, valeurs):
    if isinstance(cell, str) and cell.strip() in ERREURS_TABLEUR:
        raise ValeurRefusee(
            f"« {cell.strip()} » est une erreur du tableur : corrigez la formule, ou videz la "
            "cellule."
        )
    if type_ is Type.CODE:
        return _code(cell, largeur)
    if type_ is Type.CHOIX:
        return _choix(cell, valeurs)
    return READERS[type_](cell)


# Few words are written over and over; 1, 1.0 and VRAI are not the same cell.
_deja_lu = lru_cache(maxsize=20_000, typed=True)(_lire)


def plain(cell):
    """The text of a cell, as one would type it."""
    if isinstance(cell, str):
        return canonical(restore(cell))
    if isinstance(cell, bool):
        return "VRAI" if cell else "FAUX"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return str(cell)


def _texte(cell):
    text = plain(cell)
    if found := INVISIBLES.search(text):
        raise ValeurRefusee(
            f"« {shown(cell)} » contient un caractère invisible (U+{ord(found[0]):04X}) : "
            "retapez le texte."
        )
    return text


def _code(cell, largeur):
    if isinstance(cell, date):
        raise ValeurRefusee(
            f"le tableur a pris ce code pour une date ({shown(cell)}) : mettez la colonne au "
            "format « Texte » et retapez le code."
        )
    text = plain(cell)
    if SCIENTIFIQUE.fullmatch(text):
        raise ValeurRefusee(
            f"« {text} » : le tableur a remplacé le code par un nombre arrondi. Mettez la colonne "
            "au format « Texte » et retapez le code."
        )
    if not largeur:
        return _texte(cell)
    text = "".join(c for c in text if c not in BLANKS)
    if found := re.fullmatch(r"([0-9]+)[.,]0+", text):
        text = found[1]
    if text.isascii() and text.isdigit():
        text = _siren(text, cell) if largeur == SIREN else _padded(text, largeur)
    return _texte(text.upper())


def _padded(text, largeur):
    """The code with the zero that a spreadsheet ate."""
    return text.zfill(largeur) if len(text) == largeur - 1 else text


def _siren(text, cell):
    padded = _padded(text, SIREN)
    if len(text) != SIREN and len(padded) == SIREN and _has_good_key(padded):
        return padded
    if len(text) == SIREN:
        return text
    remedy = "gardez les neuf premiers chiffres du SIRET." if len(text) == SIRET else CODE_ENTIER
    raise ValeurRefusee(f"« {shown(cell)} » n’est pas un SIREN de neuf chiffres : {remedy}")


def _has_good_key(siren):
    """Whether the last digit is the one that the others call for (Luhn)."""
    digits = [int(digit) * (1 + rank % 2) for rank, digit in enumerate(reversed(siren))]
    return sum(sum(divmod(digit, 10)) for digit in digits) % 10 == 0


def _choix(cell, valeurs):
    text = plain(cell)
    for value in valeurs:
        if plier(value) == plier(text):
            return value
    said = ", ".join(valeurs)
    raise ValeurRefusee(f"« {shown(cell)} » n’est pas un des mots admis. Écrivez : {said}.")


def _number_text(cell):
    """A typed number without blanks, nor the euro sign that says its unit."""
    text = "".join(c for c in plain(cell) if c not in BLANKS + "'’").replace("−", "-")
    return UNITE.sub("", text)


def _entier(cell):
    if isinstance(cell, bool | date):
        raise ValeurRefusee(f"« {shown(cell)} » n’est pas un nombre : écrivez un nombre entier.")
    text = _number_text(cell)
    found = ENTIER.fullmatch(text)
    if found:
        return _positive(int(found[1]), cell)
    if MULTIPLE.search(text):
        remedy = "écrivez le nombre en entier, sans « k » ni « M » : 1500000."
    elif MILLIERS.fullmatch(text):
        remedy = "écrivez le nombre sans point ni virgule entre les milliers."
    elif DECIMAL.fullmatch(text):
        remedy = "arrondissez-le à l’unité : ce nombre est entier."
    elif SCIENTIFIQUE.fullmatch(text):
        remedy = "le tableur l’a arrondi ; mettez la cellule au format « Nombre » sans décimale."
    else:
        remedy = "écrivez un nombre entier, en chiffres."
    raise ValeurRefusee(f"« {shown(cell)} » : {remedy}")


def _positive(value, cell):
    if value < 0:
        raise ValeurRefusee(
            f"« {shown(cell)} » est négatif : écrivez un nombre positif, ou videz la cellule."
        )
    return value


def _nombre(cell):
    if isinstance(cell, bool | date):
        raise ValeurRefusee(f"« {shown(cell)} » n’est pas un nombre : écrivez-le comme 48,75.")
    text = _number_text(cell)
    if not DECIMAL.fullmatch(text):
        raise ValeurRefusee(f"« {shown(cell)} » n’est pas un nombre : écrivez-le comme 48,75.")
    return float(text.replace(",", "."))


def _date(cell):
    if isinstance(cell, datetime):
        if cell.time() != time():
            raise ValeurRefusee(f"« {shown(cell)} » porte une heure : gardez le jour seul.")
        return _plausible(cell.date(), cell)
    if isinstance(cell, date):
        return _plausible(cell, cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        raise ValeurRefusee(
            f"« {shown(cell)} » est un nombre : mettez la cellule au format « Date », ou écrivez "
            "la date ainsi : 06/03/2019."
        )
    text = plain(cell)
    try:
        found = _typed_date(text)
    except ValueError:
        raise ValeurRefusee(
            f"« {shown(cell)} » n’existe pas au calendrier : vérifiez le jour et le mois "
            "(jour/mois/année)."
        ) from None
    if found is None:
        raise ValeurRefusee(
            f"« {shown(cell)} » n’est pas une date complète : écrivez le jour, le mois et l’année, "
            "ainsi : 06/03/2019."
        )
    return _plausible(found, cell)


def _typed_date(text):
    """The date that a text says; None when it says none, ValueError when there is no such day."""
    if found := ISO.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := FRANCAISE.fullmatch(text):
        return date(_year(found[3]), int(found[2]), int(found[1]))
    if (found := EN_LETTRES.fullmatch(plier(text))) and found[2] in MOIS:
        return date(int(found[3]), MOIS[found[2]], int(found[1]))
    return None


def _plausible(day, cell):
    if PREMIERE_ANNEE <= day.year <= DERNIERE_ANNEE:
        return day
    raise ValeurRefusee(f"« {shown(cell)} » : l’année {day.year} est invraisemblable, vérifiez-la.")


def _year(text):
    year = int(text)
    if len(text) == 4:
        return year
    if year not in SIECLE:
        raise ValeurRefusee(f"« {text} » : écrivez l’année sur quatre chiffres.")
    return 2000 + year


def _booleen(cell):
    word = plier(plain(cell))
    if word in OUI:
        return True
    if word in NON:
        return False
    raise ValeurRefusee(f"« {shown(cell)} » : écrivez oui ou non.")


READERS = {
    Type.TEXTE: _texte,
    Type.ENTIER: _entier,
    Type.NOMBRE: _nombre,
    Type.DATE: _date,
    Type.BOOLEEN: _booleen,
}
