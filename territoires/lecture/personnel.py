"""What is masked in a text that anybody may send, before it is kept or read by anybody.

The portal needs no way to reach a person: a telephone number, an address, a number of social
security or of a bank account is replaced by what it was. No name is recognised: who makes a text
public reads it first.
"""

import re
import unicodedata

from django.utils.text import get_text_list

ENTRE = r"[\s.,;:/()_*·•–—-]{0,3}"
"""What parts the digits of a number that is written to be dialled."""
VOIE = (
    r"rue|avenue|av\.|boulevard|bd\.?|bld|chemin|impasse|all[ée]e|place|route|quai|square|cours|"
    r"passage|sentier|faubourg|lotissement|r[ée]sidence"
)
_MOTIFS = (
    (
        "adresse électronique",
        r"[^\s@<>\"'(),;]{1,64}\s?(?:@|[(\[{]\s?(?:at|arobase|chez)\s?[)\]}])\s?[^\s@<>\"'(),;]{1,255}",
    ),
    (
        "numéro de compte bancaire",
        r"\b[A-Z]{2}\d{2}(?:[ .-]?(?=[A-Z]{0,3}\d)[A-Z0-9]{4}){3,7}(?:[ .-]?[A-Z0-9]{1,3})?\b",
    ),
    (
        "numéro de sécurité sociale",
        (
            r"(?<!\d)[12378](?:[\s.-]?\d){2}[\s.-]?(?:0[1-9]|1[0-2]|[2-9]\d)[\s.-]?"
            r"(?:\d\d|2[AB])(?:[\s.-]?\d){6}(?:[\s.-]?\d\d)?(?!\d)"
        ),
    ),
    (
        "numéro de téléphone",
        rf"(?<!\d)(?:(?:\+|\b00){ENTRE}\d(?:{ENTRE}\d){{8,12}}|0{ENTRE}[1-9](?:{ENTRE}\d){{8}})(?!\d)",
    ),
    (
        "adresse postale",
        rf"(?<!\d)\d{{1,4}}\s?(?:bis|ter|quater)?\s?,?\s{{1,3}}(?:{VOIE})\s{{1,3}}[^\n,.;:]{{2,60}}",
    ),
)
MOTIFS = tuple((nom, re.compile(motif, re.IGNORECASE)) for nom, motif in _MOTIFS)
FEMININS = {"adresse électronique", "adresse postale"}


def en_mots(found):
    """« un numéro de téléphone et une adresse postale »."""
    return get_text_list([f"{'une' if nom in FEMININS else 'un'} {nom}" for nom in found], "et")


def masquer(text):
    """`(text without them, names of what was masked)`."""
    text = "".join(c for c in text if c in "\n\r\t" or unicodedata.category(c)[0] != "C")
    found = []
    for nom, motif in MOTIFS:
        accord = "masquée" if nom in FEMININS else "masqué"
        text, count = motif.subn(f"[{nom} {accord}]", text)
        if count:
            found.append(nom)
    return text, found
