"""GeoJSON (RFC 7946): a feature a line, of points that rows hold or of outlines that we know."""

import json

from django.core.exceptions import EmptyResultSet
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, FloatField, Value

from programme.donnees.ecriture import Counted, in_blocks, without_last_comma, write_lines
from programme.donnees.expressions import JsonFeature
from programme.donnees.instantane import compile_query
from programme.donnees.schema import SEPARATEUR_LISTE, Contours, Type
from territoires.geometrie import trace

NULLE_PART = Value(None, output_field=FloatField())


def write_geojson(jeu, queryset, connection):
    """A FeatureCollection. Its last member, `lignes`, is the number of its features.

    A row whose place is not known is a feature with a null geometry.
    """
    outlined = isinstance(jeu.geometrie, Contours)
    head = {"type": "FeatureCollection", "name": jeu.code}
    if outlined:
        head["attribution"] = trace().topologie.brut["attribution"]
    yield (json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n').encode()
    features = (
        _outlines(jeu, queryset, connection) if outlined else _points(jeu, queryset, connection)
    )
    count = yield from without_last_comma(features)
    yield f'], "lignes": {count}}}\n'.encode()
    return count


def _key(jeu):
    return jeu.colonne(jeu.cle[0]).expression() if len(jeu.cle) == 1 else F("pk")


def _points(jeu, queryset, connection):
    """Features that the database writes."""
    point = jeu.geometrie
    feature = JsonFeature(
        _key(jeu),
        F(point.longitude) if point else NULLE_PART,
        F(point.latitude) if point else NULLE_PART,
        *(colonne.expression() for colonne in jeu.colonnes),
        colonnes=jeu.colonnes,
    )
    rows = jeu.annotated(queryset, c_ligne=feature).values_list("c_ligne")
    return (yield from write_lines(connection, rows))


def _outlines(jeu, queryset, connection):
    """Features whose outline is merged from those of the codes of each row."""
    expressions = {colonne.alias: colonne.expression() for colonne in jeu.colonnes}
    expressions = {"c_cle": _key(jeu), "c_contour": jeu.geometrie.codes(), **expressions}
    try:
        sql, params = compile_query(
            jeu.annotated(queryset, **expressions).values_list(*expressions), connection
        )
    except EmptyResultSet:
        return 0
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        rows = Counted(cursor)
        yield from in_blocks(
            f"{_feature(jeu, key, codes, values)},\n".encode() for key, codes, *values in rows
        )
    return rows.count


def _feature(jeu, key, codes, values):
    properties = {
        colonne.nom: _json_value(colonne, value)
        for colonne, value in zip(jeu.colonnes, values, strict=True)
    }
    start = json.dumps({"type": "Feature", "id": key})[:-1]
    rest = json.dumps(properties, cls=DjangoJSONEncoder, ensure_ascii=False)
    return f'{start}, "geometry": {_outline(jeu.geometrie.couche, codes)}, "properties": {rest}}}'


def _json_value(colonne, value):
    """What a bare cursor gives, as JSON says it."""
    if colonne.type.is_list:
        return value.split(SEPARATEUR_LISTE) if value else []
    if colonne.type is Type.BOOLEEN and value is not None:
        return bool(value)
    return value


def _outline(couche, codes):
    """The merged outline of the codes, as the text of a MultiPolygon; « null » without any."""
    topologie = trace().topologie
    known = set((codes or "").split(SEPARATEUR_LISTE)).intersection(topologie.objets[couche])
    if not known:
        return "null"
    return json.dumps(topologie.multipolygone(couche, known), separators=(",", ":"))
