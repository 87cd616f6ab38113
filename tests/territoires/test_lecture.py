"""One reader of values: what is read in one way alone is read, the rest is told what to write."""

import contextlib
import unicodedata
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires import lecture
from territoires.lecture import ValeurRefusee
from territoires.lecture.codes import is_siret
from territoires.recherche.texte import plier

EUROS = "€"
NIC = next(nic for nic in map("{:05}".format, range(10, 30)) if is_siret(f"327834214{nic}"))
TVA = (12 + 3 * (327834214 % 97)) % 97


def refusal(read, *args, **kwargs):
    """The sentence of a refusal, with plain spaces."""
    with pytest.raises(ValeurRefusee) as refused:
        read(*args, **kwargs)
    return str(refused.value).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1 500 000 €", 1_500_000),
        ("1\u202f500\u202f000\u00a0€", 1_500_000),
        ("1500000,00", 1_500_000),
        ("1'500'000", 1_500_000),
        ("1.500.000", 1_500_000),
        ("1.500.000,00", 1_500_000),
        ("1,500,000.00", 1_500_000),
        ("€ 1500", 1500),
        ("1500 euros", 1500),
        ("12 k€", 12_000),
        ("12K€", 12_000),
        ("12 KE", 12_000),
        ("1,2 M€", 1_200_000),
        ("1.25 M€", 1_250_000),
        ("1,5 million", 1_500_000),
        ("2 millions d’euros", 2_000_000),
        ("1,2 Md€", 1_200_000_000),
        ("3 milliards d'euros", 3_000_000_000),
        ("1\u200b500\u00ad\ufeff", 1500),
        ("0", 0),
        ("007", 7),
        (1234.0000000000002, 1234),
        (12.0, 12),
        (Decimal("12.00"), 12),
    ],
)
def test_amounts(written, value):
    assert lecture.entier(written, unite=EUROS) == value


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("1,5", "« 1,5 » : les montants sont en euros entiers. Écrivez 1 ou 2 ; pour 1,5 million"),
        ("1 250 000,50", "Écrivez 1 250 000 ou 1 250 001."),
        ("1,2345678 M€", "Écrivez 1 234 567 ou 1 234 568."),
        ("1.500", "« 1.500 » se lit de deux façons : écrivez 1 500, sans point ni virgule ; si"),
        ("12,345", "se lit de deux façons : écrivez 12 345"),
        ("1.500 M€", "se lit de deux façons : écrivez 1 500 000 000 ou 1 500 000."),
        ("12 m€", "« m » se lit millions ou milliers. Écrivez 12 000 000 ou 12 000."),
        ("12 50", "les espaces n’y séparent pas des milliers. Écrivez 1250"),
        ("-5", "« -5 » est négatif"),
        ("−5", "« −5 » est négatif"),
        ("(5)", "« (5) » est négatif"),
        ("12 %", "est un pourcentage"),
        ("1e6", "écrivez le nombre en entier, 1 000 000 si c’est bien lui."),
        ("1e999999999999", "écrivez le nombre en entier, en chiffres."),
        ("NaN", "n’est pas un nombre"),
        ("inf", "n’est pas un nombre"),
        (float("nan"), "n’est pas un nombre"),
        (float("-inf"), "n’est pas un nombre"),
        pytest.param(
            "1" + "0" * 400, "compte 401 chiffres : un nombre a 15 chiffres au plus", id="401"
        ),
        pytest.param(10**400, "dépasse 1 000 000 000 000 000", id="10^400"),
        pytest.param(10**5000, "« un nombre immense » dépasse", id="immense"),
        ("1" + "0" * 16, "dépasse 1 000 000 000 000 000, le plus grand nombre admis ici"),
        pytest.param("x" * 100_000, "est trop long", id="long"),
        ("１２", "n’est pas écrit avec les chiffres 0 à 9 : retapez-le : 12."),
        ("١٢", "n’est pas écrit avec les chiffres 0 à 9 : retapez-le : 12."),
        ("½", "n’est pas un nombre"),
        ("12 $", "n’est pas en euros"),
        ("12 kF", "n’est pas en euros"),
        ("environ 1500", "écrivez seulement 1500."),
        ("1 500 000 € HT", "écrivez seulement 1 500 000."),
        ("1500 à 2000", "contient plusieurs nombres"),
        ("douze", "n’est pas un nombre : écrivez un nombre entier, en chiffres"),
        (12.5, "« 12,5 » : les montants sont en euros entiers. Écrivez 12 ou 13"),
        (True, "« VRAI » n’est pas un nombre"),
        (date(2019, 3, 6), "« 06/03/2019 » n’est pas un nombre"),
    ],
)
def test_what_is_no_amount(written, told):
    assert told in refusal(lecture.entier, written, unite=EUROS)


