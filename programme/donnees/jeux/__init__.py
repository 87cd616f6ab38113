"""The published datasets, by their code."""

from programme.donnees.jeux import (
    carte,
    chiffres,
    contrats,
    emploi,
    lignees,
    operateurs,
    presentation,
    projets,
    valeurs,
)

JEUX = {
    jeu.code: jeu
    for jeu in (
        *carte.JEUX,
        *lignees.JEUX,
        *projets.JEUX,
        *contrats.JEUX,
        *operateurs.JEUX,
        *chiffres.JEUX,
        *presentation.JEUX,
        *emploi.JEUX,
        *valeurs.JEUX,
    )
}

__all__ = ["JEUX"]
