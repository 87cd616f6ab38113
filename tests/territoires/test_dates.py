"""A date never goes without what it stands for, and is written in one way."""

from datetime import UTC, date, datetime

import pytest

from territoires import dates

JOUR = date(2018, 11, 1)


@pytest.mark.parametrize(
    ("precision", "seul", "le", "depuis"),
    [
        ("jour", "1er novembre 2018", "le 1er novembre 2018", "depuis le 1er novembre 2018"),
        ("exacte", "1er novembre 2018", "le 1er novembre 2018", "depuis le 1er novembre 2018"),
        ("mois", "novembre 2018", "en novembre 2018", "depuis novembre 2018"),
        ("année", "2018", "en 2018", "depuis 2018"),
        (
            "au plus tard",
            "au plus tard le 1er novembre 2018",
            "au plus tard le 1er novembre 2018",
            "depuis le 1er novembre 2018 au plus tard",
        ),
        (
            "reconstituée",
            "1er novembre 2018 (date reconstituée)",
            "le 1er novembre 2018 (date reconstituée)",
            "depuis le 1er novembre 2018 (date reconstituée)",
        ),
        (
            "",
            "1er novembre 2018 (précision non renseignée)",
            "le 1er novembre 2018 (précision non renseignée)",
            "depuis le 1er novembre 2018 (précision non renseignée)",
        ),
    ],
)
def test_words_say_what_is_known(precision, seul, le, depuis):
    assert dates.date_in_words(JOUR, precision) == seul
    assert dates.le(JOUR, precision) == le
    assert dates.depuis(JOUR, precision) == depuis


@pytest.mark.parametrize(("precision", "known"), [("mois", "2018-11"), ("année", "2018")])
def test_machines_are_told_no_more(precision, known):
    assert dates.connu(JOUR, precision) == known


def test_a_moment_is_told_in_france():
    assert dates.moment_in_words(datetime(2019, 4, 30, 22, 5, tzinfo=UTC)) == "1er mai 2019 à 00:05"
