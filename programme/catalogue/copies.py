"""The last good copy of each public page, in the memory of the process: bounded, never locked long.

Current, a copy answers as the page itself. Otherwise it is what stays when the database does not
answer: served as it was, with the moment it dates from where a person reads it.
"""

import gzip
from collections import OrderedDict
from functools import cached_property
from threading import Lock
from time import monotonic

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.html import format_html

from territoires.dates import moment_in_words

LARGEST = 1_000_000  # bytes of a page
# Seconds: for as long as it is current; then for as long as it may stand in for the page.
DUREE, SECOURS = 3600, 86_400
MAIN = b'<main id="contenu" tabindex="-1">'
BODY = b'<main id="contenu">'


class Copie:
    """One answer as it was sent. `personnes`: whether it may name persons."""

    def __init__(self, response, *, version, personnes):
        self.corps = response.content
        self.entetes = [(name, value) for name, value in response.items()]
        self.version, self.personnes = version, personnes
        self.le, self._since = timezone.now(), monotonic()

    @property
    def octets(self):
        # As much again for the marked one.
        return 2 * len(self.corps)

    @property
    def age(self):
        return monotonic() - self._since

    def is_current(self, etag):
        return self.age < DUREE and ("ETag", etag) in self.entetes

    def may_stand_in(self, version, plancher):
        """Who is named in a page may have been taken out of a later version of the data; what was
        masked since is in no page of a version before `plancher`.
        """
        known = self.version >= plancher and (not self.personnes or self.version == version)
        return self.age < SECOURS and known

    def response(self):
        return HttpResponse(self.corps, headers=dict(self.entetes))

    def marked(self, phrase):
        """The same, that says of itself to be old, and is kept by nobody."""
        headers = dict(self.entetes)
        headers.pop("ETag", None)
        headers.pop("Content-Length", None)
        headers |= {
            "Age": str(round(self.age)),
            "Warning": '110 - "Response is Stale"',
            "Cache-Control": "no-store",
        }
        return HttpResponse(self._marked_body(phrase), headers=headers)

    def _marked_body(self, phrase):
        if phrase not in self._bodies:
            self._bodies[phrase] = self._mark(phrase)
        return self._bodies[phrase]

    @cached_property
    def _bodies(self):
        return {}

    def _mark(self, phrase):
        headers = dict(self.entetes)
        if not headers.get("Content-Type", "").startswith("text/html"):
            return self.corps
        zipped = headers.get("Content-Encoding") == "gzip"
        body = gzip.decompress(self.corps) if zipped else self.corps
        for place in (MAIN, BODY):
            if place in body:
                body = body.replace(place, place + self._note(phrase).encode(), 1)
                break
        return gzip.compress(body, 6) if zipped else body

    def _note(self, phrase):
        return format_html(
            '<div class="page-gardee" role="status"><p class="fr-container">'
            "<strong>Page gardée du {}.</strong> {} Ce qui a changé depuis n’y est pas.</p></div>",
            moment_in_words(self.le),
            phrase,
        )


class _Place:
    """The copies of one kind of address: the one that was asked for longest ago leaves first."""

    def __init__(self):
        self.copies, self.octets = OrderedDict(), 0

    def keep(self, key, copie):
        self.forget(key)
        self.copies[key] = copie
        self.octets += copie.octets
        while self.octets > settings.PAGES_OCTETS // 2 or len(self.copies) > settings.PAGES_KEPT:
            self.forget(next(iter(self.copies)))

    def forget(self, key):
        if old := self.copies.pop(key, None):
            self.octets -= old.octets


class Copies:
    """At most `PAGES_KEPT` copies and half of `PAGES_OCTETS` for addresses without parameters, as
    much for those with some: anybody can invent a million of these, and none drives out the home
    page. A key is (address, whether it is compressed); an address ends with its parameters.
    """

    def __init__(self):
        self._lock = Lock()  # around a dictionary: no SQL, no rendering
        self._places = {False: _Place(), True: _Place()}

    def get(self, key):
        with self._lock:
            place = self._place(key)
            if copie := place.copies.get(key):
                place.copies.move_to_end(key)
            return copie

    def keep(self, key, copie):
        if len(copie.corps) <= LARGEST:
            with self._lock:
                self._place(key).keep(key, copie)

    def forget(self, key):
        with self._lock:
            self._place(key).forget(key)

    def forget_all(self):
        with self._lock:
            self._places = {False: _Place(), True: _Place()}

    def _place(self, key):
        (*_, query), _ = key
        return self._places[bool(query)]


copies = Copies()
