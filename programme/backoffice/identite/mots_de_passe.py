"""What makes a password strong enough: the CNIL's recommendation of 21 July 2022.

Deliberation 2022-100: 80 bits of entropy where a password alone opens an account, which it
illustrates by three examples. Any of the three is accepted here.
"""

import re
import string

from django.conf import settings
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from django.utils.text import get_text_list

from programme.backoffice.identite.mots_devines import est_vole, n_est_que_du_lieu

CLASSES = {
    "une minuscule": str.islower,
    "une majuscule": str.isupper,
    "un chiffre": str.isdigit,
    "un caractère spécial": lambda character: not character.isalnum(),
}
LONGUEUR, LONGUEUR_SANS_SPECIAL, MOTS = 12, 14, 7
DIFFERENTS = 8
AIDE = (
    f"Au moins {LONGUEUR} caractères avec minuscule, majuscule, chiffre et caractère spécial ; ou "
    f"{LONGUEUR_SANS_SPECIAL} avec minuscule, majuscule et chiffre ; ou une phrase d’au moins "
    f"{MOTS} mots différents. Ni votre nom, ni votre adresse, ni les mots du programme, ni un mot "
    "de passe courant."
)
COURANT = (
    "Ce mot de passe est trop courant : il figure, seul ou complété de chiffres, dans les listes "
    "que l’on essaie d’abord."
)
DU_LIEU = (
    "Ce mot de passe n’est fait que de mots du programme, de ce site ou des régions : ce sont ceux "
    "que l’on essaie d’abord. Ajoutez-y d’autres mots."
)
VOLE = "Ce mot de passe figure dans une liste de mots de passe volés. Choisissez-en un autre."


class RecommandationCnil:
    """Refuses what is short, repeated, common, stolen, of this place, or like the agent's own."""

    def __init__(self):
        self.common = CommonPasswordValidator()
        self.similar = UserAttributeSimilarityValidator(
            user_attributes=["email", "nom", "fonction"], max_similarity=0.7
        )

    def validate(self, password, user=None):
        reasons = [*_weakness(password), *self._too_easy(password, user)]
        if reasons:
            raise ValidationError([ValidationError(text, code=code) for code, text in reasons])

    def _too_easy(self, password, user):
        # « Azerty123456! » is as easily guessed as « azerty ».
        core = password.strip(string.digits + string.punctuation + " ").lower()
        try:
            self.common.validate(password)
            self.common.validate(core)
        except ValidationError:
            yield "courant", COURANT
        if n_est_que_du_lieu(password):
            yield "du lieu", DU_LIEU
        if settings.MOTS_DE_PASSE_VOLES and est_vole(password, settings.MOTS_DE_PASSE_VOLES):
            yield "volé", VOLE
        try:
            self.similar.validate(password, user)
        except ValidationError as error:
            like = error.params["verbose_name"]
            yield "ressemblant", f"Ce mot de passe ressemble trop à votre {like}."

    def get_help_text(self):
        return AIDE


def _weakness(password):
    """(code, sentence) of what an otherwise unguessable password lacks."""
    words = {word.lower() for word in re.findall(r"[^\W\d_]{2,}", password)}
    if len(words) >= MOTS:
        return
    missing = [name for name, has in CLASSES.items() if not any(map(has, password))]
    special_only = missing in ([], ["un caractère spécial"])
    wanted = LONGUEUR if not missing else LONGUEUR_SANS_SPECIAL
    if len(password) < wanted or not special_only:
        yield "faible", _how_weak(len(password), missing)
    elif len(set(password)) < DIFFERENTS:
        yield (
            "repetitif",
            f"Ce mot de passe répète les mêmes caractères : il en faut {DIFFERENTS} différents.",
        )


def _how_weak(length, missing):
    said = [f"il a {length} caractère{'s' if length > 1 else ''}"]
    if missing:
        said.append(f"il lui manque {get_text_list(missing, 'et')}")
    return f"Ce mot de passe est trop court ou trop simple : {' et '.join(said)}. {AIDE}"
