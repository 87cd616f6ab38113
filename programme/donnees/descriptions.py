"""The datasets described for machines: Table Schema, Data Package, DCAT-AP.

Every function returns what `json.dumps` writes. `absolute` turns a path into a full address.
"""

from django.conf import settings
from django.urls import reverse

from programme.donnees import horizon, provenance
from programme.donnees.exports import LICENCE, LICENCE_URL, TYPES
from programme.donnees.jeux import JEUX
from programme.donnees.schema import Type
from territoires.dates import connu, iso

TABLE_SCHEMA = "https://specs.frictionlessdata.io/schemas/table-schema.json"
EUROPE = "http://publications.europa.eu/resource/authority"
FREQUENCE = f"{EUROPE}/frequency/CONT"
THEME = f"{EUROPE}/data-theme/ECON"
LANGUE = f"{EUROPE}/language/FRA"
TYPES_DE_FICHIER = {"csv": "CSV", "xlsx": "XLSX", "json": "JSON", "geojson": "GEOJSON"}
DCAT_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def table_schema(jeu):
    """The dataset's columns as a Table Schema."""
    schema = {
        "$schema": TABLE_SCHEMA,
        "name": jeu.code,
        "title": jeu.titre,
        "description": jeu.description,
        "fields": [_field(colonne) for colonne in jeu.colonnes],
        "missingValues": [""],
    }
    if jeu.cle and all(jeu.colonne(name).obligatoire for name in jeu.cle):
        schema["primaryKey"] = list(jeu.cle)
    return schema


def _field(colonne):
    field = {
        "name": colonne.nom,
        "title": colonne.titre,
        "description": colonne.description,
        "type": colonne.type.table_schema,
    }
    if colonne.unite:
        field["unit"] = colonne.unite
    if colonne.type is Type.BOOLEEN:
        field |= {"trueValues": ["oui"], "falseValues": ["non"]}
    constraints = {}
    if colonne.obligatoire:
        constraints["required"] = True
    if colonne.valeurs:
        constraints["enum"] = list(colonne.valeurs)
    return field | ({"constraints": constraints} if constraints else {})


def data_package(absolute, version):
    """The whole catalogue as a Data Package; `version` is a `DonneesVersion`."""
    titles = horizon.titres()
    return {
        "profile": "data-package",
        "name": "territoires-industrie",
        "title": f"Données ouvertes – {settings.SITE['nom']}",
        "homepage": absolute(reverse("donnees")),
        "version": str(version.numero),
        "created": iso(version.modifie_le),
        "licenses": [{"name": "etalab-2.0", "title": LICENCE, "path": LICENCE_URL}],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": jeu.code,
                "title": jeu.titre,
                "description": jeu.description,
                "path": absolute(jeu.get_file_url("csv")),
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ",", "lineTerminator": "\n"},
                "sources": [{"title": provenance.of_files(jeu, titles)}],
                **_until(jeu, "horizon"),
                "schema": table_schema(jeu),
            }
            for jeu in JEUX.values()
        ],
    }


def dcat(absolute, version):
    """The whole catalogue as DCAT-AP, in JSON-LD."""
    publisher = {
        "@type": "foaf:Agent",
        "foaf:name": settings.SITE["editeur"] or settings.SITE["nom"],
    }
    modified = {"@type": "xsd:dateTime", "@value": iso(version.modifie_le)}
    return {
        "@context": DCAT_CONTEXT,
        "@id": absolute(reverse("catalogue_dcat")),
        "@type": "dcat:Catalog",
        "dct:title": _french(f"Données ouvertes – {settings.SITE['nom']}"),
        "dct:description": _french("Les jeux de données du portail, sous licence ouverte."),
        "dct:publisher": publisher,
        "dct:license": {"@id": LICENCE_URL},
        "dct:language": {"@id": LANGUE},
        "dct:modified": modified,
        "foaf:homepage": {"@id": absolute(reverse("donnees"))},
        "dcat:dataset": [
            {
                "@id": absolute(jeu.get_absolute_url()),
                "@type": "dcat:Dataset",
                "dct:identifier": jeu.code,
                "dct:title": _french(jeu.titre),
                "dct:description": _french(jeu.description),
                "dct:publisher": publisher,
                "dct:language": {"@id": LANGUE},
                "dct:accrualPeriodicity": {"@id": FREQUENCE},
                "dct:modified": modified,
                **_until(jeu, "dct:temporal", "dct:PeriodOfTime", "dcat:endDate"),
                "dcat:theme": {"@id": THEME},
                "dcat:keyword": [_french(word) for word in jeu.mots_cles],
                "dcat:landingPage": {"@id": absolute(jeu.get_absolute_url())},
                "dcat:distribution": [_distribution(jeu, name, absolute) for name in jeu.formats],
            }
            for jeu in JEUX.values()
        ],
    }


def _until(jeu, name, kind="", end=""):
    """`{name: the last day on which a source states it}`, in a period when it has a `kind`."""
    told = horizon.whole(jeu.code)
    if not told:
        return {}
    day = connu(told.jour.date, told.jour.precision)
    return {name: {"@type": kind, end: day} if kind else day}


def _distribution(jeu, name, absolute):
    url = absolute(jeu.get_file_url(name))
    kind = TYPES_DE_FICHIER[name]
    return {
        "@id": url,
        "@type": "dcat:Distribution",
        "dct:title": _french(f"{jeu.titre} ({kind})"),
        "dct:license": {"@id": LICENCE_URL},
        "dct:format": {"@id": f"{EUROPE}/file-type/{kind}"},
        "dcat:mediaType": {
            "@id": f"https://www.iana.org/assignments/media-types/{TYPES[name].split(';')[0]}"
        },
        "dcat:accessURL": {"@id": url},
        "dcat:downloadURL": {"@id": url},
        "dct:conformsTo": {"@id": absolute(reverse("donnees_schema", args=[jeu.code]))},
    }


def _french(text):
    return {"@language": "fr", "@value": text}
