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
from django.db import models
from django.http import QueryDict

from programme.backoffice.cadre.widgets import Lue, Saisi
from territoires import lecture
from territoires.lecture.codes import groups
from territoires.lecture.nombres import EUROS
from territoires.lecture.tables.encodage import misread
from territoires.recherche.texte import plier


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

    connus: the values that the record has or had; written again as they are, none is questioned.
    """

    genre = ""
    connus = ()

    def __init__(self, *, genre="", **kwargs):
        self.genre = genre or self.genre
        kwargs["widget"] = Lue(self.genre, GENRES[self.genre])
        super().__init__(**kwargs)

    def to_python(self, value):
        empty = getattr(self, "empty_value", None)
        if value is None or (isinstance(value, str) and lecture.est_vide(value)):
            return empty
        for connu in self.connus:
            if value == connu or str(value) == self.widget.format_value(connu):
                return connu
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
        return GENRES[self.genre].lire(value, maximum=self.max_value)


class DecimalField(ChampLu, forms.FloatField):
    genre = "decimal"


class JourField(ChampLu, forms.DateField):
    """A day, written in any of our ways."""

    genre = "jour"


class CodeField(ChampLu, forms.CharField):
    """A code: of a known length once read, not while it is typed with its spaces."""

    genre = "code"

    def __init__(self, *, max_length=None, allow_unicode=False, **kwargs):
        super().__init__(**kwargs)


class Compose:
    """For a form field of text: composed (NFC), without invisible characters."""

    def to_python(self, value):
        if isinstance(value, str):
            try:
                value = lecture.texte(value)
            except lecture.ValeurRefusee as error:
                raise ValidationError(str(error), code="invalid") from None
            if told := misread(value):
                raise ValidationError(told, code="invalid")
        return super().to_python(value)


class TexteField(Compose, forms.CharField):
    pass


class AdresseField(Compose, forms.URLField):
    pass


class CourrielField(Compose, forms.EmailField):
    pass


CODES = {
    "siren": "siren",
    "code": "code",
    "code_postal": "code_postal",
    "departement_cite": "code_departement",
}
TEXTES = (
    (models.EmailField, CourrielField),
    (models.URLField, AdresseField),
    (models.CharField | models.TextField, TexteField),
)
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
    if type(champ) is models.DateField:
        return {"form_class": JourField}
    return _of_text(champ)


def _of_text(champ):
    code = "code" if isinstance(champ, models.SlugField) else CODES.get(champ.name)
    if code and isinstance(champ, models.CharField):
        return {"form_class": CodeField, "genre": code}
    found = (form for kind, form in TEXTES if isinstance(champ, kind))
    return {"form_class": form} if (form := next(found, None)) else {}


def _of_integer(champ):
    return {"form_class": EntierField, "genre": _genre_of(champ), "max_value": plus_grand(champ)}


def plus_grand(champ):
    """The largest number that a field keeps, on both databases: SQLite alone would take more."""
    if isinstance(champ, models.SmallIntegerField | models.PositiveSmallIntegerField):
        return 2**15 - 1
    if isinstance(champ, models.BigIntegerField | models.PositiveBigIntegerField):
        return lecture.LE_PLUS_GRAND
    return 2**31 - 1


def _genre_of(champ):
    if champ.name.endswith("_eur"):
        return "euros"
    if champ.verbose_name.startswith("année"):
        return "annee"
    return "entier" if champ.name in COMPTES_OU_MONTANTS else "nombre"


# --- A row among many -------------------------------------------------------------------------

PROPOSES = 8
LARGEURS = {"region": 2, "departement": 2, "commune": 5}
"""Digits of the codes of a model: « 1 » is 01."""


class ParmiMixin:
    """For a field that chooses rows: a typed text that names one alone is that one.

    chercher: function of a text that gives the rows it may name, among any of their model.
    """

    chercher = None

    def designee(self, text):
        """The row that `text` names; a `ValidationError` offers those that it may name."""
        if (row := self._by_key(text)) is not None:
            return row
        found = self._candidates(text)
        named = [row for row in found if plier(text) in self._names(row)]
        is_code = any(character.isdigit() for character in text)
        if len(named) == 1 or (is_code and len(found) == 1):
            return (named or found)[0]
        self.widget.proposes = [*self.widget.proposes, *found[:PROPOSES]]
        raise ValidationError(self._offer(text, found), code="invalid_choice")

    def _by_key(self, text):
        meta = self.queryset.model._meta
        if not isinstance(meta.pk, models.CharField):
            return None  # the number of a row of ours is no name of it
        keys = {text, text.upper(), text.lower(), lecture.sans_signes(text)}
        if width := LARGEURS.get(meta.model_name):
            keys.add(lecture.sans_signes(text).zfill(width))
        found = self.queryset.filter(pk__in=keys)[:2]
        return found[0] if len(found) == 1 else None

    def _candidates(self, text):
        if self.chercher is None:
            return []
        rows = self.chercher(text)
        return list(self.queryset.filter(pk__in=rows.values("pk"))[: PROPOSES + 1])

    def _names(self, row):
        said = (self.label_from_instance(row), getattr(row, "nom", ""))
        return {plier(str(one)) for one in said}

    def _offer(self, text, found):
        if not found:
            return (
                f"« {lecture.cite(text)} » ne désigne rien parmi vos choix : tapez un autre début "
                "de nom ou un code, puis choisissez ; ou videz le champ."
            )
        names = ", ".join(f"« {self.label_from_instance(row)} »" for row in found[:PROPOSES])
        more = ", et d’autres" if found[PROPOSES:] else ""
        return (
            f"« {lecture.cite(text)} » n’est pas encore un choix. Il peut désigner : "
            f"{names}{more}. Choisissez dans la liste, ou videz le champ."
        )


class ParmiField(ParmiMixin, forms.ModelChoiceField):
    def to_python(self, value):
        return self.designee(value) if isinstance(value, Saisi) else super().to_python(value)

    def has_changed(self, initial, data):
        if isinstance(data, Saisi):
            try:
                data = self.prepare_value(self.designee(data))
            except ValidationError:
                return True
        return super().has_changed(initial, data)


class ParmiPlusieursField(ParmiMixin, forms.ModelMultipleChoiceField):
    def clean(self, value):
        errors, keys = [], []
        for one in value or []:
            try:
                keys.append(self.designee(one).pk if isinstance(one, Saisi) else one)
            except ValidationError as error:
                errors.append(error)
        if errors:
            raise ValidationError(errors)
        return super().clean(keys)


def chercheur(site, model, request=None):
    """The function of a text that searches as the list of a model's own screen does."""
    admin = site.get_model_admin(model)

    def search(text):
        return admin.get_search_results(request, model._default_manager.order_by(), text)[0]

    return search


