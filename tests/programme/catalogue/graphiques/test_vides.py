"""A chart says something true with no row, one row, and hostile names."""

import pytest

from programme.catalogue.graphiques import fonds
from programme.catalogue.graphiques.dessin import couper
from programme.catalogue.graphiques.registre import DECLARATIONS, graphique
from programme.catalogue.pages.indicateurs import FINANCEUR_DU_FONDS
from tests import factories as f
from tests.programme.catalogue.pages.outils import texte

pytestmark = pytest.mark.django_db


@pytest.fixture
def laureat():
    """Function: a project of the fund."""
    financeur = f.FinanceurFactory(slug=FINANCEUR_DU_FONDS)

    def make(**fields):
        projet = f.ProjetFactory(**fields)
        f.FinancementFactory(projet=projet, financeur=financeur, montant_accorde_eur=None)
        return projet

    return make


@pytest.mark.parametrize("code", sorted(DECLARATIONS))
def test_with_no_data_nothing_is_claimed(code):
    chart = graphique(code)
    assert chart.titre
    assert not any(letter.isdigit() for letter in chart.titre)
    assert chart.dessin is None
    assert chart.svg().startswith("<svg")


def test_one_project_alone(client, laureat):
    laureat(investissement_eur=2_000_000, categorie="ETI", filiere="Bois")
    read = texte(client.get("/fonds/"))
    assert "Un seul projet dit son investissement" in read
    chart = texte(client.get("/graphiques/graphique-fonds-investissements/"))
    assert "de 2 M€ à 5 M€ 1 2 000 000 €" in chart
    assert "Trois projets font" not in read
    chart = texte(client.get("/graphiques/graphique-fonds-par-taille/"))
    assert "médiane sur 1 projet seulement" in chart


def test_few_that_carry_the_sum_are_named_only_when_they_do(laureat):
    for _ in range(7):
        laureat(investissement_eur=1_000_000)
    assert fonds.investissements(fonds.fonds()).titre == (
        "La moitié des 7 investissements dits ne dépasse pas 1\xa0M€"
    )
    laureat(investissement_eur=90_000_000, beneficiaire="Fonderie <b>du Perche</b>")
    chart = fonds.investissements(fonds.fonds())
    assert chart.titre.startswith("Trois projets font 95 % des 97\xa0M€ dits")
    assert "<b>" not in chart.dessin_html
    assert "&lt;b&gt;" in chart.dessin_html


def test_a_project_that_says_zero_is_told_and_not_drawn(laureat):
    laureat(investissement_eur=0)
    chart = fonds.renseignements(fonds.fonds())
    told = {ligne.titre: ligne.valeurs["dits"] for ligne in chart.lignes}
    assert told["Investissement"] == 1
    assert fonds.investissements(fonds.fonds()).lignes == []


def test_a_draft_is_in_no_chart(laureat):
    laureat(investissement_eur=2_000_000, publication="brouillon")
    assert fonds.renseignements(fonds.fonds()).lignes == []


def test_words_are_cut_between_words_alone():
    said = "Trois projets font 66 % des 1,11 Md€ dits"
    assert " ".join(couper(said, 12)) == said
    assert max(map(len, couper(said, 12))) <= 12
    assert couper("anticonstitutionnellement", 5) == ["anticonstitutionnellement"]
