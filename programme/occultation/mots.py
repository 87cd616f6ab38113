"""What is masked, however it is written, and the one word that takes its place.

A telephone number is found with other separators or the prefix of the country; a name with other
spaces, capitals or accents, its words turned round, and in the addresses that were made of it.
"""

import json
import re
from collections import defaultdict
from urllib.parse import quote_plus, unquote_plus

from territoires.occultes import marque
from territoires.recherche.texte import plier

SIGNES, CHIFFRES = 4, 6
"""A shorter text, or number, would mask what is not meant."""
ENTRE = r"(?:[\s.\-/()+·•–—_\u00a0\u202f]|%20|%2B)*"
"""What people, and addresses, write between the digits of a number."""
ENTRE_MOTS = r"(?:[\s\-_+.,]|%20)+"
MOTS_TOURNES = 4
"""A name has no more words: « Camille Martin » is « MARTIN Camille » too."""
EN_ADRESSE = "occulte"
"""What takes its place in the address of a page, and in a code."""


class TropCourt(ValueError):
    """What is to be masked would be found anywhere."""


def motif_de(texte):
    """The pattern that finds `texte` however it is written. Raises `TropCourt`."""
    words = texte.split()
    digits = re.sub(r"\D", "", texte)
    if re.fullmatch(r"[\d\s.\-/()+]+", texte):
        if len(digits) < CHIFFRES:
            raise TropCourt(f"Un nombre de moins de {CHIFFRES} chiffres se trouverait partout.")
        return re.compile(rf"(?<!\d){_number(texte, digits)}(?!\d)")
    if len("".join(words)) < SIGNES:
        raise TropCourt(f"Un texte de moins de {SIGNES} signes se trouverait partout.")
    orders = [words]
    if 1 < len(words) <= MOTS_TOURNES and not re.search(r"[\d@]", texte):
        orders.append([words[-1], *words[:-1]])
    said = "|".join(ENTRE_MOTS.join("".join(map(_sign, word)) for word in one) for one in orders)
    return re.compile(rf"(?<!\w)(?:{said})(?!\w)", re.IGNORECASE)


def _number(texte, digits):
    """Of France, with its prefix or the 0 that stands for it; else its digits."""
    for prefix in ("0033", "33") if "+" in texte or digits.startswith("00") else ():
        if digits.startswith(prefix):
            digits = "0" + digits.removeprefix(prefix).removeprefix("0")
            break
    if len(digits) == 10 and digits.startswith("0"):
        rest = ENTRE.join(digits[1:])
        return rf"(?:\+{ENTRE}33|0033|33|0){ENTRE}(?:0{ENTRE})?{rest}"
    return ENTRE.join(digits)


def _base(char):
    """A letter without its accent; any other sign as it is."""
    return plier(char).strip() or char


def _variantes():
    found = defaultdict(str)
    for char in map(chr, range(0xC0, 0x250)):
        found[_base(char)] += char
    return found


VARIANTES = _variantes()
LIGATURES = {"œ": "(?:œ|oe)", "æ": "(?:æ|ae)"}


def _sign(char):
    """A sign of a word, however it is written."""
    if char in "'’":
        return "['’-]"
    if char.lower() in LIGATURES:
        return LIGATURES[char.lower()]
    base = _base(char)
    if not (base.isalpha() and len(base) == 1):
        return re.escape(char)
    return rf"[{base}{VARIANTES[base]}][\u0300-\u036f]*"


class Masque:
    """What is to be masked, and by what."""

    def __init__(self, texte, jour):
        self.motif = motif_de(texte)
        self.marque = marque(jour)

    def sur(self, value):
        """`value` masked; itself when it has nothing to mask."""
        if isinstance(value, str):
            return self._texte(value)
        if isinstance(value, list):
            return [self.sur(item) for item in value]
        if isinstance(value, dict):
            return {self.sur(key): self.sur(item) for key, item in value.items()}
        return value

    def est_dans(self, text):
        """Whether a text holds it, be it written for an address."""
        return bool(self.motif.search(text) or self.motif.search(unquote_plus(text)))

    def _texte(self, text):
        if "=" in text and not re.search(r"\s", text) and self.est_dans(text):
            return self.requete(text)
        text = self.motif.sub(self.marque, text)
        if "\\u" in text and (masked := self._json(text)) is not None:
            return masked
        if ("%" in text or "+" in text) and self.motif.search(unquote_plus(text)):
            return self.requete(text)
        return text

    def _json(self, text):
        """A text that is JSON, whose signs are not written as they read; None for any other."""
        try:
            told = json.loads(text)
        except ValueError:
            return None
        return json.dumps(self.sur(told)) if isinstance(told, list | dict) else None

    def requete(self, text):
        """The same in what is written for an address: each value is masked, the rest stays."""
        parts = re.split(r"([?&=/#])", text)
        return "".join(
            part
            if (masked := self.motif.sub(self.marque, plain := unquote_plus(part))) == plain
            else quote_plus(masked)
            for part in parts
        )

    def adresse(self, value):
        """The same in a code, or in the address of a page."""
        return self.motif.sub(EN_ADRESSE, value)

    def ligne(self, ligne):
        return {nom: self.sur(value) for nom, value in ligne.items()}
