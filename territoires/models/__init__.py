from .agent import Agent, Operateur, Role
from .chargement import LigneChargee
from .geographie import (
    CodePostal,
    Commune,
    CommuneAncienne,
    Departement,
    Intercommunalite,
    MouvementCommune,
    Region,
    rang_du_departement,
)
from .personnes import TexteDePersonne
from .suivi import ConflitDeVersion, Versionne
from .territoire import AutreNom, Certitude, Rattachement, Territoire

__all__ = [
    "Agent",
    "AutreNom",
    "Certitude",
    "CodePostal",
    "Commune",
    "CommuneAncienne",
    "ConflitDeVersion",
    "Departement",
    "Intercommunalite",
    "LigneChargee",
    "MouvementCommune",
    "Operateur",
    "Rattachement",
    "Region",
    "Role",
    "Territoire",
    "TexteDePersonne",
    "Versionne",
    "rang_du_departement",
]
