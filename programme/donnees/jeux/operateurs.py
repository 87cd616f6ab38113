"""Datasets of the operators: what they promised, what they delivered, who represents them."""

from django.db.models import OuterRef, Subquery, Sum

from programme.donnees.jeux.colonnes import CITEES, PREUVE, page, territoire_nom
from programme.donnees.provenance import CALCUL, Provenance
from programme.donnees.schema import Colonne, Ecrit, Jeu, Type
from programme.models import (
    Convention,
    Engagement,
    Precision,
    Realisation,
    Referent,
    Service,
    TerritoirePrioritaire,
)
from programme.promesses.lecture import statut_en_sql
from programme.promesses.regle import GRACE, Statut
from territoires.models import Operateur
from territoires.models.phase import adresse_at


def _delivered():
    """The sum of the published realisations of an engagement; null when none states a value."""
    return Subquery(
        Realisation.objects.published()
        .filter(engagement=OuterRef("pk"))
        .order_by()
        .values("engagement")
        .annotate(total=Sum("valeur"))
        .values("total")
    )


OPERATEURS = Jeu(
    code="operateurs",
    titre="Opérateurs",
    description="Les opérateurs publics qui ont signé une convention de mobilisation.",
    colonnes=(
        Colonne("code", Type.CODE, "Code", "Code de l’opérateur.", obligatoire=True, tri=True),
        Colonne("nom", Type.TEXTE, "Nom", "Nom lors de la signature.", obligatoire=True, tri=True),
        Colonne("nom_actuel", Type.TEXTE, "Nom actuel", "Quand il a changé depuis."),
        Colonne("missions", Type.TEXTE, "Missions", "Ce que fait l’opérateur."),
        page("operateur", "code"),
    ),
    lignes=Operateur.objects.all,
    cle=("code",),
    liste="operateurs",
    source=CITEES,
    selon=("engagements", "realisations"),
)

CONVENTIONS = Jeu(
    code="conventions",
    titre="Conventions de mobilisation",
    description="Les conventions des opérateurs.",
    colonnes=(
        Colonne(
            "operateur", Type.CODE, "Opérateur", "Code de l’opérateur.", obligatoire=True, tri=True
        ),
        Colonne(
            "intitule", Type.TEXTE, "Intitulé", "Nom de la convention.", obligatoire=True, tri=True
        ),
        Colonne(
            "signee_le",
            Type.DATE,
            "Signée le",
            "Jour de la signature.",
            obligatoire=True,
            mots="Signée",
            filtre=True,
            tri=True,
        ),
        Colonne("lieu", Type.TEXTE, "Lieu", "Lieu de la signature."),
        Colonne("source", Type.TEXTE, "Source", "D’où viennent ces informations."),
        page("operateur", "operateur__code", "de l’opérateur"),
    ),
    lignes=Convention.objects.published,
    cle=("operateur", "intitule", "signee_le"),
    liste="conventions",
    source=CITEES,
)

