"""The diff of a proposal: read from a validated form, told in words, sent again as a form."""

from dataclasses import dataclass, field

from django.apps import apps
from django.contrib.admin.utils import unquote
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.utils.text import capfirst

from programme.backoffice.cadre.fusion import Depuis, tracked_fields, value_in
from programme.backoffice.cadre.historique import Formateur
from programme.backoffice.cadre.historique.retablissement import sent
from programme.requetes import request_with

AJOUTEE, MODIFIEE, SUPPRIMEE = "ajoutée", "modifiée", "supprimée"


# --- Values as JSON keeps them ------------------------------------------------------------------


def kept(value):
    """A value of `value_in`, as JSON keeps it."""
    if isinstance(value, frozenset):
        return sorted(value, key=str)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def restored(column, value):
    """The value of a model field that `kept` gave; a key for a relation."""
    if value is None or column.many_to_many:
        return value
    column = column.target_field if column.is_relation else column
    try:
        return column.to_python(value)
    except ValidationError:
        return value


def column_of(model, name):
    """The field of `model`, or None when the model has it no more."""
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


# --- From a form --------------------------------------------------------------------------------


def diff_of(form, formsets):
    """What valid forms would change, as `Proposition.changements` keeps it; empty for nothing."""
    champs = _fields_of(form)
    lignes = [row for formset in formsets for row in _rows_of(formset)]
    return {"champs": champs, "lignes": lignes} if champs or lignes else {}


def _fields_of(form, seen=None):
    """{name: [seen, proposed]} of the model's fields that a form changes."""
    model = form._meta.model
    if seen is None and form.instance.pk is not None:
        seen = model._base_manager.filter(pk=form.instance.pk).first()
    found = {}
    for column in tracked_fields(model):
        if column.name not in form.changed_data or isinstance(column, models.FileField):
            continue
        before = None if seen is None else kept(value_in(seen, column))
        if column.many_to_many:
            after = sorted((row.pk for row in form.cleaned_data[column.name]), key=str)
        else:
            after = kept(value_in(form.instance, column))
        if before != after:
            found[column.name] = [before, after]
    return found


def _rows_of(formset):
    for form in formset.forms:
        new = form not in formset.initial_forms
        gone = formset.can_delete and formset._should_delete_form(form)
        if (new and (gone or not form.has_changed())) or not hasattr(form, "cleaned_data"):
            continue
        acte = AJOUTEE if new else SUPPRIMEE if gone else MODIFIEE
        champs = {} if gone else _fields_of(form)
        if champs or gone:
            yield {
                "fil": formset.prefix,
                "modele": formset.model._meta.label_lower,
                "acte": acte,
                "cle": None if new else str(form.instance.pk),
                "version": None if new else form.instance.version,
                "nom": str(form.instance)[:200],
                "champs": champs,
            }


# --- In words -----------------------------------------------------------------------------------


@dataclass
class Valeur:
    """One field: as its author saw it, now, proposed; `qui` changed it in between."""

    champ: str
    vu: str
    maintenant: str
    propose: str
    qui: str = ""

    @property
    def fait(self):
        """Whether what is proposed is there already."""
        return self.maintenant == self.propose


@dataclass
class Changement:
    """One thing to accept or not: a field of the record (no `acte`), or a row.

    `raison` says why it cannot be accepted as it is, if so.
    """

    cle: str
    titre: str
    acte: str = ""
    valeurs: list = field(default_factory=list)
    raison: str = ""
    suite: str = ""

    @property
    def deplace(self):
        """Whether somebody else changed it since: to be looked at before it is accepted."""
        return bool(self.raison) or any(v.qui and not v.fait for v in self.valeurs)


def changes_in_words(proposition, agent, record):
    """The `Changement`s of a proposal; `record` is None where its values of now may not be read."""
    reader = _Lecteur(proposition, agent, record)
    told = [reader.field(name, pair) for name, pair in proposition.changements["champs"].items()]
    told += [reader.row(rank, row) for rank, row in enumerate(proposition.changements["lignes"])]
    return [change for change in told if change is not None]


