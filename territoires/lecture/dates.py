"""Days as people write them; a month or a year alone is a date of that precision."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from territoires.dates import a_la_minute, date_in_words, en_chiffres, iso
from territoires.lecture.texte import ValeurRefusee, cite, en_texte
from territoires.recherche.texte import plier

PRECISIONS = JOUR, MOIS, ANNEE, AU_PLUS_TARD = "jour", "mois", "année", "au plus tard"
LE_PLUS_LONG = 60
PREMIERE_ANNEE, DERNIERE_ANNEE = 1950, 2100
# Two digits of a year, when they can only be a day of this programme.
SIECLE = range(18, 50)
# A spreadsheet keeps a day as a number: midnight may come out a few thousandths late, or early.
MINUIT, UN_JOUR = timedelta(seconds=1), timedelta(days=1)
HEURE_NULLE = r"(?:[T ]0?0[:h]00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)?)?"
ISO = re.compile(rf"([0-9]{{4}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}}){HEURE_NULLE}")
FRANCAISE = re.compile(
    rf"([0-9]{{1,2}})\s?[/.\-–]\s?([0-9]{{1,2}})\s?[/.\-–]\s?([0-9]{{4}}|[0-9]{{2}}){HEURE_NULLE}"
)
EN_LETTRES = re.compile(
    r"(?:le )?(?:(?P<semaine>[a-z]+) )?(?:le )?(?P<jour>[0-9]{1,2}) ?(?:er)? (?P<mois>[a-z]+)"
    r" (?P<annee>[0-9]{4}|[0-9]{2})(?: 00 00(?: 00)?)?"
)
MOIS_SEUL = re.compile(r"(?:en )?(?P<mois>[a-z]+) (?P<annee>[0-9]{4})")
MOIS_CHIFFRE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{4})|([0-9]{4})-([0-9]{1,2})")
ANNEE_SEULE = re.compile(r"(?:en )?([0-9]{4})")
LIMITE = re.compile(r"au plus tard (?:le |en )?")
COLLES = re.compile(r"[0-9]{8}")
SEMAINE = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
NOMS_DES_MOIS = (
    ("janvier", "janv", "jan"),
    ("février", "fevr", "fev"),
    ("mars",),
    ("avril", "avr"),
    ("mai",),
    ("juin",),
    ("juillet", "juil"),
    ("août", "aou"),
    ("septembre", "sept", "sep"),
    ("octobre", "oct"),
    ("novembre", "nov"),
    ("décembre", "dec"),
)
MOIS_PAR_NOM = {plier(name): n for n, names in enumerate(NOMS_DES_MOIS, 1) for name in names}


def jour(ecrit, *, depuis=PREMIERE_ANNEE):
    """A day. A month or a year alone is refused, with the day that stands for it.

    depuis: the first year that is likely.
    """
    found, precision = date_datee(ecrit, depuis=depuis)
    if precision == JOUR:
        return found
    if precision == AU_PLUS_TARD:
        remedy = f"écrivez le jour seul, {en_chiffres(found)}"
    else:
        remedy = f"écrivez le jour, le mois et l’année, par exemple {en_chiffres(found)}"
    raise ValeurRefusee(
        f"« {cite(ecrit)} » n’est pas une date complète : {remedy} ; là où une précision se "
        f"choisit, prenez « {precision} »."
    )


def date_datee(ecrit, *, depuis=PREMIERE_ANNEE):
    """(day, what it stands for: one of `PRECISIONS`); `depuis`: the first year that is likely."""
    if isinstance(ecrit, datetime):
        return _plausible(_of_cell(ecrit), ecrit, depuis), JOUR
    if isinstance(ecrit, date):
        return _plausible(ecrit, ecrit, depuis), JOUR
    if isinstance(ecrit, int | float) and not isinstance(ecrit, bool):
        if isinstance(ecrit, int) and PREMIERE_ANNEE <= ecrit <= DERNIERE_ANNEE:
            return date(ecrit, 1, 1), ANNEE
        raise ValeurRefusee(
            f"« {cite(ecrit)} » est un nombre : mettez la cellule au format « Date », ou écrivez "
            "la date ainsi : 06/03/2019."
        )
    text = en_texte(ecrit)
    try:
        found = _typed(text) if len(text) <= LE_PLUS_LONG else None
    except ValueError:
        raise ValeurRefusee(
            f"« {cite(ecrit)} » n’existe pas au calendrier : vérifiez le jour et le mois "
            "(jour/mois/année)."
        ) from None
    if found is None:
        raise ValeurRefusee(
            f"« {cite(ecrit)} » n’est pas une date complète : écrivez le jour, le mois et l’année, "
            "ainsi : 06/03/2019."
        )
    return _plausible(found[0], ecrit, depuis), found[1]


def _of_cell(moment):
    """The day of a spreadsheet's moment: at midnight, or as near as its numbers can say."""
    day, since = moment.date(), moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if since >= UN_JOUR - MINUIT:
        day, since = day + UN_JOUR, MINUIT
    if since > MINUIT:
        raise ValeurRefusee(f"« {cite(moment)} » porte une heure : gardez le jour seul.")
    return day


