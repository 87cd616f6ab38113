"""Datasets of the projects and of who pays for them."""

from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import NullIf

from programme.donnees.expressions import names_of
from programme.donnees.jeux.colonnes import CITEES, departement_nom, page, region_nom
from programme.donnees.provenance import D_APRES_COMMUNE, LECTURE, SAISIE, Provenance
from programme.donnees.schema import SEPARATEUR_LISTE, Colonne, Geometrie, Jeu, Type
from programme.models import Contrat, Desaccord, Enveloppe, Financement, Financeur, Projet
from programme.models.desaccords import en_mots
from programme.models.projets import DEPARTEMENT, DEPARTEMENT_NOM, REGION, REGION_NOM

DU_PROJET = Provenance("source", "mise_a_jour")
LU = Provenance("source", "mise_a_jour", LECTURE)
SELON_LA_COMMUNE = Provenance("source", "mise_a_jour", D_APRES_COMMUNE)


def _published_contract():
    """The code of the project's contract; null while that contract is not public."""
    contrats = Contrat.objects.published().filter(pk=OuterRef("contrat"))
    return Subquery(contrats.values("slug"))


def _funders():
    financements = Financement.objects.published().filter(projet=OuterRef("pk"))
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
        Colonne("code", Type.TEXTE, "Code", "Code du projet.", obligatoire=True),
        Colonne("beneficiaire", Type.TEXTE, "Porteur", "Qui porte le projet.", obligatoire=True),
        Colonne("siren", Type.CODE, "SIREN", "SIREN du porteur, neuf chiffres."),
        Colonne(
            "objet",
            Type.TEXTE,
            "Objet",
            "Ce que fait le projet : lecture du portail, d’après la description de la source.",
            provenance=LU,
        ),
        Colonne(
            "axe",
            Type.CHOIX,
            "Axe",
            "L’objectif du programme que le projet sert : lecture du portail.",
            valeurs=tuple(Projet.Axe.values),
            provenance=LU,
        ),
        Colonne("filiere", Type.TEXTE, "Filière", "Filière industrielle."),
        Colonne("categorie", Type.TEXTE, "Catégorie", "Catégorie d’entreprise du porteur."),
        Colonne("commune", Type.CODE, "Commune", "Code INSEE de la commune."),
        Colonne(
            "departement",
            Type.CODE,
            "Département",
            "Code INSEE du département : celui de la commune, quand elle est connue.",
            source=lambda: DEPARTEMENT,
        ),
        Colonne(
            "region",
            Type.CODE,
            "Région",
            "Code INSEE de la région de la commune, sinon du département, sinon du territoire.",
            source=lambda: REGION,
            provenance=SELON_LA_COMMUNE,
        ),
        Colonne(
            "territoire",
            Type.CODE,
            "Territoire",
            "Code du territoire, calculé d’après la commune. Vide : hors de tout territoire, ou "
            "lieu non renseigné.",
            provenance=SELON_LA_COMMUNE,
        ),
        Colonne(
            "statut",
            Type.CHOIX,
            "Statut",
            "Où en est le projet.",
            valeurs=tuple(Projet.Statut.values),
        ),
        Colonne(
            "emplois_crees",
            Type.ENTIER,
            "Emplois créés",
            "Emplois créés que la source annonce.",
            unite="emplois",
        ),
        Colonne(
            "emplois_maintenus",
            Type.ENTIER,
            "Emplois maintenus",
            "Emplois maintenus que la source annonce.",
            unite="emplois",
        ),
        Colonne(
            "investissement_eur",
            Type.ENTIER,
            "Investissement",
            "Investissement total du projet, toutes ressources ; ce n’est pas l’aide reçue.",
            unite="euros",
        ),
        Colonne("mise_a_jour", Type.DATE, "Mise à jour", "Jour de mise à jour de la source."),
        Colonne("source", Type.TEXTE, "Source", "D’où viennent ces informations."),
        Colonne(
            "commune_nom",
            Type.TEXTE,
            "Nom de la commune",
            "Nom de la commune.",
            source="commune__nom",
        ),
        Colonne(
            "territoire_nom",
            Type.TEXTE,
            "Nom du territoire",
            "Nom du territoire.",
            source="territoire__nom",
        ),
        Colonne(
            "departement_cite",
            Type.TEXTE,
            "Département cité",
            "Le code que la source donne, aussi quand il est hors des 101 départements.",
        ),
        Colonne(
            "localisation",
            Type.CHOIX,
            "Localisé par",
            "Ce dont viennent la commune et le territoire.",
            valeurs=tuple(Projet.Localisation.values),
        ),
        Colonne("longitude", Type.NOMBRE, "Longitude", "WGS84.", source="lon", unite="degrés"),
        Colonne("latitude", Type.NOMBRE, "Latitude", "WGS84.", source="lat", unite="degrés"),
        Colonne(
            "code_postal",
            Type.CODE,
            "Code postal",
            "Code postal que la source donne ; il peut ne pas être celui de la commune.",
        ),
        departement_nom(lambda: DEPARTEMENT_NOM),
        region_nom(lambda: REGION_NOM),
        Colonne(
            "contrat",
            Type.CODE,
            "Contrat",
            "Code du contrat publié qui reprend le projet.",
            source=_published_contract,
            provenance=Provenance(Value(""), mode=SAISIE),
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
        ),
        Colonne(
            "financeur",
            Type.TEXTE,
            "Financeur",
            "Nom du financeur.",
            source="financeur__nom",
            obligatoire=True,
        ),
        Colonne(
            "type",
            Type.CHOIX,
            "Type de financeur",
            "Nature du financeur.",
            source="financeur__type",
            valeurs=tuple(Financeur.Type.values),
            obligatoire=True,
        ),
        Colonne("montant_demande_eur", Type.ENTIER, "Montant demandé", "Demandé.", unite="euros"),
        Colonne("montant_accorde_eur", Type.ENTIER, "Montant accordé", "Accordé.", unite="euros"),
        Colonne("montant_verse_eur", Type.ENTIER, "Montant versé", "Versé.", unite="euros"),
        Colonne("demande_le", Type.DATE, "Demandé le", "Jour de la demande."),
        Colonne("accorde_le", Type.DATE, "Accordé le", "Jour de l’accord."),
        Colonne("verse_le", Type.DATE, "Versé le", "Jour du versement."),
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
