"""The files of the geography and of the map, in the order of their references."""

from territoires import models
from territoires.chargement.lecture import Fichier

GEOGRAPHIE = (
    Fichier("regions.csv", models.Region, ("code",), ("code", "nom", "slug", "autres_noms")),
    Fichier("departements.csv", models.Departement, ("code",), ("code", "nom", "region")),
    Fichier(
        "intercommunalites.csv",
        models.Intercommunalite,
        ("siren",),
        ("siren", "nom", "nature", "departements", "population", "nb_communes", "lon", "lat"),
    ),
    Fichier(
        "communes.csv",
        models.Commune,
        ("code",),
        ("code", "nom", "departement", "intercommunalite", "ept", "population", "lon", "lat"),
    ),
    Fichier("codes_postaux.csv", models.CodePostal, ("commune", "code"), ("commune", "code")),
    Fichier(
        "communes_anciennes.csv",
        models.CommuneAncienne,
        ("code", "nature", "nom"),
        ("code", "nom", "commune", "nature", "jusqu_en"),
    ),
    Fichier(
        "communes_mouvements.csv",
        models.MouvementCommune,
        ("commune", "date"),
        ("commune", "date", "quittee", "rejointe"),
    ),
)

CARTE = (
    Fichier(
        "phases.csv",
        models.Phase,
        ("numero",),
        ("numero", "nom", "debut", "fin", "fin_certitude", "reference", "source"),
    ),
    Fichier("listes.csv", models.Liste, ("date",), ("date", "phase", "nombre", "source")),
    Fichier(
        "territoires.csv",
        models.Territoire,
        ("code",),
        (
            "code",
            "phase",
            "code_anct",
            "nom",
            "slug",
            "region_porteuse",
            "regions",
            "departements",
            "successeur",
            "pilote",
            "source_entree",
            "source_sortie",
            "remarque",
        ),
    ),
    Fichier(
        "autres_noms.csv", models.AutreNom, ("territoire", "nom"), ("territoire", "nom", "fin")
    ),
    Fichier(
        "rattachements.csv",
        models.Rattachement,
        ("territoire", "intercommunalite", "commune", "debut"),
        (
            "territoire",
            "intercommunalite",
            "commune",
            "debut",
            "certitude",
            "pas_avant",
            "fin",
            "fin_certitude",
            "source",
            "remarque",
        ),
    ),
)
