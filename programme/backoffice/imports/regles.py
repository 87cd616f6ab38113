"""The rules of the database on many unsaved rows at once, with their French sentences.

Django validates a constraint with one query a row: ten thousand rows would take as many. Here a
condition is read in Python, and what must be unique is asked once for all the rows.
"""

import operator
import re
from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from territoires.contraintes import LAST_DAY, NonChevauchement, champs
from territoires.dates import iso

COMPARISONS = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, values: value in values,
    "regex": lambda value, pattern: re.search(pattern, value) is not None,
}


def violations(model, instances):
    """Pairs (index, fields, sentence): the rules that instances would break once all are saved.

    instances: rows of `model` as they would be, new ones without primary key. A number of queries
    that depends on the model alone.
    """
    for field in model._meta.fields:
        if field.unique and not field.primary_key:
            told = f"« {{}} » est déjà pris : {field.verbose_name} doit être unique."
            for index in _repeated(model, instances, [field.name], Q()):
                yield index, {field.name}, told.format(getattr(instances[index], field.attname))
    for rule in model._meta.constraints:
        told = str(rule.violation_error_message)
        for index in _broken(model, rule, instances):
            yield index, champs(rule), told


def _broken(model, rule, instances):
    """The indexes of the instances that break one constraint."""
    if isinstance(rule, CheckConstraint):
        # As in SQL, a condition that is unknown breaks nothing.
        return [i for i, row in enumerate(instances) if holds(rule.condition, row) is False]
    if isinstance(rule, UniqueConstraint) and rule.fields:
        return _repeated(model, instances, rule.fields, rule.condition or Q())
    if isinstance(rule, NonChevauchement):
        return _overlapping(model, instances, rule.fields)
    return [i for i, row in enumerate(instances) if not _is_valid(model, rule, row)]


def _is_valid(model, rule, instance):
    try:
        rule.validate(model, instance)
    except ValidationError:
        return False
    return True


# --- Conditions -------------------------------------------------------------------------------


def holds(condition, instance):
    """Whether the fields of `instance` satisfy a `Q`: True, False, or None when SQL says NULL."""
    answers = [
        holds(child, instance) if isinstance(child, Q) else _compare(child, instance)
        for child in condition.children
    ]
    if condition.connector == Q.AND:
        found = False if False in answers else None if None in answers else True
    else:
        found = True if True in answers else None if None in answers else False
    return (not found) if condition.negated and found is not None else found


def _compare(child, instance):
    lookup, expected = child
    name, _, comparison = lookup.partition("__")
    value = _value(instance, name)
    if comparison == "isnull":
        return (value is None) == expected
    if isinstance(expected, F):
        expected = _value(instance, expected.name)
    if value is None or expected is None:
        return None
    return COMPARISONS[comparison or "exact"](value, expected)


def _value(instance, name):
    return getattr(instance, instance._meta.get_field(name).attname)


# --- What must be unique ----------------------------------------------------------------------


def _repeated(model, instances, names, condition):
    """The indexes of the rows whose `names` another row has: of the database, or earlier here."""
    keys = {}
    for index, row in enumerate(instances):
        key = tuple(_value(row, name) for name in names)
        if None not in key and holds(condition, row) is not False:
            keys[index] = key
    ours = {row.pk for row in instances if row.pk is not None}
    attnames = [model._meta.get_field(name).attname for name in names]
    saved = model._base_manager.filter(
        condition, **{f"{names[0]}__in": {k[0] for k in keys.values()}}
    )
    taken = {tuple(key) for pk, *key in saved.values_list("pk", *attnames) if pk not in ours}
    found = []
    for index, key in keys.items():
        if key in taken:
            found.append(index)
        taken.add(key)
    return found


def _overlapping(model, instances, names):
    """The indexes of the rows whose period meets that of a row with the same `names`."""
    groups = defaultdict(list)
    for index, row in enumerate(instances):
        key = tuple(_value(row, name) for name in names)
        if None not in (*key, row.debut):
            groups[key].append((row.debut, row.fin, index))
    ours = {row.pk for row in instances if row.pk is not None}
    attnames = [model._meta.get_field(name).attname for name in names]
    saved = model._base_manager.filter(**{f"{names[0]}__in": {key[0] for key in groups}})
    for pk, debut, fin, *key in saved.values_list("pk", "debut", "fin", *attnames):
        if pk not in ours and tuple(key) in groups:
            groups[tuple(key)].append((debut, fin, None))
    return sorted(index for periods in groups.values() for index in _meetings(periods))


def _meetings(periods):
    """The indexes of the periods [debut, fin[ that meet another: ours of the two."""
    found = set()
    ordered = sorted(periods, key=lambda period: period[0])
    latest = None
    for period in ordered:
        if latest is not None and iso(period[0]) < _end(latest):
            found.add(period[2] if period[2] is not None else latest[2])
        if latest is None or _end(period) > _end(latest):
            latest = period
    return found - {None}


def _end(period):
    return LAST_DAY if period[1] is None else iso(period[1])
