"""Neutralising is reversible for any text, and both databases do it as Python does."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from programme.donnees.neutralisation import (
    APOSTROPHE,
    BLANCS,
    DANGERS,
    is_dangerous,
    neutralise,
    restore,
    sql_is_dangerous,
)

texts = st.text(
    st.sampled_from(APOSTROPHE + BLANCS + DANGERS + 'a1;,"\\%')
    | st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
)


@given(texts)
def test_any_text_comes_back(text):
    assert restore(neutralise(text)) == text


@given(texts)
def test_no_neutralised_text_begins_like_a_formula(text):
    assert neutralise(text).lstrip(BLANCS)[:1] not in tuple(DANGERS)


@given(texts, texts)
def test_two_texts_never_become_the_same(first, second):
    assert (neutralise(first) == neutralise(second)) is (first == second)


@pytest.mark.parametrize("text", ["Bois", "1+1", "a=b", "’ =1", "12", "", "'", "(=1)", "fin -"])
def test_an_ordinary_text_is_left_alone(text):
    assert neutralise(text) == text


@pytest.mark.parametrize("text", ["=1", "  +1", "'-1", "\t", "\u00a0@a", "＝1"])
def test_what_looks_like_a_formula_gets_an_apostrophe(text):
    assert neutralise(text) == "'" + text


@pytest.mark.django_db
def test_the_database_agrees_with_python():
    @given(texts)
    def agrees(text):
        with connection.cursor() as cursor:
            expression = sql_is_dangerous("CAST(%s AS TEXT)")
            cursor.execute(f"SELECT CASE WHEN {expression} THEN 1 ELSE 0 END", [text])
            assert cursor.fetchone()[0] == is_dangerous(text)

    agrees()
