"""Texts as two machines agree on them: composed (NFC), without invisible characters."""

import re
import unicodedata
from datetime import date, datetime, time

from territoires.dates import en_chiffres, iso

CITES = 60
"""Characters of what was written that a sentence quotes."""
LIGNES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Marks of format and of direction, selectors, fillers: pasted with a text, seen by nobody.
INVISIBLES = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# What no keyboard writes: a file that was read as another kind.
ILLISIBLES = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
PERDU = "\ufffd"


class ValeurRefusee(Exception):
    """What was written is no value; the message quotes it and says what to write."""


def cite(ecrit):
    """What was written, as a sentence quotes it: whole when it is short, without surprise."""
    if isinstance(ecrit, bool):
        return "VRAI" if ecrit else "FAUX"
    if isinstance(ecrit, date):
        return en_chiffres(ecrit)
    if isinstance(ecrit, float):
        ecrit = repr(ecrit).replace(".", ",")
    if _is_immense(ecrit):
        return "un nombre immense"
    text = ILLISIBLES.sub(PERDU, str(ecrit)).replace("\n", " ")
    return text if len(text) <= CITES else f"{text[:CITES]}…"


def _is_immense(ecrit):
    """Whether an integer has too many digits for Python to write them."""
    return isinstance(ecrit, int) and ecrit.bit_length() > 4 * CITES


def net(ecrit):
    """A text, clean: NFC, one kind of line break, nothing invisible, no blank at the ends."""
    if ecrit.isascii():
        return (LIGNES.sub("\n", ecrit) if not ecrit.isprintable() else ecrit).strip()
    text = INVISIBLES.sub("", LIGNES.sub("\n", ecrit))
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.strip()


def est_vide(ecrit):
    return ecrit is None or (isinstance(ecrit, str) and not net(ecrit))


def en_texte(ecrit):
    """A typed cell as one would type it."""
    if isinstance(ecrit, str):
        return net(ecrit)
    if isinstance(ecrit, bool):
        return "VRAI" if ecrit else "FAUX"
    if isinstance(ecrit, float) and ecrit.is_integer():
        return str(int(ecrit))
    if isinstance(ecrit, datetime):
        return iso(ecrit.date()) if ecrit.time() == time() else str(ecrit)
    return "" if ecrit is None else str(ecrit) if not _is_immense(ecrit) else cite(ecrit)


def texte(ecrit):
    """A text as it is kept."""
    text = en_texte(ecrit)
    if PERDU in text:
        raise ValeurRefusee(
            f"« {cite(text)} » contient « {PERDU} », un caractère perdu en route : retapez le "
            "texte, ou enregistrez le fichier en « CSV UTF-8 » et recommencez."
        )
    if found := ILLISIBLES.search(text):
        raise ValeurRefusee(
            f"« {cite(text)} » contient un caractère invisible (U+{ord(found[0]):04X}) : "
            "retapez le texte."
        )
    return text
