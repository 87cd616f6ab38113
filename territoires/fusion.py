"""Three versions of a value: the one its author saw, the one stored now, the one they typed.

The one merge of forms, rows, acts, imports and loads. It knows nothing of where the values are.
"""

import operator
from enum import Enum
from typing import Any, NamedTuple

INCONNU = object()
"""The base, where nothing tells any more what the author saw."""


class Verdict(Enum):
    """What becomes of a value."""

    INTACT = "nobody changed it"
    SAISI = "its author alone changed it: what they typed"
    REPRIS = "others alone changed it: their value"
    ACCORD = "both typed the same value"
    CONFLIT = "both changed it: its author decides"


class Fusion(NamedTuple):
    """A `verdict`, and the `valeur` that stands: what was typed until its author decides."""

    verdict: Verdict
    valeur: Any


def merge(base, stored, typed, *, same=operator.eq):
    """The `Fusion` of three versions of a value.

    `same(value, typed)` says whether what was typed means `value`: a text that a form sends, or
    that a spreadsheet altered on the way, may be written otherwise.
    """
    if base is not INCONNU and same(base, typed):
        return Fusion(Verdict.INTACT if base == stored else Verdict.REPRIS, stored)
    if base is not INCONNU and base == stored:
        return Fusion(Verdict.SAISI, typed)
    if same(stored, typed):
        return Fusion(Verdict.ACCORD, stored)
    return Fusion(Verdict.CONFLIT, typed)