def test_what_is_counted_is_no_amount():
    assert lecture.entier("1 250", unite="emplois") == 1250
    told = "ce champ compte des emplois. Écrivez le nombre seul, 12 000."
    assert told in refusal(lecture.entier, "12 k€", unite="emplois")
    assert "arrondissez-le à l’unité" in refusal(lecture.entier, "12,5", unite="emplois")
    assert "dépasse 32 767" in refusal(lecture.entier, "40000", unite="", maximum=32_767)
    assert lecture.annee("2021") == 2021
    assert "écrivez-la sur quatre chiffres" in refusal(lecture.annee, "21")


@pytest.mark.parametrize(
    ("written", "value"),
    [("48,52575", 48.52575), ("48.525", 48.525), ("−21,1", -21.1), ("1 000,5", 1000.5), (2, 2.0)],
)
def test_numbers_with_decimals(written, value):
    assert lecture.decimal(written) == value


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("1.234,5", "écrivez-le comme 48,75."),
        ("48.5, -1.3", "contient plusieurs nombres"),
        ("48°31'", "contient plusieurs nombres"),
        ("nan", "n’est pas un nombre"),
        ("9" * 30, "a trop de chiffres : gardez-en 17 au plus, décimales comprises."),
        (float("inf"), "n’est pas un nombre admis"),
        ("4852575", "hors des bornes (-90 à 90) : la virgule manque-t-elle ?"),
    ],
)
def test_what_is_no_decimal(written, told):
    assert told in refusal(lecture.decimal, written, minimum=-90, maximum=90)


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-01",
        "2024/03/01",
        "2024-03-01T00:00:00Z",
        "01/03/2024",
        "1/3/24",
        "1.3.2024",
        "01.03.2024",
        "01 – 03 – 2024",
        "1er mars 2024",
        "1ᵉʳ mars 2024",
        "le 1 mars 2024",
        "vendredi 1er mars 2024",
        "1-mars-24",
        "20240301",
        "\u200b01/03/2024\u00a0",
        date(2024, 3, 1),
        datetime(2024, 3, 1, 0, 0, 0, 9000),
        datetime(2024, 2, 29, 23, 59, 59, 990_000),
    ],
)
def test_days(written):
    assert lecture.jour(written) == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("mars 2024", "par exemple 01/03/2024 ; là où une précision se choisit, prenez « mois »"),
        ("2024", "par exemple 01/01/2024 ; là où une précision se choisit, prenez « année »"),
        ("au plus tard le 14/11/2019", "écrivez le jour seul, 14/11/2019"),
        ("31/02/2024", "n’existe pas au calendrier"),
        ("lundi 6 mars 2019", "le 06/03/2019 est un mercredi"),
        ("06/03/99", "écrivez l’année sur quatre chiffres"),
        ("20/12/2012 ou 21/12/2012", "n’est pas une date complète"),
        (datetime(2024, 2, 29, 14, 30), "porte une heure"),
        (43530, "est un nombre"),
        (True, "n’est pas une date"),
        ("٠٦/٠٣/٢٠١٩", "n’est pas une date complète"),
        pytest.param("6" * 100_000, "n’est pas une date complète", id="long"),
    ],
)
def test_what_is_no_day(written, told):
    assert told in refusal(lecture.jour, written)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("mars 2024", (date(2024, 3, 1), "mois")),
        ("03/2024", (date(2024, 3, 1), "mois")),
        ("2024", (date(2024, 1, 1), "année")),
        (2024, (date(2024, 1, 1), "année")),
        ("au plus tard le 14 novembre 2019", (date(2019, 11, 14), "au plus tard")),
        ("6/3/2019", (date(2019, 3, 6), "jour")),
    ],
)
def test_dates_say_their_precision(written, found):
    assert lecture.date_datee(written) == found


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("327 834 214", "327834214"),
        ("327\u200b834\u00ad214\ufeff", "327834214"),
        ("327.834.214", "327834214"),
        (327834214.0, "327834214"),
        (f"327 834 214 {NIC}", "327834214"),
        (f"FR {TVA} 327834214", "327834214"),
        (61201083, "061201083"),
        ("356000000", "356000000"),
        ("35600000000048", "356000000"),
    ],
)
def test_siren(written, value):
    assert lecture.siren(written) == value


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("327834215", "son dernier chiffre, la clé, ne correspond pas aux huit autres"),
        ("327843214", "la clé"),
        ("000000000", "la clé"),
        ("32783421499999", "écrivez son SIREN seul, 327 834 214, si c’est bien lui."),
        ("RCS Laval 327 834 214", "écrivez seulement 327 834 214."),
        ("FR00327834214", "la clé de ce numéro de TVA"),
        ("12345", "n’est pas un SIREN de neuf chiffres (5 ici)"),
        ("3.27834E+08", "le tableur a remplacé le code par un nombre arrondi"),
        (date(2019, 3, 6), "le tableur a pris ce code pour une date"),
        ("３２７８３４２１４", "avec les chiffres 0 à 9"),
        ("abc", "écrivez ses neuf chiffres."),
    ],
)
def test_what_is_no_siren(written, told):
    assert told in refusal(lecture.siren, written)