def _typed(text):
    """(day, precision) that a text says; None when it says none, ValueError for no such day."""
    if not text.isascii() and any(c.isdigit() and not c.isascii() for c in text.replace("ᵉ", "")):
        return None
    if found := ISO.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3])), JOUR
    if found := FRANCAISE.fullmatch(text):
        return date(_year(found[3]), int(found[2]), int(found[1])), JOUR
    if COLLES.fullmatch(text):
        return _glued(text)
    if found := MOIS_CHIFFRE.fullmatch(text):
        month, year = (found[1], found[2]) if found[1] else (found[4], found[3])
        return date(int(year), int(month), 1), MOIS
    return _in_words(plier(text))


def _glued(text):
    """Eight digits: the one order in which they are a day of our time, or a refusal."""
    year_first, day_first = (text[:4], text[4:6], text[6:]), (text[4:], text[2:4], text[:2])
    found = set()
    for parts in (year_first, day_first):
        try:
            day = date(*map(int, parts))
        except ValueError:
            continue
        if PREMIERE_ANNEE <= day.year <= DERNIERE_ANNEE:
            found.add(day)
    if len(found) == 1:
        return found.pop(), JOUR
    if found:
        said = " ou ".join(f"{en_chiffres(day)}" for day in sorted(found))
        raise ValeurRefusee(f"« {text} » se lit de deux façons : écrivez {said}.")
    raise ValueError(text)


def _in_words(text):
    precision = JOUR
    if found := LIMITE.match(text):
        text, precision = text[found.end() :], AU_PLUS_TARD
        numbers = text.split()
        if len(numbers) == 3 and all(part.isdigit() for part in numbers):
            return date(_year(numbers[2]), int(numbers[1]), int(numbers[0])), precision
    found = EN_LETTRES.fullmatch(text)
    if found and found["mois"] in MOIS_PAR_NOM and _is_weekday(found["semaine"]):
        day = date(_year(found["annee"]), MOIS_PAR_NOM[found["mois"]], int(found["jour"]))
        _check_weekday(found["semaine"], day)
        return day, precision
    if precision == AU_PLUS_TARD:
        return None
    if (found := MOIS_SEUL.fullmatch(text)) and found["mois"] in MOIS_PAR_NOM:
        return date(int(found["annee"]), MOIS_PAR_NOM[found["mois"]], 1), MOIS
    if found := ANNEE_SEULE.fullmatch(text):
        return date(int(found[1]), 1, 1), ANNEE
    return None


def _is_weekday(word):
    return word is None or any(name.startswith(word) and len(word) > 2 for name in SEMAINE)


def _check_weekday(word, day):
    right = SEMAINE[day.weekday()]
    if word is not None and not right.startswith(word):
        raise ValeurRefusee(
            f"le {en_chiffres(day)} est un {right} : vérifiez la date, ou retirez le jour de la "
            "semaine."
        )


def _plausible(day, ecrit, depuis):
    if depuis <= day.year <= DERNIERE_ANNEE:
        return day
    raise ValeurRefusee(f"« {cite(ecrit)} » : l’année {day.year} est invraisemblable, vérifiez-la.")


def _year(text):
    year = int(text)
    if len(text) == 4:
        return year
    if year not in SIECLE:
        raise ValeurRefusee(f"« {text} » : écrivez l’année sur quatre chiffres.")
    return 2000 + year


def en_lettres(day):
    """« 1er mars 2024 »."""
    return date_in_words(day)


# --- Instants ---------------------------------------------------------------------------------

PARIS = ZoneInfo("Europe/Paris")
HEURE = re.compile(
    r"(?P<jour>.+?)[T ](?P<h>[0-9]{2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2})(?:\.(?P<f>[0-9]{1,6}))?)?"
    r"(?P<decalage>Z|[-+ ][0-9]{2}:?[0-9]{2})?"
)


def instant(ecrit):
    """`(datetime, whether a day alone was written)`: a day stands for its end, in Paris.

    An hour is that of Paris, unless `Z` or an offset follows it.
    """
    texte = en_texte(ecrit).strip()
    found = HEURE.fullmatch(texte)
    day = jour(found["jour"] if found else texte)
    if not found:
        return datetime.combine(day, time.max, tzinfo=PARIS), True
    try:
        micro = int((found["f"] or "0").ljust(6, "0"))
        hour = time(int(found["h"]), int(found["m"]), int(found["s"] or 0), micro)
    except ValueError as error:
        raise ValeurRefusee("Cette heure n’existe pas.") from error
    there = datetime.combine(day, hour)
    if found["decalage"]:
        # In an address a plus sign that was not escaped is read as a space.
        told = found["decalage"].replace(" ", "+").replace("Z", "+00:00")
        try:
            return datetime.fromisoformat(f"{iso(there)}{told}"), False
        except ValueError as error:
            raise ValeurRefusee("Ce décalage n’existe pas.") from error
    local = there.replace(tzinfo=PARIS)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise ValeurRefusee(
            "À Paris cette heure n’existe pas ce jour-là, ou existe deux fois : ajoutez le "
            f"décalage, par exemple {a_la_minute(there)}+01:00."
        )
    return local, False
