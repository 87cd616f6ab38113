"""Datasets of the projects and of who pays for them."""

from django.db.models import Case, F, OuterRef, Subquery, Value, When
from django.db.models.functions import NullIf

from programme.donnees.expressions import names_of
from programme.donnees.jeux.colonnes import (
    CITEES,
    MONTANT,
    PREUVE,
    departement_nom,
    page,
    region_nom,
)
from programme.donnees.provenance import D_APRES_COMMUNE, LECTURE, SAISIE, Provenance
from programme.donnees.schema import SEPARATEUR_LISTE, Colonne, Ecrit, Geometrie, Jeu, Type
from programme.models import Contrat, Desaccord, Enveloppe, Financement, Financeur, Projet
from programme.models.desaccords import en_mots
from programme.models.projets import DEPARTEMENT, DEPARTEMENT_NOM, REGION, REGION_NOM

DU_PROJET = Provenance("source", "mise_a_jour")
LU = Provenance("source", "mise_a_jour", LECTURE)
SELON_LA_COMMUNE = Provenance("source", "mise_a_jour", D_APRES_COMMUNE)
EMPLOIS = "Combien la source en annonce. Vide : non renseigné, jamais zéro."


def _published_contract():
    """The code of the project's contract; null while that contract is not public."""
    contrats = Contrat.objects.published().filter(pk=OuterRef("contrat")).order_by()
    # Of most projects there is none to look for.
    return Case(When(contrat__isnull=False, then=Subquery(contrats.values("slug"))))


def _funders():
    # Of a public project: its own are public too.
    financements = Financement.objects.filter(projet=OuterRef("pk"))
    return names_of(financements, "financeur__nom", "financeur__nom")


