"""A file's value and the record's own: the same, whatever spreadsheets made of it on the way."""

from programme.backoffice.imports.valeurs import canonical
from programme.donnees.schema import Type
from programme.donnees.xlsx import CUT

PRECISION = 0.6e-6
"""Half a unit of the sixth decimal, that the exports round to, and a little more."""


def pareil(type_, value, current):
    """Whether `value`, read in a file, says what the record says already."""
    if value is None or current is None:
        return _none(value) and _none(current)
    if type_ is Type.NOMBRE:
        return abs(value - current) < PRECISION
    if not type_.is_text:
        return value == current
    return same_text(value, str(current), type_)


def _none(value):
    return value is None or (isinstance(value, str) and not canonical(value))


def same_text(value, current, type_):
    """The same for texts: blanks, the zeros that a spreadsheet eats, its cut of long texts."""
    value, current = canonical(value), canonical(current)
    if value == current:
        return True
    if type_ is Type.CODE and value.casefold() == current.casefold():
        return True
    if value.endswith(canonical(CUT)):
        return current.startswith(canonical(value.removesuffix(canonical(CUT))))
    # The record itself says which zeros are missing.
    return value.isascii() and value.isdigit() and value.zfill(len(current)) == current


def est_coupe(value):
    """Whether Excel's limit cut this text when it was exported."""
    return isinstance(value, str) and value.endswith(canonical(CUT))
