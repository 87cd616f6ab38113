"""The form of a report: the value, read as in the form of who publishes it, why, and the source."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import construct_instance

from programme.backoffice.cadre.champs import GENRES, CourrielField, TexteField, lecture_de
from programme.backoffice.cadre.fusion import Depuis, value_in
from programme.backoffice.propositions.ecart import diff_of, restored
from programme.catalogue.signaler.fiches import colonnes_de
from programme.models.propositions import CHIFFRE
from territoires.lecture import personnel
from territoires.lecture.personnel import masquer
from territoires.models import Versionne

LONGUEUR, COURT = 2000, 500
SITE = "site_web"
"""The field that people leave empty, and robots fill in."""


def _dsfr(field):
    """`field` as the pages of the site draw it."""
    widget = field.widget
    if isinstance(widget, forms.CheckboxInput):
        return field
    kind = "fr-select" if isinstance(widget, forms.Select) else "fr-input"
    widget.attrs["class"] = f"{widget.attrs.get('class', '')} {kind}".strip()
    return field


class ValeurForm(forms.ModelForm):
    """The value of one field: the record itself is checked when somebody publishes the change."""

    def _post_clean(self):
        fields = set(self.fields)
        self.instance = construct_instance(self, self.instance, fields, ())
        exclude = {field.name for field in self.instance._meta.fields} - (
            fields & set(self.cleaned_data)
        )
        try:
            self.instance.clean_fields(exclude=exclude)
        except ValidationError as error:
            self._update_errors(error)

    def clean(self):
        for name, value in list(self.cleaned_data.items()):
            if isinstance(value, str) and name in self.changed_data and masquer(value)[1]:
                found = personnel.en_mots(masquer(value)[1])
                self.add_error(name, f"Retirez {found} : ce texte se lirait sur le site.")
        return self.cleaned_data


def _field_of(column, **kwargs):
    field = column.formfield(**lecture_de(column), **kwargs)
    if field is None:
        return None
    if isinstance(column, models.TextField):
        field.widget.attrs["rows"] = 4
    return _dsfr(field)


def en_mots(column, value, words):
    """A kept value of `column`, as its field echoes what it reads; `words`: a `FormateurPublic`."""
    kind = GENRES.get(lecture_de(column).get("genre", ""))
    value = restored(column, value)
    return words.value(column, value) if value is None or kind is None else kind.dire(value)


class Envoi(forms.Form):
    """What goes with any value."""

    attendu = TexteField(
        label="Ce qu’il faudrait lire",
        required=False,
        max_length=COURT,
        help_text="Facultatif, si vous le savez.",
    )
    motif = TexteField(
        label="Ce qui est faux, et pourquoi",
        max_length=LONGUEUR,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": "Dites ce qui est faux, et pourquoi.",
            "max_length": f"{LONGUEUR} caractères au plus : gardez l’essentiel.",
        },
    )
    provient = TexteField(
        label="Votre source",
        max_length=COURT,
        help_text="L’adresse d’une page, le titre d’un document et sa date, ou ce qui fait que "
        "vous le savez : sans source, personne ne peut vérifier.",
        error_messages={
            "required": "Dites d’où vous le tenez : une page, un document, ou votre fonction.",
            "max_length": f"{COURT} caractères au plus.",
        },
    )
    courriel = CourrielField(
        label="Votre adresse électronique",
        required=False,
        max_length=254,
        help_text="Facultative : pour être averti de la réponse. Elle est chiffrée, personne ne "
        "la lit, et elle est effacée dès la réponse.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "Écrivez une adresse complète, comme nom@exemple.fr, ou rien."},
    )
    site_web = forms.CharField(
        label="Laissez ce champ vide",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    jeton = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_site_web(self):
        if self.cleaned_data[SITE]:
            raise ValidationError(
                "Un champ qui doit rester vide ne l’est pas, comme dans l’envoi d’un robot : "
                "videz « Laissez ce champ vide », puis envoyez de nouveau."
            )
        return ""


class Signalement:
    """One report on a record, typed or to type: `champ` is None for the record as a whole."""

    def __init__(self, genre, record, champ, data=None):
        self.genre, self.record, self.champ = genre, record, champ
        self.valeur = self._value_form(data)
        self.envoi = Envoi(data, auto_id="id_%s")
        for field in self.envoi.fields.values():
            if not isinstance(field.widget, forms.HiddenInput):
                _dsfr(field)
        if self.valeur is not None or champ is None:
            del self.envoi.fields["attendu"]

    def _value_form(self, data):
        if self.champ is None or not self.champ.se_propose:
            return None
        form_class = forms.modelform_factory(
            self.genre.modele,
            form=ValeurForm,
            fields=colonnes_de(self.champ),
            formfield_callback=_field_of,
        )
        row = self.genre.modele._base_manager.get(pk=self.record.pk)
        form = form_class(data, instance=row, prefix="valeur")
        for name, field in form.fields.items():
            if hasattr(field, "connus"):
                field.connus = (*field.connus, getattr(row, name))
        return form

    def sans_remettre(self, seen):
        """Take what was masked since the version `seen` out of what is shown again; its title."""
        if self.valeur is None or not isinstance(self.record, Versionne):
            return ""
        since, columns = Depuis(self.record, seen), self.genre.modele._meta
        for name in self.valeur.fields:
            column, bound = columns.get_field(name), self.valeur[name]
            if since.base is not None and since.remettrait(column, bound.data):
                data = self.valeur.data.copy()
                data[bound.html_name] = value_in(self.record, column)
                self.valeur = self._value_form(data)
                return self.champ.titre
        return ""

    @property
    def forms(self):
        return [form for form in (self.valeur, self.envoi) if form is not None]

    @property
    def visibles(self):
        """The fields that a person fills in, in the order of the page."""
        return [
            bound
            for form in self.forms
            for bound in form
            if not bound.is_hidden and bound.name != SITE
        ]

    @property
    def piege(self):
        return self.envoi[SITE]

    @property
    def erreurs(self):
        return [(bound, error) for form in self.forms for bound in form for error in bound.errors]

    def is_valid(self):
        wrong = [form for form in self.forms if not form.is_valid()]  # each says its own
        return not wrong

    def changements(self):
        """The diff, as `Proposition.changements` keeps it."""
        diff = {"champs": {}, "lignes": []}
        if self.valeur is not None:
            diff = diff_of(self.valeur, []) or diff
        if self.champ is not None:
            diff["sujet"] = [self.champ.nom, self.champ.titre]
        if attendu := self.envoi.cleaned_data.get("attendu"):
            diff["attendu"] = masquer(attendu)[0]
        return diff

    def said(self):
        """What `Proposition.objects.deposer` keeps of who says it, and why."""
        typed = self.envoi.cleaned_data
        return {
            "motif": masquer(typed["motif"])[0],
            "source": masquer(typed["provient"])[0],
            "courriel": CHIFFRE.encrypt(typed["courriel"]) if typed["courriel"] else "",
        }
