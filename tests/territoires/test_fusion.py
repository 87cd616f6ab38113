"""Three versions of a value: what becomes of it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.fusion import INCONNU, Fusion, Verdict, merge

VALUES = st.one_of(st.none(), st.integers(0, 2), st.sampled_from(["", "a", "b"]))


@given(stored=VALUES, seen=VALUES)
def test_who_changed_nothing_gets_what_is_stored(stored, seen):
    assert merge(seen, stored, seen).valeur == stored


@given(seen=VALUES, typed=VALUES)
def test_what_nobody_else_changed_is_what_was_typed(seen, typed):
    assert merge(seen, seen, typed).valeur == typed


@given(seen=VALUES, both=VALUES)
def test_the_same_change_made_twice_is_made(seen, both):
    found = merge(seen, both, both)
    assert found == (both, found.verdict)[::-1]
    assert found.verdict is (Verdict.INTACT if seen == both else Verdict.ACCORD)


@given(seen=VALUES, stored=VALUES, typed=VALUES)
def test_it_clashes_where_the_three_differ_and_nowhere_else(seen, stored, typed):
    three = len({seen, stored, typed}) == 3
    assert (merge(seen, stored, typed).verdict is Verdict.CONFLIT) == three


@given(seen=VALUES, stored=VALUES, typed=VALUES)
def test_no_new_value_is_lost(seen, stored, typed):
    found = merge(seen, stored, typed)
    if found.verdict is not Verdict.CONFLIT:
        assert {stored, typed} - {found.valeur} <= {seen}


@given(stored=VALUES, typed=VALUES)
def test_without_a_base_only_the_same_value_agrees(stored, typed):
    expected = Verdict.ACCORD if stored == typed else Verdict.CONFLIT
    assert merge(INCONNU, stored, typed).verdict is expected


def test_every_verdict_is_given():
    cases = itertools.product("ab", "ab", "abc")
    assert {merge(*case).verdict for case in cases} == set(Verdict)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (" 1 000 ", Fusion(Verdict.REPRIS, 2000)),
        ("2000", Fusion(Verdict.ACCORD, 2000)),
        ("3000", Fusion(Verdict.CONFLIT, "3000")),
    ],
)
def test_a_text_means_a_value_as_its_reader_says(typed, expected):
    def same(value, text):
        return int(text.replace(" ", "")) == value

    assert merge(1000, 2000, typed, same=same) == expected
