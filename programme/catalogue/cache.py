"""Public answers, cached under the version of the data, and what stays of them in a failure.

Anonymous GETs get an ETag made of the release, the data's version, the day and the address, as the
view sees it. The same version answers 304, or the copy kept in memory, without running a view. When
the database does not answer, the last copy is served at once and says so. Whoever has a session is
served from here in that case alone, and what varies with another header is not kept.
"""

import hashlib
from functools import cached_property
from threading import BoundedSemaphore

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpResponse
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.cache import cc_delim_re, patch_vary_headers
from django.utils.http import parse_etags

from programme.bases import repliques
from programme.catalogue.copies import SECOURS, Copie, copies
from programme.catalogue.moments import PARAMETRE as MOMENT
from programme.catalogue.parcours import PARAMETRE
from programme.catalogue.personnes import names_nobody
from programme.catalogue.requete import IGNORED_PREFIXES
from programme.catalogue.version import version_reader
from programme.pannes import limites
from programme.pannes.causes import Panne
from programme.pannes.pouls import Freins
from programme.pannes.reponses import indisponible
from programme.requetes import ADMINISTRATION, SANS_PUBLIC
from territoires.dates import compact

CACHE_CONTROL = "public, max-age=0, s-maxage=60, stale-while-revalidate=600"
# What names nobody may be shown by others while the site cannot answer.
SECOURS_AILLEURS = f", stale-if-error={SECOURS}"
CATALOGUE_JS = f"{ADMINISTRATION}jsi18n/"
# Threads that may wait for the database in a view that it kept waiting a moment ago.
ESSAIS = 2
# The only headers that a kept page may depend on: who has a session, and how it is compressed.
VARY = ("Cookie", "Accept-Encoding")

# What a secret address opens is read where it was just written.
PRIMAIRE = ("/signaler/", "/suivre/")
# Perhaps not there yet: a citation, the proof of a file.
ABSENTS = (404, 410)

freins = Freins()
essais = BoundedSemaphore(ESSAIS)


