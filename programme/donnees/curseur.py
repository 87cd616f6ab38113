"""A place in an order: what comes after it, or before, whatever was added or removed since.

A place is the values by which the rows are sorted, of one row; a cursor is a place in an address,
signed so that nobody makes one up. Missing values come last, as everywhere.
"""

import json
from functools import cached_property

from django.core import signing
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, OrderBy, Q
from django.db.models.lookups import Exact, GreaterThan, IsNull, LessThan

from programme.donnees.schema import in_total_order

DEBUT = "debut"
"""The cursor of the first rows."""


class CurseurInvalide(Exception):
    """No cursor of ours, or one of another list or order."""


class Ordre:
    """The rows of a queryset in the total order it has, from any place of it."""

    def __init__(self, queryset):
        if queryset.query.distinct:
            order = queryset.query.order_by
            keys = queryset.order_by().values("pk")
            queryset = queryset.model._base_manager.filter(pk__in=keys).order_by(*order)
        ordered = in_total_order(queryset)
        self.rows = queryset.order_by()
        self.terms = list(_terms(ordered.model, ordered.query.order_by))
        self.names = [f"o_{rank}" for rank in range(len(self.terms))]

    def sorted(self, *, backwards=False):
        return self.rows.order_by(
            *(
                OrderBy(
                    term.expression,
                    descending=term.descending != backwards,
                    nulls_last=not backwards or None,
                    nulls_first=backwards or None,
                )
                for term in self.terms
            )
        )

    def placed(self, queryset):
        """`(primary key, values of its place)` of each row of `queryset`."""
        named = {name: term.expression for name, term in zip(self.names, self.terms, strict=True)}
        rows = queryset.annotate(**named).values_list("pk", *self.names)
        return [(key, values) for key, *values in rows]

    def beyond(self, place, *, backwards=False):
        """The rows after a place, the nearest first; before it, `backwards`."""
        return self.sorted(backwards=backwards).filter(self.condition(place, backwards=backwards))

    def condition(self, place, *, backwards=False):
        """The `Q` of the rows after a place, or before it."""
        found, same = Q(pk__in=()), Q()
        for term, value in zip(self.terms, place, strict=True):
            found |= same & _further(term, value, backwards)
            here = term.expression
            same &= Q(IsNull(here, True) if value is None else Exact(here, value))
        return found


def _further(term, value, backwards):
    here = term.expression
    if value is None:
        return Q(IsNull(here, False)) if backwards else Q(pk__in=())
    further = Q((LessThan if term.descending != backwards else GreaterThan)(here, value))
    return further if backwards else further | Q(IsNull(here, True))


def _terms(model, order, prefix=""):
    """The `OrderBy`s that an order stands for, those of the model that a relation leads to too."""
    for term in order:
        if isinstance(term, OrderBy):
            yield term
        elif not isinstance(term, str):
            yield OrderBy(term)
        else:
            yield from _of_path(model, term.removeprefix("-"), term.startswith("-"), prefix)


def _of_path(model, path, descending, prefix):
    *relations, last = path.split("__")
    for name in relations:
        model = model._meta.get_field(name).related_model
    field = model._meta.pk if last == "pk" else model._meta.get_field(last)
    prefix += "".join(f"{name}__" for name in relations)
    related = field.related_model if field.is_relation and last == field.name else None
    if related and (order := related._meta.ordering):
        for term in _terms(related, order, f"{prefix}{last}__"):
            yield OrderBy(term.expression, descending=term.descending != descending)
    else:
        yield OrderBy(F(f"{prefix}{last}"), descending=descending)


class Tranche:
    """At most `taille` rows of a queryset from a cursor on, and the cursors on both sides."""

    def __init__(self, queryset, cursor, taille, *, sel):
        self.ordre = Ordre(queryset)
        self.cursor, self.taille, self.sel = cursor, taille, sel

    @cached_property
    def place(self):
        """`(values or None for the first rows, backwards)`. Raises `CurseurInvalide`."""
        if self.cursor == DEBUT:
            return None, False
        place, backwards = read(self.cursor, sel=self.sel)
        if len(place) != len(self.ordre.terms):
            raise CurseurInvalide
        return place, backwards

    @cached_property
    def _read(self):
        """`(rows placed, in order; more of them further)`: one more than asked for tells."""
        place, backwards = self.place
        rows = self.ordre.beyond(place, backwards=backwards) if place else self.ordre.sorted()
        found = self.ordre.placed(rows[: self.taille + 1])
        kept = found[: self.taille]
        return kept[::-1] if backwards else kept, len(found) > self.taille

    @property
    def keys(self):
        return [key for key, _ in self._read[0]]

    @property
    def suivant(self):
        """The cursor of the rows that follow; None when there is none."""
        (rows, more), backwards = self._read, self.place[1]
        return self._cursor(rows[-1], False) if rows and (more or backwards) else None

    @property
    def precedent(self):
        (rows, more), (place, backwards) = self._read, self.place
        before = more if backwards else place
        return self._cursor(rows[0], True) if rows and before else None

    def _cursor(self, row, backwards):
        return write(row[1], sel=self.sel, backwards=backwards)


# --- In addresses -----------------------------------------------------------------------------


def write(place, *, sel, backwards=False):
    """The cursor of a place; `sel` says of which list, in which order."""
    values = json.loads(json.dumps(place, cls=DjangoJSONEncoder))
    return signing.Signer(salt=f"curseur:{sel}").sign_object([backwards, *values])


def read(text, *, sel):
    """`(place, backwards)` of a cursor that `write` made. Raises `CurseurInvalide`."""
    try:
        backwards, *place = signing.Signer(salt=f"curseur:{sel}").unsign_object(text)
    except (signing.BadSignature, ValueError) as error:
        raise CurseurInvalide from error
    return place, backwards
