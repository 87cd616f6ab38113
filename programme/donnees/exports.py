"""The files of the portal: every row of a filtered queryset; or, to a program, one page of it.

A file comes from one consistent state of the database. Its number of rows is announced in the
header `X-Total-Count`; a stream that could not be finished breaks the connection instead of
ending, so that a file cut short is an error of the download, not a smaller file. The digest of a
file sent whole is kept as a `Preuve`; the header `X-Preuve` says until when.
"""

import hashlib
import json
import logging
from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass
from threading import Lock

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import EmptyResultSet
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError
from django.db.models import Count, Value
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone

from programme.bases import repliques
from programme.donnees import horizon, provenance
from programme.donnees.ecriture import write_csv, write_json
from programme.donnees.geojson import write_geojson
from programme.donnees.instantane import compile_query, snapshot
from programme.donnees.xlsx import write_xlsx
from programme.exploitation.compteurs import ENVOYEES
from programme.models import DonneesVersion, Preuve
from programme.models.preuves import SELECTIONS_PAR_ADRESSE
from programme.models.sources import Sources
from territoires import moment
from territoires.dates import a_la_minute, connu, iso, moment_in_words
from territoires.moment import today
from territoires.reponses import NON_RENSEIGNE

TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "json": "application/json",
}
SEPARATEURS = {"virgule": ",", "point-virgule": ";"}
TAILLE = 100
LIGNES = "lignes"
LIENS = (("next", "next"), ("previous", "prev"))
"""Of the envelope, and their relation in the header `Link`."""
TAILLE_MAXIMALE = 500
LICENCE = "Licence Ouverte 2.0"
LICENCE_URL = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"

SANS_FIN, AUCUNE = "sans fin", "aucune"
"""`X-Preuve` of a whole dataset, and of a selection whose digest will not be kept; else a day."""

logger = logging.getLogger(__name__)


def export_response(request, jeu, queryset, format, separateur="", *, ecartes=()):  # noqa: A002
    """Every row of `queryset` as `format`: csv, xlsx, json, geojson.

    queryset: rows of `jeu.modele`, filtered and sorted, public ones only.
    separateur: that of a CSV, a key of `SEPARATEURS`; a comma when empty. ecartes: what the filters
    leave out because nobody told it, `(filtre, libelle, lignes)`: said in the headers of every
    file, `X-Ecartes`, beside the last day that a source states its facts, `X-Horizon`.
    """
    try:
        return Fichier(request, jeu, queryset, format, separateur, ecartes=ecartes).response()
    except TropDeFichiers:
        return busy()


def page_json(request, jeu, page, totaux, ecartes=()):
    """A page of rows of `jeu.modele`, in the envelope that `write_json` writes.

    totaux: what `horizon.mesures` measured of all of them.
    """
    count, start = page.paginator.count, page.start_index() - 1 if page.paginator.count else 0
    rows = page.paginator.object_list
    metadata = Metadonnees(count, horizon.of_rows(jeu, totaux), ecartes)
    body = {
        **metadata.as_json(),
        "next": _address(request, page=page.number + 1) if page.has_next() else None,
        "previous": _address(request, page=page.number - 1) if page.has_previous() else None,
        "results": list(jeu.records(rows, slice(start, start + page.paginator.per_page))),
    }
    return _json(body, metadata)


def tranche_json(request, jeu, tranche, totaux, ecartes=()):
    """The same, of the rows of a `Tranche`: other cursors lead to what surrounds them."""
    keys = tranche.keys
    records = jeu.records(tranche.ordre.sorted().filter(pk__in=keys))
    metadata = Metadonnees(totaux[LIGNES], horizon.of_rows(jeu, totaux), ecartes)
    body = {
        **metadata.as_json(),
        "next": tranche.suivant and _address(request, curseur=tranche.suivant),
        "previous": tranche.precedent and _address(request, curseur=tranche.precedent),
        "results": list(records) if keys else [],
    }
    return _json(body, metadata)


def _json(body, metadata):
    text = json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False)
    response = HttpResponse(text, content_type=TYPES["json"])
    metadata.write(response)
    links = [f'<{body[name]}>; rel="{rel}"' for name, rel in LIENS if body[name]]
    if links:
        response["Link"] = ", ".join(links)
    return response