class _Lecteur:
    def __init__(self, proposition, agent, record):
        self.proposition, self.record = proposition, record
        self.words = Formateur(agent).value
        self.model = proposition.modele

    def field(self, name, pair):
        column = column_of(self.model, name)
        if column is None:
            return None
        value = self._value(column, pair, self.record, self.proposition.version_vue)
        return self._change(f"champ:{name}", capfirst(value.champ), "", [value])

    def row(self, rank, row):
        model = apps.get_model(row["modele"])
        now = None
        if self.record is not None and row["cle"]:
            now = model._base_manager.filter(pk=row["cle"]).first()
        columns = [(column_of(model, name), pair) for name, pair in row["champs"].items()]
        values = [self._value(c, pair, now, row["version"]) for c, pair in columns if c is not None]
        title = f"{capfirst(str(model._meta.verbose_name))} « {row['nom']} »"
        if row["acte"] == AJOUTEE:
            title = capfirst(str(model._meta.verbose_name))
        change = self._change(f"ligne:{rank}", title, row["acte"], values)
        waits = self.record is not None and self.proposition.est_en_attente
        if waits and row["cle"] and now is None:
            change.raison = "cette ligne a été supprimée depuis"
        elif waits and row["acte"] == SUPPRIMEE and now.version != row["version"]:
            since = Depuis(now, row["version"])
            change.valeurs += [
                Valeur(
                    str(column.verbose_name),
                    self.words(column, value_in(since.base, column)),
                    self.words(column, value_in(now, column)),
                    "ligne supprimée",
                    since.who(column),
                )
                for column in since.changes
            ]
        return change

    def _change(self, key, title, acte, values):
        suite = self.proposition.suites.get(key, "")
        return Changement(key, title, acte, values, suite=suite)

    def _value(self, column, pair, now, version):
        seen, proposed = (self._said(column, restored(column, raw)) for raw in pair)
        value = Valeur(str(column.verbose_name), seen, seen, proposed)
        if now is None:
            return value
        raw = value_in(now, column)
        value.maintenant = self._said(column, raw)
        if kept(raw) != pair[0] and self.proposition.est_en_attente:
            value.qui = Depuis(now, version).who(column)
        return value

    def _said(self, column, value):
        return self.words(column, value)


# --- As a form ----------------------------------------------------------------------------------


def as_sent(model_admin, request, proposition, obj, taken=None):
    """What a browser would send for the record's form of now with the proposed values in it.

    `taken` narrows it to some keys, chosen on the values of now; without it the form says that its
    author saw the versions of the proposal, so that the fusion compares the three.
    """
    blank = request_with(request, method="GET")
    choices = proposition.changements
    on_base = taken is None
    values = {
        name: restored(obj._meta.get_field(name), pair[1])
        for name, pair in choices["champs"].items()
        if column_of(type(obj), name) and (on_base or f"champ:{name}" in taken)
    }
    form = model_admin.get_form(blank, obj, change=True)(instance=obj)
    data = sent(form, _offered(form, values))
    data["version_vue"] = str(proposition.version_vue if on_base else obj.version)
    formsets, _ = model_admin._create_formsets(blank, obj, change=True)
    rows = [
        row for rank, row in enumerate(choices["lignes"]) if on_base or f"ligne:{rank}" in taken
    ]
    for formset in formsets:
        _send_rows(data, formset, [r for r in rows if r["fil"] == formset.prefix], on_base=on_base)
    return data


def _offered(form, values):
    """The values without the links that lie outside what the agent is offered: these are kept."""
    for name, value in values.items():
        if isinstance(value, list) and name in form.fields:
            offered = form.fields[name].queryset.filter(pk__in=value)
            values[name] = list(offered.values_list("pk", flat=True))
    return values


