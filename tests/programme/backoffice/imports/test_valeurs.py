"""Cells as Excel and LibreOffice write them: repaired when there is no doubt, else refused."""

import contextlib
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme.backoffice.imports.comparaison import pareil
from programme.backoffice.imports.valeurs import ValeurRefusee, canonical, lire, lu_autrement
from programme.donnees.schema import Type
from territoires.lecture.tables.tableau import letters

MARS = date(2019, 3, 6)
MOTS = ("attirer", "recruter", "validé en comité")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234", 1234),
        ("1 234", 1234),
        ("1\u00a0234", 1234),
        ("1\u202f234", 1234),
        ("1’234", 1234),
        ("1 234,00", 1234),
        ("1234.0", 1234),
        ("12 500 €", 12500),
        ("12 500 euros", 12500),
        ("0", 0),
        (1234, 1234),
        (1234.0, 1234),
        (" 8 ", 8),
        ("1,234,567", 1_234_567),
        ("1,5 M€", 1_500_000),
        ("12 k€", 12_000),
    ],
)
def test_whole_numbers(cell, value):
    assert lire(Type.ENTIER, cell) == value


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("douze", "« douze » n’est pas un nombre : écrivez un nombre entier, en chiffres"),
        ("12,5", "« 12,5 » : arrondissez-le à l’unité"),
        (12.5, "« 12,5 » : arrondissez-le à l’unité"),
        ("1.000", "« 1.000 » se lit de deux façons"),
        ("-5", "« -5 » est négatif"),
        ("−5", "« −5 » est négatif"),
        ("1,2E+09", "peut-être arrondie"),
        (True, "« VRAI » n’est pas un nombre"),
        (MARS, "« 06/03/2019 » n’est pas un nombre"),
        ("#N/A", "« #N/A » est une erreur du tableur"),
        ("NaN", "écrivez un nombre entier"),
    ],
)
def test_what_is_no_whole_number(cell, told):
    with pytest.raises(ValeurRefusee) as refused:
        lire(Type.ENTIER, cell)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("48,75", 48.75), ("48.75", 48.75), ("-1,5", -1.5), (48.75, 48.75), ("1 000,5", 1000.5)],
)
def test_decimal_numbers(cell, value):
    assert lire(Type.NOMBRE, cell) == value


@pytest.mark.parametrize("cell", ["1.234,5", "nord", "inf", True, MARS])
def test_what_is_no_decimal_number(cell):
    with pytest.raises(ValeurRefusee, match=r"écrivez-le comme 48,75\."):
        lire(Type.NOMBRE, cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2019-03-06",
        "2019-03-06T00:00:00",
        "2019-03-06 00:00:00",
        "2019-03-06 0:00:00",
        "06/03/2019",
        "6/3/2019",
        "06-03-2019",
        "06.03.2019",
        "06/03/19",
        "06/03/2019 00:00",
        "6 mars 2019",
        "6 MARS 2019",
        "mercredi 6 mars 2019",
        MARS,
        datetime(2019, 3, 6),
    ],
)
def test_dates(cell):
    assert lire(Type.DATE, cell) == MARS


def test_the_first_of_a_month_and_accents():
    assert lire(Type.DATE, "1er août 2020") == date(2020, 8, 1)
    assert lire(Type.DATE, "15 févr. 2021") == date(2021, 2, 15)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("31/02/2019", "« 31/02/2019 » n’existe pas au calendrier"),
        ("03/16/2019", "vérifiez le jour et le mois"),
        ("mars 2019", "« mars 2019 » n’est pas une date complète"),
        ("2019", "n’est pas une date complète"),
        ("06/03/99", "quatre chiffres"),
        ("06/03/0219", "l’année 219 est invraisemblable"),
        (43530, "« 43530 » est un nombre : mettez la cellule au format « Date »"),
        (datetime(2019, 3, 6, 14, 30), "porte une heure"),
        (True, "n’est pas une date complète"),
        ("demain", "06/03/2019"),
    ],
)
def test_what_is_no_date(cell, told):
    with pytest.raises(ValeurRefusee) as refused:
        lire(Type.DATE, cell)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("oui", True), ("Vrai", True), (True, True), ("NON", False), ("faux", False), (False, False)],
)
def test_booleans(cell, value):
    assert lire(Type.BOOLEEN, cell) is value


