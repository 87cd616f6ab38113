"""Three versions of a field: what becomes of it."""

import itertools

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from programme.backoffice.cadre.fusion import Depuis, Verdict, differs, plain, value_in, verdict
from territoires.models import Territoire
from tests import factories as f

VALUES = st.integers(0, 2)


@given(seen=VALUES, stored=VALUES, typed=VALUES)
def test_a_verdict_never_loses_a_value(seen, stored, typed):
    found = verdict(typed=typed != seen, changed=stored != seen, same=typed == stored)
    kept = {
        Verdict.INTACT: {seen},
        Verdict.SAISI: {typed},
        Verdict.REPRIS: {stored},
        Verdict.ACCORD: {typed, stored},
        Verdict.CONFLIT: None,
    }[found]
    if kept is None:
        assert len({seen, stored, typed}) == 3
    else:
        # One value stands, and no other was new.
        assert len(kept) == 1
        assert {seen, stored, typed} - kept <= {seen}


def test_every_verdict_is_given():
    cases = itertools.product([True, False], repeat=3)
    found = {verdict(typed=t, changed=c, same=s) for t, c, s in cases}
    assert found == set(Verdict)


@pytest.mark.parametrize(
    ("initial", "data", "changed"),
    [
        ("a\nb", "a\r\nb", False),
        ("a\r\nb", "a\nb", False),
        (" a ", "a", False),
        ("", None, False),
        (None, "", False),
        ("a", "b", True),
        ("a", "", True),
        ("a\nb", "a b", True),
    ],
)
def test_line_ends_and_outer_spaces_are_no_change(initial, data, changed):
    assert differs(forms.CharField(), initial, data) is changed


def test_old_line_ends():
    assert plain("a\r\nb\rc\n") == "a\nb\nc\n"


def test_the_history_says_who_changed_each_field(db):
    sacha, rene = f.SecretariatFactory(nom="Sacha"), f.RedacteurFactory(nom="René")
    row = f.TerritoireFactory(elu="", industriel="", source_entree="a\nb")
    for agent, values in ((sacha, {"elu": "Claude"}), (rene, {"industriel": "Alix"})):
        for name, value in values.items():
            setattr(row, name, value)
        row._history_user = agent
        row.save()
    since = Depuis(Territoire.objects.get(), 1)
    assert [field.name for field in since.changes] == ["elu", "industriel"]
    assert since.who(Territoire._meta.get_field("elu")).startswith("Sacha (le ")
    assert since.who(Territoire._meta.get_field("industriel")).startswith("René (le ")
    assert since.reason == "fusionné avec la modification de René et Sacha"
    assert len(since.reason) <= 100


@pytest.mark.parametrize("seen", [None, 0, 99])
def test_a_version_that_the_history_has_no_more(db, seen):
    row = f.TerritoireFactory()
    since = Depuis(row, seen)
    assert since.base is None
    assert not since.changes
    assert since.who(Territoire._meta.get_field("elu")) == "quelqu’un"


def test_a_many_to_many_is_compared_by_its_keys(db):
    here, there = f.RegionFactory(code="28"), f.RegionFactory(code="53")
    row = f.TerritoireFactory(region_porteuse=here, regions=[there])
    field = Territoire._meta.get_field("regions")
    assert value_in(row, field) == {"28", "53"}
    assert value_in(row.history.first(), field) == {"28", "53"}
