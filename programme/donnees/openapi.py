"""The API described in OpenAPI 3.1, from the datasets and from the filters of their lists."""

from django.conf import settings
from django.urls import resolve, reverse

from programme.donnees.exports import (
    LICENCE,
    LICENCE_URL,
    SEPARATEURS,
    TAILLE,
    TAILLE_MAXIMALE,
    TYPES,
)
from programme.donnees.jeux import JEUX
from programme.donnees.schema import Type

JSON_TYPES = {
    Type.ENTIER: {"type": "integer"},
    Type.NOMBRE: {"type": "number"},
    Type.DATE: {"type": "string", "format": "date"},
    Type.BOOLEEN: {"type": "boolean"},
    Type.LISTE: {"type": "array", "items": {"type": "string"}},
    Type.NOMS: {"type": "array", "items": {"type": "string"}},
}
PAGE = {
    "type": "object",
    "required": ["count", "horizon", "ecartes", "next", "previous", "results"],
    "properties": {
        "count": {"type": "integer", "description": "Nombre de lignes de la sélection."},
        "horizon": {
            "type": ["string", "null"],
            "description": "Dernier jour où une source dit ces faits : AAAA, AAAA-MM ou AAAA-MM-JJ "
            "selon ce qui en est connu. Après lui, rien n’est attesté. null : aucune source datée.",
        },
        "ecartes": {
            "type": "array",
            "description": "Ce que chaque filtre laisse de côté faute d’une valeur renseignée.",
            "items": {
                "type": "object",
                "properties": {
                    "filtre": {"type": "string"},
                    "libelle": {"type": "string"},
                    "lignes": {"type": "integer"},
                },
            },
        },
        "next": {"type": ["string", "null"], "format": "uri"},
        "previous": {"type": ["string", "null"], "format": "uri"},
    },
}
ERREUR = {
    "description": "L’adresse ne peut pas être lue : la réponse dit quel paramètre, et pourquoi.",
    "content": {"application/json": {"schema": {"type": "object"}}},
}


def document(absolute):
    """The whole description; `absolute` turns a path into a full address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"API – {settings.SITE['nom']}",
            "version": "1",
            "description": (
                "Lecture seule. Chaque adresse est celle d’une liste du site : mêmes filtres, "
                "mêmes lignes, mêmes mots."
            ),
            "license": {"name": LICENCE, "url": LICENCE_URL},
        },
        "servers": [{"url": absolute("/").rstrip("/")}],
        "paths": {jeu.get_api_url(): {"get": _operation(jeu)} for jeu in JEUX.values()},
        "components": {"schemas": {jeu.code: _row(jeu) for jeu in JEUX.values()}},
    }


def _operation(jeu):
    results = {"type": "array", "items": {"$ref": f"#/components/schemas/{jeu.code}"}}
    page = {**PAGE, "properties": {**PAGE["properties"], "results": results}}
    content = {
        TYPES[name].split(";")[0]: {"schema": page if name == "json" else {"type": "string"}}
        for name in jeu.formats
    }
    headers = {
        "X-Total-Count": {
            "description": "Nombre de lignes de la sélection.",
            "schema": {"type": "integer"},
        },
        "X-Horizon": {
            "description": "Dernier jour où une source dit ces faits ; absent sans source datée.",
            "schema": {"type": "string"},
        },
        "X-Ecartes": {
            "description": "filtre=lignes, pour chaque filtre qui en laisse de côté faute d’une "
            "valeur renseignée.",
            "schema": {"type": "string"},
        },
    }
    return {
        "operationId": jeu.code,
        "summary": jeu.titre,
        "description": jeu.description,
        "parameters": [*_controls(jeu), *_filters(jeu)],
        "responses": {
            "200": {"description": "Les lignes.", "headers": headers, "content": content},
            "400": ERREUR,
        },
    }


def _row(jeu):
    return {
        "type": "object",
        "title": jeu.titre,
        "required": jeu.noms,
        "properties": {colonne.nom: _value(colonne) for colonne in jeu.colonnes},
    }


def _value(colonne):
    schema = dict(JSON_TYPES.get(colonne.type, {"type": "string"}))
    if colonne.valeurs:
        schema["enum"] = list(colonne.valeurs)
    if not colonne.obligatoire and not colonne.type.is_list:
        schema["type"] = [schema["type"], "null"]
        if colonne.valeurs:
            schema["enum"] = [*schema["enum"], None]
    return schema | {"title": colonne.titre, "description": colonne.description}


def _controls(jeu):
    pages = {"type": "integer", "minimum": 1}
    words = "Un fichier de toutes les lignes, JSON compris ; sans ce paramètre, des pages de JSON"
    yield _parameter("format", words, {"enum": jeu.formats})
    yield _parameter("page", "Page, en JSON", {**pages, "default": 1})
    yield _parameter(
        "taille",
        "Lignes par page, en JSON",
        {**pages, "maximum": TAILLE_MAXIMALE, "default": TAILLE},
    )
    yield _parameter("separateur", "Séparateur d’un CSV", {"enum": list(SEPARATEURS)})


def _filters(jeu):
    """The parameters of the list's filters; a repeated one keeps the rows of any of its values."""
    if not jeu.liste:
        return
    view = resolve(reverse(jeu.liste)).func.view_class
    columns = ", ".join(sorted(view.table_class.tris))
    yield _parameter("tri", f"Colonne de tri, un tiret devant pour l’ordre inverse : {columns}")
    repeatable = view.filterset_class.parametres()
    for critere in view.filterset_class.base_filters.values():
        for name in critere.parametres:
            text = {"type": "string"}
            schema = {"type": "array", "items": text} if repeatable[name] else text
            words = f"{critere.label}. {critere.aide}" if critere.aide else critere.label
            yield _parameter(name, words, schema)


def _parameter(name, words, schema=None):
    schema = {"type": "string", **(schema or {})}
    return {"name": name, "in": "query", "description": words, "schema": schema}
