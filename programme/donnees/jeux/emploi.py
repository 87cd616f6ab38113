"""Datasets of employment, by intercommunalité and by employment basin."""

from django.db.models import FloatField, Value
from django.db.models.functions import Cast

from programme.donnees.jeux.colonnes import CITEES, nom_de
from programme.donnees.provenance import Provenance
from programme.donnees.schema import Colonne, Jeu, Type
from programme.models import BassinCommune, BesoinMainOeuvre, MesureEmploi

VIDE = "Vide : secret statistique, et non zéro."

EMPLOI = Jeu(
    code="emploi",
    frequence="ANNUAL",
    titre="Emploi par intercommunalité",
    description=(
        "La part de l’industrie dans l’emploi et les salariés du secteur privé, année par année. "
        "Une intercommunalité sans ligne n’est pas renseignée par la source. Les salariés "
        "s’additionnent, les parts non."
    ),
    colonnes=(
        Colonne(
            "indicateur",
            Type.CHOIX,
            "Indicateur",
            "part_industrie : en % de l’emploi ; salaries_prives : en salariés.",
            valeurs=tuple(MesureEmploi.Indicateur.values),
            obligatoire=True,
        ),
        Colonne("annee", Type.ENTIER, "Année", "Année de la mesure.", obligatoire=True),
        Colonne("intercommunalite", Type.CODE, "Intercommunalité", "SIREN. Vide : la France."),
        nom_de("intercommunalite_nom", "de l’intercommunalité", "intercommunalite"),
        Colonne(
            "valeur",
            Type.NOMBRE,
            "Valeur",
            "Dans l’unité de l’indicateur.",
            source=lambda: Cast("valeur", FloatField()),
            provenance=Provenance(),
            obligatoire=True,
        ),
        Colonne("source", Type.TEXTE, "Source", "D’où vient la valeur.", obligatoire=True),
    ),
    lignes=MesureEmploi.objects.all,
    cle=("indicateur", "annee", "intercommunalite"),
    source=CITEES,
)

BESOINS = Jeu(
    code="besoins",
    frequence="ANNUAL",
    titre="Besoins de recrutement dans l’industrie",
    description=(
        "Les projets de recrutement dans les métiers industriels, par bassin d’emploi et métier. "
        "Un bassin de plusieurs départements a une ligne pour chacun : elles s’additionnent, sauf "
        "si l’une est secrète."
    ),
    colonnes=(
        Colonne("annee", Type.ENTIER, "Année", "Année de l’enquête.", obligatoire=True),
        Colonne("bassin", Type.CODE, "Bassin", "Code du bassin d’emploi.", obligatoire=True),
        nom_de("bassin_nom", "du bassin", "bassin"),
        Colonne("metier", Type.CODE, "Métier", "Code du métier.", obligatoire=True),
        nom_de("metier_nom", "du métier", "metier"),
        Colonne("partie", Type.ENTIER, "Partie", "Rang de la ligne du bassin.", obligatoire=True),
        Colonne(
            "projets",
            Type.ENTIER,
            "Projets de recrutement",
            f"Recrutements envisagés. {VIDE}",
            unite="recrutements",
        ),
        Colonne(
            "difficiles",
            Type.ENTIER,
            "Jugés difficiles",
            f"Ceux que l’employeur juge difficiles. {VIDE}",
            unite="recrutements",
        ),
        Colonne(
            "saisonniers",
            Type.ENTIER,
            "Saisonniers",
            f"Ceux qui sont saisonniers. {VIDE}",
            unite="recrutements",
        ),
        Colonne("source", Type.TEXTE, "Source", "D’où vient la ligne."),
    ),
    lignes=BesoinMainOeuvre.objects.all,
    cle=("annee", "bassin", "metier", "partie"),
    source=CITEES,
)

ENQUETE = "france-travail-bmo-2024"
BASSINS = Jeu(
    code="bassins",
    titre="Bassins d’emploi des communes",
    description="Le bassin d’emploi de chaque commune.",
    colonnes=(
        Colonne("commune", Type.CODE, "Commune", "Code INSEE.", obligatoire=True),
        Colonne("commune_nom", Type.TEXTE, "Nom de la commune", "Son nom.", source="commune__nom"),
        Colonne("bassin", Type.CODE, "Bassin", "Code du bassin d’emploi.", obligatoire=True),
        Colonne(
            "bassin_nom",
            Type.TEXTE,
            "Nom du bassin",
            "Vide : l’enquête ne donne ici aucun chiffre de ce bassin, ni son nom.",
            source="bassin__nom",
        ),
    ),
    selon=("besoins",),
    lignes=BassinCommune.objects.all,
    cle=("commune",),
    documents=(ENQUETE,),
    provenance=Provenance(Value(ENQUETE)),
)

JEUX = (EMPLOI, BESOINS, BASSINS)