def test_what_is_no_boolean():
    with pytest.raises(ValeurRefusee, match="« peut-être » : écrivez oui ou non"):
        lire(Type.BOOLEEN, "peut-être")


@pytest.mark.parametrize(
    ("cell", "largeur", "value"),
    [
        ("1004", 5, "01004"),
        (1004, 5, "01004"),
        (1004.0, 5, "01004"),
        ("2a004", 5, "2A004"),
        ("1", 2, "01"),
        ("971", 2, "971"),
        ("61 300", 5, "61300"),
        (331408336.0, 9, "331408336"),
        ("331 408 336", 9, "331408336"),
        ("331408336.0", 9, "331408336"),
        (61201083, 9, "061201083"),
        ("ti-7505", 0, "ti-7505"),
    ],
)
def test_codes(cell, largeur, value):
    assert lire(Type.CODE, cell, largeur) == value


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("1,0E+8", "le tableur a remplacé le code par un nombre arrondi"),
        ("3.31408E+08", "format « Texte »"),
        ("33140833600017", "écrivez son SIREN seul"),
        ("33140833", "n’est pas un SIREN de neuf chiffres"),
        (MARS, "le tableur a pris ce code pour une date"),
    ],
)
def test_what_is_no_siren(cell, told):
    with pytest.raises(ValeurRefusee) as refused:
        lire(Type.CODE, cell, 9)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("type_", "cell", "value", "told"),
    [
        (Type.ENTIER, "12 k€", 12_000, "« 12 k€ » est lu 12\u00a0000."),
        (Type.ENTIER, "1 234,00 €", 1234, ""),
        (Type.CODE, 1004, "01004", "« 1004 » est lu 01004."),
        (Type.CODE, "327 834 214", "327834214", ""),
        (Type.TEXTE, "a", "a", ""),
    ],
)
def test_what_is_read_otherwise_is_told(type_, cell, value, told):
    assert lu_autrement(type_, cell, value) == told


def test_words_of_a_closed_list():
    assert lire(Type.CHOIX, "ATTIRER", 0, MOTS) == "attirer"
    assert lire(Type.CHOIX, "Valide en comite", 0, MOTS) == "validé en comité"
    with pytest.raises(ValeurRefusee, match="« vendre » n’est pas un des mots admis"):
        lire(Type.CHOIX, "vendre", 0, MOTS)


def test_texts():
    assert lire(Type.TEXTE, " Forges\u00a0") == "Forges"
    assert lire(Type.TEXTE, "'=SOMME(A1)") == "=SOMME(A1)"
    assert lire(Type.TEXTE, "une\r\nautre") == "une\nautre"
    assert lire(Type.TEXTE, 2019.0) == "2019"
    with pytest.raises(ValeurRefusee, match=r"caractère invisible \(U\+0000\)"):
        lire(Type.TEXTE, "a\0b")


def test_a_long_cell_is_quoted_in_part():
    with pytest.raises(ValeurRefusee) as refused:
        lire(Type.ENTIER, "x" * 100_000)
    assert len(str(refused.value)) < 200


@given(st.text(), st.sampled_from([type_ for type_ in Type if type_ is not Type.LISTE]))
def test_no_text_is_a_traceback(text, type_):
    with contextlib.suppress(ValeurRefusee):
        lire(type_, text, 5, MOTS)


@pytest.mark.parametrize(
    ("type_", "value", "current", "same"),
    [
        (Type.TEXTE, "a\nb", "a\r\nb ", True),
        (Type.TEXTE, None, "  ", True),
        (Type.TEXTE, "a", "b", False),
        (Type.TEXTE, "1", "01", True),
        (Type.TEXTE, "01", "1", False),
        (Type.CODE, "TI-7505", "ti-7505", True),
        (Type.NOMBRE, 48.123457, 48.1234567, True),
        (Type.NOMBRE, 48.123458, 48.1234567, False),
        (Type.ENTIER, 0, None, False),
        (Type.ENTIER, None, 0, False),
    ],
)
def test_what_two_spreadsheets_agree_on(type_, value, current, same):
    assert pareil(type_, value, current) is same


def test_canonical_and_letters():
    assert canonical("\ufeff a\r\u00a0") == "a"
    assert [letters(n) for n in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]
