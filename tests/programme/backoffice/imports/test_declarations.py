"""What each importable kind declares, whatever the published dataset gains."""

from collections import Counter

import pytest

from programme.backoffice.imports.declarations import IMPORTABLES
from programme.backoffice.imports.valeurs import lire
from programme.donnees.schema import Type
from territoires.recherche.texte import plier


@pytest.mark.parametrize("genre", IMPORTABLES.values(), ids=list(IMPORTABLES))
def test_a_header_names_one_column(genre):
    """A column that the dataset gains takes the name or title of none that the desk adds."""
    written = [{colonne.nom, plier(colonne.titre)} for colonne in genre.complet.colonnes]
    assert [
        word for word, times in Counter(w for s in written for w in s).items() if times > 1
    ] == []


@pytest.mark.parametrize(
    ("type_", "cell"),
    [
        (Type.CODE, "fai-0001"),
        (Type.TEXTE, "Forge"),
        (Type.CHOIX, "signé"),
        (Type.LISTE, "28|53"),
        (Type.NOMS, "État|Région"),
        (Type.ENTIER, "12"),
        (Type.NOMBRE, "48,7"),
        (Type.DATE, "06/03/2019"),
        (Type.BOOLEEN, "oui"),
    ],
    ids=[type_.name for type_ in Type],
)
def test_every_type_of_column_is_read(type_, cell):
    assert lire(type_, cell, valeurs=("signé",)) is not None
