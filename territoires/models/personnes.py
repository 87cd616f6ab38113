"""What is said of a person: a name and a function, never how to reach them.

The portal publishes names and functions in office only. An e-mail address or a telephone number
that slips into such a field is refused wherever it comes from: form, row, import, act.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst

COURRIEL = re.compile(
    r"@|[(\[{]\s*(?:at|a|chez|arobase)\s*[)\]}]|\barobase\b"
    r"|[\w-]{2,}\.(?:fr|com|org|net|eu|info|bzh|gouv|asso)\b"
    r"|\w\s+(?:at|chez)\s+[\w-]+\s*(?:\.|\bpoint\b|\bdot\b)\s*\w"
    r"|\b(?:gmail|hotmail|orange|wanadoo|yahoo|outlook|laposte|free|sfr)\s*(?:\.|point|dot)\s*\w",
    re.IGNORECASE,
)
# Days and years are no number to dial. What is left of digits, and of what parts them, may be.
JOURS = re.compile(
    r"\b\d{1,2}/\d{1,2}/(?:19|20)\d\d\b|\b(?:19|20)\d\d(?:\s*[,;/–—-]\s*(?:19|20)\d\d)+\b"
)
CHIFFRES = re.compile(r"\d(?:[\s.,;:/()+_*·•–—-]*\d)*")
APPEL = re.compile(
    r"(?<!\w)(?:t[ée]l|t[ée]l[ée]phone|portable|mobile|gsm)\b[\s.:°n]*[+(]?\d", re.IGNORECASE
)
ASSEZ = 9
"""Digits, in a row or parted, that can be dialled: a French number without its first zero."""


def _plain(text):
    """`text` with ordinary digits, signs and spaces, an O among digits read as a zero."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return re.sub(r"(?<![^\W\d_])[oO](?=[\s.-]*\d)|(?<=\d)[oO](?![^\W\d_])", "0", text)


def coordonnees(text):
    """« une adresse électronique » or « un numéro de téléphone » found in `text`; else nothing."""
    text = _plain(text)
    if COURRIEL.search(text):
        return "une adresse électronique"
    runs = CHIFFRES.findall(JOURS.sub(" ", text))
    if APPEL.search(text) or any(sum(map(str.isdigit, run)) >= ASSEZ for run in runs):
        return "un numéro de téléphone"
    return ""


class TexteDePersonne(models.CharField):
    """A `CharField` that refuses an e-mail address and a telephone number.

    For the database and its migrations it is an ordinary one.
    """

    def deconstruct(self):
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def run_validators(self, value):
        super().run_validators(value)
        if value and (found := coordonnees(str(value))):
            raise ValidationError(
                f"{capfirst(self.verbose_name)} : ce texte se voit sur le site, {found} ne s’y "
                "écrit pas. Ne gardez que le nom ou la fonction.",
                code="coordonnees",
            )