PROJETS = Jeu(
    code="projets",
    titre="Projets",
    description=(
        "Les projets publiés : lauréats du fonds d’accélération des investissements industriels "
        "dans les territoires et actions des territoires. « territoire » est vide pour un projet "
        "hors de tout territoire, ou dont le lieu n’est pas renseigné. Une valeur vide est une "
        "valeur que la source ne donne pas, jamais un zéro."
    ),
    colonnes=(
        Colonne(
            "code",
            Type.TEXTE,
            "Code",
            "Code du projet.",
            obligatoire=True,
            ecrit=Ecrit(
                type=Type.CODE,
                reserve="le code désigne le projet partout où il est cité : il se change sur sa "
                "page.",
                aide="Le code unique du projet, repris de sa source. Ne le changez pas ensuite.",
            ),
            tri=True,
        ),
        Colonne(
            "beneficiaire",
            Type.TEXTE,
            "Porteur",
            "Qui porte le projet.",
            obligatoire=True,
            ecrit=Ecrit(
                aide="L’entreprise ou l’organisme qui porte le projet.",
                noms=(
                    "entreprise",
                    "raison sociale",
                    "maître d’ouvrage",
                    "demandeur",
                    "société",
                    "nom du bénéficiaire",
                    "porteur de projet",
                    "porteur du projet",
                    "organisme",
                ),
            ),
            tri=True,
        ),
        Colonne(
            "siren",
            Type.CODE,
            "SIREN",
            "SIREN du porteur, neuf chiffres.",
            ecrit=Ecrit(
                largeur=9,
                noms=("siret", "n° siren", "n° siret", "siren du porteur", "siret du bénéficiaire"),
                aide="Neuf chiffres ; un SIRET collé est réduit à son SIREN. Vide : non renseigné.",
            ),
        ),
        Colonne(
            "objet",
            Type.TEXTE,
            "Objet",
            "Ce que fait le projet : lecture du portail, d’après la description de la source.",
            provenance=LU,
            ecrit=Ecrit(
                aide="Ce que fait le projet, en quelques phrases.",
                noms=(
                    "projet",
                    "intitulé",
                    "intitulé du projet",
                    "libellé",
                    "libellé du projet",
                    "objet du projet",
                    "nom du projet",
                    "opération",
                    "intitulé de l’opération",
                    "description",
                    "description du projet",
                    "nature du projet",
                    "titre",
                ),
            ),
        ),
        Colonne(
            "axe",
            Type.CHOIX,
            "Axe",
            "L’objectif du programme que le projet sert : lecture du portail.",
            valeurs=tuple(Projet.Axe.values),
            provenance=LU,
            ecrit=Ecrit(
                partage=True,
                aide="L’objectif du programme que le projet sert. Vide : non renseigné.",
            ),
            filtre=True,
            tri=True,
        ),
        Colonne(
            "filiere",
            Type.TEXTE,
            "Filière",
            "Filière industrielle.",
            ecrit=Ecrit(
                partage=True, aide="La filière industrielle. Exemple : « agroalimentaire »."
            ),
            filtre=True,
            tri=True,
            liste=True,
            fiche=True,
        ),
        Colonne(
            "categorie",
            Type.TEXTE,
            "Catégorie",
            "Catégorie d’entreprise du porteur.",
            ecrit=Ecrit(
                partage=True, aide="Comme la source la donne : PME, ETI, grande entreprise…"
            ),
            mots="Catégorie d’entreprise",
            filtre=True,
            fiche=True,
        ),
        Colonne(
            "commune",
            Type.CODE,
            "Commune",
            "Code INSEE de la commune.",
            ecrit=Ecrit(
                par="code",
                largeur=5,
                aussi=("nom",),
                anciens="anciennes",
                noms=(
                    "code commune",
                    "code insee",
                    "insee",
                    "code insee commune",
                    "code officiel",
                    "commune insee",
                    "code geo",
                    "ville",
                    "localité",
                    "commune d’implantation",
                    "insee commune",
                    "code insee de la commune",
                ),
                aide="Là où le projet se fait. Tapez un nom, un code ou un code postal.",
            ),
        ),
        Colonne(
            "departement",
            Type.CODE,
            "Département",
            "Code INSEE du département : celui de la commune, quand elle est connue.",
            source=lambda: DEPARTEMENT,
            ecrit=Ecrit(
                partage=True,
                par="code",
                largeur=2,
                aussi=("nom",),
                noms=(
                    "dépt",
                    "dpt",
                    "dep",
                    "code département",
                    "n° département",
                    "numéro département",
                ),
                aide="Celui de la commune. Tapez un nom ou un code.",
            ),
        ),
        Colonne(
            "region",
            Type.CODE,
            "Région",
            "Code INSEE de la région de la commune, sinon du département, sinon du territoire.",
            source=lambda: REGION,
            provenance=SELON_LA_COMMUNE,
            calculee="departement",
        ),
        Colonne(
            "territoire",
            Type.CODE,
            "Territoire",
            "Code du territoire, calculé d’après la commune. Vide : hors de tout territoire, ou "
            "lieu non renseigné.",
            provenance=SELON_LA_COMMUNE,
            ecrit=Ecrit(
                partage=True, par="code", aussi=("nom",), noms=("ti", "territoire d’industrie")
            ),
        ),
        Colonne(
            "statut",
            Type.CHOIX,
            "Statut",
            "Où en est le projet.",
            valeurs=tuple(Projet.Statut.values),
            ecrit=Ecrit(
                reserve="le statut se change par les actes de la page du projet.", neuf=("remonté",)
            ),
            filtre=True,
        ),
        Colonne(
            "emplois_crees",
            Type.ENTIER,
            "Emplois créés",
            "Emplois créés que la source annonce.",
            unite="emplois",
            ecrit=Ecrit(aide=EMPLOIS, noms=("nombre d’emplois créés", "créations d’emplois")),
            filtre=True,
            tri=True,
            liste=True,
        ),
        Colonne(
            "emplois_maintenus",
            Type.ENTIER,
            "Emplois maintenus",
            "Emplois maintenus que la source annonce.",
            unite="emplois",
            ecrit=Ecrit(aide=EMPLOIS),
            filtre=True,
            tri=True,
        ),
        Colonne(
            "investissement_eur",
            Type.ENTIER,
            "Investissement",
            "Investissement total du projet, toutes ressources ; ce n’est pas l’aide reçue.",
            unite="euros",
            ecrit=Ecrit(
                aide=f"Tout le projet, pas l’aide seule. {MONTANT}",
                noms=(
                    "coût total",
                    "coût du projet",
                    "coût total du projet",
                    "montant du projet",
                    "montant total du projet",
                    "montant de l’investissement",
                    "assiette",
                    "investissement total",
                    "dépense totale",
                    "coût total ht",
                ),
            ),
            filtre=True,
            tri=True,
            liste=True,
        ),
        Colonne(
            "mise_a_jour",
            Type.DATE,
            "Mise à jour",
            "Jour de mise à jour de la source.",
            ecrit=Ecrit(
                partage=True,
                aide="Le jour où la source a été mise à jour.",
                noms=("date", "date de mise à jour"),
            ),
            filtre=True,
            tri=True,
        ),
        Colonne(
            "source",
            Type.TEXTE,
            "Source",
            "D’où viennent ces informations.",
            ecrit=Ecrit(partage=True, aide=PREUVE),
        ),
        Colonne(
            "commune_nom",
            Type.TEXTE,
            "Nom de la commune",
            "Nom de la commune.",
            source="commune__nom",
            calculee="commune",
            tri=True,
        ),
        Colonne(
            "territoire_nom",
            Type.TEXTE,
            "Nom du territoire",
            "Nom du territoire.",
            source="territoire__nom",
            calculee="territoire",
            tri=True,
        ),
        Colonne(
            "departement_cite",
            Type.TEXTE,
            "Département cité",
            "Le code que la source donne, aussi quand il est hors des 101 départements.",
            ecrit=Ecrit(type=Type.CODE, largeur=2),
        ),
        Colonne(
            "localisation",
            Type.CHOIX,
            "Localisé par",
            "Ce dont viennent la commune et le territoire.",
            valeurs=tuple(Projet.Localisation.values),
            ecrit=Ecrit(aide="Ce dont viennent la commune et le territoire. Vide : non renseigné."),
        ),
        Colonne(
            "longitude",
            Type.NOMBRE,
            "Longitude",
            "WGS84.",
            source="lon",
            unite="degrés",
            ecrit=Ecrit(
                "lon",
                bornes=(-180, 180),
                aide="En degrés décimaux. Exemple : 0,0931. Va avec la latitude.",
            ),
        ),
        Colonne(
            "latitude",
            Type.NOMBRE,
            "Latitude",
            "WGS84.",
            source="lat",
            unite="degrés",
            ecrit=Ecrit(
                "lat",
                bornes=(-90, 90),
                aide="En degrés décimaux. Exemple : 48,4297. Va avec la longitude.",
            ),
        ),
        Colonne(
            "code_postal",
            Type.CODE,
            "Code postal",
            "Code postal que la source donne ; il peut ne pas être celui de la commune.",
            ecrit=Ecrit(
                largeur=5,
                noms=("cp", "code postaux"),
                aide="Cinq chiffres, comme la source le donne ; il aide à trouver la commune.",
            ),
        ),
        departement_nom(lambda: DEPARTEMENT_NOM, calculee="departement"),
        region_nom(lambda: REGION_NOM, calculee="departement"),
        Colonne(
            "contrat",
            Type.CODE,
            "Contrat",
            "Code du contrat publié qui reprend le projet.",
            source=_published_contract,
            provenance=Provenance(Value(""), mode=SAISIE),
            ecrit=Ecrit(
                partage=True,
                par="slug",
                source="contrat__slug",
                aide="L’acte qui contient ce projet. Vide : aucun, ou non renseigné.",
            ),
        ),
        Colonne(
            "financeur",
            Type.NOMS,
            "Financeurs",
            "Noms des financeurs du projet ; leurs parts sont dans le jeu « Financements ».",
            source=_funders,
            provenance=DU_PROJET,
        ),
        page("projet", "slug"),
        Colonne(
            "thematique",
            Type.TEXTE,
            "Thématique",
            "Ce que le projet touche, au-delà des quatre axes : lecture du portail.",
            provenance=LU,
            ecrit=Ecrit(
                partage=True,
                aide="Ce que le projet touche, au-delà des quatre axes. Exemple : « transition "
                "écologique ».",
            ),
            filtre=True,
            tri=True,
            fiche=True,
        ),
        Colonne(
            "desaccords",
            Type.LISTE,
            "Sources en désaccord",
            "Ce qui ne peut pas être vrai ensemble, calculé : "
            + " ; ".join(f"« {kind} », {kind.label}" for kind in Desaccord)
            + ". Vide : rien de relevé.",
            source=lambda: en_mots(SEPARATEUR_LISTE),
        ),
    ),
    lignes=Projet.objects.published,
    cle=("code",),
    liste="projets",
    source=CITEES,
    provenance=DU_PROJET,
    mots_cles=("industrie", "projets", "France Relance"),
    geometrie=Geometrie("lon", "lat"),
)

