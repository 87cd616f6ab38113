"""The one way to write a date: in words with what it stands for, in figures, or for machines.

`precision` is a `Precision` or a `Certitude`, as stored: what is known of the date goes wherever
the date goes. Empty: nobody told it, and the words say so. A test finds any other way.
"""

from datetime import UTC, datetime

from django.utils import timezone
from django.utils.formats import date_format

JOUR, MOIS, ANNEE, AU_PLUS_TARD = "jour", "mois", "année", "au plus tard"
EXACTE, RECONSTITUEE = "exacte", "reconstituée"

_CONNU = {ANNEE: "Y", MOIS: "Y-m"}
"""What a machine may read of a date that is not known to the day."""
_DEVANT = {"": "", "le": "le ", "depuis": "depuis le "}
_VAGUE = {"": "", "le": "en ", "depuis": "depuis "}
_SUITES = {RECONSTITUEE: " (date reconstituée)", "": " (précision non renseignée)"}


def _day(day):
    text = date_format(day, "j F Y")
    return f"1er{text[1:]}" if day.day == 1 else text


def parties(date, precision=JOUR, forme=""):
    """`(before, words, after)` of a date; `forme` is "", « le » or « depuis »."""
    if isinstance(date, datetime):
        date = timezone.localdate(date)
    if precision in _CONNU:
        return _VAGUE[forme], date_format(date, "Y" if precision == ANNEE else "F Y"), ""
    if precision == AU_PLUS_TARD:
        if forme == "depuis":
            return "depuis le ", _day(date), " au plus tard"
        return "", f"au plus tard le {_day(date)}", ""
    return _DEVANT[forme], _day(date), _SUITES.get(precision or "", "")


def date_in_words(date, precision=JOUR):
    """« 6 mars 2019 », « novembre 2021 », « au plus tard le 30 avril 2019 »; None for no date."""
    return None if date is None else "".join(parties(date, precision))


def le(date, precision=JOUR):
    """« le 6 mars 2019 », « en novembre 2021 », « au plus tard le 30 avril 2019 »."""
    return "".join(parties(date, precision, "le"))


def depuis(date, precision=JOUR):
    """« depuis le 6 mars 2019 », « depuis le 30 avril 2019 au plus tard », « depuis 2019 »."""
    return "".join(parties(date, precision, "depuis"))


_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


def in_english(date, precision=JOUR):
    """« 6 March 2019 », « November 2021 », « at the latest on 30 April 2019 »."""
    month = _MONTHS[date.month - 1]
    if precision in _CONNU:
        return f"{date.year}" if precision == ANNEE else f"{month} {date.year}"
    words = f"{date.day} {month} {date.year}"
    if precision == AU_PLUS_TARD:
        return f"at the latest on {words}"
    return words + {RECONSTITUEE: " (inferred)", "": " (precision not stated)"}.get(precision, "")


def moment_in_words(moment):
    """« 3 mai 2022 à 14:05 », in France."""
    moment = timezone.localtime(moment)
    return f"{_day(moment)} à {date_format(moment, 'H:i')}"


def en_chiffres(day):
    """« 03/05/2022 »: as one types it, in a form or in a sentence that quotes what was typed."""
    return f"{day:%d/%m/%Y %H:%M}" if isinstance(day, datetime) else f"{day:%d/%m/%Y}"


def iso(day):
    """« 2022-05-03 », or with its hour for a moment: for addresses, file names and machines."""
    return day.isoformat()


def a_la_minute(moment):
    """« 2022-05-03T14:05 », as one types it in an address; `moment` is local."""
    return f"{moment:%Y-%m-%dT%H:%M}"


def court(day):
    """`("mai", "2022")`: where there is little room, under a column of a chart."""
    return date_format(day, "M"), date_format(day, "Y")


def compact(day):
    """« 20220503 »: for calendars and identifiers."""
    return f"{day:%Y%m%d}"


def horodatage(moment):
    """« 20220503T120500Z »: for names of files that sort as time does."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def precision_of(record, name):
    """What the date in the field `name` of a record, or of a historical one, stands for.

    A model says in `precisions` which field tells it; without any, a day is a day.
    """
    model = getattr(record, "instance_type", type(record))
    told = getattr(model, "precisions", {}).get(name)
    return (getattr(record, told) if told else "") or JOUR


def connu(date, precision=JOUR):
    """What a machine may read: « 2021-11 » for a date known to the month."""
    if isinstance(date, datetime):
        date = timezone.localdate(date)
    return date_format(date, _CONNU.get(precision, "Y-m-d"))
