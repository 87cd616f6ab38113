"""What stands in place of a personal datum that was masked, and how whoever saves knows of it."""

import re

from territoires.dates import date_in_words

DEBUT = "[occulté"
MARQUE = re.compile(r"\[occulté(?: le [^\]]+)?\]")
RAISON = "donnée personnelle occultée"
"""What the history says of a row that was masked: forms and files of before are told by it."""


def marque(jour=None):
    """« [occulté le 26 mars 2027] »; without a day, « [occulté] »."""
    return f"{DEBUT} le {date_in_words(jour)}]" if jour else f"{DEBUT}]"


def est_occulte(text):
    """Whether a text begins by saying that it was masked."""
    return text.startswith(DEBUT)


def porte_marque(value):
    """Whether a value says anywhere that something of it was masked."""
    return isinstance(value, str) and DEBUT in value


def remettrait(value, typed):
    """Whether what is typed in place of a value leaves its mark out: it may be what was there."""
    return porte_marque(value) and not porte_marque(typed)


def semblable(masked, text):
    """Whether a text is what was masked, but for what its marks stand for."""
    return re.fullmatch(".+".join(map(re.escape, MARQUE.split(masked))), text) is not None
