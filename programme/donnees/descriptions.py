"""The datasets described for machines: Table Schema, Data Package. `dcat.py` has the catalogue.

Every function returns what `json.dumps` writes. `absolute` turns a path into a full address.
"""

from django.conf import settings
from django.urls import reverse

from programme.donnees import horizon, provenance
from programme.donnees.exports import LICENCE, LICENCE_URL
from programme.donnees.jeux import JEUX
from programme.donnees.schema import Type
from territoires.dates import connu, iso

TABLE_SCHEMA = "https://specs.frictionlessdata.io/schemas/table-schema.json"


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
        "version": version.nom,
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


def _until(jeu, name):
    """`{name: the last day on which a source states it}`; nothing when none is known."""
    told = horizon.whole(jeu.code)
    return {name: connu(told.jour.date, told.jour.precision)} if told else {}
