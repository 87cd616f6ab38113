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
from .lignee import Lignee
from .personnes import TexteDePersonne
from .phase import Certitude, Liste, Phase
from .suivi import ConflitDeVersion, Versionne
from .territoire import AutreNom, Rattachement, Territoire
from .trace import Ecriture, Trace

__all__ = [
    "Agent",
    "AutreNom",
    "Certitude",
    "CodePostal",
    "Commune",
    "CommuneAncienne",
    "ConflitDeVersion",
    "Departement",
    "Ecriture",
    "Intercommunalite",
    "LigneChargee",
    "Lignee",
    "Liste",
    "MouvementCommune",
    "Operateur",
    "Phase",
    "Rattachement",
    "Region",
    "Role",
    "Territoire",
    "TexteDePersonne",
    "Trace",
    "Versionne",
    "rang_du_departement",
]
