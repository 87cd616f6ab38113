"""What the history says of the changes since the version that somebody saw."""

import pytest
from django import forms

from programme.backoffice.cadre.fusion import Depuis, differs, plain, value_in
from territoires.models import Territoire
from tests import factories as f


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
