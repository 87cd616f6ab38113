"""What is masked in what a stranger sends, and what is not."""

import pytest

from territoires.lecture.personnel import masquer


@pytest.mark.parametrize(
    ("text", "nom"),
    [
        ("Appelez le 06 12 34 56 78 demain", "numéro de téléphone"),
        ("06.12.34.56.78", "numéro de téléphone"),
        ("le 06-12/34(56)78", "numéro de téléphone"),
        ("+33 6 12 34 56 78", "numéro de téléphone"),
        ("0033612345678", "numéro de téléphone"),
        ("06\u200b12\u200b34\u200b56\u200b78", "numéro de téléphone"),
        ("écrire à anne.martin@exemple.fr.", "adresse électronique"),
        ("anne (at) exemple.fr", "adresse électronique"),
        ("mon NIR : 2 85 05 78 006 084 36", "numéro de sécurité sociale"),
        ("185057800608436", "numéro de sécurité sociale"),
        ("1 85 05 2A 006 084", "numéro de sécurité sociale"),
        ("FR76 3000 6000 0112 3456 7890 189", "numéro de compte bancaire"),
        ("fr7630006000011234567890189", "numéro de compte bancaire"),
        ("j’habite 12 bis, rue des Forges", "adresse postale"),
        ("3 avenue Jean Jaurès, 61000 Alençon", "adresse postale"),
    ],
)
def test_what_leads_to_a_person_is_masked(text, nom):
    masked, found = masquer(text)
    assert found == [nom]
    assert f"[{nom} masqué" in masked
    digits = [part for part in text.split() if len(part) > 3 and part.isdigit()]
    assert not any(part in masked for part in digits if part != "61000")


@pytest.mark.parametrize(
    "text",
    [
        "1 500 000 €, et non 1 200 000 €",
        "le 12/03/2022, puis le 13 avril 2022",
        "SIREN 552 100 554, SIRET 552 100 554 00013",
        "d’après https://www.exemple.fr/dossier-2022/bilan.pdf, page 12",
        "2018–2023, 146 territoires, 1 400 projets",
        "le contrat de la rue d’en face compte 12 actions",
        "",
    ],
)
def test_what_a_correction_says_is_kept(text):
    assert masquer(text) == (text, [])


def test_lines_are_kept_and_hostile_lengths_are_quick():
    assert masquer("un\ndeux\x00\u202e")[0] == "un\ndeux"
    for text in ("0" * 9_000, "a@" * 4_000, "12 rue " * 2_000, "FR76" * 2_000, "+" * 9_000):
        masquer(text)
