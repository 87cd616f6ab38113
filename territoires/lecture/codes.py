"""Codes: text, with the zeros that spreadsheets eat, without the signs that pasting brings."""

import re
from datetime import date

from territoires.lecture.nombres import SCIENTIFIQUE
from territoires.lecture.texte import ValeurRefusee, cite, en_texte, texte

SIREN, SIRET = 9, 14
LA_POSTE = "356000000"
TIRETS = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
BLANCS = re.compile(r"\s+")
SEPARATEURS = re.compile(r"[\s.\-\u2010-\u2015·/_]+")
DECIMALES_NULLES = re.compile(r"([0-9]+)[.,]0+")
TEXTE = "mettez la colonne au format « Texte » et retapez le code."


def code(ecrit, largeur=0):
    """A code. `largeur`: digits of one that an administration gives; 0 for one of ours."""
    text = _typed(ecrit)
    if largeur:
        text = BLANCS.sub("", text)
        if found := DECIMALES_NULLES.fullmatch(text):
            text = found[1]
        if text.isascii() and text.isdigit() and len(text) == largeur - 1:
            text = text.zfill(largeur)  # the zero that a spreadsheet ate
        text = text.upper()
    return texte(TIRETS.sub("-", text))


def _typed(ecrit):
    if isinstance(ecrit, date):
        raise ValeurRefusee(f"le tableur a pris ce code pour une date ({cite(ecrit)}) : {TEXTE}")
    text = en_texte(ecrit)
    if SCIENTIFIQUE.fullmatch(text):
        raise ValeurRefusee(
            f"« {cite(ecrit)} » : le tableur a remplacé le code par un nombre arrondi. M{TEXTE[1:]}"
        )
    if any(character.isdigit() and not character.isascii() for character in text):
        raise ValeurRefusee(f"« {cite(ecrit)} » : écrivez le code avec les chiffres 0 à 9.")
    return text


def siren(ecrit):
    """A SIREN whose key is right; that of a SIRET or of a French VAT number that says it whole."""
    text = _typed(ecrit)
    digits = SEPARATEURS.sub("", text)
    if found := DECIMALES_NULLES.fullmatch(text):
        digits = found[1]
    if found := re.fullmatch(r"(?i)FR([0-9]{2})([0-9]{9})", digits):
        return _of_vat(found, ecrit)
    if re.fullmatch("[0-9]+", digits):
        return _of_digits(digits, ecrit)
    inside = [SEPARATEURS.sub("", run) for run in re.findall(r"[0-9](?:[\s.]?[0-9])*", text)]
    likely = [run for run in inside if len(run) in {SIREN, SIRET} and has_good_key(run[:SIREN])]
    remedy = f"écrivez seulement {groups(likely[0][:SIREN])}." if likely else "ses neuf chiffres."
    if not likely:
        remedy = f"écrivez {remedy}"
    raise ValeurRefusee(f"« {cite(ecrit)} » n’est pas un SIREN de neuf chiffres : {remedy}")


def _of_vat(found, ecrit):
    key, number = int(found[1]), found[2]
    if key != (12 + 3 * (int(number) % 97)) % 97:
        raise ValeurRefusee(
            f"« {cite(ecrit)} » : la clé de ce numéro de TVA ne correspond pas à son SIREN : "
            "recopiez les neuf chiffres du SIREN."
        )
    return _of_digits(number, ecrit)


def _of_digits(digits, ecrit):
    if len(digits) == SIREN - 1 and has_good_key(digits.zfill(SIREN)):
        return digits.zfill(SIREN)
    if len(digits) == SIRET:
        if not is_siret(digits):
            good = has_good_key(digits[:SIREN])
            remedy = (
                f"écrivez son SIREN seul, {groups(digits[:SIREN])}, si c’est bien lui."
                if good
                else "un chiffre est changé, ou deux sont échangés. Recopiez le SIREN."
            )
            raise ValeurRefusee(
                f"« {cite(ecrit)} » a les quatorze chiffres d’un SIRET, mais leur clé est fausse : "
                f"{remedy}"
            )
        digits = digits[:SIREN]
    if len(digits) != SIREN:
        raise ValeurRefusee(
            f"« {cite(ecrit)} » n’est pas un SIREN de neuf chiffres ({len(digits)} ici) : "
            "retapez-le ; dans un tableur, la colonne au format « Texte »."
        )
    if not has_good_key(digits) or int(digits) == 0:
        raise ValeurRefusee(
            f"« {cite(ecrit)} » n’est pas un SIREN : son dernier chiffre, la clé, ne correspond "
            "pas aux huit autres. Un chiffre est changé, ou deux sont échangés : recopiez-le "
            "depuis annuaire-entreprises.data.gouv.fr."
        )
    return digits


def _luhn(digits):
    values = [int(digit) * (1 + rank % 2) for rank, digit in enumerate(reversed(digits))]
    return sum(sum(divmod(value, 10)) for value in values)


def has_good_key(siren):
    """Whether the last digit is the one that the others call for (Luhn)."""
    return _luhn(siren) % 10 == 0


def is_siret(digits):
    """The key of fourteen digits; the establishments of La Poste have a rule of their own."""
    if digits.startswith(LA_POSTE) and sum(map(int, digits)) % 5 == 0:
        return True
    return _luhn(digits) % 10 == 0


def groups(siren):
    """« 327 834 214 », with spaces that do not break."""
    return "\u00a0".join(siren[start : start + 3] for start in range(0, SIREN, 3))


def sans_signes(ecrit):
    """Letters and digits alone, to tell a value from what was written."""
    return "".join(c for c in en_texte(ecrit).upper() if c.isalnum())