@dataclass(frozen=True)
class Metadonnees:
    """What is to be known of some rows: how many, until when, and what their filters leave out."""

    lignes: int
    horizon: horizon.Horizon | None
    ecartes: tuple

    def as_json(self):
        day = self.horizon.jour if self.horizon else None
        instant = moment.actuel()
        return {
            "count": self.lignes,
            **({"moment": iso(timezone.localtime(instant))} if instant else {}),
            "horizon": day and connu(day.date, day.precision),
            "ecartes": [each._asdict() for each in self.ecartes],
        }

    def write(self, response):
        told = self.as_json()
        response["X-Total-Count"] = self.lignes
        if told["horizon"]:
            response["X-Horizon"] = told["horizon"]
        if self.ecartes:
            response["X-Ecartes"] = ", ".join(f"{e.filtre}={e.lignes}" for e in self.ecartes)


def busy():
    """503: every place is taken by a download."""
    sentence = "D’autres téléchargements sont en cours : redemandez ce fichier dans un instant.\n"
    response = HttpResponse(sentence, status=503, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = "10"
    return response


def _dated():
    """Of the name of a file: the day, or the moment."""
    instant = moment.actuel()
    return (
        iso(today())
        if instant is None
        else a_la_minute(timezone.localtime(instant)).replace(":", "")
    )


def _address(request, **changed):
    parameters = request.GET.copy()
    for name, value in changed.items():
        parameters[name] = value
    return request.build_absolute_uri(f"{request.path}?{parameters.urlencode()}")


def promise(request, response, *, entiere=False):
    """Say in the header `X-Preuve` until when the digest of this file will be known.

    Returns whether it may be kept: nobody fills the table by asking for selections.
    """
    allowed = entiere or _has_room(request)
    until = Preuve(entiere=entiere).gardee_jusqu_au or SANS_FIN
    response["X-Preuve"] = str(until) if allowed else AUCUNE
    return allowed


def _has_room(request):
    key = f"preuves:{today()}:{get_client_ip(request)}"
    asked = caches["memoire"]
    count = asked.get(key, 0) + 1
    asked.set(key, count, timeout=86_400)
    return count <= SELECTIONS_PAR_ADRESSE and Preuve.objects.room()


def keep(preuve, *, allowed):
    """Remember a file. The same one is remembered once; without its proof it is still good."""
    try:
        with moment.maintenant(), repliques.primaire():
            Preuve.objects.keep(preuve, allowed=allowed)
    except DatabaseError:
        logger.exception("the proof of %s was not kept", preuve.adresse)


class TropDeFichiers(Exception):
    """Every place is taken: the file is to be asked for again in a moment."""


class Places:
    """Files on their way in this process: so many in all, and so many to one address."""

    def __init__(self, in_all, to_one):
        self.in_all = in_all
        self.to_one = to_one
        self._lock = Lock()
        self._taken = Counter()

    def take(self, address):
        """Raises `TropDeFichiers`."""
        with self._lock:
            full = self._taken.total() >= self.in_all
            if full or self._taken[address] >= self.to_one:
                raise TropDeFichiers
            self._taken[address] += 1

    def give_back(self, address):
        with self._lock:
            self._taken[address] -= 1
            self._taken += Counter()  # forget those who have none


places = Places(settings.EXPORTS_SIMULTANES, settings.EXPORTS_PAR_ADRESSE)


class Empreinte:
    """The SHA-256 and the size of what was read through it."""

    def __init__(self):
        self.sha256 = hashlib.sha256()
        self.octets = 0

    def read(self, blocks):
        """Pass on the blocks of a generator; return what it returns."""
        while True:
            try:
                block = next(blocks)
            except StopIteration as end:
                return end.value
            self.sha256.update(block)
            self.octets += len(block)
            yield block


def measure(jeu, queryset, connection):
    """How many rows, and what tells their horizon, in a snapshot: one query."""
    keys = queryset.order_by().values("pk")
    measures = horizon.mesures(jeu)
    if not measures:
        row = first_row(keys, connection, "SELECT COUNT(*) FROM ({}) lignes")
        return {LIGNES: row[0] if row else 0}
    rows = queryset.model._base_manager.filter(pk__in=keys).order_by()
    told = {LIGNES: Count("pk")} | measures
    row = first_row(rows.values(_tout=Value(1)).annotate(**told).values_list(*told), connection)
    found = dict(zip(told, row or [0] + [None] * len(measures), strict=True))
    if horizon.CITE in found:
        found[horizon.CITE] = Sources.read(found[horizon.CITE])
    return found


def first_row(queryset, connection, template="{}"):
    """The first row, in a snapshot; None without any."""
    try:
        sql, params = compile_query(queryset, connection)
    except EmptyResultSet:
        return None
    with connection.cursor() as cursor:
        cursor.execute(template.format(sql), params)
        return cursor.fetchone()


class Fichier:
    """One file on its way: an iterable of blocks that closes its snapshot in every case.

    The response closes it, whether it was read to the end, in part, or not at all.
    """

    def __init__(self, request, jeu, queryset, format, separateur="", *, ecartes=()):  # noqa: A002
        self.request = request
        self.jeu = jeu
        self.queryset = queryset
        self.format = format
        self.options = (
            {"separateur": SEPARATEURS[separateur or "virgule"]} if format == "csv" else {}
        )
        self.stream, self.instant = None, moment.actuel()
        self.kept = True
        self.resources = ExitStack()
        visitor = get_client_ip(request)
        places.take(visitor)
        self.resources.callback(places.give_back, visitor)
        try:
            self.connection = self.resources.enter_context(snapshot(queryset.db))
            # The row is made by its first reader: until then its number is the first.
            self.version = (self._row(DonneesVersion.objects.values("numero")) or (1,))[0]
            self.totaux = self._measure()
            self.lignes = self._count()
            told = horizon.of_rows(jeu, self.totaux)
            self.metadonnees = Metadonnees(self.lignes, told, ecartes)
        except BaseException:
            self.resources.close()
            raise

    def _count(self):
        return self.totaux[LIGNES]

    def _measure(self):
        return measure(self.jeu, self.queryset, self.connection)

    def _row(self, queryset):
        return first_row(queryset, self.connection)

    @property
    def entiere(self):
        addresses = {url for _, url in self.jeu.whole_files()}
        return self.request.get_full_path() in addresses

    def response(self):
        """Streamed; to HEAD, the headers alone."""
        blocks = self
        if self.request.method == "HEAD":
            self.close()
            blocks = ()  # still a stream: an empty body would announce a length of zero
        response = StreamingHttpResponse(blocks, content_type=TYPES[self.format])
        response["Content-Disposition"] = (
            f'attachment; filename="{self.jeu.code}-{_dated()}.{self.format}"'
        )
        self.metadonnees.write(response)
        if not self.instant:  # which version that was, nobody knows
            response["X-Donnees-Version"] = self.version
        if blocks:
            self.kept = promise(self.request, response, entiere=self.entiere)
        schema = reverse("donnees_schema", args=[self.jeu.code])
        response["Link"] = f'<{schema}>; rel="describedby"; type="application/json"'
        return response

    def __iter__(self):
        self.stream = self._stream()
        return moment.retenu(self.stream, self.instant)

    def _stream(self):
        digest = Empreinte()
        with self.resources, closing(self._write()) as blocks:
            written = yield from digest.read(blocks)
        if written != self.lignes:
            # The server drops the connection: the client sees that the file is not whole.
            raise RuntimeError(f"{written} rows written, {self.lignes} announced")
        ENVOYEES.labels(self.jeu.code, self.format).inc(written)
        self._prove(digest)

    def _write(self):
        source = (self.jeu, self.queryset, self.connection)
        if self.format == "csv":
            return write_csv(*source, **self.options)
        if self.format == "json":
            return write_json(*source, self.metadonnees.as_json())
        if self.format == "geojson":
            return write_geojson(*source)
        return write_xlsx(*source, lignes=self.lignes, notice=self._notice())

    def _sources(self):
        """The titles of what the rows cite; what the dataset says, without any."""
        texts, titles = self.totaux.get(horizon.CITE), horizon.titres()
        if not texts:
            return provenance.of_files(self.jeu, titles)
        return " ; ".join(provenance.in_words(text, titles) for text in texts)

    def _notice(self):
        return [
            ("Jeu de données", self.jeu.titre),
            ("Lignes", self.lignes),
            ("Date", iso(today())),
            ("Version des données", self._version()),
            ("Adresse", self.request.build_absolute_uri()),
            ("Source", self._sources()),
            *([("Horizon", str(told))] if (told := self.metadonnees.horizon) else []),
            *(
                (f"Laissées de côté par « {each.libelle} »", f"{each.lignes}, {NON_RENSEIGNE}")
                for each in self.metadonnees.ecartes
            ),
            ("Licence", f"{LICENCE} ({LICENCE_URL})"),
            ("Dictionnaire", self.request.build_absolute_uri(self.jeu.get_absolute_url())),
        ]

    def _version(self):
        """Its number; at a moment, the moment: the same file for ever."""
        return (
            f"telle que publiée le {moment_in_words(self.instant)}"
            if self.instant
            else self.version
        )

    def _prove(self, digest):
        """Remember the file that has just been sent whole."""
        keep(
            Preuve(
                sha256=digest.sha256.hexdigest(),
                jeu=self.jeu.code,
                format=self.format,
                adresse=self.request.get_full_path(),
                lignes=self.lignes,
                octets=digest.octets,
                version=self.version,
                entiere=self.entiere,
            ),
            allowed=self.kept,
        )

    def close(self):
        if self.stream:
            self.stream.close()
        self.resources.close()
