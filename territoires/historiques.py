"""The histories, read: whose changes, in which order, and what each of them replaced.

Whatever tells the past (the page of a record, the desk, the public journal) reads it here: the
histories of several models are merged in the database, then the rows of one page are loaded with
one query per model, whatever their number.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import F, IntegerField, OuterRef, Q, Subquery, Value

from territoires.dates import JOUR, precision_of
from territoires.models import Modification
from territoires.models.modification import Porte

NON_DITS = {"version"}
"""Fields that count saves and tell a person nothing."""


@dataclass(frozen=True)
class Ecart:
    """One field that differs between two records: raw values; keys for relations.

    The values of a many-to-many are sorted tuples of keys. The precisions are those of dates.
    """

    field: Any
    avant: Any
    apres: Any
    precisions: tuple[str, str] = (JOUR, JOUR)


@dataclass(frozen=True)
class Version:
    """What one save did to a row: the last record it left of it, and the one that this replaced.

    `avant` is None for a creation.
    """

    record: Any
    avant: Any
    type: str

    @property
    def model(self):
        return self.record.instance_type

    @property
    def key(self):
        return getattr(self.record, self.model._meta.pk.attname)


# --- Which records ----------------------------------------------------------------------------


@cache
def suivis():
    """The models that keep a history, in a stable order."""
    return [
        model
        for model in apps.get_models()
        if hasattr(model._meta, "simple_history_manager_attribute")
    ]


def previous_of(model):
    """The records before the one that `OuterRef` reads, of the same row, the latest first."""
    pk = model._meta.pk.attname
    earlier = Q(history_date__lt=OuterRef("history_date")) | Q(
        history_date=OuterRef("history_date"), history_id__lt=OuterRef("history_id")
    )
    records = model.history.filter(earlier, **{pk: OuterRef(pk)})
    return records.order_by("-history_date", "-history_id")


def chargements():
    """The `Q` of what a load wrote: a version of the data, no event in the life of a record."""
    loads = Modification.objects.order_by().filter(porte=Porte.CHARGEMENT)
    return Q(modification__in=loads.values("pk"))


def evenements(model):
    """The history of `model` without what the loads wrote."""
    return model.history.exclude(chargements())


def same_save(record):
    """The records that the save of `record` left of its row, the latest first.

    A save writes the links of a row after its fields. A deletion is recorded once they are gone:
    of one, the records that it took.
    """
    model = record.instance_type
    same = of_row(model, getattr(record, model._meta.pk.attname)).filter(
        version=record.version, history_type__in="+~"
    )
    if record.history_type == "-":
        return same.filter(history_date__lte=record.history_date)
    return same.filter(modification=record.modification_id)


def before_the_save(records):
    """`records` as they were once the save that an `OuterRef` names by `modification` had begun.

    Nobody ever saw the middle of a save: its parents count as they were before it.
    """
    return records.filter(history_date__lte=OuterRef("history_date")).exclude(
        modification=OuterRef("modification")
    )


def first_of_save(records):
    """Without the records of links, which the same save writes after those of its fields."""
    if not records.model._history_m2m_fields:
        return records
    before = previous_of(records.model.instance_type)
    return records.annotate(
        version_avant=Subquery(before.values("version")[:1]),
        modification_avant=Subquery(before.values("modification")[:1]),
    ).exclude(version=F("version_avant"), modification=F("modification_avant"))


def of_row(model, key):
    """The history of one row."""
    return model.history.filter(**{model._meta.pk.attname: key})


def of_related(field, key):
    """The history of the rows whose foreign key `field` is, or was, `key`.

    Each of their records while they belonged to it, and the change that took them elsewhere.
    """
    model = field.model
    pk = model._meta.pk.attname
    ours = model.history.filter(**{field.attname: key})
    taken = (
        model.history.filter(**{f"{pk}__in": ours.order_by().values(pk)})
        .exclude(**{field.attname: key})
        .annotate(parent_avant=Subquery(previous_of(model).values(field.attname)[:1]))
        .filter(parent_avant=key)
    )
    return model.history.filter(
        Q(**{field.attname: key}) | Q(history_id__in=taken.order_by().values("history_id"))
    )


def merged(histories):
    """`(date, rank in histories, history_id)` of every record, the latest first: one query.

    To be sliced or counted; `load` reads the records of a slice.
    """
    parts = [
        records.order_by()
        .annotate(rang=Value(rang, output_field=IntegerField()))
        .values_list("history_date", "rang", "history_id")
        for rang, records in enumerate(histories)
    ]
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return rows.order_by("-history_date", "-rang", "-history_id")


def authors(histories):
    """Keys of who made the changes, each once; None for a command. One query."""
    parts = [
        records.order_by().values_list("history_user_id", flat=True).distinct()
        for records in histories
    ]
    return set(parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0])


# --- Their content ----------------------------------------------------------------------------


def load(histories, rows):
    """The `Version`s of `rows`, a slice of `merged`, in their order: two queries a model.

    What one save left of a row in several records (its links are written one by one) is one.
    """
    wanted = {}
    for _, rang, history_id in rows:
        wanted.setdefault(histories[rang].model.instance_type, []).append(history_id)
    records, previous = {}, {}
    for model, ids in wanted.items():
        before = Subquery(previous_of(model).values("history_id")[:1])
        found = model.history.filter(history_id__in=ids).select_related("history_user")
        for record in found.annotate(avant_id=before):
            records[model, record.history_id] = record
        keys = {r.avant_id for (m, _), r in records.items() if m is model and r.avant_id}
        for record in model.history.filter(history_id__in=keys):
            previous[model, record.history_id] = record
    in_order = [records[histories[rang].model.instance_type, key] for _, rang, key in rows]
    return _grouped(in_order, previous)


def _grouped(records, previous):
    """`[last, first]` records of each save, made `Version`s in the order of the last ones."""
    saves, still_open = [], {}
    for record in records:
        pk = getattr(record, record.instance_type._meta.pk.attname)
        key = (record.instance_type, pk, record.version, record.modification_id)
        if key in still_open and record.history_type != "-":
            still_open[key][1] = record
        else:
            saves.append([record, record])
            still_open[key] = saves[-1]
        if record.history_type != "~":
            still_open.pop(key)
    return [
        Version(last, previous.get((last.instance_type, first.avant_id)), first.history_type)
        for last, first in saves
    ]


def fields_of(model):
    """The fields that a history tells: those that a person may edit, the links included."""
    record = model.history.model
    plain = [f for f in record.tracked_fields if f.editable and f.name not in NON_DITS]
    return [*plain, *record._history_m2m_fields]


def links_of(records):
    """{(historical model, history_id, name of a many-to-many): sorted tuple of keys}.

    One query per many-to-many. A deletion is recorded once the links are gone: it has none.
    """
    ids = {}
    for record in records:
        ids.setdefault(type(record), set()).add(record.history_id)
    found = {}
    for historical, keys in ids.items():
        for field in historical._history_m2m_fields:
            target = f"{field.m2m_reverse_field_name()}_id"
            links = getattr(historical, field.name).model.objects.filter(history__in=keys)
            for key in keys:
                found[historical, key, field.name] = ()
            for key, value in links.order_by(target).values_list("history_id", target):
                found[historical, key, field.name] += (value,)
    return found


def value_of(record, field, links):
    """The raw value of a field in a historical record; `links` as `links_of` gives it."""
    if field.many_to_many:
        return links[type(record), record.history_id, field.name]
    value = getattr(record, field.attname)
    return str(value) if field.get_internal_type() == "FileField" else value


def differences(pairs, fields=None):
    """For each `(new, old)` pair of records of one row, the list of its `Ecart`s.

    `fields` are the only ones looked at; by default all that `fields_of` names. A pair without
    `old` has none.
    """
    links = links_of([record for pair in pairs if pair[1] is not None for record in pair])
    found = []
    for new, old in pairs:
        gaps = []
        if old is not None:
            for field in fields or fields_of(new.instance_type):
                avant, apres = value_of(old, field, links), value_of(new, field, links)
                if avant != apres:
                    told = tuple(precision_of(record, field.name) for record in (old, new))
                    gaps.append(Ecart(field, avant, apres, told))
        found.append(gaps)
    return found
