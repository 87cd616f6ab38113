"""From bytes to text: which encoding a spreadsheet wrote, and what damaged text looks like.

A file that is UTF-8 but for a few bytes is damaged: it is refused, never read in another encoding.
Any other is read in the encoding that makes French of it, as the language's own letters are
distributed; when none does, or two do equally well, it is refused.
"""

import math
import re
from collections import Counter
from functools import cache
from itertools import islice

from territoires.lecture.tables.tableau import FichierRefuse

UTF16 = (b"\xff\xfe", b"\xfe\xff")
BOM = b"\xef\xbb\xbf"
REMEDE = "Dans votre tableur : Enregistrer sous, type « CSV UTF-8 »."

# name of the codec → (what people call it, how likely it is before anything is read).
ANCIENS = {
    "cp1252": ("Windows-1252 (Excel pour Windows)", 0.85),
    "iso8859-15": ("ISO-8859-15 (Linux)", 0.05),
    "mac_roman": ("Mac Roman (Excel pour Mac)", 0.06),
    "cp858": ("CP850 (MS-DOS)", 0.04),
}

# About how often each comes among the characters of French that are not ASCII.
LETTRES = {
    "é": 0.5, "è": 0.1, "à": 0.12, "ê": 0.05, "ç": 0.03, "ô": 0.03, "î": 0.02, "û": 0.01,
    "â": 0.015, "ù": 0.01, "œ": 0.005, "ë": 0.002, "ï": 0.003, "ü": 0.0005, "ÿ": 1e-5, "æ": 1e-4,
    "É": 0.01, "È": 0.002, "À": 0.003, "Ê": 0.001, "Ç": 0.001, "Ô": 5e-4, "Î": 0.001, "Â": 2e-4,
    "Ù": 1e-5, "Û": 1e-5, "Œ": 3e-4, "Ë": 1e-4, "Ï": 2e-4, "Ü": 1e-4, "Æ": 1e-5, "Ÿ": 1e-5,
}  # fmt: skip
SIGNES = {
    "’": 0.1, "‘": 1e-4, "«": 0.02, "»": 0.02, "\xa0": 0.05, "…": 0.005, "–": 0.01, "—": 0.002,
    "€": 0.02, "°": 0.005, "“": 0.001, "”": 0.001, "•": 0.001, "²": 0.001, "³": 2e-4, "½": 1e-4,
    "·": 1e-4, "×": 1e-4, "±": 1e-4, "µ": 1e-4, "™": 1e-5, "®": 1e-5, "©": 1e-5, "§": 1e-5,
    "‰": 1e-5, "¼": 1e-5, "¾": 1e-5, "£": 1e-5,
}  # fmt: skip
ETRANGERE = 1e-6
"""Any other letter of Latin: a name, now and then."""
PREUVE = 2e-4
"""What one character at least must reach."""
IMPOSSIBLE = 1e-12
SANS_DOUTE = math.log(60)
"""By how much the best reading must be likelier than any other."""
SOUVENT = 50
"""Places of one character that are weighed: more would tell nothing new."""
REGARDES = 100_000
"""Places that are looked at: the time to read a file has a bound."""

FRANCAIS = "".join((*LETTRES, *SIGNES, "\u202f\u2009\u2019\u0153\u00ab"))
HABITUELLES = re.compile(f"[{re.escape(FRANCAIS)}\u00c0-\u024f\u0300-\u036f\u2000-\u2fff]")
SUITES_UTF8 = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|\xe0[\xa0-\xbf][\x80-\xbf]"
    rb"|[\xf1-\xf3][\x80-\xbf]{3}|\xf0[\x90-\xbf][\x80-\xbf]{2}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
INCONNU = f"L’encodage du fichier n’est pas reconnu : ses accents seraient faux. {REMEDE}"
NO_TEXT = (
    "Ce fichier n’est ni un texte CSV ni un classeur XLSX : ouvrez-le dans votre tableur et "
    "enregistrez-le dans un de ces formats."
)


