"""Numbers and amounts as people write them: « 1 500 000 € », « 1,2 M€ », « 1500000,00 »."""

import math
import re
import unicodedata
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from territoires.lecture.dates import DERNIERE_ANNEE, PREMIERE_ANNEE
from territoires.lecture.texte import ValeurRefusee, cite, en_texte

LE_PLUS_GRAND = 10**15
"""A million of milliards: kept exactly by both databases, spreadsheets and browsers."""
CHIFFRES = 15
CHIFFRES_DECIMAUX = 17
"""Those that tell any two numbers of a machine apart: what one has written, one may read again."""
LE_PLUS_LONG = 80
EUROS = "€"
SCIENTIFIQUE = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?[eE][-+]?[0-9]+")
SIGNES_MOINS = re.compile("[\u2212\u2010-\u2013\ufe63\uff0d]")
APOSTROPHES = re.compile("[’ʼ‘′`´]")
BLANCS = re.compile(r"\s+")
UNITE = r"€|euros?|eur"
ECRIT = re.compile(
    rf"(?P<devant>{UNITE})?\s?(?P<signe>[-+(]?)\s?(?P<nombre>[0-9](?:[0-9 .,']*[0-9])?)[.,]?\)?\s?"
    r"(?P<multiple>milliers?|mille|millions?|milliards?|mio|mds?|mrds?|k|m)?\s?"
    rf"(?:d'\s?|de )?(?P<unite>{UNITE}|e\b)?\.?",
    re.IGNORECASE,
)
MULTIPLES = {"k": 10**3, "mi": 10**6, "md": 10**9, "mr": 10**9}
GROUPES = re.compile(r"[0-9]{1,3}(?:[ '][0-9]{3})+(?:[.,][0-9]+)?")
MONNAIES = re.compile(r"[$£¥₣]|\b(?:usd|gbp|chf|xpf|cfp|francs?|dollars?|[km]?f)\b", re.IGNORECASE)
UN_NOMBRE = re.compile(r"[0-9](?:[0-9 .,']*[0-9])?")


def groupe(nombre):
    """« 1 500 000 », with spaces that do not break."""
    return f"{nombre:,}".replace(",", "\u00a0")


def entier(ecrit, *, unite=None, maximum=LE_PLUS_GRAND, arrondi=False):
    """A whole number, not negative.

    unite: « € » for an amount; another word, or none, for what is counted: « k€ » says nothing
    there; None where either may be written. arrondi: whether somebody chose that the cents of an
    amount be rounded.
    """
    value = _whole(ecrit, unite, arrondi=arrondi)
    if value > maximum:
        raise ValeurRefusee(
            f"« {cite(ecrit)} » dépasse {groupe(maximum)}, le plus grand nombre admis ici : "
            "vérifiez le nombre de chiffres."
        )
    return value


def annee(ecrit):
    """A year, on four digits."""
    value = entier(ecrit, unite="")
    if not PREMIERE_ANNEE <= value <= DERNIERE_ANNEE:
        raise ValeurRefusee(
            f"« {cite(ecrit)} » n’est pas une année vraisemblable : écrivez-la sur quatre "
            "chiffres, ainsi : 2021."
        )
    return value


def decimal(ecrit, *, minimum=None, maximum=None):
    """A number that may have decimals, after a comma or a point; it may be negative."""
    value = _float(ecrit)
    low = minimum is not None and value < minimum
    if low or (maximum is not None and value > maximum):
        raise ValeurRefusee(
            f"« {cite(ecrit)} » est hors des bornes ({minimum} à {maximum}) : "
            "la virgule manque-t-elle ?"
        )
    return value


# --- Whole numbers ----------------------------------------------------------------------------


def _whole(ecrit, unite, *, arrondi=False):
    if isinstance(ecrit, bool | date):
        raise ValeurRefusee(f"« {cite(ecrit)} » n’est pas un nombre : écrivez un nombre entier.")
    if isinstance(ecrit, int | float | Decimal):
        return _of_cell(ecrit, unite, arrondi=arrondi)
    text = _plain(ecrit)
    found = ECRIT.fullmatch(text)
    # « ke », « me », but no « e » alone.
    if found is None or (found["unite"] in {"e", "E"} and not found["multiple"]):
        raise ValeurRefusee(f"« {cite(ecrit)} » {_why(text, unite)}")
    if found["signe"] in {"-", "("} or text.startswith("("):
        raise ValeurRefusee(_negative(ecrit))
    if unite not in {None, EUROS}:
        _refuse_money(ecrit, found, unite)
    number = _core(found["nombre"], ecrit, _factor(found["multiple"]))
    if found["multiple"] == "m":
        raise ValeurRefusee(
            f"« {cite(ecrit)} » : « m » se lit millions ou milliers. Écrivez "
            f"{_typed(number * 10**6)} ou {_typed(number * 10**3)}."
        )
    value = number * _factor(found["multiple"])
    return _rounded(value, ecrit, unite, found["multiple"], arrondi=arrondi)


