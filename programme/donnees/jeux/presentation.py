"""Datasets of what the programme is: persons in function, statements, words."""

from programme.donnees.jeux.colonnes import CITEES, ancre, precision
from programme.donnees.schema import Colonne, Jeu, Type
from programme.models import Affirmation, Personne, Terme


def _date(description):
    return (
        Colonne("date", Type.DATE, "Date", description, obligatoire=True),
        precision(obligatoire=True),
    )


PERSONNES = Jeu(
    code="personnes",
    titre="Personnes en fonction",
    description=(
        "Les personnes que les sources nomment, dans la fonction qu’elles leur donnent, à leur "
        "date : le nom et la fonction, rien d’autre."
    ),
    colonnes=(
        Colonne("code", Type.CODE, "Code", "Code de la ligne.", obligatoire=True),
        Colonne("nom", Type.TEXTE, "Nom", "Tel que la source l’écrit.", obligatoire=True),
        Colonne(
            "fonction", Type.TEXTE, "Fonction", "Celle d’alors, selon la source.", obligatoire=True
        ),
        Colonne("role", Type.TEXTE, "Rôle ce jour-là", "Ce que la source dit de sa présence."),
        *_date("Jour du fait, sinon celui du document."),
        Colonne("source", Type.TEXTE, "Source", "Qui la nomme.", obligatoire=True),
        ancre("programme"),
    ),
    lignes=Personne.objects.published,
    cle=("code",),
    source=CITEES,
)

AFFIRMATIONS = Jeu(
    code="affirmations",
    titre="Ce que les sources affirment du programme",
    description=(
        "Ce que les sources disent du programme, dit avec les mots du portail : buts, acteurs, "
        "comités, opérateurs, argent, phases, panier de services, déclarations."
    ),
    colonnes=(
        Colonne("code", Type.CODE, "Code", "Code de l’affirmation.", obligatoire=True),
        Colonne(
            "rubrique",
            Type.CHOIX,
            "Rubrique",
            "La partie de la page « Le programme ».",
            valeurs=tuple(Affirmation.Rubrique.values),
            obligatoire=True,
        ),
        Colonne("titre", Type.TEXTE, "Titre", "L’essentiel en quelques mots.", obligatoire=True),
        Colonne("texte", Type.TEXTE, "Texte", "Ce que dit la source.", obligatoire=True),
        Colonne("operateur", Type.CODE, "Opérateur", "Code de l’opérateur concerné."),
        Colonne(
            "personne",
            Type.CODE,
            "Personne",
            "Code de la personne qui le déclare.",
            source="personne__code",
        ),
        *_date("Jour où c’est dit."),
        Colonne("source", Type.TEXTE, "Source", "Qui le dit.", obligatoire=True),
        ancre("programme"),
    ),
    lignes=Affirmation.objects.published,
    cle=("code",),
    source=CITEES,
)

GLOSSAIRE = Jeu(
    code="glossaire",
    titre="Glossaire",
    description="Les mots du programme et de ce site, définis par le portail.",
    colonnes=(
        Colonne("code", Type.CODE, "Code", "Code du mot.", obligatoire=True),
        Colonne("mot", Type.TEXTE, "Mot", "Le mot.", obligatoire=True),
        Colonne("autres_noms", Type.TEXTE, "Autres noms", "Sigles et synonymes."),
        Colonne("definition", Type.TEXTE, "Définition", "Ce qu’il veut dire.", obligatoire=True),
        Colonne(
            "source",
            Type.TEXTE,
            "Source",
            "Où le mot se lit. Vide : c’est un mot du portail.",
        ),
        ancre("glossaire"),
    ),
    lignes=Terme.objects.published,
    cle=("code",),
    source=CITEES,
)

JEUX = (PERSONNES, AFFIRMATIONS, GLOSSAIRE)