def decode(contenu):
    """(text, what its encoding is called) of a file's bytes. Raises `FichierRefuse`."""
    if contenu.startswith(UTF16):
        try:
            return contenu.decode("utf-16"), "UTF-16 (Texte Unicode)"
        except UnicodeDecodeError:
            raise FichierRefuse(NO_TEXT) from None
    if b"\0" in contenu:
        raise FichierRefuse(NO_TEXT)
    try:
        text = contenu.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if contenu.startswith(BOM) or _is_utf8_but(contenu):
            number = _line_of(contenu, error.start)
            raise FichierRefuse(
                f"Ligne {number} : le fichier est en UTF-8, mais un caractère y est abîmé ou "
                "coupé, ou une partie vient d’un fichier d’un autre encodage. Repartez du fichier "
                f"d’origine. {REMEDE}"
            ) from None
        return _decode_ancien(contenu)
    if not text.isascii() and not HABITUELLES.search(text) and any(_sound_readings(contenu)):
        # « D’ÉTÉ » written by a Mac happens to be UTF-8 too, of another alphabet.
        raise FichierRefuse(INCONNU)
    return text, "UTF-8"


def _line_of(contenu, place):
    before = contenu[:place].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1


def _is_utf8_but(contenu):
    """Whether a French character is written in UTF-8 among bytes that are not all of it.

    In no other encoding does French make these sequences: « é » would be « Ã© » or « √© ».
    """
    return any(
        found[0].decode() in FRANCAIS or "\u0300" <= found[0].decode() <= "\u036f"
        for found in SUITES_UTF8.finditer(contenu)
    )


def _decode_ancien(contenu):
    ranked = _sound_readings(contenu)
    if not ranked or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < SANS_DOUTE):
        raise FichierRefuse(INCONNU)
    return ranked[0][1:]


def _sound_readings(contenu):
    """(likelihood, text, name of the encoding) of the readings that may be French, best first."""
    # Each word counts once, however often it comes.
    words = b" ".join(sorted({word for word in contenu.split() if not word.isascii()}))
    readings = {}
    for codec, (name, prior) in ANCIENS.items():
        try:
            text, likelihood = contenu.decode(codec), _likelihood(words.decode(codec), prior)
        except UnicodeDecodeError:
            continue
        if text not in readings and likelihood > -math.inf:
            readings[text] = (likelihood, text, name)
    return sorted(readings.values(), reverse=True)


def _likelihood(text, prior):
    """The logarithm of how likely `text` is to be French; minus infinity when it cannot be."""
    times: Counter[str] = Counter()
    total, likeliest = math.log(prior), 0
    for found in islice(AUTRE.finditer(text), REGARDES):
        place, char = found.start(), found[0]
        times[char] += 1
        chance = _chance(char, text[max(place - 1, 0) : place], text[place + 1 : place + 2])
        if chance <= IMPOSSIBLE:
            return -math.inf
        total += math.log(chance) if times[char] <= SOUVENT else 0
        likeliest = max(likeliest, chance)
    # A foreign letter is a name in a French text, but proves nothing by itself.
    return total if likeliest >= PREUVE else -math.inf


OUVRANTS = "«“½¼¾"
AVANT_ESPACE = set(";:!?»%€°«–—(") | set("0123456789")
AUTRE = re.compile(r"[^\x00-\x7f]")


def _chance(char, before, after):
    """How likely `char` is between its two neighbours, each of them perhaps empty."""
    if char.isalpha() and char != "µ":
        return _chance_of_letter(char, before, after)
    known = SIGNES.get(char, IMPOSSIBLE)
    inside = before.isalpha() and after.isalpha()
    if char in "’‘":
        return known if before.isalpha() else min(known, 1e-4)
    if char == "\xa0":
        return _chance_of_hard_space(known, before, after, inside=inside)
    if char in "–—":
        return 1e-4 if inside else known
    # The other signs are between words or figures, never inside a word.
    ends_a_word = before.isalpha() and (char in OUVRANTS or (char in "€™‰" and before > "\x7f"))
    begins_a_word = after.isalpha() and char not in "«“•·£©°²³"
    return IMPOSSIBLE if inside or ends_a_word or begins_a_word else known


