"""Form fields whose text is read by `territoires.lecture`, and echoed as it was understood.

A plain text field, of any browser, with the keyboard that suits: a field `number` would read
« 1 250 000,50 » as 125000050 without a word, and lose one at a turn of the wheel.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models

from territoires import lecture
from territoires.administration.widgets import Lue
from territoires.lecture.codes import groups
from territoires.lecture.nombres import EUROS


@dataclass(frozen=True)
class Genre:
    """One kind of values: how it is read, how it is echoed, the keyboard of a telephone."""

    lire: Callable
    dire: Callable
    clavier: str = "text"

    def echo(self, text):
        """What is understood of a text, in words; nothing where they would only repeat it."""
        try:
            said = "" if lecture.est_vide(text) else self.dire(self.lire(text))
        except lecture.ValeurRefusee:
            return ""
        return "" if said == lecture.net(text or "") else said


def _decimal(value):
    """A number in full, as one would type it again."""
    return f"{Decimal(repr(value)):f}".removesuffix(".0").replace(".", ",")


GENRES = {
    "euros": Genre(
        partial(lecture.entier, unite=EUROS),
        lambda value: f"{lecture.groupe(value)}\u00a0€",
        "decimal",
    ),
    "nombre": Genre(partial(lecture.entier, unite=""), lecture.groupe, "numeric"),
    "entier": Genre(lecture.entier, lecture.groupe, "decimal"),
    "annee": Genre(lecture.annee, str, "numeric"),
    # Signs are not on every numeric keyboard.
    "longitude": Genre(partial(lecture.decimal, minimum=-180, maximum=180), _decimal),
    "latitude": Genre(partial(lecture.decimal, minimum=-90, maximum=90), _decimal),
    "decimal": Genre(lecture.decimal, _decimal),
    "jour": Genre(lecture.jour, lecture.en_lettres),
    "siren": Genre(lecture.siren, groups, "numeric"),
    "code": Genre(lecture.code, str),
    "code_postal": Genre(partial(lecture.code, largeur=5), str, "numeric"),
    "code_departement": Genre(partial(lecture.code, largeur=2), str),
}


class ChampLu:
    """For a form field: `genre` names the `Genre` that reads its text.

    connu: the value that is recorded already; written again as it is, it is not questioned.
    """

    genre = ""
    connu = None

    def __init__(self, *, genre="", **kwargs):
        self.genre = genre or self.genre
        kwargs["widget"] = Lue(self.genre, GENRES[self.genre])
        super().__init__(**kwargs)

    def to_python(self, value):
        empty = getattr(self, "empty_value", None)
        if value is None or (isinstance(value, str) and lecture.est_vide(value)):
            return empty
        if self.connu is not None and (
            value == self.connu or str(value) == self.widget.format_value(self.connu)
        ):
            return self.connu
        if not isinstance(value, str) and not isinstance(value, int | float):
            return super().to_python(value)
        try:
            return self.read(value)
        except lecture.ValeurRefusee as error:
            told = str(error)
            raise ValidationError(told[0].upper() + told[1:], code="invalid") from None

    def read(self, value):
        return GENRES[self.genre].lire(value)


class EntierField(ChampLu, forms.IntegerField):
    genre = "entier"

    def read(self, value):
        if self.max_value is None or self.genre == "annee":
            return super().read(value)
        return GENRES[self.genre].lire(value, maximum=min(self.max_value, lecture.LE_PLUS_GRAND))


class DecimalField(ChampLu, forms.FloatField):
    genre = "decimal"


class JourField(ChampLu, forms.DateField):
    """A day, written in any of our ways."""

    genre = "jour"


class CodeField(ChampLu, forms.CharField):
    """A code: of a known length once read, not while it is typed with its spaces."""

    genre = "code"

    def __init__(self, *, max_length=None, **kwargs):
        super().__init__(**kwargs)


class TexteField(forms.CharField):
    """A text, composed (NFC) and without invisible characters."""

    def to_python(self, value):
        if isinstance(value, str):
            try:
                value = lecture.texte(value)
            except lecture.ValeurRefusee as error:
                raise ValidationError(str(error), code="invalid") from None
        return super().to_python(value)


CODES = {
    "siren": "siren",
    "code": "code",
    "code_postal": "code_postal",
    "departement_cite": "code_departement",
}
DEGRES = {"lon": "longitude", "lat": "latitude"}
COMPTES_OU_MONTANTS = {"cible", "valeur"}
"""Fields whose unit is that of another field of the row: euros there, jobs here."""


def lecture_de(champ):
    """The arguments of `formfield()` that make a model's field read its text; often none."""
    if champ.is_relation or champ.choices or not champ.editable:
        return {}
    if isinstance(champ, models.IntegerField):
        return _of_integer(champ)
    if isinstance(champ, models.FloatField):
        return {"form_class": DecimalField, "genre": DEGRES.get(champ.name, "decimal")}
    if type(champ) is models.CharField and champ.name in CODES:
        return {"form_class": CodeField, "genre": CODES[champ.name]}
    plain = {
        models.DateField: JourField,
        models.CharField: TexteField,
        models.TextField: TexteField,
    }
    return {"form_class": plain[type(champ)]} if type(champ) in plain else {}


def _of_integer(champ):
    limits = [v.limit_value for v in champ.validators if isinstance(v, MaxValueValidator)]
    return {
        "form_class": EntierField,
        "genre": _genre_of(champ),
        "max_value": min([lecture.LE_PLUS_GRAND, *limits]),
    }


def _genre_of(champ):
    if champ.name.endswith("_eur"):
        return "euros"
    if champ.verbose_name.startswith("année"):
        return "annee"
    return "entier" if champ.name in COMPTES_OU_MONTANTS else "nombre"
