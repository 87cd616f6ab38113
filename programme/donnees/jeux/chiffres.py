"""Datasets of what was announced, and of the documents that prove it."""

from programme.donnees.schema import Colonne, Jeu, Type
from programme.models import ChiffreAnnonce, Jalon, Precision, Source

CITEES = "Sources citées ligne par ligne"

CHIFFRES = Jeu(
    code="chiffres",
    titre="Chiffres annoncés",
    description="Chaque chiffre qu’une autorité a énoncé, avec sa date, ses mots et sa source.",
    colonnes=(
        Colonne("date", Type.DATE, "Date", "Jour de l’énoncé.", obligatoire=True),
        Colonne(
            "precision_date",
            Type.CHOIX,
            "Précision de la date",
            "Ce que vaut la date.",
            valeurs=tuple(Precision.values),
            obligatoire=True,
        ),
        Colonne("indicateur", Type.CODE, "Indicateur", "Ce qui est compté.", obligatoire=True),
        Colonne("valeur", Type.ENTIER, "Valeur", "Dans l’unité de la ligne.", obligatoire=True),
        Colonne("unite", Type.TEXTE, "Unité", "Unité de la valeur.", obligatoire=True),
        Colonne(
            "nature",
            Type.CHOIX,
            "Formulation",
            "Comment le chiffre est dit : exact, environ, plus de, près de, au moins.",
            valeurs=tuple(ChiffreAnnonce.Nature.values),
            obligatoire=True,
        ),
        Colonne("contexte", Type.TEXTE, "Contexte", "À quel propos."),
        Colonne("source", Type.TEXTE, "Source", "Où il est énoncé.", obligatoire=True),
    ),
    lignes=ChiffreAnnonce.objects.published,
    cle=("date", "indicateur", "valeur"),
    source=CITEES,
)

JALONS = Jeu(
    code="jalons",
    titre="Jalons",
    description="Les événements datés du programme.",
    colonnes=(
        Colonne("date", Type.DATE, "Date", "Jour de l’événement.", obligatoire=True),
        Colonne(
            "precision_date",
            Type.CHOIX,
            "Précision de la date",
            "Ce que vaut la date.",
            valeurs=tuple(Precision.values),
            obligatoire=True,
        ),
        Colonne("intitule", Type.TEXTE, "Intitulé", "Ce qui s’est passé.", obligatoire=True),
        Colonne("lieu", Type.TEXTE, "Lieu", "Lieu de l’événement."),
        Colonne(
            "nb_territoires",
            Type.ENTIER,
            "Nombre de territoires annoncé",
            "Quand l’événement dit combien de territoires compte la carte.",
            unite="territoires",
        ),
        Colonne("source", Type.TEXTE, "Source", "D’où viennent ces informations."),
    ),
    lignes=Jalon.objects.published,
    cle=("date", "intitule"),
    liste="jalons",
    source=CITEES,
)

SOURCES = Jeu(
    code="sources",
    titre="Sources",
    description="Les documents que les colonnes « source » citent par leur code.",
    colonnes=(
        Colonne("code", Type.TEXTE, "Code", "Code du document.", obligatoire=True),
        Colonne("titre", Type.TEXTE, "Titre", "Titre du document.", obligatoire=True),
        Colonne("editeur", Type.TEXTE, "Éditeur", "Qui l’a publié."),
        Colonne("date", Type.DATE, "Date", "Jour de publication."),
        Colonne(
            "precision_date",
            Type.CHOIX,
            "Précision de la date",
            "Ce que vaut la date.",
            valeurs=tuple(Precision.values),
        ),
        Colonne("url", Type.TEXTE, "Adresse", "Où le lire."),
        Colonne("licence", Type.TEXTE, "Licence", "Sa licence."),
        Colonne("remarque", Type.TEXTE, "Remarque", "Ce qu’il faut savoir pour le lire."),
    ),
    lignes=Source.objects.published,
    cle=("code",),
    source="Le portail",
)

JEUX = (CHIFFRES, JALONS, SOURCES)
