"""Rows with a history, written many at a time: a few statements for each batch.

One save at a time sends signals that ask the database again; these writes send none. Whoever makes
them tells what depends on the rows, once: see `territoires.signaux`.
"""

from django.db import router
from django.db.models.deletion import Collector
from django.db.models.sql import DeleteQuery

from territoires.chargement import liens
from territoires.models import ConflitDeVersion

LOT = 500


def en_memoire(instance, *names):
    """Give an unsaved row empty related rows, to be filled by `ajouter`."""
    for name in names:
        _cache(instance)[name] = _rows(instance, name, [])


def ajouter(instance, name, row):
    """Add an unsaved related row to those that `instance` has in memory."""
    cache = _cache(instance)
    cache[name] = _rows(instance, name, [*cache[name], row])


def _cache(instance):
    return instance.__dict__.setdefault("_prefetched_objects_cache", {})


def _rows(instance, name, rows):
    queryset = instance._meta.get_field(name).related_model._default_manager.all()
    queryset._result_cache = rows
    queryset._prefetch_done = True
    return queryset


def creer(model, instances, linked=None):
    """Insert rows with their histories; `linked`: {key: {name of a many-to-many: keys}}."""
    made = model._base_manager.bulk_create(instances, batch_size=LOT)
    for instance in made:
        instance._state.adding = False
    for name in next(iter((linked or {}).values()), ()):
        liens.remplacer(model, name, {key: found[name] for key, found in linked.items()})
    histories = model.history.bulk_history_create(made, batch_size=LOT) if made else []
    if linked:
        liens.historiser(model, next(iter(linked.values())), histories)


def modifier(model, instances, fields):
    """Rewrite `fields` of rows as they were read; raise `ConflitDeVersion` if one changed since."""
    instances = sorted(instances, key=lambda instance: instance.pk)
    for start in range(0, len(instances), LOT):
        batch = instances[start : start + LOT]
        verrouiller(model, batch)
        for instance in batch:
            instance.version += 1
        model._base_manager.bulk_update(batch, [*fields, "version"])
        histories = model.history.bulk_history_create(batch, update=True)
        # A record of a history without its links would say that the row has lost them.
        liens.historiser(
            model, [f.name for f in model.history.model._history_m2m_fields], histories
        )


def supprimer(model, rows):
    """Delete rows as they were read, with what hangs on them and has no history.

    Raises `ProtectedError` when another row names one, `ConflitDeVersion` if one changed since.
    """
    verrouiller(model, rows)
    using = router.db_for_write(model)
    collector = Collector(using=using)
    collector.collect(rows)
    for queryset in collector.fast_deletes:
        queryset._raw_delete(using)
    for other, instances in collector.data.items():
        DeleteQuery(other).delete_batch([row.pk for row in instances], using)
    for start in range(0, len(rows), LOT):
        batch = rows[start : start + LOT]
        histories = model.history.bulk_history_create(batch, update=True)
        keys = [history.pk for history in histories]
        model.history.filter(pk__in=keys).update(history_type="-")


def verrouiller(model, rows):
    """Take the locks of rows, in the order of their keys, and compare their versions.

    Raises `ConflitDeVersion` when one was changed or deleted since it was read.
    """
    keys, versions = sorted(row.pk for row in rows), {}
    for start in range(0, len(keys), LOT):
        held = model._base_manager.select_for_update(of=("self",)).order_by("pk")
        held = held.filter(pk__in=keys[start : start + LOT])
        versions |= dict(held.values_list("pk", "version"))
    for row in rows:
        if versions.get(row.pk) != row.version:
            raise ConflitDeVersion(row)


def liens_de(model, name, keys):
    """{key: set of the keys it is linked to}; rows without any link are absent."""
    field = model._meta.get_field(name)
    owner, target = (f"{n()}_id" for n in (field.m2m_field_name, field.m2m_reverse_field_name))
    rows = field.remote_field.through._base_manager.filter(**{f"{owner}__in": list(keys)})
    found = {}
    for key, other in rows.values_list(owner, target):
        found.setdefault(key, set()).add(other)
    return found