class PublicCacheMiddleware:
    """ETag, 304, kept pages and last known pages for the public part of the site."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in ("GET", "HEAD") or request.path_info.startswith(SANS_PUBLIC):
            return _kept_private(request, self.get_response(request))
        demande = Demande(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            return demande.or_last_known(self.get_response(request))
        return demande.at_once() or self._asked(demande)

    def _asked(self, demande):
        held = freins.holds(demande.view_name)
        if held and not essais.acquire(blocking=False):
            return indisponible(demande.request, Panne.OCCUPEE)
        try:
            response = self._answer(demande)
        finally:
            if held:
                essais.release()
        return demande.answered(response)

    def _answer(self, demande):
        """By a replica if one can; what it does not know, or cannot say, the primary is asked."""
        if replique := demande.replique():
            with limites.briefly(repliques.SILENCE):
                response = self.get_response(demande.request)
            failed = getattr(response, "panne", None) or connection.errors_occurred
            if not failed and response.status_code not in ABSENTS:
                return response
            if failed:
                replique.leave_out()
            repliques.rendre()
        return self.get_response(demande.request)


class Compression(GZipMiddleware):
    """Compresses what may be: `no-transform` says that a file goes as its digest was made."""

    def process_response(self, request, response):
        if "no-transform" in response.get("Cache-Control", ""):
            return response
        return super().process_response(request, response)


class Demande:
    """What one anonymous request finds in the copies, and leaves there."""

    def __init__(self, request):
        self.request = request

    @cached_property
    def passante(self):
        """Whether the address says from which list one comes: what it shows is not kept, and the
        page of the record itself stands in for it.
        """
        return PARAMETRE in self.request.GET

    @cached_property
    def gardable(self):
        """Whether its page may be kept under its address: not with what no view reads, which
        anybody can vary without end; the page without it stands in for it.
        """
        return not self.passante and not any(map(_ignored, self.request.GET))

    @cached_property
    def key(self):
        gzipped = bool(re_accepts_gzip.search(self.request.headers.get("Accept-Encoding", "")))
        return _address(self.request, whence=False), gzipped

    @cached_property
    def version(self):
        """None when it could never be read."""
        try:
            return version_reader.current()
        except (DatabaseError, InterfaceError):
            return None

    @property
    def is_sure(self):
        return self.version is not None and version_reader.is_sure

    @property
    def etag(self):
        """Weak: of what was read, and of the day, which pages depend on."""
        where = hashlib.sha256(repr(_address(self.request)).encode()).hexdigest()[:32]
        day = timezone.localdate()
        return f'W/"{settings.RELEASE}-{self.version}-{compact(day)}-{where}"'

    @property
    def view_name(self):
        """None for as long as no view was kept waiting: most of the time nothing is looked up."""
        if not freins:
            return None
        try:
            return resolve(self.request.path_info).view_name
        except Resolver404:
            return None

    def replique(self):
        """One that may answer, taken for this request; None without any."""
        if self.version is None or self.request.path_info.startswith(PRIMAIRE):
            return None
        if MOMENT in self.request.GET:
            return None  # the primary alone knows whether anything is still being written
        return repliques.prendre(self.version)

    def at_once(self):
        """The answer that needs no view; None when one is needed."""
        etag = self.etag
        known = _matches(self.request.headers.get("If-None-Match", ""), etag)
        kept = copies.get(self.key)
        if self.is_sure and known:
            return _with_headers(HttpResponse(status=304), etag)
        if self.is_sure and kept and kept.is_current(etag):
            return self._sent(kept.response())
        if not self.is_sure:
            if last := self.last_known(Panne.ABSENTE):
                return last
            return _with_headers(HttpResponse(status=304), etag) if known and self.version else None
        return self.last_known(Panne.OCCUPEE) if freins.holds(self.view_name) else None

    def last_known(self, panne):
        kept = copies.get(self.key)
        if kept is None or not kept.may_stand_in(self.version, version_reader.plancher):
            return None
        return self._sent(kept.marked(panne.phrase))

    def or_last_known(self, response):
        """`response`, or the last copy in place of one that the database did not let be made."""
        panne = getattr(response, "panne", None)
        return (self.last_known(panne) if panne else None) or response

    def answered(self, response):
        match = self.request.resolver_match
        panne = getattr(response, "panne", None)
        if match and panne is Panne.OCCUPEE:
            freins.hold(match.view_name)
        elif match and not panne:
            freins.release(match.view_name)
        if panne:
            return self.or_last_known(response)
        if response.status_code == 200 and not response.cookies:
            # A template takes the failure of a query for « no »: such a page is not kept.
            if self.is_sure and not connection.errors_occurred:
                self._keep(response, match)
        elif response.status_code < 500 and self.gardable:
            copies.forget(self.key)  # what was there is no more
        return response

    def _keep(self, response, match):
        nobody = match is not None and names_nobody(match.func)
        _with_headers(response, self.etag, elsewhere=nobody and not response.streaming)
        if self.gardable and _can_be_kept(self.request, response):
            copies.keep(self.key, Copie(response, version=self.version, personnes=not nobody))

    def _sent(self, response):
        """To HEAD, the headers alone."""
        if self.request.method == "HEAD":
            response.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response


def _address(request, *, whence=True):
    """All that a public view reads of its address, as it came: two addresses never become one,
    but for what none reads, and for the list that one comes from, when not `whence`.

    A host that is not the site's raises `DisallowedHost`: nothing is kept under its name.
    """
    query = request.META.get("QUERY_STRING", "")
    left = {name for name in request.GET if _ignored(name)}
    if not whence and PARAMETRE in request.GET:
        left.add(PARAMETRE)
    if left:
        kept = request.GET.copy()
        for name in left:
            del kept[name]
        query = kept.urlencode()
    return request.scheme, request.get_host(), request.path_info, query


def _ignored(name):
    return name.startswith(IGNORED_PREFIXES)


def _kept_private(request, response):
    """A page of the back-office that says nothing of caches, an account's secret or a refusal."""
    if request.path.startswith(ADMINISTRATION) and not request.path.startswith(CATALOGUE_JS):
        response.setdefault("Cache-Control", "private, no-store")
    return response


def _matches(header, etag):
    return header.strip() == "*" or etag in parse_etags(header)


def _with_headers(response, etag, *, elsewhere=False):
    response.setdefault("ETag", etag)
    response.setdefault("Cache-Control", CACHE_CONTROL + SECOURS_AILLEURS * elsewhere)
    patch_vary_headers(response, VARY)
    return response


def _can_be_kept(request, response):
    return (
        request.method == "GET"
        and not response.streaming
        and "no-store" not in response["Cache-Control"]
        and settings.PAGES_KEPT > 0
        and {name.lower() for name in cc_delim_re.split(response["Vary"])}
        <= {name.lower() for name in VARY}
    )
