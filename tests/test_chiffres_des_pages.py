"""What the scan of the figures of a page sees in its markup."""

import pytest

from tests.chiffres_des_pages import chiffres, lue

PAGE = "<main>{}</main>"
CITE = '<button name="chiffre" value="projets">Citer</button>'


@pytest.mark.parametrize(
    "figure",
    [
        '<ul><li class="chiffre"><p class="chiffre-valeur">12</p>{}</li></ul>',
        '<figure id="graphique-x"><table><tr><td class="nombre">12</td></tr></table>{}</figure>',
        '<section><table><tr><td class="nombre">12</td></tr></table>{}</section>',
        "<section><dl><dt>Montant</dt><dd>12 € {}</dd></dl></section>",
        "<section><h2>12 communes</h2>{}</section>",
        "<p>12 projets publiés. {}</p>",
    ],
)
def test_the_scan_sees_a_figure_and_its_citation(figure):
    assert [cited for *_, cited in chiffres(lue(PAGE.format(figure.format(""))))] == [False]
    assert [cited for *_, cited in chiffres(lue(PAGE.format(figure.format(CITE))))] == [True]


def test_the_scan_takes_no_date_and_no_code_for_a_figure():
    page = "<p><time>6 mars 2019</time> : signature</p><p>Le 6 mars, 12 projets.</p>"
    assert list(chiffres(lue(PAGE.format(page)))) == []
