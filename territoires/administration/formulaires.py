"""Forms that know which version their author saw, and keep what their author may not change.

A stale save is refused: the form comes back with what was typed, the other's changes in the fields
its author had not touched, and a sentence for each field that the other changed.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.forms.models import BaseInlineFormSet
from django.http import QueryDict

from territoires.administration.historique import MASQUE, Formateur, who_and_when
from territoires.models import Versionne

SANS_VERSION = (
    "Le formulaire reçu ne dit pas quelle version vous aviez sous les yeux : "
    "rouvrez la page, puis enregistrez de nouveau."
)


class VersionVue(forms.IntegerField):
    """The version that the author of the form saw; never a change by itself."""

    def __init__(self):
        super().__init__(required=False, widget=forms.HiddenInput, label="version vue")

    def has_changed(self, initial, data):
        return False


def is_offered(request, relation, field, key, others=()):
    """Whether `key` is among the choices; asked once for it and the keys of `others`."""
    memo = request.__dict__.setdefault("_offered", {})
    if (relation, key) not in memo:
        keys = {key, *others}
        offered = set(field.queryset.filter(pk__in=keys).values_list("pk", flat=True))
        memo.update({(relation, one): one in offered for one in keys})
    return memo[relation, key]


class FormulaireBackoffice(forms.ModelForm):
    """The admin sets `request` on the class that it makes for one request."""

    version_vue = VersionVue()
    request = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.kept = {}
        self.was_stale = False
        if isinstance(self.instance, Versionne) and not self.instance._state.adding:
            self.initial["version_vue"] = self.instance.version
            self._keep_what_is_outside()

    # --- Values outside the perimeter ---------------------------------------------------------

    def _keep_what_is_outside(self):
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelMultipleChoiceField):
                self._keep_many(name, field)
            elif isinstance(field, forms.ModelChoiceField):
                self._keep_one(name, field)

    def _keep_many(self, name, field):
        current = getattr(self.instance, name).all()
        offered = set(field.queryset.filter(pk__in=current).values_list("pk", flat=True))
        kept = [row for row in current if row.pk not in offered]
        if kept:
            self.kept[name] = kept
            self.initial[name] = [row for row in current if row.pk in offered]
            field.required = False
            names = ", ".join(self._name(row) for row in kept)
            field.help_text = f"{field.help_text} Conservé, hors de vos choix : {names}.".strip()

    def _keep_one(self, name, field):
        relation = self._meta.model._meta.get_field(name)
        key = getattr(self.instance, relation.attname)
        if key is None:
            return
        if relation.is_cached(self.instance):
            field.widget.known = getattr(self.instance, name)
        if is_offered(self.request, relation, field, key):
            return
        field.queryset = field.queryset.model._base_manager.filter(pk=key)
        field.label_from_instance = self._name
        field.disabled = True
        field.help_text = "Conservé : cette valeur est hors de vos choix."

    def _name(self, row):
        visible = type(row)._default_manager.visible_to(self.request.user)
        return str(row) if visible.filter(pk=row.pk).exists() else MASQUE

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        for name, kept in self.kept.items():
            if name in cleaned:
                cleaned[name] = [*cleaned[name], *kept]
        refus = getattr(self.request, "refus", None)
        if refus and not self.prefix:
            self.add_error(None, refus)
        if isinstance(self.instance, Versionne) and not self.instance._state.adding:
            self._check_version()
        return cleaned

    # --- Version --------------------------------------------------------------------------------

    def _check_version(self):
        seen = self.cleaned_data.get("version_vue")
        if seen == self.instance.version:
            return
        if self.prefix and not self.has_changed() and not self.cleaned_data.get("DELETE"):
            return  # a row of an inline that nobody touches
        self.was_stale = True
        if seen is None:
            self.add_error(None, SANS_VERSION)
        else:
            self._tell_the_conflict(seen)

    def _tell_the_conflict(self, seen):
        model = self._meta.model
        history = model.history.filter(**{model._meta.pk.attname: self.instance.pk})
        since = list(history.filter(version__gt=seen).select_related("history_user"))
        base = history.filter(version=seen).first()
        name = model._meta.verbose_name
        self.data = self.data.copy()
        self.data[self.add_prefix("version_vue")] = str(self.instance.version)
        told = (
            f"{who_and_when(since)} a modifié cet enregistrement ({name}) pendant que vous "
            "l’aviez ouvert. Rien n’a été enregistré et votre saisie est gardée : relisez, puis "
            "enregistrez de nouveau."
        )
        sentences = [told]
        if base and since:
            changes = Formateur(self.request.user).changes(model, since[0], base)
            sentences += [self._reconcile(change, base) for change in changes]
        self.add_error(None, [ValidationError(sentence, code="conflit") for sentence in sentences])

    def _reconcile(self, change, base):
        """Take the other's value where the author typed nothing; say what was done."""
        said = f"{change.champ} : {change.avant} → {change.apres}."
        field = self.fields.get(change.nom)
        if field is None or field.disabled or isinstance(field, forms.FileField):
            return said
        before = getattr(base, change.nom)
        if isinstance(field, forms.ModelMultipleChoiceField):
            target = self._meta.model._meta.get_field(change.nom).m2m_reverse_field_name()
            before = [getattr(link, f"{target}_id") for link in before.all()]
        elif isinstance(field, forms.ModelChoiceField):
            before = getattr(base, f"{change.nom}_id")
        bound = self[change.nom]
        if field.has_changed(before, bound.data):
            return f"{said} Vous l’avez changé aussi : votre saisie est gardée, vérifiez-la."
        self._put(bound, self.get_initial_for_field(field, change.nom))
        return f"{said} Repris dans votre formulaire."

    def _put(self, bound, value):
        value = bound.field.prepare_value(value)
        if isinstance(bound.field.widget, forms.CheckboxInput):
            self.data.pop(bound.html_name, None)
            if value:
                self.data[bound.html_name] = "on"
        elif isinstance(value, list | tuple):
            self.data.setlist(bound.html_name, [str(item) for item in value])
        else:
            self.data[bound.html_name] = bound.field.widget.format_value(value) or ""


