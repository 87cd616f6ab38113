"""What changed in a parution, in words: computed from its deltas."""

from programme.donnees.jeux import JEUX
from programme.models import FichierParution
from programme.templatetags.portail import pluriel

RIEN = "Aucune ligne n’a changé."
PREMIERE = "Première parution : rien à quoi la comparer."


def changements(parution, fichiers):
    """A sentence a dataset that changed; what it is compared to is said by the page.

    fichiers: `FichierParution`s of the parution, kept or not.
    """
    if parution.precedente is None:
        return [PREMIERE]
    told_by = [f for f in fichiers if f.format == "csv"]
    deltas = {f.jeu: f for f in told_by if f.genre == FichierParution.Genre.ECARTS}
    whole = [f.jeu for f in told_by if f.genre == FichierParution.Genre.DONNEES]
    told = []
    for code in whole:
        if code not in deltas:
            told.append(f"{titre(code)} : jeu nouveau, ou dont la clé a changé.")
        elif words := en_mots(deltas[code]):
            told.append(f"{titre(code)} : {words}.")
    return told or [RIEN]


def titre(code):
    return JEUX[code].titre if code in JEUX else code


def en_mots(fichier):
    """« 3 lignes ajoutées, 1 ligne changée »; empty when nothing changed."""
    counts = {
        "ajoutées": fichier.ajoutees,
        "changées": fichier.changees,
        "retirées": fichier.retirees,
    }
    return ", ".join(
        pluriel(number, f"ligne {many[:-1]},lignes {many}")
        for many, number in counts.items()
        if number
    )
