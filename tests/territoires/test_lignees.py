"""Lignées: the six natures, their shares, and what holds for any two lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.lignees import Filiation, Nature, filiations


def listed(**territoires):
    """`a="xyz"`: territory a has the communes x, y and z."""
    return {commune: code for code, communes in territoires.items() for commune in communes}


@pytest.mark.parametrize(
    ("avant", "apres", "nature"),
    [
        ({"a": "xy"}, {"b": "xy"}, Nature.IDENTIQUE),
        ({"a": "xy"}, {"b": "xyz"}, Nature.ELARGI),
        ({"a": "xyz"}, {"b": "xy"}, Nature.REDUIT),
        ({"a": "xy"}, {"b": "yz"}, Nature.RECOMPOSE),
        ({"a": "xy"}, {"b": "z"}, Nature.NOUVEAU),
    ],
)
def test_nature_of_an_heir(avant, apres, nature):
    found = filiations(listed(**avant), listed(**apres), {})
    assert [f.nature for f in found if f.apres == "b"] == [nature]


def test_two_united_are_recomposed_even_without_a_commune_more():
    found = filiations(listed(a="xy", c="z"), listed(b="xyz"), {})
    assert [(f.avant, f.nature) for f in found] == [
        ("a", Nature.RECOMPOSE),
        ("c", Nature.RECOMPOSE),
    ]


def test_one_that_is_split_has_two_reduced_heirs():
    found = filiations(listed(a="xyz"), listed(b="xy", c="z"), {})
    assert [(f.apres, f.nature) for f in found] == [("b", Nature.REDUIT), ("c", Nature.REDUIT)]


def test_all_of_one_and_a_commune_of_another_is_recomposed():
    found = filiations(listed(a="xy", c="zt"), listed(b="xyz", d="t"), {})
    assert [(f.avant, f.apres, f.nature) for f in found] == [
        ("a", "b", Nature.RECOMPOSE),
        ("c", "b", Nature.RECOMPOSE),
        ("c", "d", Nature.REDUIT),
    ]


def test_one_without_an_heir_is_gone():
    found = filiations(listed(a="x"), listed(b="y"), {"x": 10, "y": 20})
    assert found == [
        Filiation("a", None, Nature.SORTI, 0, 0.0, None, 0.0, None),
        Filiation(None, "b", Nature.NOUVEAU, 0, None, 0.0, None, 0.0),
    ]


def test_shares_are_of_each_side():
    [found] = filiations(listed(a="xyz"), listed(b="zt"), {"x": 10, "y": 20, "z": 30, "t": 90})
    assert found.communes == 1
    assert (found.part_communes_avant, found.part_communes_apres) == (1 / 3, 1 / 2)
    assert (found.part_habitants_avant, found.part_habitants_apres) == (0.5, 0.25)


def test_no_share_of_inhabitants_where_nobody_is_known():
    [found] = filiations(listed(a="x"), listed(b="x"), {})
    assert (found.part_habitants_avant, found.part_communes_avant) == (None, 1.0)


LISTES = st.dictionaries(st.integers(0, 30).map(str), st.sampled_from("abcdef"))


@given(LISTES, LISTES)
def test_every_territory_is_in_a_filiation_and_no_commune_in_two(avant, apres):
    found = filiations(avant, apres, dict.fromkeys(avant.keys() | apres.keys(), 1))
    assert {f.avant for f in found} - {None} == set(avant.values())
    assert {f.apres for f in found} - {None} == set(apres.values())
    assert sum(f.communes for f in found) == len(avant.keys() & apres.keys())
    natures = {}
    for f in found:
        natures.setdefault(f.apres, set()).add(f.nature)
        assert (f.nature == Nature.SORTI) == (f.apres is None)
        assert (f.nature == Nature.NOUVEAU) == (f.avant is None)
        assert all(
            part is None or 0 <= part <= 1
            for part in (f.part_communes_avant, f.part_communes_apres)
        )
    assert all(len(kinds) == 1 for kinds in natures.values())
    for code in set(apres.values()):
        origins = [f.part_communes_apres for f in found if f.apres == code]
        assert sum(origins) <= 1 + 1e-9
