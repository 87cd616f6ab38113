"""The dataset of every published value with its source."""

from programme.donnees.jeux.colonnes import precision
from programme.donnees.provenance import MODES
from programme.donnees.schema import Colonne, Jeu, Type
from programme.models import Valeur

VALEURS = Jeu(
    code="valeurs",
    titre="Valeurs et leurs sources",
    description=(
        "Chaque valeur publiée des autres jeux : de quelle fiche, dans quelle colonne, d’après "
        "quelle source, à quelle date, et comment elle est connue."
    ),
    colonnes=(
        Colonne("jeu", Type.CODE, "Jeu", "Code du jeu de données.", obligatoire=True),
        Colonne(
            "fiche",
            Type.TEXTE,
            "Fiche",
            "Ce qui désigne la ligne dans son jeu : les colonnes de sa clé, séparées par « | ».",
            obligatoire=True,
        ),
        Colonne("colonne", Type.CODE, "Colonne", "Nom de la colonne.", obligatoire=True),
        Colonne(
            "colonne_titre",
            Type.TEXTE,
            "Titre de la colonne",
            "Ce qu’elle dit.",
            source="titre",
            obligatoire=True,
        ),
        Colonne("valeur", Type.TEXTE, "Valeur", "Telle que publiée.", obligatoire=True),
        Colonne("source", Type.TEXTE, "Source", "Ce que la fiche cite : codes, et leurs mots."),
        Colonne(
            "source_titre",
            Type.NOMS,
            "Titre de la source",
            "Titres des documents que « source » nomme par leur code.",
        ),
        Colonne(
            "date",
            Type.DATE,
            "Date",
            "Jour où la source dit la valeur ; pour une saisie, jour de cette saisie.",
            tri=True,
        ),
        precision(),
        Colonne(
            "mode",
            Type.CHOIX,
            "Comment elle est connue",
            "Telle que la source la dit, lue dans sa description, calculée, ou saisie en comité.",
            valeurs=MODES,
            obligatoire=True,
        ),
        Colonne("url", Type.TEXTE, "Page", "Adresse de la page publique de la fiche."),
    ),
    lignes=Valeur.objects.all,
    cle=("jeu", "fiche", "colonne"),
    liste="valeurs",
    source="Sources citées ligne par ligne",
    nombre="programme.donnees.valeurs.number",
)

JEUX = (VALEURS,)
