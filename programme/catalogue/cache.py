"""Public answers, cached under the version of the data.

Anonymous GETs get an ETag made of the release, the data's version, the day and the address, as the
view sees it. The same version answers 304, or the page kept in memory, without running a view.
Whoever has a session is never served from here, and what varies with another header is not kept.
"""

import hashlib
from threading import Lock
from time import monotonic

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError
from django.http import HttpResponse
from django.middleware.gzip import re_accepts_gzip
from django.utils import timezone
from django.utils.cache import cc_delim_re, patch_vary_headers
from django.utils.http import parse_etags

from programme.models import DonneesVersion

CACHE_CONTROL = "public, max-age=0, s-maxage=60, stale-while-revalidate=600"
PRIVATE_PREFIXES = ("/admin/", "/static/", "/sante/")
BACK_OFFICE, CATALOGUE_JS = "/admin/", "/admin/jsi18n/"
LARGEST_KEPT_PAGE = 1_000_000  # bytes
# The only headers that a kept page may depend on: who has a session, and how it is compressed.
VARY = ("Cookie", "Accept-Encoding")


class _VersionReader:
    """Reads the data's version at most once in `DONNEES_VERSION_TTL` seconds a process."""

    def __init__(self):
        self._lock = Lock()
        self._number = None
        self._until = 0.0

    def current(self):
        with self._lock:
            if self._number is None or monotonic() >= self._until:
                self._number = DonneesVersion.objects.current().numero
                self._until = monotonic() + settings.DONNEES_VERSION_TTL
            return self._number


version_reader = _VersionReader()


class PublicCacheMiddleware:
    """ETag, 304 and kept pages for the public part of the site."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        etag = self._etag(request)
        if etag is None:
            return _kept_private(request, self.get_response(request))
        if _matches(request.headers.get("If-None-Match", ""), etag):
            return _with_headers(HttpResponse(status=304), etag)
        pages = caches["pages"]
        gzip = bool(re_accepts_gzip.search(request.headers.get("Accept-Encoding", "")))
        key = f"{request.method}:{gzip}:{etag}"
        if (kept := pages.get(key)) is not None:
            return kept
        response = self.get_response(request)
        if response.status_code == 200 and not response.cookies:
            _with_headers(response, etag)
            if _can_be_kept(request, response):
                pages.set(key, response)
        return response

    def _etag(self, request):
        """The weak ETag of a public answer, or None when the answer is not one."""
        if (
            request.method not in ("GET", "HEAD")
            or settings.SESSION_COOKIE_NAME in request.COOKIES
            or request.path_info.startswith(PRIVATE_PREFIXES)
        ):
            return None
        try:
            version = version_reader.current()
        except DatabaseError:
            return None
        where = hashlib.sha256(repr(_address(request)).encode()).hexdigest()[:32]
        day = timezone.localdate()
        return f'W/"{settings.RELEASE}-{version}-{day:%Y%m%d}-{where}"'


def _address(request):
    """All that a public view reads of its address, as it came: two addresses never become one.

    A host that is not the site's raises `DisallowedHost`: nothing is kept under its name.
    """
    query = request.META.get("QUERY_STRING", "")
    return request.scheme, request.get_host(), request.path_info, query


def _kept_private(request, response):
    """A page of the back-office that says nothing of caches, an account's secret or a refusal."""
    if request.path.startswith(BACK_OFFICE) and not request.path.startswith(CATALOGUE_JS):
        response.setdefault("Cache-Control", "private, no-store")
    return response


def _matches(header, etag):
    return header.strip() == "*" or etag in parse_etags(header)


def _with_headers(response, etag):
    response.setdefault("ETag", etag)
    response.setdefault("Cache-Control", CACHE_CONTROL)
    patch_vary_headers(response, VARY)
    return response


def _can_be_kept(request, response):
    return (
        request.method == "GET"
        and not response.streaming
        and response["ETag"].startswith("W/")
        and {name.lower() for name in cc_delim_re.split(response["Vary"])}
        <= {name.lower() for name in VARY}
        and len(response.content) <= LARGEST_KEPT_PAGE
    )
