"""Four answers to « combien ? » and to « quoi ? »: a value, zero, not told, does not apply.

Zero is said only where somebody told that there is none. A count or a sum rests on the records
that tell something: `reponse` says which of the four it is, and whatever prints, draws or writes
a figure is given what it returns.
"""

NON_RENSEIGNE = "non renseigné"
"""Nobody told us: None in Python, empty in a file, this word in the interface and in addresses."""


class _SansObjet:
    """The question does not arise: `str` says so; false, as a missing value is."""

    def __bool__(self):
        return False

    def __str__(self):
        return "sans objet"

    __repr__ = __str__


SANS_OBJET = _SansObjet()


def reponse(valeur, *, dits, sur=None):
    """What a count or a sum answers, when `dits` records tell something of it, out of `sur`.

    None when none does; `SANS_OBJET` when there is no record that could; else `valeur`, zero
    included.
    """
    if sur == 0:
        return SANS_OBJET
    return valeur if dits else None


def pourcentage(combien, sur):
    """`combien` out of `sur`, in whole per cent; what is missing in either is missing in it.

    « 0 % » is a count that is told to be zero; a whole that is zero has no parts.
    """
    if combien is None or sur is None:
        return None
    if combien is SANS_OBJET or not sur:
        return SANS_OBJET
    return round(100 * combien / sur)
