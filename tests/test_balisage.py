"""The scan of what is not valid sees each fault of its kind, and no other."""

import pytest

from tests.balisage import fautes

VALIDE = """<p>Un <a href="/a?b=%C3%A9&amp;c=1">lien</a></p><div><p>x</p></div>
<label for="a">A</label>
<select id="a" required><option value="">Aucun</option><option>B</option></select>
<input type="hidden" name="h" id="h"><div role="group" aria-label="x"></div>
<table><tr><th colspan="2">x</th></tr>
<tr><td>1</td><td><table><tr><td>y</td></tr></table></td></tr></table>
<table><tr><td rowspan="2">x</td><td>y</td></tr><tr><td>z</td></tr></table>
<iframe src="/x" width="300" title="x"></iframe><svg width="100%"></svg>"""


def test_what_is_valid_is_no_fault():
    assert fautes(VALIDE) == []


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ('<table role="table"></table>', "rôle que l’élément dit"),
        ('<table><tr><td role="cell"></td></tr></table>', "rôle que l’élément dit"),
        ('<label for="x">X</label><div id="x"></div>', "label for=x"),
        ('<label for="x">X</label><input type="hidden" id="x">', "label for=x"),
        ('<input type="hidden" aria-label="x">', "champ caché décrit"),
        ('<input type="file" checked>', "coché sans case"),
        ('<a href="/?q=publié oui">x</a>', "adresse non encodée"),
        ('<link href="/100%/">', "adresse non encodée"),
        ('<iframe width="100%"></iframe>', "width n’est pas un nombre"),
        ('<select required><option value="1">x</option></select>', "premier choix non vide"),
        ("<select required></select>", "liste obligatoire et vide"),
        ('<select><option value=""></option></select>', "choix sans mot"),
        ("<p><div>x</div></p>", "</p> d’un paragraphe déjà fermé"),
        ('<table><tr><th>x</th></tr><tr><td colspan="20">y</td></tr></table>', "lignes inégales"),
        ('<p id="a"></p><p id="a"></p>', "id répété"),
    ],
)
def test_a_fault_is_said(markup, said):
    (fault,) = fautes(markup)
    assert fault.startswith(said)
