"""Read one CSV file strictly: header, number of fields, and each value by its model field.

Files are UTF-8, comma, one column per model field, under the field's own name. Dates are
`2019-03-06`, booleans `oui`/`non`, many-to-many codes separated by a space, empty is not known.
"""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import models

from territoires.dates import iso
from territoires.lecture import ValeurRefusee, decimal, entier, jour, oui_non, texte

MAX_SHOWN = 10


class ErreurDeChargement(Exception):
    """A file that cannot be loaded as it stands; the message names file, line and column."""


@dataclass(frozen=True)
class Fichier:
    """A file and the model whose rows it holds.

    `cle` names the columns that identify a row for good; `fixes` are values common to all rows;
    `vides` are the texts, besides the empty one, that a column uses for "not known".
    `controler(instances)` yields (index, column, sentence) for records that contradict themselves.
    A model with a history is one that officers edit: see `ecriture`.
    """

    nom: str
    modele: type[models.Model]
    cle: tuple[str, ...]
    colonnes: tuple[str, ...]
    fixes: dict = field(default_factory=dict)
    vides: tuple[str, ...] = ()
    controler: Callable | None = None

    @property
    def suivi(self):
        """Whether officers edit these rows."""
        return hasattr(self.modele, "history")

    def champ(self, colonne):
        return self.modele._meta.get_field(colonne)

    @property
    def simples(self):
        return [c for c in self.colonnes if not self.champ(c).many_to_many]

    @property
    def internes(self):
        """The columns by which a row names another of the same file, before it has a record."""
        if isinstance(self.modele._meta.pk, models.CharField):
            return []
        return [c for c in self.simples if self.champ(c).related_model is self.modele]

    @property
    def multiples(self):
        return [c for c in self.colonnes if self.champ(c).many_to_many]


@dataclass(frozen=True)
class Ligne:
    """A row of a file: its number, its text by column, its values by column once read."""

    numero: int
    cle: str
    textes: dict
    valeurs: dict


def en_erreur(fichier, problemes):
    """The exception for `problemes`, a list of (line, column or None, sentence)."""
    shown = [
        f"{fichier.nom}, ligne {numero}"
        + (f", colonne « {colonne} »" if colonne else "")
        + f" : {phrase}"
        for numero, colonne, phrase in problemes[:MAX_SHOWN]
    ]
    if left := len(problemes) - MAX_SHOWN:
        shown += [f"… et {left} autre{'s' * (left > 1)} erreur{'s' * (left > 1)}."] * (left > 0)
    return ErreurDeChargement("\n".join(shown))


def lire_brut(fichier, dossier: Path):
    """Yield (line number, {column: text}) of a file.

    Raises `ErreurDeChargement` for a missing or unreadable file, another header than the declared
    one, a row with too few or too many fields.
    """
    path = dossier / fichier.nom
    try:
        # utf-8-sig: spreadsheets write a mark at the start of the file.
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ErreurDeChargement(
            f"{fichier.nom} : fichier introuvable dans {dossier}. Rétablissez-le."
        ) from error
    except UnicodeDecodeError as error:
        numero = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ErreurDeChargement(
            f"{fichier.nom}, ligne {numero} : le texte n’est pas en UTF-8. "
            "Enregistrez le fichier en « CSV UTF-8 »."
        ) from error
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        verifier_entete(fichier, next(reader, []))
        for fields in reader:
            if len(fields) != len(fichier.colonnes):
                phrase = (
                    f"{len(fields)} valeurs au lieu de {len(fichier.colonnes)}. Vérifiez les "
                    "virgules, et les guillemets autour d’un texte qui en contient."
                )
                raise en_erreur(fichier, [(reader.line_num, None, phrase)])
            yield reader.line_num, dict(zip(fichier.colonnes, fields, strict=True))
    except csv.Error as error:
        phrase = f"ce n’est pas du CSV ({error}). Vérifiez les guillemets."
        raise en_erreur(fichier, [(reader.line_num, None, phrase)]) from error


def verifier_entete(fichier, found):
    if tuple(found) == fichier.colonnes:
        return
    missing = [c for c in fichier.colonnes if c not in found]
    unknown = [c for c in found if c not in fichier.colonnes]
    facts = [
        f"il manque {', '.join(missing)}" if missing else "",
        f"{', '.join(unknown)} en trop" if unknown else "",
        "les colonnes ne sont pas dans l’ordre" if not missing and not unknown else "",
    ]
    phrase = (
        f"l’en-tête n’est pas celui attendu : {' ; '.join(filter(None, facts))}. "
        f"Écrivez : {','.join(fichier.colonnes)}"
    )
    raise en_erreur(fichier, [(1, None, phrase)])


