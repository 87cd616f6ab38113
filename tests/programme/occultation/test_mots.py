"""What is masked is found however it is written, and nothing else is."""

import json
from datetime import date
from urllib.parse import quote_plus

import pytest

from programme.occultation.mots import Masque, TropCourt, motif_de
from territoires.occultes import est_occulte, marque

JOUR = date(2027, 3, 26)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("06 12 34 56 78", "+33 6 12 34 56 78"),
        ("0612345678", "+33(0)6.12.34.56.78"),
        ("0612345678", "06·12–34_56 78"),
        ("+33 6 12 34 56 78", "06-12-34-56-78"),
        ("0033612345678", "0612345678"),
        ("Camille  Martin", "CAMILLE MARTIN"),
        ("Camille Martin", "Martin, Camille"),
        ("Camille Martin", "camille-martin"),
        ("Zoé Petit", "Zoe PETIT"),
        ("Zoe Petit", "Zoe\u0301 Petit"),
        ("Cœur Martin", "coeur martin"),
        ("l'Orne 12", "l’Orne  12"),
        ("camille@exemple.fr", "Camille@exemple.fr"),
        ("12 rue (haute)", "12 rue (haute)"),
    ],
)
def test_what_was_typed_is_found_however_it_is_written(typed, text):
    assert motif_de(typed).sub("x", f"Voir {text}; puis.") == "Voir x; puis."


@pytest.mark.parametrize(
    ("typed", "text"),
    [("06 12 34 56 78", "106123456789"), ("Martin", "Martinet"), ("123456", "81234567")],
)
def test_what_only_looks_like_it_is_left(typed, text):
    assert motif_de(typed).sub("x", text) == text


@pytest.mark.parametrize("typed", ["12 34", "ab", "+1", "   a  b "])
def test_what_would_be_found_anywhere_is_refused(typed):
    with pytest.raises(TropCourt, match="se trouverait partout"):
        motif_de(typed)


DIT = quote_plus(marque(JOUR))


@pytest.mark.parametrize(
    ("kept", "masked"),
    [
        ("q=Zo%C3%A9+Petit&region=28", f"q={DIT}&region=28"),
        ("/projets/?q=zoe%20petit&format=csv", f"/projets/?q={DIT}&format=csv"),
        ('[{"name": "Zo\\u00e9 Petit"}]', json.dumps([{"name": marque(JOUR)}])),
        ({"Zoé Petit": ["Zoé Petit", 1, None]}, {marque(JOUR): [marque(JOUR), 1, None]}),
        ("50 % + 3 %", "50 % + 3 %"),
    ],
)
def test_it_is_found_in_what_is_not_written_as_it_reads(kept, masked):
    assert Masque("Zoé Petit", JOUR).sur(kept) == masked


def test_the_mark_is_one_word():
    assert (marque(), marque(JOUR)) == ("[occulté]", "[occulté le 26 mars 2027]")
    assert est_occulte(marque())
    assert est_occulte(marque(JOUR))
    assert not est_occulte("occulté")
    assert Masque("Zoé Petit", JOUR).adresse("zoe-petit-maire") == "occulte-maire"
