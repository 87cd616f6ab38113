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
from threading import Lock

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import EmptyResultSet
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError
from django.db.models import Value
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse

from programme.donnees import provenance
from programme.donnees.ecriture import write_csv, write_json
from programme.donnees.geojson import write_geojson
from programme.donnees.instantane import compile_query, snapshot
from programme.donnees.schema import FORMATS, today
from programme.donnees.xlsx import write_xlsx
from programme.models import DonneesVersion, Preuve, Source
from programme.models.preuves import SELECTIONS_PAR_ADRESSE
from programme.models.sources import Sources
from territoires.dates import iso

TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "json": "application/json",
}
SEPARATEURS = {"virgule": ",", "point-virgule": ";"}
TAILLE = 100
TAILLE_MAXIMALE = 500
LICENCE = "Licence Ouverte 2.0"
LICENCE_URL = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"

SANS_FIN, AUCUNE = "sans fin", "aucune"
"""`X-Preuve` of a whole dataset, and of a selection whose digest will not be kept; else a day."""

logger = logging.getLogger(__name__)


class ParametreInvalide(Exception):
    """A parameter that the address cannot have; the message names it and the remedy."""


def export_response(request, jeu, queryset, format):  # noqa: A002
    """Every row of `queryset` as `format`: csv, xlsx, json, geojson.

    queryset: rows of `jeu.modele`, filtered and sorted, public ones only.
    An address that names a page, or a size of page, gets that page of JSON instead;
    `separateur=point-virgule` changes that of a CSV. A bad parameter is a 400 with a sentence.
    """
    try:
        if format not in TYPES:
            choices = ", ".join(FORMATS)
            raise ParametreInvalide(f"format : « {format} » n’existe pas. Formats : {choices}.")
        if format == "json" and asks_for_a_page(request.GET):
            return page_json(request, jeu, queryset)
        fichier = Fichier(request, jeu, queryset, format)
    except ParametreInvalide as error:
        return refusal(error, format)
    except TropDeFichiers:
        return busy()
    return fichier.response()


def asks_for_a_page(parameters):
    return any(parameters.get(name, "").strip() for name in ("page", "taille"))