def _of_cell(ecrit, unite, *, arrondi):
    if not isinstance(ecrit, int) and not math.isfinite(ecrit):
        raise ValeurRefusee(f"« {cite(ecrit)} » n’est pas un nombre : écrivez-le en chiffres.")
    # Sums of a spreadsheet: 1 234,000 000 000 2 is 1 234.
    near = round(ecrit)
    if not isinstance(ecrit, int) and abs(ecrit - near) > max(1e-6, abs(near) * 1e-14):
        if ecrit < 0:
            raise ValeurRefusee(_negative(ecrit))
        return _rounded(Decimal(repr(ecrit)), ecrit, unite, None, arrondi=arrondi)
    if near < 0:
        raise ValeurRefusee(_negative(ecrit))
    return near


def _negative(ecrit):
    return f"« {cite(ecrit)} » est négatif : écrivez un nombre positif, ou laissez vide."


def _plain(ecrit):
    """What was typed, with one kind of blank, of minus, of apostrophe; refused when too long."""
    text = BLANCS.sub(" ", en_texte(ecrit))
    digits = sum(character.isdigit() for character in text)
    if digits > 4 * CHIFFRES or len(text) > LE_PLUS_LONG:
        said = f"compte {digits} chiffres" if digits > CHIFFRES else "est trop long"
        raise ValeurRefusee(
            f"« {cite(ecrit)} » {said} : un nombre a {CHIFFRES} chiffres au plus, écrivez-le seul."
        )
    return APOSTROPHES.sub("'", SIGNES_MOINS.sub("-", text))


def _core(text, ecrit, factor):
    """The `Decimal` of digits, blanks, points and commas; what reads in two ways is refused."""
    if " " in text or "'" in text:
        if not GROUPES.fullmatch(text):
            glued = re.sub("[ ']", "", text)
            raise ValeurRefusee(
                f"« {cite(ecrit)} » : les espaces n’y séparent pas des milliers. Écrivez {glued}, "
                "ou un seul nombre."
            )
        return Decimal(re.sub("[ ']", "", text).replace(",", "."))
    parts = re.split("[.,]", text)
    signs = re.findall("[.,]", text)
    if not signs:
        return Decimal(text)
    thousands = all(len(part) == 3 for part in parts[1:]) and 1 <= len(parts[0]) <= 3
    thousands = thousands and parts[0].strip("0") != ""
    if len(signs) == 1:
        value = Decimal(".".join(parts))
        if thousands:
            grouped = _typed(int("".join(parts)) * factor)
            raise ValeurRefusee(
                f"« {cite(ecrit)} » se lit de deux façons : écrivez {grouped}"
                + _or_decimal(value * factor)
            )
        return value
    if thousands and len(set(signs)) == 1:
        return Decimal("".join(parts))
    *grouping, last = signs
    groups = all(len(part) == 3 for part in parts[1:-1]) and 1 <= len(parts[0]) <= 3
    if groups and len(set(grouping)) == 1 and last not in grouping:
        return Decimal("".join(parts[:-1]) + "." + parts[-1])
    raise ValeurRefusee(
        f"« {cite(ecrit)} » n’est pas un nombre : écrivez-le sans point ni virgule entre les "
        "milliers."
    )


def _or_decimal(value):
    near = round(value)
    if value == near:
        return f" ou {_typed(near)}."
    return f", sans point ni virgule ; si c’est {_typed(value)}, l’arrondi {_typed(near)}."


def _factor(multiple):
    if not multiple:
        return 1
    word = multiple.casefold()
    if word.startswith("mill"):
        names = {"mille": 10**3, "millier": 10**3, "million": 10**6, "milliard": 10**9}
        return names[word.rstrip("s")]
    if word == "m":
        return 10**6 if multiple == "M" else 1
    return MULTIPLES[word[:2]] if word != "k" else MULTIPLES["k"]


