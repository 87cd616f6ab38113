"""One reader of values: what a person wrote, in a form, a file or an address, as a value.

Each function takes a text, or a typed cell of a spreadsheet, and returns a value; it raises
`ValeurRefusee` with a sentence that quotes what was written and says what to write. What can be
read in two ways is refused with both; what can be read in one way alone is read, and echoed.
"""

from .codes import SIREN, code, sans_signes, siren
from .dates import PRECISIONS, date_datee, en_lettres, instant, jour
from .mots import choix, oui_non
from .nombres import LE_PLUS_GRAND, annee, decimal, entier, groupe
from .texte import ValeurRefusee, cite, est_vide, net, texte

__all__ = [
    "LE_PLUS_GRAND",
    "PRECISIONS",
    "SIREN",
    "ValeurRefusee",
    "annee",
    "choix",
    "cite",
    "code",
    "date_datee",
    "decimal",
    "en_lettres",
    "entier",
    "est_vide",
    "groupe",
    "instant",
    "jour",
    "net",
    "oui_non",
    "sans_signes",
    "siren",
    "texte",
]
