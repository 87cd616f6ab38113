"""Putting back what was: by the form of an ordinary edit, so that its rules are the only rules.

The form is filled with the values of now, except those that are put back; whatever it refuses is
refused here, with its own sentences.
"""

from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.db import models
from django.http import QueryDict

from programme.backoffice.cadre.champs import send
from programme.backoffice.cadre.historique.mots import Formateur, day_of
from territoires.historiques import Ecart, fields_of, links_of, same_save, value_of

PAR_UN_ACTE = "change par ses actes, pas en rétablissant une valeur"
ADRESSE = "une adresse publique ne change pas"
NON_RETABLIS = {
    "statut": PAR_UN_ACTE,
    "publication": PAR_UN_ACTE,
    "slug": ADRESSE,
    "code": "un code ne change pas",
}


@dataclass(frozen=True)
class Valeur:
    """One field of a restoration: in words now and then, and why it may not be put back, if so."""

    nom: str
    champ: str
    maintenant: str
    retabli: str
    raison: str = ""


def whole(record):
    """The last record of the save that left `record`: the one that has its links."""
    return same_save(record).first() or record


def sent(form, values):
    """What a browser would send for `form`, with `values` (name: raw value) in place of its own."""
    data = QueryDict(mutable=True)
    for bound in form:
        if not (bound.field.disabled or isinstance(bound.field.widget, forms.FileInput)):
            send(data, bound, values.get(bound.name, bound.value()))
    return data


def in_words(form):
    """The sentences of a form's errors, each with the label of its field."""
    return [
        f"{form.fields[name].label} : {sentence}" if name in form.fields else sentence
        for name, sentences in form.errors.items()
        for sentence in sentences
    ]


class Retablissement:
    """What putting `record`'s values back in `obj` would change, for the agent of `request`.

    `names` narrows it to some fields.
    """

    def __init__(self, model_admin, request, obj, record, names=()):
        self.admin, self.request, self.obj = model_admin, request, obj
        self.record = whole(record)
        self.form_class = model_admin.get_form(request, obj, change=True)
        self.form = self.form_class(instance=obj)
        links = links_of([self.record])
        self.gaps = []
        for field in fields_of(type(obj)):
            now, then = self._now(field), value_of(self.record, field, links)
            if now != then and (not names or field.name in names):
                self.gaps.append(Ecart(field, now, then))

    def _now(self, field):
        if field.many_to_many:
            keys = getattr(self.obj, field.name).order_by("pk").values_list("pk", flat=True)
            return tuple(keys)
        value = getattr(self.obj, field.attname)
        return str(value) if field.get_internal_type() == "FileField" else value

    @cached_property
    def valeurs(self):
        formateur = Formateur(self.request.user)
        told = formateur.told(self.gaps)
        return [
            Valeur(change.nom, change.champ, change.avant, change.apres, self._reason(gap))
            for change, gap in zip(told, self.gaps, strict=True)
        ]

    @property
    def quand(self):
        return day_of(self.record.history_date)

    def _reason(self, gap):
        """Why the field may not be put back; empty when it may."""
        if reason := self.admin.why_not_restored(self.request, self.obj, gap.field):
            return reason
        field = self.form.fields.get(gap.field.name)
        if field is None:
            return "ce champ ne se change pas dans le formulaire"
        if field.disabled:
            return "la valeur d’aujourd’hui est hors de vos choix : elle est conservée"
        return self._choice_reason(field, gap) if gap.field.is_relation else ""

    def _choice_reason(self, field, gap):
        def outside(value):
            keys = set(value if isinstance(value, tuple) else (value,)) - {None}
            return keys - set(field.queryset.filter(pk__in=keys).values_list("pk", flat=True))

        gone = outside(gap.apres)
        if gap.field.many_to_many:
            # What lies outside the choices stays as it is: it must be what it was.
            return "" if gone == outside(gap.avant) else "la valeur d’alors est hors de vos choix"
        return "la valeur d’alors est hors de vos choix, ou n’existe plus" if gone else ""

    def bound(self, names):
        """The form of an edit that puts the fields `names` back and changes nothing else."""
        values = {gap.field.name: gap.apres for gap in self.gaps if gap.field.name in names}
        for name, value in values.items():
            if isinstance(value, tuple):
                offered = self.form.fields[name].queryset.filter(pk__in=value)
                values[name] = list(offered.values_list("pk", flat=True))
        form = self.form_class(sent(self.form, values), instance=self.obj)
        form.recall(values)
        return form


