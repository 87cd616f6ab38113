"""Form fields of the filters: what they accept, and the sentence they answer to anything else."""

import datetime
from dataclasses import dataclass
from difflib import get_close_matches

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import slug_re
from django_filters.widgets import SuffixedMultiWidget

from programme.catalogue.listes import index
from territoires import lecture
from territoires.mots import connu
from territoires.recherche.texte import plier
from territoires.reponses import NON_RENSEIGNE

ILLISIBLE = "illisible"
"""Of an error: the code itself is wrong, so that it is no name either."""
SHOWN = 60
CLES = 100
"""Records that one address names."""
HOMONYMES = 6


def shown(value):
    """A value as typed, short enough to be repeated in a sentence."""
    value = str(value)
    return value if len(value) <= SHOWN else f"{value[:SHOWN]}…"


class ChoixField(forms.MultipleChoiceField):
    """Several values among known ones; the error names the nearest, or all when they are few."""

    def to_python(self, value):
        found = (self.lire(item) for item in super().to_python(value) if item)
        return list(dict.fromkeys(found))

    def lire(self, item):
        """The value that was written otherwise: « 2a », « 1 » for 01, « Signe »; else itself."""
        words = [str(key) for key, _ in self.choices]
        if item in words:
            return item
        text = lecture.net(item)
        if text.isascii() and text.isdigit() and (code := lecture.code(text, 2)) in words:
            return code
        try:
            return lecture.choix(text, words)
        except lecture.ValeurRefusee:
            return item

    def validate(self, value):
        # Nothing to check: the values, often a query, are not read.
        words = {str(key) for key, _ in self.choices} if value else set()
        for item in value:
            if item not in words:
                raise ValidationError(self._unknown(item, sorted(words)), code="invalid_choice")

    @staticmethod
    def _unknown(item, words):
        sentence = f"« {shown(item)} » n’est pas une valeur possible."
        if close := get_close_matches(item[:SHOWN], words, n=1):
            return f"{sentence} Vouliez-vous dire « {close[0]} » ?"
        if len(words) <= 20:
            return f"{sentence} Valeurs possibles : {', '.join(words) or 'aucune'}."
        return f"{sentence} Choisissez dans la liste du filtre."


def _told(nom, error):
    """The refusal of one bound, named; of a filter of one value alone, as a sentence."""
    text = str(error)
    return f"{nom} : {text}" if nom else text[0].upper() + text[1:]


class EntierField(forms.Field):
    """A whole number, or an amount when its unit is « € »."""

    widget = forms.TextInput

    def __init__(self, *, nom, unite="", **kwargs):
        super().__init__(**kwargs)
        self.nom = nom
        self.unite = unite

    def to_python(self, value):
        if lecture.est_vide(value):
            return None
        try:
            return lecture.entier(value, unite=self.unite)
        except lecture.ValeurRefusee as error:
            raise ValidationError(_told(self.nom, error), code="invalid") from error


class JourField(forms.Field):
    """A day: AAAA-MM-JJ, as a browser sends it, or as one writes it."""

    widget = forms.TextInput

    def __init__(self, *, nom="", **kwargs):
        super().__init__(**kwargs)
        self.nom = nom

    def to_python(self, value):
        if lecture.est_vide(value):
            return None
        try:
            return lecture.jour(value)
        except lecture.ValeurRefusee as error:
            raise ValidationError(_told(self.nom, error), code="invalid") from error


class PeriodeMixin:
    """For a form whose fields `du` and `au` are days, both included."""

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("du"), cleaned.get("au")
        if since and until and since > until:
            self.add_error("au", "La fin de la période précède son début : échangez les deux.")
        return cleaned


class OuiField(forms.Field):
    """A box to tick: absent, or exactly `1`."""

    widget = forms.TextInput

    def to_python(self, value):
        if value not in (None, "", "1"):
            raise ValidationError(
                f"« {shown(value)} » n’est pas une valeur possible. "
                "Écrivez 1, ou retirez le paramètre.",
                code="invalid",
            )
        return value == "1"


class CodeField(forms.Field):
    """The code of a row of `modele`, or `absent`; the cleaned value is the row itself.

    `absent` is the word of an empty value: « non renseigné », unless its absence is an answer.
    """

    widget = forms.TextInput

    def __init__(self, *, modele, exemple, absent=NON_RENSEIGNE, **kwargs):
        super().__init__(**kwargs)
        self.modele = modele
        self.absent = absent
        self.exemple = exemple

    def to_python(self, value):
        typed = lecture.net(str(value or ""))
        if not typed or typed in (NON_RENSEIGNE, self.absent):
            return self.absent if typed else None
        model = apps.get_model(self.modele)
        try:
            row = model.objects.designee(typed)
        except lecture.ValeurRefusee as error:
            raise ValidationError(_told("", error), code=ILLISIBLE) from error
        if row is None:
            raise ValidationError(
                f"« {shown(typed)} » n’est pas le code d’{connu(model._meta.verbose_name)}. "
                f"Écrivez par exemple {self.exemple}, ou « {self.absent} ».",
                code="invalid",
            )
        return row