FINANCEMENTS = Jeu(
    code="financements",
    titre="Financements",
    description=(
        "La part de chaque financeur dans chaque projet publié, en euros entiers. Un montant vide "
        "n’est pas renseigné. Chaque ligne est une part : la somme ne compte aucun euro deux fois."
    ),
    colonnes=(
        Colonne(
            "projet",
            Type.TEXTE,
            "Projet",
            "Code du projet.",
            source="projet__code",
            obligatoire=True,
            ecrit=Ecrit(
                par="code", type=Type.CODE, aide="Le projet financé. Tapez le porteur ou le code."
            ),
        ),
        Colonne(
            "financeur",
            Type.TEXTE,
            "Financeur",
            "Nom du financeur.",
            source="financeur__nom",
            obligatoire=True,
            ecrit=Ecrit(
                par="nom",
                aussi=("slug",),
                noms=("organisme financeur", "financé par"),
                aide="Qui finance : une seule part par financeur et par enveloppe.",
            ),
        ),
        Colonne(
            "type",
            Type.CHOIX,
            "Type de financeur",
            "Nature du financeur.",
            source="financeur__type",
            valeurs=tuple(Financeur.Type.values),
            obligatoire=True,
            calculee="financeur",
        ),
        Colonne(
            "montant_demande_eur",
            Type.ENTIER,
            "Montant demandé",
            "Demandé.",
            unite="euros",
            ecrit=Ecrit(aide=f"Demandé. {MONTANT}"),
        ),
        Colonne(
            "montant_accorde_eur",
            Type.ENTIER,
            "Montant accordé",
            "Accordé.",
            unite="euros",
            ecrit=Ecrit(
                aide=f"Accordé. {MONTANT}",
                noms=(
                    "aide",
                    "montant de l’aide",
                    "subvention",
                    "montant de la subvention",
                    "montant subvention",
                    "subvention accordée",
                    "aide accordée",
                ),
            ),
        ),
        Colonne(
            "montant_verse_eur",
            Type.ENTIER,
            "Montant versé",
            "Versé.",
            unite="euros",
            ecrit=Ecrit(aide=f"Déjà versé, d’après la source. {MONTANT}"),
        ),
        Colonne(
            "demande_le",
            Type.DATE,
            "Demandé le",
            "Jour de la demande.",
            ecrit=Ecrit(partage=True, aide="Le jour de la demande. Vide : non renseigné."),
        ),
        Colonne(
            "accorde_le",
            Type.DATE,
            "Accordé le",
            "Jour de l’accord.",
            ecrit=Ecrit(partage=True, aide="Le jour de l’accord. Vide : non renseigné."),
        ),
        Colonne(
            "verse_le",
            Type.DATE,
            "Versé le",
            "Jour du versement.",
            ecrit=Ecrit(partage=True, aide="Le jour du dernier versement. Vide : non renseigné."),
        ),
        page("projet", "projet__slug", "du projet"),
    ),
    lignes=Financement.objects.published,
    cle=("projet", "financeur"),
    source="Comités de pilotage régionaux",
    provenance=Provenance("projet__source"),
)