class Recreation:
    """A deleted row, made again with its key from its last record, by the form that adds one."""

    def __init__(self, model_admin, request, record):
        self.admin, self.request, self.record = model_admin, request, record
        self.instance = record.instance
        self.instance.version = record.version + 1
        model_admin.recreated(request, self.instance)

    @property
    def model(self):
        return type(self.instance)

    def gone(self):
        """Sentences that name the relations whose row is gone."""
        found = []
        for field in self.record.tracked_fields:
            key = getattr(self.record, field.attname)
            if not field.is_relation or key is None:
                continue
            if not field.related_model._base_manager.filter(pk=key).exists():
                found.append(
                    f"{field.verbose_name} : cet enregistrement n’existe plus. Rétablissez-le "
                    "d’abord, puis revenez ici."
                )
        return found

    def errors(self):
        """Why the row may not be made again, in sentences; the form is then in `form`."""
        if found := self.gone():
            return found
        form_class = self.admin.get_form(self.request, None, change=False)
        values = self._values(form_class)
        data = sent(form_class(instance=self.instance), values)
        self.form = form_class(data, instance=self.instance)
        self.form.recall(values)
        self._offer_what_it_had(values)
        if not self.form.is_valid():
            return in_words(self.form)
        self._keep_what_the_form_does_not_ask()
        try:
            self.instance.validate_unique()
            self.instance.validate_constraints()
        except forms.ValidationError as error:
            return error.messages
        return []

    def _offer_what_it_had(self, values):
        """Nothing is chosen here: the row had these values. Its perimeter is checked once saved."""
        for name, field in self.form.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                keys = values[name] if isinstance(values[name], list) else [values[name]]
                field.queryset = field.queryset.model._base_manager.filter(pk__in=keys)

    def _values(self, form_class):
        links = links_of([whole(self.record)])
        values = {f.name: getattr(self.instance, f.attname) for f in self.record.tracked_fields}
        for field in self.record._history_m2m_fields:
            values[field.name] = list(value_of(whole(self.record), field, links))
        return values

    def _keep_what_the_form_does_not_ask(self):
        for field in self.record.tracked_fields:
            if field.name not in {*self.form.fields, "version", "publication"}:
                setattr(self.instance, field.attname, getattr(self.record, field.attname))

    def save(self, reason):
        """Inside a transaction, once `errors` found none."""
        row = self.form.save(commit=False)
        self._keep_what_the_form_does_not_ask()
        row._change_reason = reason
        row.save(force_insert=True)
        self.form.save_m2m()
        self.admin.check_saved(self.request, [row])
        self.admin.log_addition(self.request, row, reason)
        return row


def deleted_with(model_admin, record):
    """The last records of the rows that went with the row of `record`, by cascade."""
    model = record.instance_type
    key = getattr(record, model._meta.pk.attname)
    found = []
    for relation in model._meta.related_objects:
        child = relation.related_model
        if relation.on_delete is not models.CASCADE or not hasattr(child, "history"):
            continue
        if not model_admin.admin_site.is_registered(child):
            continue
        pk = child._meta.pk.attname
        records = child.history.filter(
            history_type="-", modification=record.modification_id, **{relation.field.attname: key}
        )
        there = child._base_manager.values("pk")
        found += records.exclude(**{f"{pk}__in": there}).order_by(pk, "-history_date")
    return found
