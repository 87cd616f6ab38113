from .agent import Agent, Operateur, Role
from .chargement import LigneChargee
from .etats import AvecEtats, EtatAncien
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
from .modification import Modification
from .personnes import TexteDePersonne
from .phase import Certitude, Liste, Phase
from .suivi import ConflitDeVersion, Versionne
from .territoire import AutreNom, Rattachement, Territoire

__all__ = [
    "Agent",
    "AutreNom",
    "AvecEtats",
    "Certitude",
    "CodePostal",
    "Commune",
    "CommuneAncienne",
    "ConflitDeVersion",
    "Departement",
    "EtatAncien",
    "Intercommunalite",
    "LigneChargee",
    "Lignee",
    "Liste",
    "Modification",
    "MouvementCommune",
    "Operateur",
    "Phase",
    "Rattachement",
    "Region",
    "Role",
    "Territoire",
    "TexteDePersonne",
    "Versionne",
    "rang_du_departement",
]
