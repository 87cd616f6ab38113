"""The geometry of the map, read from `fixtures/geo/` once per process.

The portal draws from here and projects nothing but points: outlines are projected beforehand by
`manage.py construire_geometrie`. Nothing here reads the database: the objects are named by code
(régions and départements by INSEE code, members by SIREN or commune code).
"""

from .cadres import CADRES, HAUTEUR, LARGEUR, LOUPE, METROPOLE, OUTRE_MER, Cadre
from .trace import DETAIL, ENSEMBLE, Boite, Position, Trace, agrandie, project, trace, villes

__all__ = [
    "CADRES",
    "DETAIL",
    "ENSEMBLE",
    "HAUTEUR",
    "LARGEUR",
    "LOUPE",
    "METROPOLE",
    "OUTRE_MER",
    "Boite",
    "Cadre",
    "Position",
    "Trace",
    "agrandie",
    "project",
    "trace",
    "villes",
]
