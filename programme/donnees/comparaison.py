"""What is not the same in two tables of rows: the one comparison, of releases and of moments."""

from programme.donnees.schema import SEPARATEUR_LISTE
from territoires.dates import iso


def texte(value):
    """A value as one text: of a key that is compared, of a cell that says what changed."""
    if isinstance(value, list):
        return SEPARATEUR_LISTE.join(map(texte, value))
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value is None else iso(value) if hasattr(value, "isoformat") else str(value)


def cle(ligne, noms):
    """The key of a row, a dictionary: its values in the columns `noms`, as texts."""
    return tuple(texte(ligne.get(nom)) for nom in noms)


def comparer(avant, apres, noms, colonnes, differe):
    """`(key, before, after, fields)` of each row that is not the same in both tables.

    avant, apres: rows, each in the order of its keys (`cle`), read once. before, after: the row, or
    None where it is not. fields: `(column, before, after)` of those that differ. differe: whether
    two values do; of a row that is not, each is None. A row that came or went is told whatever it
    holds.
    """
    old, new = _keyed(avant, noms), _keyed(apres, noms)
    one, two = next(old, None), next(new, None)
    while one or two:
        before = one if two is None or (one and one[0] <= two[0]) else None
        after = two if one is None or (two and two[0] <= one[0]) else None
        rows = [each and each[1] for each in (before, after)]
        fields = [
            (nom, *pair) for nom in colonnes if differe(*(pair := [_value(r, nom) for r in rows]))
        ]
        if fields or None in rows:
            yield (before or after)[0], *rows, fields
        one = next(old, None) if before else one
        two = next(new, None) if after else two


def _value(row, nom):
    return None if row is None else row.get(nom)


def _keyed(lignes, noms):
    return ((cle(ligne, noms), ligne) for ligne in lignes)