ENVELOPPES = Jeu(
    code="enveloppes",
    titre="Enveloppes",
    description="Les enveloppes des fonds, nationales ou d’une région, par année.",
    colonnes=(
        Colonne("fonds", Type.TEXTE, "Fonds", "Nom du fonds.", obligatoire=True),
        Colonne("intitule", Type.TEXTE, "Intitulé", "Nom de l’enveloppe.", obligatoire=True),
        Colonne("region", Type.CODE, "Région", "Code INSEE. Vide : enveloppe nationale."),
        Colonne("annee", Type.ENTIER, "Année", "Année de l’enveloppe.", obligatoire=True),
        Colonne("montant_eur", Type.ENTIER, "Montant", "Montant ouvert.", unite="euros"),
        Colonne(
            "accorde_eur",
            Type.ENTIER,
            "Accordé",
            "Somme des montants accordés aux projets publiés sur cette enveloppe.",
            unite="euros",
        ),
        Colonne(
            "verse_eur",
            Type.ENTIER,
            "Versé",
            "Somme des montants versés aux projets publiés sur cette enveloppe.",
            unite="euros",
        ),
        Colonne(
            "nb_projets",
            Type.ENTIER,
            "Nombre de projets",
            "Projets publiés financés sur cette enveloppe. Vide : aucun financement publié ne la "
            "nomme ; ce n’est pas un zéro.",
            source=lambda: NullIf(F("nb_projets"), Value(0)),
            unite="projets",
        ),
        Colonne("source", Type.TEXTE, "Source", "D’où viennent ces informations."),
        region_nom("region"),
    ),
    lignes=Enveloppe.objects.published,
    preparer=lambda queryset: queryset.with_consumption(),
    cle=("fonds", "intitule", "region", "annee"),
    source="Sources citées ligne par ligne",
)

JEUX = (PROJETS, FINANCEMENTS, ENVELOPPES)
