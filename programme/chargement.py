"""The files of the programme's public facts, and what follows any load."""

from programme import lieux, models
from programme.models.chiffres import COTE
from territoires.chargement import Fichier
from territoires.models import Operateur

PUBLIE = {"publication": models.Publication.PUBLIE}

ACTEURS = (
    Fichier("operateurs.csv", Operateur, ("code",), ("code", "nom", "nom_actuel", "missions")),
    Fichier(
        "sources.csv",
        models.Source,
        ("code",),
        ("code", "titre", "editeur", "date", "precision_date", "url", "licence", "remarque"),
    ),
    Fichier(
        "comites_regionaux.csv",
        models.ComiteRegional,
        ("region",),
        ("region", "presidence", "source"),
    ),
    Fichier("comites_nationaux.csv", models.ComiteNational, ("nom",), ("nom", "presidence")),
    Fichier(
        "seances.csv",
        models.Seance,
        ("comite_regional", "comite_national", "date"),
        (
            "comite_regional",
            "comite_national",
            "date",
            "precision",
            "lieu",
            "ordre_du_jour",
            "compte_rendu",
            "source",
        ),
        fixes=PUBLIE,
    ),
)

ACTES = (
    Fichier(
        "contrats.csv",
        models.Contrat,
        ("slug",),
        (
            "slug",
            "territoire",
            "type",
            "intitule",
            "statut",
            "date_signature",
            "precision_signature",
            "lieu",
            "nb_actions",
            "montant_eur",
            "meme_acte_que",
            "remarque",
            "source",
        ),
        fixes=PUBLIE,
    ),
    Fichier(
        "conventions.csv",
        models.Convention,
        ("operateur", "intitule", "signee_le"),
        ("operateur", "intitule", "signee_le", "lieu", "source"),
        fixes=PUBLIE,
    ),
    Fichier(
        "engagements.csv",
        models.Engagement,
        ("code",),
        (
            "code",
            "operateur",
            "intitule",
            "type",
            "cible",
            "cible_mots",
            "unite",
            "rythme",
            "debut",
            "echeance",
            "precision_echeance",
            "echeance_mots",
            "approximatif",
            "source",
        ),
        fixes=PUBLIE,
    ),
    Fichier(
        "services.csv",
        models.Service,
        ("code",),
        ("code", "operateur", "intitule", "description", "source"),
        fixes=PUBLIE,
    ),
)

CHIFFRES = (
    Fichier(
        "chiffres_annonces.csv",
        models.ChiffreAnnonce,
        ("date", "indicateur", "valeur"),
        (
            "date",
            "precision_date",
            "jour_compris",
            "indicateur",
            "valeur",
            "unite",
            "nature",
            "contexte",
            "source",
        ),
        fixes=PUBLIE,
    ),
    Fichier(
        "jalons.csv",
        models.Jalon,
        ("date", "intitule"),
        ("date", "precision_date", "intitule", "lieu", "nb_territoires", "source"),
        fixes=PUBLIE,
    ),
    Fichier(
        "faits.csv",
        models.Fait,
        ("code",),
        (
            "code",
            "phase",
            "theme",
            "date",
            "precision_date",
            "indicateur",
            "intitule",
            "valeur",
            "unite",
            "nature",
            "contexte",
            "source",
        ),
        fixes=PUBLIE,
    ),
    Fichier(
        "confrontations.csv",
        models.Confrontation,
        ("code",),
        (
            "code",
            "sujet",
            "nature",
            *(f"{name}_a" for name in COTE),
            *(f"{name}_b" for name in COTE),
            "remarque",
        ),
        fixes=PUBLIE,
    ),
)

PRESENTATION = (
    Fichier(
        "personnes.csv",
        models.Personne,
        ("code",),
        ("code", "nom", "fonction", "role", "date", "precision_date", "source"),
        fixes=PUBLIE,
    ),
    Fichier(
        "affirmations.csv",
        models.Affirmation,
        ("code",),
        (
            "code",
            "rubrique",
            "ordre",
            "titre",
            "texte",
            "operateur",
            "personne",
            "date",
            "precision_date",
            "source",
        ),
        fixes=PUBLIE,
    ),
    Fichier(
        "glossaire.csv",
        models.Terme,
        ("code",),
        ("code", "mot", "autres_noms", "definition", "page", "source"),
        fixes=PUBLIE,
    ),
)

FONDS = (
    Fichier("financeurs.csv", models.Financeur, ("slug",), ("slug", "nom", "type", "operateur")),
    Fichier(
        "enveloppes.csv",
        models.Enveloppe,
        ("fonds", "intitule", "region", "annee"),
        ("fonds", "intitule", "region", "annee", "montant_eur", "source"),
        fixes=PUBLIE,
    ),
    Fichier(
        "projets.csv",
        models.Projet,
        ("code",),
        (
            "code",
            "slug",
            "beneficiaire",
            "siren",
            "categorie",
            "filiere",
            "objet",
            "axe",
            "thematique",
            "code_postal",
            "commune",
            "departement",
            "departement_cite",
            "localisation",
            "lat",
            "lon",
            "territoire",
            "emplois_crees",
            "emplois_maintenus",
            "investissement_eur",
            "mise_a_jour",
            "source",
        ),
        fixes=PUBLIE,
        controler=lieux.controler,
    ),
    Fichier(
        "financements.csv",
        models.Financement,
        ("projet", "financeur"),
        ("projet", "financeur"),
    ),
)

DIAGNOSTIC = (
    Fichier("bassins_emploi.csv", models.BassinEmploi, ("code",), ("code", "nom", "departement")),
    Fichier("bassins_communes.csv", models.BassinCommune, ("commune",), ("commune", "bassin")),
    Fichier("metiers.csv", models.Metier, ("code",), ("code", "nom")),
    Fichier(
        "besoins_main_oeuvre.csv",
        models.BesoinMainOeuvre,
        ("annee", "bassin", "metier", "partie"),
        ("annee", "bassin", "metier", "partie", "projets", "difficiles", "saisonniers", "source"),
        vides=("*",),  # statistical secret
    ),
    Fichier(
        "mesures_emploi.csv",
        models.MesureEmploi,
        ("indicateur", "annee", "intercommunalite"),
        ("indicateur", "annee", "intercommunalite", "valeur", "source"),
    ),
)

PROGRAMME = ACTEURS + ACTES + CHIFFRES + PRESENTATION + FONDS + DIAGNOSTIC
