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
CODES = "Codes, séparés par des virgules."
MOMENT = (
    "Tel que publié à ce moment passé : un jour (AAAA-MM-JJ, pour sa fin) ou une heure "
    "(AAAA-MM-JJTHH:MM, de Paris sans décalage)."
)
PAGE = {
    "type": "object",
    "required": ["count", "horizon", "ecartes", "next", "previous", "results"],
    "properties": {
        "count": {"type": "integer", "description": "Nombre de lignes de la sélection."},
        "moment": {
            "type": "string",
            "format": "date-time",
            "description": "Celui que demande « au » ; absent sans lui.",
        },
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
PROBLEME = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "erreur"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string", "description": "La sorte d’erreur, dans la langue demandée."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {
            "type": "string",
            "description": "Ce qui ne va pas et le remède, en français ou en anglais selon "
            "Accept-Language.",
        },
        "erreur": {
            "type": "string",
            "description": "La même phrase, en français.",
        },
        "parametres": {
            "type": "array",
            "description": "Chaque paramètre fautif.",
            "items": {
                "type": "object",
                "required": ["nom", "message"],
                "properties": {"nom": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
REFUS = {
    "400": "L’adresse ne peut pas être lue : la réponse dit quel paramètre, et pourquoi.",
    "404": "Rien n’est publié à cette adresse.",
    "405": "L’API se lit seulement : l’en-tête Allow dit comment.",
    "406": "L’en-tête Accept n’admet pas le format de cette adresse.",
    "429": "Trop de demandes en une minute : l’en-tête Retry-After dit quand revenir.",
    "503": "La base de données ne répond pas, ou trop de fichiers partent : voir Retry-After.",
}


def document(absolute):
    """The whole description; `absolute` turns a path into a full address."""
    paths = {reverse("api"): {"get": _racine()}}
    for jeu in JEUX.values():
        paths[jeu.get_api_url()] = {"get": _operation(jeu)}
        if jeu.colonne_cle:
            paths[f"{jeu.get_api_url()}{{{jeu.colonne_cle.nom}}}/"] = {"get": _fiche(jeu)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"API – {settings.SITE['nom']}",
            "version": "1",
            "description": (
                "Lecture seule. Chaque adresse est celle d’une liste du site : mêmes filtres, "
                "mêmes lignes, mêmes mots. Sans clé, ouverte aux autres sites (CORS) ; "
                f"{settings.API_PAR_MINUTE} demandes par minute au moins sont accordées à une "
                "adresse, RateLimit dit ce qu’il en reste."
            ),
            "license": {"name": LICENCE, "url": LICENCE_URL},
        },
        "externalDocs": {"url": absolute(reverse("api_documentation"))},
        "servers": [{"url": absolute("/").rstrip("/")}],
        "paths": paths,
        "components": {
            "schemas": {
                **{jeu.code: _row(jeu) for jeu in JEUX.values()},
                "Probleme": PROBLEME,
            },
            "headers": _headers(),
            "responses": {status: _refusal(status) for status in REFUS},
        },
    }


def exemples(jeu):
    """`(words, path and query)` of addresses worth trying, first those that filter."""
    url = jeu.get_api_url()
    found = [("Les cinq premières lignes", f"{url}?taille=5")]
    if jeu.liste:
        tris = view_of(jeu).table_class.tris
        if tris:
            found.append((f"Triées par {tris[-1]}, à l’envers", f"{url}?taille=5&tri=-{tris[-1]}"))
    if jeu.colonne_cle:
        cle = jeu.colonne_cle
        key = jeu.published().order_by("pk").values_list(cle.expression(), flat=True).first()
        if key:
            found.append(("Une fiche", f"{url}{key}/"))
    return found


def _headers():
    text, number = {"type": "string"}, {"type": "integer"}
    told = {
        "X-Total-Count": ("Nombre de lignes de la sélection.", number),
        "X-Horizon": ("Dernier jour où une source dit ces faits ; absent sans source datée.", text),
        "X-Ecartes": (
            "filtre=lignes, pour chaque filtre qui en écarte faute d’une valeur renseignée.",
            text,
        ),
        "X-Moment": ("Le moment que demande « au » ; absent sans lui.", text),
        "Memento-Datetime": ("Le même, comme le dit la RFC 7089.", text),
        "RateLimit": ("r : demandes qui restent ; t : secondes avant la minute suivante.", text),
        "RateLimit-Policy": ("q : demandes accordées ; w : secondes.", text),
        "ETag": ("À rendre dans If-None-Match : 304 si rien n’a changé.", text),
        "Link": ("rel=next, rel=prev : les lignes qui suivent, qui précèdent.", text),
        "Allow": ("Les méthodes permises.", text),
        "Retry-After": ("Secondes à attendre.", text),
    }
    return {
        name: {"description": words, "schema": schema} for name, (words, schema) in told.items()
    }


def _header(*names):
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _refusal(status):
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Probleme"}}}
    if status == "503":
        content["text/plain"] = {"schema": {"type": "string"}}
    own = {"405": ["Allow"], "429": ["Retry-After"], "503": ["Retry-After"]}.get(status, [])
    limits = ("RateLimit", "RateLimit-Policy")
    return {"description": REFUS[status], "headers": _header(*limits, *own), "content": content}


def _responses(content, words, *headers, sauf=()):
    refused = {
        status: {"$ref": f"#/components/responses/{status}"}
        for status in REFUS
        if status not in sauf
    }
    limits = ("RateLimit", "RateLimit-Policy", "ETag", "Link")
    told = {"description": words, "headers": _header(*headers, *limits), "content": content}
    return {"200": told, "304": {"description": "Rien n’a changé."}, **refused}


def _racine():
    content = {"application/json": {"schema": {"type": "object", "required": ["version", "jeux"]}}}
    return {
        "operationId": "racine",
        "summary": "Les jeux de données et leurs adresses",
        "responses": _responses(content, "Les jeux."),
    }


def _fiche(jeu):
    cle = jeu.colonne_cle
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{jeu.code}"}}}
    return {
        "operationId": f"{jeu.code}-fiche",
        "summary": f"Une ligne du jeu « {jeu.titre} »",
        "parameters": [
            {
                "name": cle.nom,
                "in": "path",
                "required": True,
                "description": cle.description,
                "schema": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
            },
            _moment(MOMENT),
        ],
        "responses": _responses(content, "La ligne.", "X-Total-Count"),
    }


def _operation(jeu):
    results = {"type": "array", "items": {"$ref": f"#/components/schemas/{jeu.code}"}}
    page = {**PAGE, "properties": {**PAGE["properties"], "results": results}}
    content = {
        TYPES[name].split(";")[0]: {"schema": page if name == "json" else {}}
        for name in jeu.formats
    }
    return {
        "operationId": jeu.code,
        "summary": jeu.titre,
        "description": jeu.description,
        "parameters": [*_controls(jeu), *_filters(jeu)],
        "responses": _responses(
            content,
            "Les lignes.",
            "X-Total-Count",
            "X-Horizon",
            "X-Ecartes",
            "X-Moment",
            "Memento-Datetime",
        ),
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
    yield _parameter(
        "curseur", "Où reprendre : « debut », puis ce que donnent next et previous", exemple="debut"
    )
    yield _parameter("page", "Page, en JSON, au lieu d’un curseur", {**pages, "default": 1})
    yield _parameter(
        "taille",
        "Lignes par page, en JSON",
        {**pages, "maximum": TAILLE_MAXIMALE, "default": TAILLE},
        exemple=5,
    )
    yield _parameter("separateur", "Séparateur d’un CSV", {"enum": list(SEPARATEURS)})
    yield _moment(f"{MOMENT} Deux moments séparés par « .. » : ce qui a changé entre eux.")


def _moment(words):
    # No day is written here: it would soon be long past, or of a portal that was not there yet.
    return _parameter("au", words)


def view_of(jeu):
    """The view of a dataset's list."""
    return resolve(reverse(jeu.liste)).func.view_class


def _filters(jeu):
    """The parameters of the list's filters; a repeated one keeps the rows of any of its values."""
    if not jeu.liste:
        if jeu.colonne_cle:
            yield _parameter(jeu.colonne_cle.nom, CODES)
        return
    view = view_of(jeu)
    tris = sorted(view.table_class.tris)
    both = [sens + name for name in tris for sens in ("", "-")]
    yield _parameter("tri", "Colonne de tri, un tiret devant pour l’ordre inverse", {"enum": both})
    repeatable = view.filterset_class.parametres()
    filterset = view.filterset_class({}, jeu.published())
    for critere in filterset.filters.values():
        values = [str(value) for value, _ in critere.libelles()] if critere.has_values else []
        for name in critere.parametres:
            text = {"type": "string"} | ({"enum": values} if values else {})
            schema = {"type": "array", "items": text} if repeatable[name] else text
            words = f"{critere.label}. {critere.aide}" if critere.aide else critere.label
            exemple = [values[-1]] if values and repeatable[name] else None
            yield _parameter(name, words, schema, exemple=exemple)


def _parameter(name, words, schema=None, exemple=None):
    schema = {"type": "string", **(schema or {})}
    found = {"name": name, "in": "query", "description": words, "schema": schema}
    return found if exemple is None else found | {"examples": {"exemple": {"value": exemple}}}
