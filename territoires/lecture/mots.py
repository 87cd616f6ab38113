"""Words of a closed list, and yes or no."""

from territoires.lecture.texte import ValeurRefusee, cite, en_texte
from territoires.recherche.texte import plier

OUI = {"oui", "vrai", "true", "1", "o", "x", "yes"}
NON = {"non", "faux", "false", "0", "n", "no"}


def choix(ecrit, valeurs):
    """The one of `valeurs` that was written, whatever its case, its accents, its hyphens."""
    text = en_texte(ecrit)
    if text in valeurs:
        return text
    folded = plier(text)
    found = [value for value in valeurs if folded and plier(value) == folded]
    if len(found) == 1:
        return found[0]
    raise ValeurRefusee(
        f"« {cite(ecrit)} » n’est pas un des mots admis. Écrivez : {', '.join(valeurs)}."
    )


def oui_non(ecrit):
    word = plier(en_texte(ecrit))
    if word in OUI:
        return True
    if word in NON:
        return False
    raise ValeurRefusee(f"« {cite(ecrit)} » : écrivez oui ou non.")