class LieuField(CodeField):
    """The same, or the name of one place of the search's index.

    « Caen », « 14118 » or « Caen (14) » : a name that several have asks which, in a sentence.
    """

    def to_python(self, value):
        typed = str(value or "").strip()
        try:
            return super().to_python(typed)
        except ValidationError as error:
            if error.code == ILLISIBLE:
                raise
            return self._named(typed)

    def _named(self, typed):
        name, _, precision = typed.rstrip(") ").partition(" (")
        model = apps.get_model(self.modele)
        rows = list(model.objects.filter(pk__in=index.named(name, model._meta.model_name)))
        if precision:
            rows = [row for row in rows if plier(precision) in self._precisions(row)]
        if len(rows) == 1:
            return rows[0]
        if rows:
            raise ValidationError(
                f"Plusieurs s’appellent « {shown(name)} » : {self._listed(rows)}. "
                "Recopiez l’un de ces noms, précision comprise.",
                code="ambiguous",
            )
        close = index.nearest(name, model._meta.model_name)[:3]
        rows = [row for row in model.objects.filter(pk__in=close) if str(row)]
        remedy = f" Vouliez-vous dire {self._listed(rows)} ?" if rows else ""
        kind = connu(model._meta.verbose_name)
        raise ValidationError(
            f"« {shown(typed)} » n’est ni le nom ni le code d’{kind}.{remedy} "
            f"Écrivez par exemple {self.exemple}, ou « {self.absent} ».",
            code="invalid",
        )

    def _listed(self, rows):
        said = sorted(in_words(row) for row in rows)[:HOMONYMES]
        more = f" et {len(rows) - HOMONYMES} autres" if len(rows) > HOMONYMES else ""
        return " ; ".join(f"« {words} »" for words in said) + more

    @staticmethod
    def _precisions(row):
        """What may stand in brackets after its name, folded."""
        words = [row.pk, *in_words(row).rpartition("(")[2:]]
        if departement := getattr(row, "departement", None):
            words += [departement.pk, departement.nom]
        return {plier(word.rstrip(")")) for word in words}


def in_words(row):
    """A place as a person recognises it, and as `LieuField` reads it back."""
    words = str(row)
    return words if words.endswith(")") else f"{words} ({row.pk})"


class ClesField(forms.CharField):
    """One code or several, separated by commas; the cleaned value is their list."""

    def to_python(self, value):
        written = (lecture.net(part) for part in str(value or "").split(","))
        codes = list(dict.fromkeys(code for code in written if code))
        if len(codes) > CLES:
            raise ValidationError(
                f"Au plus {CLES} codes à la fois : il y en a {len(codes)}.", code="max_value"
            )
        if wrong := next((code for code in codes if not slug_re.match(code)), ""):
            raise ValidationError(
                f"« {shown(wrong)} » n’est pas un code : lettres sans accent, chiffres et tirets. "
                "Séparez plusieurs codes par des virgules.",
                code="invalid",
            )
        return codes


class MotsField(forms.CharField):
    """Words to search for."""

    def __init__(self, **kwargs):
        super().__init__(max_length=200, **kwargs)
        self.error_messages["max_length"] = (
            "Le texte cherché compte %(show_value)d caractères : gardez-en au plus %(limit_value)d."
        )

    def validate(self, value):
        super().validate(value)
        if value and not plier(value):
            raise ValidationError("Écrivez au moins une lettre ou un chiffre.", code="invalid")


@dataclass(frozen=True)
class Plage:
    """Bounds, both included and each optional; `absents` keeps the rows without a value too."""

    debut: int | datetime.date | None
    fin: int | datetime.date | None
    absents: bool

    @property
    def bornee(self):
        return self.debut is not None or self.fin is not None


class BornesWidget(SuffixedMultiWidget):
    def __init__(self, suffixes):
        self.suffixes = suffixes
        super().__init__([forms.TextInput] * len(suffixes))


class PlageField(forms.MultiValueField):
    """Two bounds and « non renseigné », under `nom_min`, `nom_max` and `nom` in the address."""

    suffixes = ("min", "max", None)
    noms = ("Au moins", "Au plus")
    field = EntierField

    def __init__(self, **kwargs):
        unit = {"unite": kwargs.pop("unite")} if "unite" in kwargs else {}
        bounds = [self.field(nom=nom, required=False, **unit) for nom in self.noms]
        absent = forms.ChoiceField(
            choices=[(NON_RENSEIGNE, NON_RENSEIGNE)],
            required=False,
            error_messages={
                "invalid_choice": f"La seule valeur possible est « {NON_RENSEIGNE} » ; pour une "
                f"plage, écrivez les paramètres en _{self.suffixes[0]} et _{self.suffixes[1]}."
            },
        )
        super().__init__(
            fields=[*bounds, absent],
            widget=BornesWidget(self.suffixes),
            require_all_fields=False,
            **kwargs,
        )

    def compress(self, values):
        if not values or not any(value not in (None, "") for value in values):
            return None
        plage = Plage(values[0], values[1], values[2] == NON_RENSEIGNE)
        if None not in (plage.debut, plage.fin) and plage.debut > plage.fin:
            raise ValidationError(
                "La borne basse dépasse la borne haute : échangez-les ou retirez-en une.",
                code="invalid",
            )
        return plage


class PeriodeField(PlageField):
    """Two days and « non renseigné », under `nom_du`, `nom_au` and `nom` in the address."""

    suffixes = ("du", "au", None)
    noms = ("Du", "Au")
    field = JourField
