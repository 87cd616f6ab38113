"""Database constraints that Django does not offer on both databases."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.ddl_references import Statement, Table
from django.db.models import BaseConstraint, F, Func, Q
from django.db.models.fields import DateField

LAST_DAY = "9999-12-31"


def champs(constraint):
    """The names of the fields that a constraint speaks of."""
    names, left = set(getattr(constraint, "fields", ())), [getattr(constraint, "condition", None)]
    while left:
        node = left.pop()
        if isinstance(node, Q):
            left += node.children
        elif isinstance(node, tuple):
            lookup, value = node
            names.add(lookup.partition("__")[0])
            if isinstance(value, F):
                names.add(value.name)
    return names


class _DateRange(Func):
    function = "DATERANGE"
    output_field = DateField()


class NonChevauchement(BaseConstraint):
    """No two rows with the same `fields` have periods [debut, fin[ that overlap.

    An empty `fin` is an open period. PostgreSQL: an exclusion constraint (needs the `btree_gist`
    extension). SQLite: two triggers. Rows where one of `fields` is null are not compared.
    """

    def __init__(self, *, name, fields, violation_error_code=None, violation_error_message=None):
        super().__init__(
            name=name,
            violation_error_code=violation_error_code,
            violation_error_message=violation_error_message,
        )
        self.fields = tuple(fields)

    def _exclusion(self):
        period = _DateRange("debut", "fin")
        return ExclusionConstraint(
            name=self.name,
            # True of every period. No query says it, so that none reads the index of the
            # constraint: PostgreSQL thinks it cheaper than that of the column, which takes a fifth.
            condition=Q(fin__isnull=True) | Q(fin__gt=F("debut")),
            expressions=[
                *((field, RangeOperators.EQUAL) for field in self.fields),
                (period, RangeOperators.OVERLAPS),
            ],
        )

    def _triggers(self, model, schema_editor):
        quote = schema_editor.quote_name
        columns = [quote(model._meta.get_field(field).column) for field in self.fields]
        same = " AND ".join(f"autre.{column} = NEW.{column}" for column in columns)
        for event in ("INSERT", "UPDATE"):
            # Only names of our own models stand in this SQL.
            sql = f"""CREATE TRIGGER {quote(f"{self.name}_{event.lower()}")}
                BEFORE {event} ON %(table)s FOR EACH ROW WHEN EXISTS (
                    SELECT 1 FROM %(table)s autre
                    WHERE autre.id <> COALESCE(NEW.id, -1) AND {same}
                    AND autre.debut < COALESCE(NEW.fin, '{LAST_DAY}')
                    AND NEW.debut < COALESCE(autre.fin, '{LAST_DAY}')
                ) BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {self.name}'); END"""  # noqa: S608
            yield Statement(sql, table=Table(model._meta.db_table, quote))

    def constraint_sql(self, model, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            return self._exclusion().constraint_sql(model, schema_editor)
        # SQLite rebuilds a table by copying it: deferred statements follow the copy's new name.
        schema_editor.deferred_sql.extend(self._triggers(model, schema_editor))
        return None

    def create_sql(self, model, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            return self._exclusion().create_sql(model, schema_editor)
        return None

    def remove_sql(self, model, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            return self._exclusion().remove_sql(model, schema_editor)
        return None

    def validate(self, model, instance, exclude=None, using=DEFAULT_DB_ALIAS):
        """Raise a readable `ValidationError` when `instance` overlaps a saved row."""
        if exclude and {*self.fields, "debut", "fin"} & set(exclude):
            return
        values = {
            field: getattr(instance, model._meta.get_field(field).attname) for field in self.fields
        }
        if instance.debut is None or None in values.values():
            return
        others = model._default_manager.using(using).filter(**values)
        others = others.filter(Q(fin__isnull=True) | Q(fin__gt=instance.debut))
        if instance.fin is not None:
            others = others.filter(debut__lt=instance.fin)
        if instance.pk is not None:
            others = others.exclude(pk=instance.pk)
        if others.exists():
            raise ValidationError(
                self.get_violation_error_message(), code=self.violation_error_code
            )

    def __eq__(self, other):
        if isinstance(other, NonChevauchement):
            return self.name == other.name and self.fields == other.fields
        return super().__eq__(other)

    __hash__ = BaseConstraint.__hash__

    def deconstruct(self):
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "fields": self.fields}
