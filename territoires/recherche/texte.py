"""One normalisation of French text, the same whatever the database.

Case, accents, ligatures, apostrophes, hyphens, plurals and articles do not matter; « St » is
« Saint ». What is indexed and what is asked go through the same functions.
"""

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

_SANS_DECOMPOSITION = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_ARTICLES = {"le", "la", "les", "l", "un", "une", "de", "du", "des", "d", "et", "a", "au", "aux"}
_ABREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
_ABREVIATIONS |= dict.fromkeys(("dept", "dep", "dpt"), "departement")

_MARQUES = re.compile(r"[\u0300-\u036f]+")
_AUTRES = re.compile(r"[^a-z0-9]+")
_CHIFFRE = re.compile(r"[0-9]")
_ORDINAL = re.compile(r"\b([0-9]{1,2})(?:er|ere|e|eme|nd|nde)\b")
# « 810 565 101 », with or without the five digits of an établissement: the SIREN alone.
_SIREN = re.compile(r"\b([0-9]{3}) ?([0-9]{3}) ?([0-9]{3})(?: ?[0-9]{5})?\b")
_CODE_POSTAL = re.compile(r"\b([0-9]{2}) ([0-9]{3})\b")
# A postcode of the post office's own: of its five digits only the département is a place.
_CEDEX = re.compile(r"\bcedex(?: [0-9]{1,2})?\b")
_CODE_CEDEX = re.compile(r"\b(?:20[0-9]{3}|(97[0-9]|[0-9]{2})[0-9]{2,3})\b(?= ?[a-z])")
_ELISION = re.compile(r"\b([dl])['’](?=\w)", re.IGNORECASE)

_stemmer = snowballstemmer.stemmer("french")


def plier(texte):
    """Fold to lower-case a–z and 0–9, words separated by one space."""
    minuscules = texte.lower()
    if not minuscules.isascii():
        decompose = unicodedata.normalize("NFKD", minuscules.translate(_SANS_DECOMPOSITION))
        minuscules = _MARQUES.sub("", decompose)
    return _AUTRES.sub(" ", minuscules).strip()


def mots(texte, *, en_cours=False):
    """The words that count, in order: no article, abbreviations in full, numbers in one piece.

    A text made of articles only keeps them, so that no name is empty. `en_cours`: the last word
    may not be finished, so it is kept as it is.
    """
    plie = plier(texte)
    if _CEDEX.search(plie):
        plie = _CODE_CEDEX.sub(r"\1", _CEDEX.sub("", plie))
    if _CHIFFRE.search(plie):
        plie = _SIREN.sub(r"\1\2\3", _ORDINAL.sub(r"\1", plie))
        plie = _CODE_POSTAL.sub(r"\1\2", plie)
    bruts = plie.split()
    dernier = [bruts.pop()] if en_cours and bruts else []
    tous = [_ABREVIATIONS.get(mot, mot) for mot in bruts]
    return [mot for mot in tous if mot not in _ARTICLES] + dernier or tous


def sans_elision(texte):
    """« L’Haÿ-les-Roses » as one types it without its apostrophe: « LHaÿ-les-Roses »."""
    return _ELISION.sub(r"\1", texte)


@lru_cache(maxsize=65_536)
def racine(mot):
    """The stem of one word of `mots`; a word with a digit is its own."""
    return _stemmer.stemWord(mot) if mot.isalpha() else mot


def trigrammes(mot):
    """The set of three-letter pieces of a word, its beginning and its end marked."""
    borde = f"  {mot} "
    return {borde[i : i + 3] for i in range(len(borde) - 2)}


def distance(a, b, maximum):
    """How many slips make `a` into `b`, or `maximum` + 1 when there are more.

    A slip is a letter added, left out or replaced, or two neighbours exchanged.
    """
    if abs(len(a) - len(b)) > maximum:
        return maximum + 1
    avant, precedente, ligne = [], [], list(range(len(b) + 1))
    for i, lettre in enumerate(a, 1):
        avant, precedente, ligne = precedente, ligne, [i]
        for j, autre in enumerate(b, 1):
            cout = min(precedente[j] + 1, ligne[j - 1] + 1, precedente[j - 1] + (lettre != autre))
            if i > 1 and j > 1 and lettre == b[j - 2] and a[i - 2] == autre:
                cout = min(cout, avant[j - 2] + 1)
            ligne.append(cout)
        # An exchange reaches two lines back: both must be beyond the maximum to give up.
        if min(ligne) > maximum and min(precedente) > maximum:
            return maximum + 1
    return min(ligne[-1], maximum + 1)
