"""The layers of the map at a date, as GeoJSON and TopoJSON.

Coordinates are WGS84 degrees, longitude first, simplified to about 400 m. A territory is the
merged outline of its members; a feature without any known outline has a null geometry (GeoJSON)
or is left out (TopoJSON, which has no such thing).
"""

from territoires.carte import Carte, Classe, Presence, code_membre
from territoires.dates import iso
from territoires.geometrie import trace
from territoires.models import Rattachement

MONTREES = (Classe.ATTESTE, Classe.DERNIER, Classe.POSSIBLE)


def _properties(presence: Presence) -> dict:
    return {
        "code": presence.territoire.code,
        "nom": presence.nom,
        "classe": presence.classe.value,
        "depuis": iso(presence.depuis),
        "certitude": presence.certitude,
    }


def _member_properties(presence: Presence, membre: Rattachement) -> dict:
    return {
        "siren": membre.intercommunalite_id,
        "commune": membre.commune_id,
        "nom": membre.membre.nom,
        "nature": membre.nature,
        "territoire": presence.territoire.code,
        "debut": iso(membre.debut),
        "certitude": membre.certitude,
    }


def _shown(carte: Carte) -> list[Presence]:
    return [presence for presence in carte.presences if presence.classe in MONTREES]


def _formes_territoires(carte: Carte):
    """(member codes, properties) of each territory that is attested or possible."""
    for presence in _shown(carte):
        yield trace().connus(presence.codes_membres), _properties(presence)


def _formes_membres(carte: Carte):
    """(its code alone, properties) of each member of these territories."""
    for presence in _shown(carte):
        for membre in presence.membres:
            code = code_membre(membre)
            yield trace().connus([code]), _member_properties(presence, membre)


def _collection(formes, date) -> dict:
    topologie = trace().topologie
    return {
        "type": "FeatureCollection",
        "date": iso(date),
        "attribution": topologie.brut["attribution"],
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": topologie.multipolygone("membres", codes) if codes else None,
            }
            for codes, properties in formes
        ],
    }


def geojson_territoires(carte: Carte) -> dict:
    """The attested and possible territories, one feature each, by name."""
    return _collection(_formes_territoires(carte), carte.date)


def geojson_membres(carte: Carte) -> dict:
    """Their members, one feature each."""
    return _collection(_formes_membres(carte), carte.date)


def topojson(carte: Carte) -> dict:
    """Both layers, `territoires` and `membres`, over shared arcs."""
    topologie = trace().topologie
    return {
        **topologie.extrait(
            {
                "territoires": [forme for forme in _formes_territoires(carte) if forme[0]],
                "membres": [forme for forme in _formes_membres(carte) if forme[0]],
            }
        ),
        "date": iso(carte.date),
        "attribution": topologie.brut["attribution"],
    }
