"""What an address still calls as its record was called, or calls as it was called only later.

The histories are read whole, whatever moment is read, and of what was published alone: a value
that only a draft ever had is known to nobody.
"""

from programme.models import Publication
from programme.models.base import Absorbable
from territoires import moment


def devenus(model, field, values):
    """{value: what its record says in `field` at the moment that is read} of those that had it.

    Its record, or the one that replaces it since the two were merged.
    """
    with moment.maintenant():
        told = _publics(model, field, values).order_by("history_date", "history_id")
        keys = dict(told.values_list(field, model._meta.pk.attname))
    if keys and issubclass(model, Absorbable):
        gone = model._base_manager.filter(pk__in=keys.values(), absorbe_par__isnull=False)
        kept = dict(gone.values_list("pk", "absorbe_par"))
        keys = {value: kept.get(key, key) for value, key in keys.items()}
    rows = model.objects.published().filter(pk__in=keys.values())
    now = dict(rows.values_list("pk", field)) if keys else {}
    return {value: now[key] for value, key in keys.items() if key in now}


def connues(model, field, values):
    """Those of `values` that a published row of `model` has or had in a free column."""
    with moment.maintenant():
        return set(_publics(model, field, values).order_by().values_list(field, flat=True))


def _publics(model, field, values):
    """The records of published rows, of any time, that say one of `values` in `field`."""
    if not hasattr(model, "history"):
        return model._base_manager.none()
    records = model.history.filter(**{f"{field}__in": values})
    if "publication" in model.publication_lookups:
        return records.filter(publication=Publication.PUBLIE)
    return records.none() if model.publication_lookups else records
