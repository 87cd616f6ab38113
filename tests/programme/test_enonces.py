"""A figure in words: its hedge, every digit of it, its unit."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from programme.enonces import enonce, promesse, quantite
from tests import factories as f


def plain(text):
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("nature", "valeur", "unite", "said"),
    [
        ("exact", 136, "territoires", "136 territoires"),
        ("plus de", 1_400, "projets", "plus de 1 400 projets"),
        ("près de", 2_000_000_000, "EUR", "près de 2 Md€"),
        ("exact", 5_400_000_000, "EUR", "5,4 Md€"),
        ("exact", 298_500_000, "EUR", "298,5 M€"),
        ("exact", 4_000, "EUR", "4 000 €"),
        ("exact", 1_106_882_317, "EUR", "1 106 882 317 €"),
        ("environ", 100_000_000, "EUR par an", "environ 100 M€ par an"),
        ("exact", 87, "% de 144", "87 % de 144"),
        ("exact", 1, "contrats", "1 contrat"),
        ("exact", 0, "EUR", "0 €"),
        ("une trentaine de", 30, "territoires", "une trentaine de territoires"),
        ("une centaine de", 100, "entreprises", "une centaine d’entreprises"),
        ("une trentaine de", 30, "", "une trentaine"),
        ("plus de", 1_400, "", "plus de 1 400"),
    ],
)
def test_enonce(nature, valeur, unite, said):
    assert plain(enonce(nature, valeur, unite)) == said


@pytest.mark.parametrize("valeur", [0, 1, 999, 1_000_000, 1_234_567, 1_370_000_000, 10**15 + 1])
def test_an_amount_keeps_every_digit(valeur):
    said = quantite(valeur, "EUR")
    number, _, unit = said.rpartition("\N{NO-BREAK SPACE}")
    size = {"€": 1, "M€": 10**6, "Md€": 10**9}[unit]
    digits = "".join(number.split()).replace(",", ".")
    assert round(float(digits) * size) == valeur


@pytest.mark.parametrize(
    ("cible", "approximatif", "mots", "said"),
    [
        (20, True, "une vingtaine", "une vingtaine de territoires"),
        (5, False, "dont 5", "5 territoires"),
        (20, True, "", "environ 20 territoires"),
        (20, None, "", "20 territoires"),
        (None, None, "", None),
    ],
)
def test_promesse(cible, approximatif, mots, said):
    found = promesse(cible, "territoires", approximatif, mots)
    assert (found and plain(found)) == said


@pytest.mark.django_db
class TestChiffre:
    def test_it_reads_with_its_hedge(self):
        chiffre = f.ChiffreAnnonceFactory(nature="plus de", valeur=1_400, unite="projets")
        assert plain(str(chiffre)) == "plus de 1 400 projets"
        assert plain(chiffre.nombre) == "plus de 1 400"

    def test_a_day_to_come_is_refused(self):
        tomorrow = timezone.localdate() + timezone.timedelta(days=1)
        with pytest.raises(ValidationError, match="n’est pas daté d’un jour à venir"):
            f.ChiffreAnnonceFactory.build(date=tomorrow).full_clean()

    def test_a_hedge_that_is_a_number_has_that_number(self):
        with pytest.raises(ValidationError, match="« une trentaine de » se dit de 30"):
            f.ChiffreAnnonceFactory.build(nature="une trentaine de", valeur=29).full_clean()

    def test_a_negative_figure_is_refused(self):
        with pytest.raises(ValidationError, match="supérieure ou égale à 0"):
            f.ChiffreAnnonceFactory.build(valeur=-4).full_clean()


@pytest.mark.django_db
class TestMemeActe:
    def test_it_is_one_of_the_same_territory(self):
        other = f.ContratFactory()
        row = f.ContratFactory(meme_acte_que=other)
        with pytest.raises(ValidationError, match="ont un même territoire"):
            row.full_clean()

    def test_doubles_are_those_whose_other_name_is_in_the_list_too(self):
        protocole = f.ContratFactory(type="protocole")
        contrat = f.ContratFactory(type="contrat", territoire=protocole.territoire)
        type(protocole).objects.filter(pk=protocole.pk).update(meme_acte_que=contrat)
        every = type(protocole).objects.published()
        assert list(every.doubles()) == [protocole]
        assert not every.filter(type="protocole").doubles()

    def test_a_draft_is_not_named(self, client):
        draft = f.ContratFactory(intitule="Acte secret", publication="brouillon")
        row = f.ContratFactory(meme_acte_que=draft, territoire=draft.territoire)
        assert "secret" not in client.get(row.get_absolute_url()).content.decode()
        assert "acte-secret" not in client.get("/contrats/?format=csv").getvalue().decode()
