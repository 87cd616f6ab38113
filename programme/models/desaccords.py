"""What the sources of a project say that cannot all be true: computed, never listed by hand.

Each `Desaccord` is one condition in SQL, on both databases: the flag, the filter, its facet, the
column of the files and the sentences of the page all ask it.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from math import sin
from operator import add

from django.apps import apps
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    TextChoices,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, Cos, NullIf, Power, Radians, Sin, Substr
from django.db.models.lookups import Exact, GreaterThan, LessThanOrEqual

from territoires.models import CodePostal

LOIN = 10
"""Kilometres between a commune and the nearest one of the postcode, beyond which they disagree."""
RAYON_TERRESTRE = 6_371
CHIFFRES = ("emplois_crees", "emplois_maintenus", "investissement_eur")


class Desaccord(TextChoices):
    LIEU = "lieu", f"commune à plus de {LOIN} km du code postal"
    SIREN = "siren", "SIREN dont la clé est fausse"
    DOUBLON = "doublon", "mêmes objet et chiffres qu’un autre projet"


_seuls: ContextVar[list | None] = ContextVar("seuls", default=None)


@contextmanager
def seuls(keys):
    """Within the block, expressions are made for the rows of these primary keys alone: what the
    few of a page repeat is looked for, not all that is repeated anywhere.
    """
    token = _seuls.set(keys)
    try:
        yield
    finally:
        _seuls.reset(token)


def condition(kind):
    """The boolean expression of one `Desaccord`, on rows of `Projet`."""
    return {
        Desaccord.LIEU: _lieu,
        Desaccord.SIREN: _siren,
        Desaccord.DOUBLON: _doublon,
    }[Desaccord(kind)]()


def en_mots(separator):
    """The expression of a public project's `Desaccord`s as one text; null without any.

    What is kept of each (`Rangement`) is read: it costs a file much less than to find it again.
    """
    kept = {kind: Q(**{f"rangement__{kind}": True}) for kind in (Desaccord.LIEU, Desaccord.SIREN)}
    pieces = [
        Case(
            When(kept.get(kind) or condition(kind), then=Value(separator + kind)),
            default=Value(""),
        )
        for kind in Desaccord
    ]
    return NullIf(
        Substr(Concat(*pieces, output_field=TextField()), 1 + len(separator)),
        Value(""),
        output_field=TextField(),
    )


def _lieu():
    """No commune of the postcode is near the commune; a postcode that no commune has says nothing.

    The exact pair is asked first: it settles nearly every row by an index.
    """
    of_postcode = CodePostal.objects.filter(code=OuterRef("code_postal")).order_by()
    exact = of_postcode.filter(commune=OuterRef("commune"))
    return Case(
        When(Q(commune=None) | Q(code_postal="") | Q(commune__lon=None), then=Value(False)),
        When(Exists(exact), then=Value(False)),
        When(~Exists(of_postcode), then=Value(False)),
        default=~Exists(of_postcode.filter(Q(commune__lon=None) | _near())),
        output_field=BooleanField(),
    )


def _near():
    """The haversine of the angle between both communes is at most that of `LOIN`."""
    lon, lat = Radians("commune__lon"), Radians("commune__lat")
    other_lon, other_lat = Radians(OuterRef("commune__lon")), Radians(OuterRef("commune__lat"))
    half = ExpressionWrapper(
        Power(Sin((lat - other_lat) / 2.0), 2)
        + Cos(lat) * Cos(other_lat) * Power(Sin((lon - other_lon) / 2.0), 2),
        output_field=FloatField(),
    )
    return Q(LessThanOrEqual(half, Value(sin(LOIN / RAYON_TERRESTRE / 2) ** 2)))


def _siren():
    """Luhn's sum of the nine digits is no multiple of ten."""
    digits = [Cast(Substr("siren", rank, 1), IntegerField()) for rank in range(1, 10)]
    terms = [_doubled(digit) if rank % 2 else digit for rank, digit in enumerate(digits)]
    total = ExpressionWrapper(reduce(add, terms), output_field=IntegerField())
    return Case(
        When(siren="", then=Value(False)),
        When(Exact(total % 10, 0), then=Value(False)),
        default=Value(True),
        output_field=BooleanField(),
    )


def _doubled(digit):
    return Case(When(GreaterThan(digit, 4), then=digit * 2 - 9), default=digit * 2)


def _doublon():
    """Another public project has the same object and the same figures."""
    rangements = apps.get_model("programme", "Rangement").objects
    repeated = rangements.repetes()
    if (few := _seuls.get()) is not None:
        repeated = repeated.filter(pareil__in=rangements.filter(pk__in=few).values("pareil"))
    return ExpressionWrapper(
        Q(rangement__pareil__in=repeated.values("pareil")), output_field=BooleanField()
    )