def _send_rows(data, formset, rows, *, on_base):
    changed = {row["cle"]: row for row in rows if row["cle"]}
    added = [row for row in rows if row["acte"] == AJOUTEE]
    model = formset.model
    initial = formset.initial_forms
    for form in initial:
        row = changed.get(str(form.instance.pk))
        one = sent(form, _row_values(model, row) if row else {})
        if row is not None:
            if row["acte"] == SUPPRIMEE:
                one[form.add_prefix("DELETE")] = "on"
            if on_base:
                one[form.add_prefix("version_vue")] = str(row["version"])
        data.update(one)
    for rank, row in enumerate(added, start=len(initial)):
        for key, values in sent(formset.empty_form, _row_values(model, row)).lists():
            data.setlist(key.replace("__prefix__", str(rank)), values)
    management = sent(formset.management_form, {})
    management[f"{formset.prefix}-{TOTAL_FORM_COUNT}"] = str(len(initial) + len(added))
    management[f"{formset.prefix}-{INITIAL_FORM_COUNT}"] = str(len(initial))
    data.update(management)


def _row_values(model, row):
    return {
        name: restored(model._meta.get_field(name), pair[1])
        for name, pair in row["champs"].items()
        if column_of(model, name)
    }


def record_of(model_admin, request, object_id):
    """The row of an address of the admin, in the agent's perimeter; None when there is none."""
    return model_admin.get_object(request, unquote(object_id)) if object_id else None


# --- What became of it --------------------------------------------------------------------------


def snapshot(proposition, obj):
    """{key of a change: raw values of now} of what a proposal speaks of."""
    found = {}
    stored = type(obj)._base_manager.get(pk=obj.pk)
    for name in proposition.changements["champs"]:
        if column := column_of(type(obj), name):
            found[f"champ:{name}"] = kept(value_in(stored, column))
    for rank, row in enumerate(proposition.changements["lignes"]):
        if row["acte"] == AJOUTEE:
            continue
        model = apps.get_model(row["modele"])
        now = model._base_manager.filter(pk=row["cle"]).first()
        found[f"ligne:{rank}"] = None if now is None else _values(now, row)
    return found


def _values(now, row):
    columns = ((name, column_of(type(now), name)) for name in row["champs"])
    return {name: kept(value_in(now, column)) for name, column in columns if column}


def outcomes(proposition, obj, before, formsets):
    """{key of a change: its `Suite`}, once the record is saved; `before` is a `snapshot`."""
    suite = proposition.Suite
    after = snapshot(proposition, obj)
    found = {}
    for name, (_, proposed) in proposition.changements["champs"].items():
        key = f"champ:{name}"
        if after.get(key) == proposed:
            found[key] = suite.RETENU
        else:
            found[key] = suite.ECARTE if after.get(key) == before.get(key) else suite.AMENDE
    made = {formset.prefix: list(formset.new_objects) for formset in formsets}
    for rank, row in enumerate(proposition.changements["lignes"]):
        key = f"ligne:{rank}"
        found[key] = (
            _outcome_of_new(suite, row, made.get(row["fil"], []))
            if row["acte"] == AJOUTEE
            else _outcome_of_row(suite, row, before.get(key), after.get(key))
        )
    return found


def _outcome_of_new(suite, row, made):
    proposed = {name: pair[1] for name, pair in row["champs"].items()}
    for new in made:
        if _values(new, row) == proposed:
            made.remove(new)
            return suite.RETENU
    if not made:
        return suite.ECARTE
    made.pop(0)
    return suite.AMENDE


def _outcome_of_row(suite, row, before, after):
    if row["acte"] == SUPPRIMEE:
        return suite.RETENU if after is None else suite.ECARTE
    if after == {name: pair[1] for name, pair in row["champs"].items()}:
        return suite.RETENU
    return suite.ECARTE if after == before else suite.AMENDE
