"""`au=`: every public address read as it was published at a moment, or between two.

    au=2026-05-01                   the state at the end of that day, in Paris
    au=2026-05-01T14:30             that minute, in Paris; `Z`, `+02:00` after it for another offset
    au=2026-05-01..2026-06-01       what was added, changed and removed, on a list

The whole answer is made within `moment.a`, by the very code that makes today's. What leads from a
page to another keeps the moment; the banner of the page leads back to today's.
"""

import datetime
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from time import monotonic, sleep
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.db.models import Min
from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.html import escape
from django.utils.http import http_date

from programme.bases import ecritures_depuis
from programme.catalogue.version import version_reader
from programme.donnees import horizon
from programme.donnees.jeux import JEUX
from programme.requetes import SANS_PUBLIC
from territoires import lecture, moment
from territoires.dates import iso, le, moment_in_words
from territoires.models import Territoire

PARAMETRE = "au"
PARIS = ZoneInfo("Europe/Paris")
TRANSACTION = datetime.timedelta(days=1)
"""Longer than any lasts."""
ATTENTE, PAS = 2.0, 0.05  # seconds
ENTRE = ".."
SANS_PASSE = ("communes", "intercommunalites", "emploi", "besoins")
"""Datasets whose tables keep neither a history nor their past states."""
PRESENT = {
    "api_documentation",
    "citation",
    "citation_bib",
    "citation_image",
    "citation_json",
    "citer",
    "favicon",
    "openapi",
    "opensearch",
    "parution",
    "parution_archive",
    "parution_ecarts",
    "parution_fichier",
    "parution_manifeste",
    "parution_script",
    "parutions",
    "preuve",
    "preuves",
    "robots",
    "securite",
    "securite_ailleurs",
    "signaler",
    "signaler_fiche",
    "signaler_suivi",
    "sitemap",
    "suggestions",
    "suivre",
    "suivre_arreter",
    "suivre_confirmer",
    "suivre_demande",
    "suivre_gerer",
    "versions",
}
"""Names of the addresses that have no past: what they tell is of the site, not of the programme."""


@dataclass(frozen=True)
class Au:
    """What an address says in `au`: `instant`, and `avant` when it asks for what changed since.

    jour: whether it was said as a day.
    """

    texte: str
    instant: datetime.datetime
    jour: bool
    avant: "Au | None" = None

    @property
    def en_mots(self):
        """« le 1er mai 2026, en fin de journée », « le 1er mai 2026 à 14:30 »."""
        if self.jour:
            return f"{le(moment_day(self.instant))}, en fin de journée"
        return f"le {moment_in_words(self.instant)}"

    @cached_property
    def premiere(self):
        """When the first data were published, if that is later; else None."""
        first = premiere_publication()
        return first if first is None or first > self.instant else None

    @property
    def trop_tot(self):
        """Whether nothing was published yet."""
        return premiere_publication() is None or self.premiere is not None

    @property
    def seul(self):
        """What links keep of it: of two moments, the second."""
        return self.texte.rpartition(ENTRE)[2]


def moment_day(instant):
    return instant.astimezone(PARIS).date()


def premiere_publication():
    """The first moment at which a territory was published; None when none ever was."""
    key = f"premiere-publication-{version_reader.current()}"
    return caches["memoire"].get_or_set(key, _premiere)


def _premiere():
    with moment.maintenant():
        return Territoire.history.aggregate(premiere=Min("history_date"))["premiere"]


# --- Reading ----------------------------------------------------------------------------------


def lire(texte):
    """The `Au` that an address says. Raises `ValidationError`, with the remedy."""
    before, between, after = texte.partition(ENTRE)
    if not between:
        return _lire(texte)
    since, until = _lire(before), _lire(after)
    if since.instant >= until.instant:
        raise ValidationError(
            "Le premier moment n’est pas avant le second : échangez les deux.", code="moment"
        )
    return Au(texte, until.instant, until.jour, since)


def _lire(texte):
    try:
        instant, of_day = lecture.instant(texte)
    except lecture.ValeurRefusee as error:
        raise ValidationError(f"{error} {_remede()}", code="moment") from error
    now = timezone.now()
    _verifier(instant, now, of_day)
    return Au(texte.strip(), instant, of_day)


def _verifier(instant, now, of_day):
    if of_day and moment_day(now) == moment_day(instant):
        raise ValidationError(
            "Cette journée n’est pas finie : ajoutez une heure déjà passée, par exemple "
            f"{iso(moment_day(now))}T00:00.",
            code="moment",
        )
    if instant > now:
        raise ValidationError(
            "Ce moment est à venir : le portail ne sait pas encore ce qu’il publiera. "
            "Donnez un moment passé, ou retirez « au ».",
            code="moment",
        )
    if since := mouvant(instant):
        raise ValidationError(
            f"Une écriture commencée le {moment_in_words(timezone.localtime(since))} n’est pas "
            "finie, et portera des instants d’avant celui que vous demandez, qui se lirait donc "
            "autrement ensuite. Demandez un moment d’avant elle, ou le même dans une minute.",
            code="moment",
        )


