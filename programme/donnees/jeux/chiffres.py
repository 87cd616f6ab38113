"""Datasets of what was announced, and of the documents that prove it."""

from django.db.models import Case, TextField, Value, When
from django.db.models.functions import Cast, Concat

from programme.donnees.jeux.colonnes import CITEES, precision
from programme.donnees.schema import Colonne, Jeu, Type
from programme.enonces import COLLECTIFS
from programme.models import ChiffreAnnonce, Confrontation, Fait, Jalon, Source
from programme.models.chiffres import Enonce


def _enonce():
    """`Enonce.enonce` in SQL, its digits not grouped: the number and its hedge in one cell."""
    number = Cast("valeur", TextField())
    return Case(
        When(nature=Enonce.Nature.EXACT, then=_words(number, "unite")),
        When(nature__in=list(COLLECTIFS), then=_words("nature", "unite")),
        default=_words("nature", number, "unite"),
    )


def _words(first, *others):
    spaced = [part for other in others for part in (Value(" "), other)]
    return Concat(first, *spaced, output_field=TextField())


def _enonces(*premieres, contexte):
    """The columns of a figure that a source states."""
    return (
        *premieres,
        Colonne("date", Type.DATE, "Date", "Jour de l’énoncé.", obligatoire=True),
        precision(obligatoire=True),
        Colonne("indicateur", Type.CODE, "Indicateur", "Ce qui est compté.", obligatoire=True),
        Colonne(
            "nature",
            Type.CHOIX,
            "Formulation",
            "La réserve que la source met au nombre : plus de, près de, environ… ; « exact » : "
            "aucune.",
            valeurs=tuple(Enonce.Nature.values),
            obligatoire=True,
        ),
        Colonne(
            "valeur",
            Type.ENTIER,
            "Valeur",
            "Dans l’unité de la ligne ; ne se cite pas sans sa formulation.",
            obligatoire=True,
        ),
        Colonne("unite", Type.TEXTE, "Unité", "Unité de la valeur.", obligatoire=True),
        Colonne(
            "enonce",
            Type.TEXTE,
            "Énoncé",
            "Le nombre avec sa réserve et son unité.",
            source=_enonce,
            obligatoire=True,
        ),
        Colonne("contexte", Type.TEXTE, "Contexte", contexte),
        Colonne("source", Type.TEXTE, "Source", "Où il est énoncé.", obligatoire=True),
    )


CHIFFRES = Jeu(
    code="chiffres",
    titre="Chiffres annoncés",
    description="Chaque chiffre qu’une autorité a énoncé, avec sa date, ses mots et sa source.",
    colonnes=_enonces(contexte="À quel propos."),
    lignes=ChiffreAnnonce.objects.published,
    cle=("date", "indicateur", "valeur"),
    source=CITEES,
)

FAITS = Jeu(
    code="faits",
    titre="Faits d’autres sources",
    description=(
        "Ce que la presse, le Parlement, la Cour des comptes et d’autres sources énoncent du "
        "programme. C’est ce que dit une source, rien n’en est déduit."
    ),
    colonnes=_enonces(
        Colonne("code", Type.CODE, "Code", "Code de la ligne.", obligatoire=True),
        Colonne("phase", Type.ENTIER, "Phase", "Phase du programme.", obligatoire=True),
        Colonne(
            "theme",
            Type.CHOIX,
            "Thème",
            "Ce dont il s’agit.",
            valeurs=tuple(Fait.Theme.values),
            obligatoire=True,
        ),
        Colonne("intitule", Type.TEXTE, "Intitulé", "Ce qui est compté.", obligatoire=True),
        contexte="Le périmètre que dit la source.",
    ),
    lignes=Fait.objects.published,
    cle=("code",),
    source=CITEES,
)


def _cote(side, which):
    """The columns of one of the two statements."""
    return (
        Colonne(
            f"valeur_{side}",
            Type.TEXTE,
            f"Ce que dit la {which}",
            "Dans ses mots.",
            obligatoire=True,
        ),
        Colonne(f"date_{side}", Type.DATE, f"Date de la {which}", "Jour dont elle parle."),
        precision(f"precision_{side}", titre=f"Précision de la date de la {which}"),
        Colonne(f"perimetre_{side}", Type.TEXTE, f"Périmètre de la {which}", "Ce qu’elle compte."),
        Colonne(f"source_{side}", Type.TEXTE, f"La {which}", "Où elle le dit.", obligatoire=True),
    )


CONFRONTATIONS = Jeu(
    code="confrontations",
    titre="Confrontations de sources",
    description=(
        "Deux énoncés d’autres sources côte à côte, sans moyenne ni arbitrage ; « nature » dit "
        "s’ils sont en désaccord, ou s’ils parlent d’un autre moment ou d’un autre objet."
    ),
    colonnes=(
        Colonne("code", Type.CODE, "Code", "Code de la ligne.", obligatoire=True),
        Colonne("sujet", Type.TEXTE, "Sujet", "Ce dont elles parlent.", obligatoire=True),
        Colonne(
            "nature",
            Type.CHOIX,
            "Nature",
            "Désaccord : le même objet au même moment. Piège : le même nombre, deux ensembles.",
            valeurs=tuple(Confrontation.Nature.values),
            obligatoire=True,
        ),
        *_cote("a", "première source"),
        *_cote("b", "seconde source"),
        Colonne("remarque", Type.TEXTE, "Remarque", "Pourquoi les deux diffèrent."),
    ),
    lignes=Confrontation.objects.published,
    cle=("code",),
    source=CITEES,
)

JALONS = Jeu(
    code="jalons",
    titre="Jalons",
    description="Les événements datés du programme.",
    colonnes=(
        Colonne(
            "date",
            Type.DATE,
            "Date",
            "Jour de l’événement.",
            obligatoire=True,
            filtre=True,
            tri=True,
        ),
        precision(obligatoire=True),
        Colonne(
            "intitule", Type.TEXTE, "Intitulé", "Ce qui s’est passé.", obligatoire=True, tri=True
        ),
        Colonne("lieu", Type.TEXTE, "Lieu", "Lieu de l’événement.", tri=True),
        Colonne(
            "nb_territoires",
            Type.ENTIER,
            "Nombre de territoires annoncé",
            "Quand l’événement dit combien de territoires compte la carte.",
            unite="territoires",
            tri=True,
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
        precision(),
        Colonne("url", Type.TEXTE, "Adresse", "Où le lire."),
        Colonne("licence", Type.TEXTE, "Licence", "Sa licence."),
        Colonne("remarque", Type.TEXTE, "Remarque", "Ce qu’il faut savoir pour le lire."),
    ),
    lignes=Source.objects.published,
    cle=("code",),
    source="Le portail",
)

JEUX = (CHIFFRES, FAITS, CONFRONTATIONS, JALONS, SOURCES)
