"""The files of the portal: every row of a filtered queryset, or one page of it as JSON.

A file comes from one consistent state of the database. Its number of rows is announced in the
header `X-Total-Count`; a stream that could not be finished breaks the connection instead of
ending, so that a file cut short is an error of the download, not a smaller file.
"""

import json
import logging
from contextlib import ExitStack

from django.core.exceptions import EmptyResultSet
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse, StreamingHttpResponse

from programme.donnees.ecriture import write_csv, write_geojson
from programme.donnees.instantane import compile_query, snapshot
from programme.donnees.schema import today
from programme.donnees.xlsx import write_xlsx

TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "json": "application/json",
}
FORMATS = tuple(TYPES)
SEPARATEURS = {"virgule": ",", "point-virgule": ";"}
TAILLE = 100
TAILLE_MAXIMALE = 500
LICENCE = "Licence Ouverte 2.0"
LICENCE_URL = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"

logger = logging.getLogger(__name__)


class ParametreInvalide(Exception):
    """A parameter that the address cannot have; the message names it and the remedy."""


def export_response(request, jeu, queryset, format):  # noqa: A002
    """Every row of `queryset` as `format`: csv, xlsx, geojson; or one page of it: json.

    queryset: rows of `jeu.modele`, filtered and sorted, public ones only.
    `separateur=point-virgule` in the address changes that of a CSV. A bad parameter is a 400 with
    a sentence.
    """
    try:
        if format not in TYPES:
            choices = ", ".join(FORMATS)
            raise ParametreInvalide(f"format : « {format} » n’existe pas. Formats : {choices}.")
        if format == "json":
            return page_json(request, jeu, queryset)
        fichier = Fichier(request, jeu, queryset, format)
    except ParametreInvalide as error:
        return refusal(error, format)
    return fichier.response()


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
    text = json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type=TYPES["json"])
    response["X-Total-Count"] = count
    return response


def refusal(error, format):  # noqa: A002
    """400: the sentence, as JSON for who asked for JSON."""
    if format in ("json", "geojson"):
        text = json.dumps({"erreur": str(error)}, ensure_ascii=False)
        return HttpResponse(text, status=400, content_type=TYPES["json"])
    return HttpResponse(f"{error}\n", status=400, content_type="text/plain; charset=utf-8")


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


class Fichier:
    """One file on its way: an iterable of blocks that closes its snapshot in every case."""

    def __init__(self, request, jeu, queryset, format):  # noqa: A002
        self.request = request
        self.jeu = jeu
        self.queryset = queryset
        self.format = format
        self.options = self._options()
        self.resources = ExitStack()
        try:
            self.connection = self.resources.enter_context(snapshot(queryset.db))
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
        try:
            keys = self.queryset.order_by().values("pk")
            sql, params = compile_query(keys, self.connection)
        except EmptyResultSet:
            return 0
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM ({sql}) lignes", params)  # noqa: S608
            return cursor.fetchone()[0]

    def response(self):
        """Streamed; to HEAD, the headers alone."""
        if self.request.method == "HEAD":
            self.close()
            response = HttpResponse(content_type=TYPES[self.format])
        else:
            response = StreamingHttpResponse(self, content_type=TYPES[self.format])
        response["Content-Disposition"] = (
            f'attachment; filename="{self.jeu.code}-{today():%Y-%m-%d}.{self.format}"'
        )
        response["X-Total-Count"] = self.lignes
        return response

    def __iter__(self):
        try:
            written = yield from self._write()
            if written != self.lignes:
                # The server drops the connection: the client sees that the file is not whole.
                raise RuntimeError(f"{written} rows written, {self.lignes} announced")
        finally:
            self.close()

    def _write(self):
        source = (self.jeu, self.queryset, self.connection)
        if self.format == "csv":
            return write_csv(*source, **self.options)
        if self.format == "geojson":
            return write_geojson(*source)
        return write_xlsx(*source, lignes=self.lignes, notice=self._notice())

    def _notice(self):
        return [
            ("Jeu de données", self.jeu.titre),
            ("Lignes", self.lignes),
            ("Date", f"{today():%Y-%m-%d}"),
            ("Adresse", self.request.build_absolute_uri()),
            ("Licence", f"{LICENCE} ({LICENCE_URL})"),
            ("Source", self.jeu.source),
        ]

    def close(self):
        self.resources.close()