def lire(fichier, dossier, cles):
    """The `Ligne`s of a file; `cles` is a `CleEtrangere` resolver.

    Raises `ErreurDeChargement` that lists the values refused and the keys found twice.
    """
    bruts = list(lire_brut(fichier, dossier))
    seen, problemes, lignes = {}, [], []
    for numero, textes in bruts:
        cle = cle_de(fichier, textes)
        if (before := seen.setdefault(cle, numero)) != numero:
            phrase = f"« {cle} » est déjà à la ligne {before}. Gardez une seule des deux."
            problemes.append((numero, fichier.cle[0], phrase))
    lecteurs = {c: lecteur(fichier, c, cles.pour(fichier, c, seen)) for c in fichier.colonnes}
    for numero, textes in bruts:
        valeurs = {}
        for colonne, text in textes.items():
            try:
                valeurs[colonne] = lecteurs[colonne](text)
            except ValeurRefusee as error:
                problemes.append((numero, colonne, str(error)))
        lignes.append(Ligne(numero, cle_de(fichier, textes), textes, valeurs))
    if problemes:
        raise en_erreur(fichier, sorted(problemes, key=lambda probleme: probleme[0]))
    return lignes


def cle_de(fichier, textes):
    return " | ".join(textes[colonne] for colonne in fichier.cle)


# --- Values -----------------------------------------------------------------------------------


def lecteur(fichier, colonne, existant):
    """The function that reads a text of `colonne`; `existant` maps codes to keys of its model."""
    champ = fichier.champ(colonne)
    if champ.many_to_many:
        return lambda text: frozenset(existant(code) for code in text.split())
    convert = existant if champ.is_relation else _convertisseur(champ)
    empty = "" if isinstance(champ, models.CharField | models.TextField) else None
    required = not champ.blank if empty == "" else not champ.null

    def read(text):
        if text == "" or text in fichier.vides:
            if required:
                raise ValeurRefusee("la valeur manque, elle est obligatoire.")
            return empty
        return convert(text)

    return read


def _convertisseur(champ):
    kinds = (
        (models.BooleanField, _booleen),
        (models.IntegerField, _entier),
        (models.FloatField, _flottant),
        (models.DecimalField, _decimal),
        (models.DateField, _date),
    )
    convert = next((read for kind, read in kinds if isinstance(champ, kind)), _texte)
    choices = [value for value, _ in champ.flatchoices]
    validators = champ.validators

    def read(text):
        value = convert(text)
        if choices and value not in choices:
            raise ValeurRefusee(f"« {text} » est inconnu. Écrivez : {', '.join(choices)}.")
        for validator in validators:
            try:
                validator(value)
            except ValidationError as error:
                raise ValeurRefusee(f"« {text} » : {' '.join(error.messages)}") from error
        return value

    return read


def _texte(text):
    if text != text.strip():
        raise ValeurRefusee(f"« {text} » commence ou finit par une espace. Retirez-la.")
    return texte(text)


def _exact(lire, tel_quel, refus):
    """Reads what `lire`, the reader of everybody, understands, in the only way that files write it.

    tel_quel(value, text): whether the text is written so. refus: what is told of any other.
    """

    def read(text):
        try:
            value = lire(text)
        except ValeurRefusee as error:
            raise ValeurRefusee(f"« {text} » {refus}") from error
        if not tel_quel(value, text):
            raise ValeurRefusee(f"« {text} » {refus}")
        return value

    return read


_entier = _exact(
    partial(entier, unite=""),
    lambda value, text: text.isdigit(),
    "n’est pas un nombre entier. Écrivez des chiffres seuls.",
)
_flottant = _exact(
    decimal,
    lambda value, text: re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None,
    "n’est pas un nombre. Écrivez-le avec un point : 48.75.",
)
_date = _exact(
    partial(jour, depuis=1),
    lambda value, text: iso(value) == text,
    "n’est pas une date. Écrivez-la année-mois-jour : 2019-03-06.",
)
_booleen = _exact(
    oui_non, lambda value, text: text in {"oui", "non"}, "est inconnu. Écrivez : oui, non."
)


def _decimal(text):
    _flottant(text)
    return Decimal(text)