# --- What stands in place of what was sent --------------------------------------------------------


class ChampRetenu(forms.BoundField):
    """A field of a form that may hold another value than the one that was sent."""

    @property
    def data(self):
        retenu = self.form.retenu
        return retenu[self.name] if self.name in retenu else super().data

    @property
    def id_for_label(self):
        """Its help is told by this id, which no label is for where it is a group of boxes."""
        return super().id_for_label or self.auto_id


class RetenuMixin:
    """For a form: `retenu` is {name: value} of what stands in place of what was sent.

    The data stay as they were sent: what its author typed can always be shown again.
    """

    bound_field_class = ChampRetenu

    def __init__(self, *args, **kwargs):
        self.retenu = {}
        super().__init__(*args, **kwargs)

    def retain(self, bound, value):
        """Hold `value` in a field, as if it had been sent."""
        data = QueryDict(mutable=True)
        send(data, bound, value)
        self.retenu[bound.name] = bound.field.widget.value_from_datadict(data, {}, bound.html_name)


def send(data, bound, value):
    """Write in `data`, a QueryDict, what a browser sends of a field that shows `value`."""
    widget, value = bound.field.widget, bound.field.prepare_value(value)
    if isinstance(widget, forms.CheckboxInput):
        if value:
            data[bound.html_name] = "on"
        return
    shown = widget.format_value(value)
    values = shown if isinstance(shown, list | tuple) else ["" if shown is None else shown]
    data.setlist(bound.html_name, [str(one) for one in values])
