"""Rows of an inline: what others did to them meanwhile is merged or told, never passed over."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.forms.models import BaseInlineFormSet
from django.http import QueryDict
from django.utils.text import capfirst

from programme.backoffice.cadre.champs import ChampRetenu
from programme.backoffice.cadre.formulaires import is_offered
from programme.backoffice.cadre.fusion import differs, name_of
from programme.backoffice.cadre.historique import who_and_when
from territoires.models import ConflitDeVersion


class ChampEnTable(ChampRetenu):
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
            if field.widget.is_hidden:
                continue
            label = "Supprimer" if name == "DELETE" else field.label
            field.widget.attrs.setdefault("aria-label", f"{label}, {row}")
            field.bound_field_class = ChampEnTable

    def __init__(self, data=None, files=None, instance=None, **kwargs):
        super().__init__(data, files, instance, **kwargs)
        self.absences, self.mouvements = [], []
        self._ask_once_for_all_rows()
        if not (self.is_bound and self.management_form.is_valid()):
            return
        if (rows := self._without_absent_rows()) is not None:
            # Bound anew, to the rows as they are to be answered for.
            del self.management_form
            super().__init__(self._sent(*rows), files, instance, **kwargs)

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)
        # The parent itself, so that naming a row does not load it again.
        setattr(form.instance, self.fk.name, self.instance)
        return form

    def _ask_once_for_all_rows(self):
        """Whether the values of each relation are offered, with one query per relation."""
        for name, field in self.form.base_fields.items():
            is_many = isinstance(field, forms.ModelMultipleChoiceField)
            if isinstance(field, forms.ModelChoiceField) and not is_many:
                relation = self.model._meta.get_field(name)
                keys = {getattr(row, relation.attname) for row in self.get_queryset()} - {None}
                if keys:
                    is_offered(self.form.tour, relation, field, min(keys), keys)

    def _without_absent_rows(self):
        """What was typed in a row that is gone becomes a new row, for its author to decide.

        `(rows, how many of them are stored)`; None when no row is gone.
        """
        initial, total = self.initial_form_count(), self.total_form_count()
        pk = self.model._meta.pk
        saved = {str(row.pk): row for row in self.get_queryset()}
        posted = [self._row_data(index) for index in range(total)]
        present, absent = [], []
        for row in posted[:initial]:
            (present if row.get(pk.name, [""])[-1] in saved else absent).append(row)
        # In the order that was posted, so that each row's label is its own.
        self._queryset = [saved[row[pk.name][-1]] for row in present]
        known = {row.pk for row in self._queryset}
        self._tell_added([row for row in saved.values() if row.pk not in known])
        if not absent:
            return None
        typed = [row for row in absent if self._is_typed(row)]
        for row in typed:
            for name in (pk.name, "version_vue"):
                row.pop(name, None)
        return [*present, *typed, *posted[initial:]], len(present)

    def _records_of(self, pk):
        """The history of a row of this record, newest first."""
        keys = {self.fk.attname: self.instance.pk, self.model._meta.pk.attname: pk}
        return self.model.history.filter(**keys).select_related("history_user")

    def _tell_added(self, rows):
        """Rows that the form did not have: others added them since it was opened."""
        for row in rows:
            added = self._records_of(row.pk).filter(history_type="+").first()
            who = who_and_when([] if added is None else [added])
            self.mouvements.append(f"{self._name} « {row} » : ligne ajoutée par {who}.")

    @property
    def _name(self):
        return capfirst(str(self.model._meta.verbose_name))

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
        records = self._records_of(pk if pk.isdecimal() and self.instance.pk else None)
        gone = records.filter(history_type="-").first()
        if gone is None:
            self.absences.append(
                f"Une ligne ({self._name.lower()}) n’appartient pas à cet enregistrement : votre "
                "saisie est gardée sur une nouvelle ligne."
            )
            return True
        said = f"{self._name} « {name_of(gone)} » : ligne supprimée par {who_and_when([gone])}"
        if not self._changes(row, records, gone):
            self.mouvements.append(f"{said} ; vous n’y aviez rien changé.")
            return False
        self.absences.append(
            f"{said} pendant que vous l’aviez ouverte. Rien n’a été enregistré ; votre saisie est "
            "gardée sur une nouvelle ligne : effacez-la ou enregistrez-la."
        )
        return True

    def _changes(self, row, records, gone):
        """Whether the row that was posted differs from what its author saw."""
        seen = row.get("version_vue", [""])[-1]
        base = records.filter(version=seen).last() if seen.isdecimal() else None
        data = QueryDict(mutable=True)
        for key, values in row.items():
            data.setlist(key, values)
        form = self.form(data, instance=(base or gone).instance)
        return any(
            differs(bound.field, bound.initial, bound.data)
            for bound in form
            if bound.name != "version_vue"
        )

    def _sent(self, rows, initial):
        """The data of a form that has `rows`, the first `initial` of them stored."""
        data = self.data.copy()
        for key in [key for key in data if key.startswith(f"{self.prefix}-")]:
            if key[len(self.prefix) + 1 :].partition("-")[0].isdecimal():
                del data[key]
        for index, row in enumerate(rows):
            for name, values in row.items():
                data.setlist(f"{self.add_prefix(index)}-{name}", values)
        data[f"{self.prefix}-{INITIAL_FORM_COUNT}"] = initial
        data[f"{self.prefix}-{TOTAL_FORM_COUNT}"] = len(rows)
        return data

    def delete_existing(self, obj, commit=True):
        """Delete what was seen: a row changed since it was read is not passed over."""
        if commit:
            # The lock holds back whoever is saving the row at this moment.
            row = self.model._base_manager.select_for_update().filter(pk=obj.pk).first()
            if row is None:
                return  # somebody deleted it first
            if row.version != obj.version:
                raise ConflitDeVersion(obj)
        super().delete_existing(obj, commit)

    def clean(self):
        super().clean()
        unseen = [
            form
            for form in self.initial_forms
            if self.can_delete and self._should_delete_form(form) and form.was_stale
        ]
        errors = [*self.absences, *(self._refuse_deletion(form) for form in unseen)]
        if errors:
            raise ValidationError(errors)

    def _refuse_deletion(self, form):
        changes = " ".join(
            f"{change.champ} : {change.avant} → {change.apres}." for change in form.reprises
        )
        return (
            f"{self._name} « {form.instance} » : {who_and_when(form.depuis.records)} l’a modifiée "
            f"depuis que vous l’avez ouverte, elle n’a donc pas été supprimée. {changes} Pour la "
            "supprimer tout de même, enregistrez de nouveau."
        )