def page_json(request, jeu, queryset):
    """`{"count", "next", "previous", "results"}`: one page of `queryset`, `page` and `taille`."""
    try:
        page = _whole_number(request, "page", 1, None)
        taille = _whole_number(request, "taille", TAILLE, TAILLE_MAXIMALE)
        count = queryset.count()
        last = max(1, -(-count // taille))
        if page > last:
            raise ParametreInvalide(f"page : la page {page} n’existe pas, la dernière est {last}.")
    except ParametreInvalide as error:
        return refusal(error, "json")
    start = (page - 1) * taille
    body = {
        "count": count,
        "next": _page_url(request, page + 1) if page < last else None,
        "previous": _page_url(request, page - 1) if page > 1 else None,
        "results": list(jeu.records(queryset, slice(start, start + taille))),
    }
    text = json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False)
    response = HttpResponse(text, content_type=TYPES["json"])
    response["X-Total-Count"] = count
    return response


def refusal(error, format):  # noqa: A002
    """400: the sentence, as JSON for who asked for JSON."""
    if format in ("json", "geojson"):
        text = json.dumps({"erreur": str(error)}, ensure_ascii=False)
        return HttpResponse(text, status=400, content_type=TYPES["json"])
    return HttpResponse(f"{error}\n", status=400, content_type="text/plain; charset=utf-8")


def busy():
    """503: every place is taken by a download."""
    sentence = "D’autres téléchargements sont en cours : redemandez ce fichier dans un instant.\n"
    response = HttpResponse(sentence, status=503, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = "10"
    return response


def _whole_number(request, name, default, maximum):
    text = request.GET.get(name, "").strip()
    if not text:
        return default
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if number < 1 or (maximum and number > maximum):
        limits = f"de 1 à {maximum}" if maximum else "à partir de 1"
        raise ParametreInvalide(f"{name} : « {text} » n’est pas un nombre entier {limits}.")
    return number


def _page_url(request, page):
    parameters = request.GET.copy()
    parameters["page"] = page
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


class Fichier:
    """One file on its way: an iterable of blocks that closes its snapshot in every case.

    The response closes it, whether it was read to the end, in part, or not at all.
    """

    def __init__(self, request, jeu, queryset, format):  # noqa: A002
        self.request = request
        self.jeu = jeu
        self.queryset = queryset
        self.format = format
        self.options = self._options()
        self.stream = None
        self.kept = True
        self.resources = ExitStack()
        visitor = get_client_ip(request)
        places.take(visitor)
        self.resources.callback(places.give_back, visitor)
        try:
            self.connection = self.resources.enter_context(snapshot(queryset.db))
            self.version = self._scalar(DonneesVersion.objects.values("numero")) or 0
            self.lignes = self._count()
        except BaseException:
            self.resources.close()
            raise

    def _options(self):
        if self.format != "csv":
            return {}
        name = self.request.GET.get("separateur") or "virgule"
        if name not in SEPARATEURS:
            choices = " ou ".join(SEPARATEURS)
            raise ParametreInvalide(f"separateur : « {name} » n’existe pas. Écrivez {choices}.")
        return {"separateur": SEPARATEURS[name]}

    def _count(self):
        keys = self.queryset.order_by().values("pk")
        return self._scalar(keys, "SELECT COUNT(*) FROM ({}) lignes") or 0

    def _scalar(self, queryset, template="{}"):
        """The first value of the first row, in the snapshot; None without any."""
        try:
            sql, params = compile_query(queryset, self.connection)
        except EmptyResultSet:
            return None
        with self.connection.cursor() as cursor:
            cursor.execute(template.format(sql), params)
            row = cursor.fetchone()
        return row[0] if row else None

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
            f'attachment; filename="{self.jeu.code}-{iso(today())}.{self.format}"'
        )
        response["X-Total-Count"] = self.lignes
        response["X-Donnees-Version"] = self.version
        if blocks:
            self.kept = promise(self.request, response, entiere=self.entiere)
        schema = reverse("donnees_schema", args=[self.jeu.code])
        response["Link"] = f'<{schema}>; rel="describedby"; type="application/json"'
        return response

    def __iter__(self):
        self.stream = self._stream()
        return self.stream

    def _stream(self):
        digest = Empreinte()
        with self.resources, closing(self._write()) as blocks:
            written = yield from digest.read(blocks)
        if written != self.lignes:
            # The server drops the connection: the client sees that the file is not whole.
            raise RuntimeError(f"{written} rows written, {self.lignes} announced")
        self._prove(digest)

    def _write(self):
        source = (self.jeu, self.queryset, self.connection)
        if self.format == "csv":
            return write_csv(*source, **self.options)
        if self.format == "json":
            return write_json(*source, self.lignes)
        if self.format == "geojson":
            return write_geojson(*source)
        return write_xlsx(*source, lignes=self.lignes, notice=self._notice())

    def _sources(self):
        """The titles of what the rows cite, in the snapshot; what the dataset says, without any."""
        origine = provenance.of_jeu(self.jeu)
        titles = dict(Source.objects.values_list("code", "titre"))
        if origine is None or not isinstance(origine.source, str):
            return provenance.of_files(self.jeu, titles)
        rows = self.queryset.model._base_manager.filter(
            pk__in=self.queryset.order_by().values("pk")
        )
        told = rows.order_by().values(_tout=Value(1)).annotate(_s=Sources(origine.source))
        texts = Sources.read(self._scalar(told.values("_s")))
        return " ; ".join(provenance.in_words(text, titles) for text in texts) or self.jeu.source

    def _notice(self):
        return [
            ("Jeu de données", self.jeu.titre),
            ("Lignes", self.lignes),
            ("Date", iso(today())),
            ("Version des données", self.version),
            ("Adresse", self.request.build_absolute_uri()),
            ("Source", self._sources()),
            ("Licence", f"{LICENCE} ({LICENCE_URL})"),
            ("Dictionnaire", self.request.build_absolute_uri(self.jeu.get_absolute_url())),
        ]

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