def _chance_of_hard_space(known, before, after, *, inside):
    if before in " -" and after in " -":
        return IMPOSSIBLE  # « à » whose first byte was lost
    return known if after in AVANT_ESPACE or before in "«0123456789" or inside else 1e-4


def _chance_of_letter(char, before, after):
    known = LETTRES.get(char, ETRANGERE if "\xc0" <= char <= "\u024f" else IMPOSSIBLE)
    if char in "ÃÕ" or (char.isupper() and before.islower()):
        return IMPOSSIBLE
    if char.islower() and after.isupper():
        return IMPOSSIBLE if before.isupper() else ETRANGERE
    if not before.isalpha() and not after.isalpha() and char not in "àÀ":
        return min(known, 1e-5) if char.isupper() else ETRANGERE
    if char == "ê" and not (before.isalpha() and after.isalpha()):
        return 1e-4 if after.isalpha() else ETRANGERE
    return known


# --- Text that was damaged before it came ------------------------------------------------------

MELANGES = "éèàêçôîûâùœëïÉÈÀÊÇÔ’«»…–€°\xa0"


@cache
def _marks():
    """What shows that a text was read in a wrong encoding once, as a regular expression."""
    pairs = set()
    for char in MELANGES:
        for codec in ("cp1252", "latin-1", "mac_roman", "cp850"):
            try:
                pairs.add(char.encode().decode(codec))
            except UnicodeDecodeError:
                continue
    # « à » and the hard space lose their second half to whatever cleans blanks.
    pairs |= {"Ã ", "ï¿½", "√ "}
    wrong = "|".join(map(re.escape, sorted(pairs, key=len, reverse=True)))
    return re.compile(
        f"(?P<remplace>\ufffd)|(?P<double>{wrong})"
        # « bÈtiment », « capacit‚ »: one encoding's accent for another's.
        "|(?P<majuscule>(?<=[a-zà-öø-ÿ])[ÈËÍÁÙÓÚÞÛÔÆŽŠÄÅ](?![A-ZÀ-Þ]))"
        "|(?P<signe>(?<=[A-Za-zÀ-ÿ])[‚ˆ‡‰ƒ˚˘](?=[A-Za-zÀ-ÿ])|(?<=[a-z])[‚ˆ‡‰ƒ˚˘])"
        "|(?P<perdu>(?<![\\w/.?=&])[a-zà-öø-ÿ]{1,30}\\?[a-zà-öø-ÿ]{1,30}(?![\\w/.=&?]))"
    )


def damage(text):
    """The sentence that says what is damaged in a text, and the remedy; empty when nothing is."""
    if text.isascii() and "?" not in text:
        return ""
    found = _marks().search(text)
    if found is None:
        return ""
    if found["remplace"]:
        what = "contient « � » à la place d’une lettre perdue"
    else:
        what = f"contient « {_word(text, found)} », impossible en français"
    return (
        f"ce texte {what} : le fichier a été lu ou enregistré dans un mauvais encodage. Corrigez "
        "le texte, ou repartez de l’original, enregistré en « CSV UTF-8 »."
    )


DEUX_FOIS = "ÃÂâï"
"""How a letter of UTF-8 begins where it was read as Windows-1252."""


def misread(text):
    """The same for a text that somebody types: only what no keyboard writes, « Ã© » for « é »."""
    if text.isascii():
        return ""
    for found in _marks().finditer(text):
        if found["double"] and found[0][0] in DEUX_FOIS:
            return (
                f"« {_word(text, found)} » est impossible en français : ce texte a été lu dans un "
                "mauvais encodage avant d’être copié. Retapez ses accents."
            )
    return ""


def _word(text, found):
    """The word around what was found."""
    start, end = found.span()
    while start and found.start() - start < 20 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and end - found.end() < 20 and not text[end].isspace():
        end += 1
    return text[start:end].strip(' ,;.:()"')
