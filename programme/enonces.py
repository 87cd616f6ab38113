"""A figure as somebody stated it: the number never goes without its hedge.

The only place that writes an announced figure in words; the models call it, and a test refuses any
other way.
"""

from decimal import Decimal

from django.utils.formats import number_format

NBSP = "\N{NO-BREAK SPACE}"
COLLECTIFS = {"une vingtaine de": 20, "une trentaine de": 30, "une centaine de": 100}
"""Hedges that are the number: « une trentaine de territoires »."""

_PUISSANCES = ((10**9, "Md€"), (10**6, "M€"))
_VOYELLES = "aeiouyhéèêâîôû"


def quantite(valeur, unite=""):
    """« 1 400 projets », « 5,4 Md€ », « 100 M€ par an », « 48 % »: every digit that was stated."""
    if unite.startswith("EUR"):
        return f"{_montant(valeur)}{unite.removeprefix('EUR')}"
    nombre = number_format(valeur, force_grouping=True)
    return f"{nombre}{NBSP}{_accordee(valeur, unite)}" if unite else nombre


def enonce(nature, valeur, unite=""):
    """The figure with its hedge: « plus de 1 400 projets », « une trentaine de territoires »."""
    if nature in COLLECTIFS:
        if not unite:
            return nature.removesuffix(" de").replace(" ", NBSP)
        lien = f"{nature[:-2]}d’" if unite[0].lower() in _VOYELLES else f"{nature}{NBSP}"
        return f"{lien}{unite}"
    said = quantite(valeur, unite)
    return said if nature == "exact" else f"{nature}{NBSP}{said}"


_ENGLISH = {
    "exact": "",
    "environ": "about ",
    "plus de": "more than ",
    "près de": "nearly ",
    "au moins": "at least ",
    **dict.fromkeys(COLLECTIFS, "about "),
}


def in_english(nature, valeur, euros):
    """The same for the page in English: « more than 1,400 », « €5.4 billion »."""
    if not euros:
        return f"{_ENGLISH[nature]}{valeur:,}"
    for size, unit in ((10**9, "billion"), (10**6, "million")):
        if valeur >= size and valeur % (size // 1000) == 0:
            return f"{_ENGLISH[nature]}€{(Decimal(valeur) / size).normalize():f}{NBSP}{unit}"
    return f"{_ENGLISH[nature]}€{valeur:,}"


def promesse(cible, unite, approximatif, mots):
    """A target with the hedge that its source has: « une vingtaine de territoires ».

    `mots` are the source's own words, `approximatif` whether it hedges; None without a target.
    """
    if cible is None:
        return None
    return enonce(nature_de_promesse(approximatif, mots), cible, unite)


def nature_de_promesse(approximatif, mots):
    """The hedge of a target, a `Nature` of announced figures: « environ », « une vingtaine de »."""
    said = (nature for nature in COLLECTIFS if nature.removesuffix(" de") in mots)
    return next(said, "environ" if approximatif else "exact")


def _montant(valeur):
    """Euros in their largest unit when three decimals say them all; else in full."""
    size, unit = next((pair for pair in _PUISSANCES if valeur >= pair[0]), (0, ""))
    if size and valeur % (size // 1000) == 0:
        return f"{number_format((Decimal(valeur) / size).normalize())}{NBSP}{unit}"
    return f"{number_format(valeur, force_grouping=True)}{NBSP}€"


def _accordee(valeur, unite):
    """The unit, its first word in the singular below two: « 1 contrat »."""
    premier, *suite = unite.split(" ")
    if valeur < 2 and len(premier) > 3:
        premier = premier.removesuffix("s")
    return " ".join([premier, *suite])