def mouvant(instant):
    """Since when something is written that may yet change what is read at `instant`; or None.

    Waits a little for it to end. Asked before the reading: what is not being written then is seen.
    """
    if instant < timezone.now() - TRANSACTION:
        return None
    until = monotonic() + ATTENTE
    try:
        while (since := ecritures_depuis()) is not None and since <= instant:
            if monotonic() >= until:
                return since
            sleep(PAS)
    except DatabaseError:
        pass  # whoever reads it says what is wrong
    return None


def _remede():
    day = iso(timezone.localdate() - datetime.timedelta(days=1))
    return f"Écrivez un jour, {day}, ou un jour et une heure de Paris, {day}T14:30."


# --- Requests ---------------------------------------------------------------------------------


class LireAuMoment:
    """Answers a public address at the moment that it asks for.

    `request.au`: the `Au`, the `ValidationError` that says why it cannot be read, or None; there
    is no such attribute where an address has no past.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in ("GET", "HEAD") or not a_un_passe(request.path_info):
            return self.get_response(request)
        asked = [text for text in request.GET.getlist(PARAMETRE) if text.strip()]
        request.au = _or_why_not(asked[0]) if len(asked) == 1 else None
        if not isinstance(request.au, Au):
            return self.get_response(request)
        with moment.a(request.au.instant):
            response = self.get_response(request)
        return _at_moment(request, response)


def lu(request):
    """`{"au": the `Au`, "aujourdhui": the same address without it, "sans_passe": what is read as
    today}` of a page; None for today's.
    """
    au = getattr(request, "au", None)
    if not isinstance(au, Au):
        return None
    return {"au": au, "aujourdhui": aujourd_hui(request), "sans_passe": sans_passe}


def sans_passe():
    """« communes (1er janvier 2026) »…: the datasets without history, with their last source.

    Read once for each version.
    """
    key = f"sans-passe-{version_reader.current()}-{iso(timezone.localdate())}"
    return caches["memoire"].get_or_set(key, _sans_passe)


def _sans_passe():
    with moment.maintenant():
        told = [(JEUX[code].titre, horizon.whole(code).source) for code in SANS_PASSE]
    return [f"{titre[0].lower()}{titre[1:]} ({day or 'non daté'})" for titre, day in told]


def _or_why_not(texte):
    try:
        return lire(texte)
    except ValidationError as error:
        return error


@lru_cache(maxsize=4_096)
def a_un_passe(path):
    """Whether the public address `path` can be read at a moment.

    Where `au` is a filter already, as in the journal, it keeps its meaning.
    """
    if path.startswith(SANS_PUBLIC):
        return False
    try:
        match = resolve(path)
    except Resolver404:
        return False
    form = getattr(getattr(match.func, "view_class", None), "form_class", None)
    return match.url_name not in PRESENT and PARAMETRE not in getattr(form, "base_fields", ())


def _at_moment(request, response):
    """`response`, which says of which moment it is, and whose links keep it."""
    au = request.au
    today = request.build_absolute_uri(aujourd_hui(request))
    response["Memento-Datetime"] = http_date(au.instant.timestamp())
    links = [response["Link"]] if "Link" in response else []
    response["Link"] = ", ".join([*links, f'<{today}>; rel="original"'])
    response["X-Moment"] = iso(au.instant.astimezone(PARIS))
    response["X-Robots-Tag"] = "noindex"
    if "Location" in response:
        response["Location"] = avec(response["Location"], au.seul)
    if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
        response.content = tenir(response.content, au.seul)
    return response


def aujourd_hui(request):
    """The same address without its moment."""
    asked = request.GET.copy()
    asked.pop(PARAMETRE, None)
    return f"{request.path}?{asked.urlencode()}" if asked else request.path


# --- Links ------------------------------------------------------------------------------------

LIEN = re.compile(rb'<(?:a|area|link rel="alternate")\b[^>]*?\shref="(?P<href>[/?][^"]*)"[^>]*>')
FORMULAIRE = re.compile(rb"<form\b[^>]*>")
ACTION = re.compile(rb'\saction="([^"]*)"')
CELUI_CI = b"data-aujourdhui"
"""On the link that leads back to today's page."""


def avec(address, texte):
    """`address` with the moment, when it is of the site and has a past."""
    parts = urlsplit(address)
    if parts.netloc or parts.scheme or (parts.path and not a_un_passe(parts.path)):
        return address
    if PARAMETRE in QueryDict(parts.query):
        return address
    asked = "&".join(filter(None, [parts.query, f"{PARAMETRE}={quote(texte, safe=':')}"]))
    return parts._replace(query=asked).geturl()


def tenir(html, texte):
    """The page, in which each link and each form of the site keeps the moment `texte`."""

    def link(found):
        whole, href = found[0], found["href"]
        if CELUI_CI in whole or href.startswith(b"//"):
            return whole
        plain = href.decode().replace("&amp;", "&")
        kept = avec(plain, texte).replace("&", "&amp;")
        return whole.replace(b'href="' + href + b'"', f'href="{kept}"'.encode(), 1)

    def form(found):
        whole = found[0]
        action = ACTION.search(whole)
        path = urlsplit(action[1].decode()).path if action else ""
        if b'method="post"' in whole or CELUI_CI in whole or (path and not a_un_passe(path)):
            return whole
        return whole + f'<input type="hidden" name="{PARAMETRE}" value="{escape(texte)}">'.encode()

    return FORMULAIRE.sub(form, LIEN.sub(link, html))