@pytest.mark.parametrize(
    ("written", "largeur", "value"),
    [
        ("2a", 2, "2A"),
        ("1", 2, "01"),
        ("971", 2, "971"),
        (1004.0, 5, "01004"),
        ("75\u00a0113", 5, "75113"),
        ("ti\u20117505", 0, "ti-7505"),
        ("fai-\u00ad0003\ufeff", 0, "fai-0003"),
    ],
)
def test_codes(written, largeur, value):
    assert lecture.code(written, largeur) == value


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("e\u0301te\u0301", "été"),
        (" un\u00admot\u200b\ufeff ", "unmot"),
        ("a\r\nb\x0bc\u2028d", "a\nb\nc\nd"),
        ("l\u202ea", "la"),
        ("soixante\u00a0%", "soixante\u00a0%"),
    ],
)
def test_texts_are_composed_and_hide_nothing(written, kept):
    assert lecture.texte(written) == kept


def test_a_text_that_was_broken_is_refused():
    assert "U+0000" in refusal(lecture.texte, "a\0b")
    assert "perdu en route" in refusal(lecture.texte, "capacit\ufffd")


def test_words_and_yes_or_no():
    words = ("attirer", "validé en comité")
    assert lecture.choix("VALIDE EN COMITE", words) == "validé en comité"
    assert "Écrivez : attirer, validé en comité." in refusal(lecture.choix, "vendre", words)
    assert lecture.oui_non("Oui")
    assert not lecture.oui_non(False)
    assert "écrivez oui ou non" in refusal(lecture.oui_non, "peut-être")


READERS = [
    lecture.entier,
    lecture.annee,
    lecture.decimal,
    lecture.jour,
    lecture.date_datee,
    lecture.siren,
    lecture.code,
    lecture.texte,
    lecture.oui_non,
    lambda cell: lecture.entier(cell, unite=EUROS),
    lambda cell: lecture.code(cell, 5),
    lambda cell: lecture.choix(cell, ("oui", "non")),
]
CELLS = (
    st.text()
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.datetimes()
    | st.dates()
    | st.text(alphabet="0123456789 .,eE+-kKmMd€()%/\u00a0\u202f'’", max_size=30)
)


@given(CELLS, st.sampled_from(READERS))
def test_nothing_written_is_a_traceback(cell, read):
    with contextlib.suppress(ValeurRefusee):
        read(cell)


@given(st.integers(min_value=0, max_value=10**15))
def test_what_is_echoed_reads_the_same(value):
    assert lecture.entier(f"{lecture.groupe(value)} €", unite=EUROS) == value


@given(st.text())
def test_a_text_read_twice_is_read_once(text):
    with contextlib.suppress(ValeurRefusee):
        once = lecture.texte(text)
        assert unicodedata.is_normalized("NFC", once)
        assert lecture.texte(once) == once
        assert plier(once) == plier(lecture.net(text))


# --- Moments --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-05-01", ("2026-05-01T23:59:59.999999+02:00", True)),
        ("1er mai 2026", ("2026-05-01T23:59:59.999999+02:00", True)),
        ("2026-05-01T10:30", ("2026-05-01T10:30:00+02:00", False)),
        ("2026-05-01 10:30:05.25", ("2026-05-01T10:30:05.250000+02:00", False)),
        ("2026-01-01T10:30Z", ("2026-01-01T10:30:00+00:00", False)),
        ("2026-01-01T10:30 02:00", ("2026-01-01T10:30:00+02:00", False)),
        ("2026-01-01T10:30-0500", ("2026-01-01T10:30:00-05:00", False)),
        ("2026-10-25T02:30+01:00", ("2026-10-25T02:30:00+01:00", False)),
    ],
)
def test_a_moment_is_that_of_paris_unless_it_says_another(written, read):
    moment, whole = lecture.instant(written)
    assert (moment.isoformat(), whole) == read


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2026-05-01T25:00", "Cette heure n’existe pas"),
        ("2026-05-01T10:30+99:00", "Ce décalage n’existe pas"),
        ("2026-10-25T02:30", "n’existe pas ce jour-là, ou existe deux fois : ajoutez le décalage"),
        ("2026-03-29T02:30", "par exemple 2026-03-29T02:30+01:00"),
        ("2026-02-30T10:30", "30"),
        ("hier", "hier"),
    ],
)
def test_what_is_no_moment_is_told(written, told):
    assert told in refusal(lecture.instant, written)