ENGAGEMENTS = Jeu(
    code="engagements",
    titre="Engagements",
    description=(
        "Ce que les opérateurs ont promis, et la somme de ce qu’ils ont publié avoir réalisé."
    ),
    colonnes=(
        Colonne("code", Type.CODE, "Code", "Code de l’engagement.", obligatoire=True, tri=True),
        Colonne(
            "operateur",
            Type.CODE,
            "Opérateur",
            "Code de l’opérateur. Vide : engagement pris par chacun d’eux.",
            tri=True,
        ),
        Colonne(
            "intitule", Type.TEXTE, "Intitulé", "Ce qui est promis.", obligatoire=True, tri=True
        ),
        Colonne(
            "type",
            Type.CHOIX,
            "Type",
            "Nature de l’engagement.",
            valeurs=tuple(Engagement.Type.values),
            obligatoire=True,
            filtre=True,
            tri=True,
        ),
        Colonne(
            "cible",
            Type.ENTIER,
            "Cible",
            "Combien, dans l’unité de la ligne.",
            filtre=True,
            tri=True,
        ),
        Colonne(
            "cible_mots",
            Type.TEXTE,
            "Cible, en mots",
            "La cible dans les mots de la source, avec sa réserve.",
        ),
        Colonne("unite", Type.TEXTE, "Unité", "Unité de la cible et du réalisé."),
        Colonne("rythme", Type.TEXTE, "Rythme", "Par exemple « par an »."),
        Colonne("debut", Type.ENTIER, "Début", "Année de début."),
        Colonne(
            "echeance",
            Type.DATE,
            "Échéance",
            "Jour de l’échéance.",
            a_venir=True,
            filtre=True,
            tri=True,
        ),
        Colonne(
            "precision_echeance",
            Type.CHOIX,
            "Précision de l’échéance",
            "Ce que vaut l’échéance.",
            valeurs=tuple(Precision.values),
        ),
        Colonne(
            "echeance_mots",
            Type.TEXTE,
            "Échéance, en mots",
            "L’échéance dans les mots de la source ; aucun jour n’en est déduit.",
        ),
        Colonne(
            "approximatif",
            Type.BOOLEEN,
            "Cible approximative",
            "Si la convention donne la cible comme un ordre de grandeur. Vide : non renseigné.",
        ),
        Colonne(
            "realise",
            Type.ENTIER,
            "Réalisé",
            "Somme des réalisations publiées, toutes années. Vide : aucune n’est renseignée.",
            source=_delivered,
            tri=True,
        ),
        Colonne(
            "statut",
            Type.CHOIX,
            "Statut",
            "Ce que disent l’échéance, les réalisations publiées et le délai de "
            f"{GRACE.days} jours laissé pour les publier, le jour de la lecture : "
            + " ; ".join(f"« {statut} » : {statut.definition}" for statut in Statut)
            + ". « Par territoire » : sur les territoires de la phase 1 à chaque date.",
            source=statut_en_sql,
            valeurs=tuple(Statut.values),
            obligatoire=True,
            provenance=Provenance(mode=CALCUL),
            filtre=True,
        ),
        Colonne("source", Type.TEXTE, "Source", "D’où viennent ces informations."),
        page("operateur", "operateur__code", "de l’opérateur"),
    ),
    lignes=Engagement.objects.published,
    cle=("code",),
    liste="engagements",
    source=CITEES,
)

REALISATIONS = Jeu(
    code="realisations",
    titre="Réalisations",
    description="Ce qu’un opérateur a réalisé sur un engagement dans une année.",
    colonnes=(
        Colonne(
            "engagement",
            Type.CODE,
            "Engagement",
            "Code de l’engagement.",
            source="engagement__code",
            obligatoire=True,
            ecrit=Ecrit(
                par="code", aide="La promesse à laquelle répond ce résultat. Tapez son intitulé."
            ),
        ),
        Colonne(
            "operateur",
            Type.CODE,
            "Opérateur",
            "Code de l’opérateur.",
            obligatoire=True,
            ecrit=Ecrit(par="code", aussi=("nom",), aide="L’opérateur qui a obtenu ce résultat."),
        ),
        Colonne(
            "annee",
            Type.ENTIER,
            "Année",
            "Année.",
            obligatoire=True,
            ecrit=Ecrit(bornes=(1950, 2100), aide="Sur quatre chiffres, à partir de 2018."),
        ),
        Colonne(
            "valeur",
            Type.ENTIER,
            "Valeur",
            "Combien, dans l’unité de l’engagement.",
            ecrit=Ecrit(
                aide="Combien, dans l’unité de l’engagement. Vide : non renseigné, jamais zéro."
            ),
        ),
        Colonne(
            "commentaire",
            Type.TEXTE,
            "Commentaire",
            "Ce que l’opérateur en dit.",
            ecrit=Ecrit(aide="Ce qu’il faut savoir pour lire le chiffre."),
        ),
        Colonne(
            "source",
            Type.TEXTE,
            "Source",
            "D’où viennent ces informations.",
            ecrit=Ecrit(partage=True, aide=PREUVE),
        ),
        page("operateur", "operateur__code", "de l’opérateur"),
    ),
    lignes=Realisation.objects.published,
    cle=("engagement", "operateur", "annee"),
    source="Opérateurs",
)