def _rounded(value, ecrit, unite, multiple, *, arrondi):
    if value == value.to_integral_value():
        return int(value)
    if arrondi and unite == EUROS and not multiple:
        return int(value.to_integral_value(ROUND_HALF_UP))
    low = math.floor(value)
    near = f"{_typed(low)} ou {_typed(low + 1)}"
    if unite != EUROS and not multiple:
        raise ValeurRefusee(
            f"« {cite(ecrit)} » : arrondissez-le à l’unité, ce nombre est entier. Écrivez {near}."
        )
    told = f"« {cite(ecrit)} » : les montants sont en euros entiers. Écrivez {near}"
    if not multiple and value < 1000:
        millions = value * 10**6
        told += f" ; pour {_typed(value)} million{'s' if value >= 2 else ''}, {_typed(millions)}"
    raise ValeurRefusee(f"{told}.")


def _typed(value):
    """A number as one is asked to type it."""
    if value == int(value):
        return groupe(int(value))
    whole, _, rest = f"{value.normalize():f}".partition(".")
    return f"{groupe(int(whole))},{rest}"


def _refuse_money(ecrit, found, unite):
    if not found["multiple"]:
        return  # a column at the format « Euro » says nothing false of its number
    counted = f"compte des {unite}" if unite else "est un nombre, pas un montant"
    number = _core(found["nombre"], ecrit, _factor(found["multiple"]))
    value = number * _factor(found["multiple"])
    raise ValeurRefusee(
        f"« {cite(ecrit)} » : ce champ {counted}. Écrivez le nombre seul, {_typed(value)}."
    )


def _why(text, unite):
    """What is wrong with a text that is no number, and what to write."""
    if SCIENTIFIQUE.fullmatch(text):
        return f"est une écriture abrégée, peut-être arrondie : {_in_full(text)}"
    if "%" in text:
        return "est un pourcentage : écrivez le nombre lui-même, en chiffres."
    if MONNAIES.search(text) and UN_NOMBRE.search(text):
        return "n’est pas en euros : convertissez le montant, et écrivez-le en euros."
    if any(c.isdigit() and not c.isascii() for c in text):
        ours = "".join(str(unicodedata.digit(c, c)) for c in text)
        said = f" : {ours}" if ours.isascii() else ""
        return f"n’est pas écrit avec les chiffres 0 à 9 : retapez-le{said}."
    return _alone(UN_NOMBRE.findall(text), unite)


def _alone(numbers, unite):
    if len(numbers) == 1:
        return f"n’est pas un nombre seul : écrivez seulement {numbers[0].strip()}."
    if numbers:
        return "contient plusieurs nombres : écrivez un seul nombre."
    example = "1 500 000" if unite == EUROS else "1 500"
    return (
        f"n’est pas un nombre : écrivez un nombre entier, en chiffres, ainsi : {example}, "
        "ou laissez vide si vous ne l’avez pas."
    )


def _in_full(text):
    mantissa, _, power = text.casefold().replace(",", ".").partition("e")
    if not abs(int(power[:9])) <= CHIFFRES:
        return "écrivez le nombre en entier, en chiffres."
    value = Decimal(mantissa) * Decimal(10) ** int(power)
    return f"écrivez le nombre en entier, {_typed(value)} si c’est bien lui."


# --- Numbers with decimals --------------------------------------------------------------------


def _float(ecrit):
    example = "écrivez-le comme 48,75."
    if isinstance(ecrit, bool | date):
        raise ValeurRefusee(f"« {cite(ecrit)} » n’est pas un nombre : {example}")
    if isinstance(ecrit, int | float | Decimal):
        if not -LE_PLUS_GRAND <= ecrit <= LE_PLUS_GRAND:
            raise ValeurRefusee(f"« {cite(ecrit)} » n’est pas un nombre admis : {example}")
        return float(ecrit)
    text = _plain(ecrit)
    found = re.fullmatch(r"([-+]?) ?([0-9 ']+(?:[.,][0-9]+)?)", text)
    core = found[2].strip() if found else ""
    if not found or ((" " in core or "'" in core) and not GROUPES.fullmatch(core)):
        numbers = UN_NOMBRE.findall(text)
        why = "contient plusieurs nombres" if len(numbers) > 1 else "n’est pas un nombre"
        raise ValeurRefusee(f"« {cite(ecrit)} » {why} : {example}")
    digits = re.sub("[ ']", "", core).replace(",", ".")
    if len(digits.replace(".", "").lstrip("0")) > CHIFFRES_DECIMAUX:
        raise ValeurRefusee(
            f"« {cite(ecrit)} » a trop de chiffres : gardez-en {CHIFFRES_DECIMAUX} au plus, "
            "décimales comprises."
        )
    return float(f"{found[1]}{digits}")