class ChampEnTable(forms.BoundField):
    """A cell: its help is told once for its whole column, above the table."""

    @property
    def aria_describedby(self):
        ids = []
        if self.help_text:
            table = self.form.prefix.rpartition("-")[0]
            ids.append(f"{table}-{self.name}-aide")
        if self.errors:
            ids.append(f"{self.auto_id}_error")
        return " ".join(ids)


class LignesBackoffice(BaseInlineFormSet):
    """Rows of an inline: one that was deleted or changed meanwhile is told, never passed over."""

    en_table = False

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if not self.en_table:
            return
        # The heads of columns are no labels: each field is named, for who does not see the table.
        row = f"ligne {index + 1}" if index is not None else "nouvelle ligne"
        for name, field in form.fields.items():
            label = "Supprimer" if name == "DELETE" else field.label
            field.widget.attrs.setdefault("aria-label", f"{label}, {row}")
            field.bound_field_class = ChampEnTable

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.absences = []
        self._ask_once_for_all_rows()
        if self.is_bound and self.management_form.is_valid():
            self._set_absent_rows_aside()

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)
        # The parent itself, so that naming a row does not load it again.
        setattr(form.instance, self.fk.name, self.instance)
        return form

    def _ask_once_for_all_rows(self):
        """Whether the values of each relation are offered, with one query per relation."""
        for name, field in self.form.base_fields.items():
            if type(field) is forms.ModelChoiceField:
                relation = self.model._meta.get_field(name)
                keys = {getattr(row, relation.attname) for row in self.get_queryset()} - {None}
                if keys:
                    is_offered(self.form.request, relation, field, min(keys), keys)

    def _set_absent_rows_aside(self):
        """What was typed in a row that is gone becomes a new row, for its author to decide."""
        initial, total = self.initial_form_count(), self.total_form_count()
        pk = self.model._meta.pk
        saved = {str(row.pk): row for row in self.get_queryset()}
        posted = [self._row_data(index) for index in range(total)]
        present, absent = [], []
        for row in posted[:initial]:
            (present if row.get(pk.name, [""])[-1] in saved else absent).append(row)
        # In the order that was posted, so that each row's label is its own.
        self._queryset = [saved[row[pk.name][-1]] for row in present]
        if not absent:
            return
        typed = [row for row in absent if self._is_typed(row)]
        for row in typed:
            for name in (pk.name, "version_vue"):
                row.pop(name, None)
        self._rewrite([*present, *posted[initial:], *typed], initial=len(present))

    def _row_data(self, index):
        start = f"{self.add_prefix(index)}-"
        return {
            key[len(start) :]: self.data.getlist(key) for key in self.data if key.startswith(start)
        }

    def _is_typed(self, row):
        """Whether its author changed something in a row that is gone; notes what to tell them."""
        if row.get("DELETE"):
            return False
        pk = row.get(self.model._meta.pk.name, [""])[-1]
        records = self.model.history.filter(**{self.fk.attname: self.instance.pk})
        gone = None
        if pk.isdecimal() and self.instance.pk:
            records = records.filter(**{self.model._meta.pk.attname: pk}, history_type="-")
            gone = records.select_related("history_user").first()
        name = self.model._meta.verbose_name
        if gone is None:
            self.absences.append(
                f"Une ligne ({name}) n’appartient pas à cet enregistrement : votre saisie est "
                "gardée sur une nouvelle ligne."
            )
            return True
        data = QueryDict(mutable=True)
        for key, values in row.items():
            data.setlist(key, values)
        form = self.form(data, instance=gone.instance)
        form.fields.pop("version_vue", None)
        typed = form.has_changed()
        kept = (
            "votre saisie est gardée sur une nouvelle ligne : effacez-la ou enregistrez-la."
            if typed
            else "vous n’y aviez rien changé, elle n’est plus dans le formulaire."
        )
        self.absences.append(
            f"{who_and_when([gone])} a supprimé la ligne « {gone.instance} » ({name}) pendant que "
            f"vous l’aviez ouverte. Rien n’a été enregistré ; {kept}"
        )
        return typed

    def _rewrite(self, rows, *, initial):
        self.data = self.data.copy()
        for key in [key for key in self.data if key.startswith(f"{self.prefix}-")]:
            if key[len(self.prefix) + 1 :].partition("-")[0].isdecimal():
                del self.data[key]
        for index, row in enumerate(rows):
            for name, values in row.items():
                self.data.setlist(f"{self.add_prefix(index)}-{name}", values)
        self.data[f"{self.prefix}-{INITIAL_FORM_COUNT}"] = initial
        self.data[f"{self.prefix}-{TOTAL_FORM_COUNT}"] = len(rows)
        del self.management_form

    def clean(self):
        super().clean()
        errors = list(self.absences)
        errors += [
            f"Ligne « {form.instance} » : elle a été modifiée depuis que vous l’avez ouverte, elle "
            "n’a donc pas été supprimée. Relisez-la avant de la supprimer."
            for form in self.initial_forms
            if self.can_delete and self._should_delete_form(form) and form.was_stale
        ]
        if errors:
            raise ValidationError(errors)
