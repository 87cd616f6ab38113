from .abonnements import Abonne, Abonnement, Envoi
from .acces import JournalAcces
from .avis import Avis, RythmeAvis
from .base import Publication
from .chiffres import ChiffreAnnonce, Confrontation, Document, Fait, Jalon, Precision, Source
from .citations import Citation
from .comites import ComiteNational, ComiteRegional, Decision, Seance
from .contrats import Avenant, Contrat, Signataire
from .desaccords import Desaccord
from .diagnostic import BassinCommune, BassinEmploi, BesoinMainOeuvre, MesureEmploi, Metier
from .imports import Import, LigneImport
from .index import EntreeIndex, MotIndex, TrigrammeIndex
from .operateurs import (
    Convention,
    Engagement,
    Realisation,
    Referent,
    Service,
    TerritoirePrioritaire,
)
from .parutions import EmpreinteAncienne, FichierParution, Parution
from .preparation import DecisionPreparee
from .presentation import Affirmation, Personne, Terme
from .preuves import Preuve
from .projets import Enveloppe, Financement, Financeur, Projet
from .propositions import Proposition
from .rangement import Rangement, Retouche
from .taches import Tache, Tournee
from .valeurs import Valeur
from .version import DonneesVersion
from .vues import VueDeListe

__all__ = [
    "Abonne",
    "Abonnement",
    "Affirmation",
    "Avenant",
    "Avis",
    "BassinCommune",
    "BassinEmploi",
    "BesoinMainOeuvre",
    "ChiffreAnnonce",
    "Citation",
    "ComiteNational",
    "ComiteRegional",
    "Confrontation",
    "Contrat",
    "Convention",
    "Decision",
    "DecisionPreparee",
    "Desaccord",
    "Document",
    "DonneesVersion",
    "EmpreinteAncienne",
    "Engagement",
    "EntreeIndex",
    "Enveloppe",
    "Envoi",
    "Fait",
    "FichierParution",
    "Financement",
    "Financeur",
    "Import",
    "Jalon",
    "JournalAcces",
    "LigneImport",
    "MesureEmploi",
    "Metier",
    "MotIndex",
    "Parution",
    "Personne",
    "Precision",
    "Preuve",
    "Projet",
    "Proposition",
    "Publication",
    "Rangement",
    "Realisation",
    "Referent",
    "Retouche",
    "RythmeAvis",
    "Seance",
    "Service",
    "Signataire",
    "Source",
    "Tache",
    "Terme",
    "TerritoirePrioritaire",
    "Tournee",
    "TrigrammeIndex",
    "Valeur",
    "VueDeListe",
]