REFERENTS = Jeu(
    code="referents",
    titre="Référents",
    description=(
        "L’interlocuteur de chaque opérateur dans chaque territoire, en fonction et par le passé."
    ),
    colonnes=(
        Colonne(
            "territoire",
            Type.CODE,
            "Territoire",
            "Code du territoire.",
            obligatoire=True,
            ecrit=Ecrit(
                par="code",
                aussi=("nom",),
                aide="Le territoire dont elle est l’interlocutrice. Tapez un nom ou un code.",
            ),
            tri=True,
        ),
        Colonne(
            "operateur",
            Type.CODE,
            "Opérateur",
            "Code de l’opérateur.",
            obligatoire=True,
            ecrit=Ecrit(
                par="code", aussi=("nom",), aide="L’opérateur que cette personne représente."
            ),
            tri=True,
        ),
        Colonne(
            "nom",
            Type.TEXTE,
            "Nom",
            "Nom du référent.",
            obligatoire=True,
            ecrit=Ecrit(aide="Prénom et nom. Ni adresse ni téléphone."),
            tri=True,
        ),
        Colonne(
            "fonction",
            Type.TEXTE,
            "Fonction",
            "Sa fonction chez l’opérateur.",
            ecrit=Ecrit(partage=True),
        ),
        Colonne(
            "debut",
            Type.DATE,
            "Depuis le",
            "Premier jour.",
            obligatoire=True,
            ecrit=Ecrit(aide="Le premier jour en fonction."),
            tri=True,
        ),
        Colonne(
            "fin",
            Type.DATE,
            "Jusqu’au",
            "Premier jour où il ne l’est plus.",
            ecrit=Ecrit(
                partage=True,
                aide="Le premier jour où elle ne l’est plus. Vide : elle l’est encore.",
            ),
            tri=True,
        ),
        territoire_nom(obligatoire=True, calculee="territoire"),
        page("territoire", adresse_at("territoire__"), "du territoire"),
    ),
    lignes=Referent.objects.published,
    cle=("territoire", "operateur", "debut"),
    liste="referents",
    source="Opérateurs",
)

SERVICES = Jeu(
    code="services",
    titre="Panier de services",
    description="Les services que les opérateurs mettent à la disposition des territoires.",
    colonnes=(
        Colonne("code", Type.CODE, "Code", "Code du service.", obligatoire=True),
        Colonne("operateur", Type.CODE, "Opérateur", "Code de l’opérateur.", obligatoire=True),
        Colonne("intitule", Type.TEXTE, "Intitulé", "Nom du service.", obligatoire=True),
        Colonne("description", Type.TEXTE, "Description", "Ce que le service apporte."),
        Colonne("source", Type.TEXTE, "Source", "D’où viennent ces informations."),
        page("operateur", "operateur__code", "de l’opérateur"),
    ),
    lignes=Service.objects.published,
    cle=("code",),
    source=CITEES,
)

PRIORITAIRES = Jeu(
    code="territoires-prioritaires",
    titre="Territoires prioritaires",
    description="Les territoires qu’un opérateur accompagne, par année.",
    colonnes=(
        Colonne("territoire", Type.CODE, "Territoire", "Code du territoire.", obligatoire=True),
        Colonne("operateur", Type.CODE, "Opérateur", "Code de l’opérateur.", obligatoire=True),
        Colonne("annee", Type.ENTIER, "Année", "Année.", obligatoire=True),
        Colonne(
            "renforce",
            Type.BOOLEEN,
            "Accompagnement renforcé",
            "Si l’accompagnement est renforcé.",
            obligatoire=True,
        ),
        Colonne("source", Type.TEXTE, "Source", "D’où viennent ces informations."),
        territoire_nom(obligatoire=True),
        page("territoire", adresse_at("territoire__"), "du territoire"),
    ),
    lignes=TerritoirePrioritaire.objects.published,
    cle=("territoire", "operateur", "annee"),
    source="Opérateurs",
)

JEUX = (
    OPERATEURS,
    CONVENTIONS,
    ENGAGEMENTS,
    REALISATIONS,
    REFERENTS,
    SERVICES,
    PRIORITAIRES,
)
