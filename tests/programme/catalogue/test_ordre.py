"""The order of names and of missing values, the same on both databases."""

import pytest

from programme.catalogue.ordre import OrdreFrancais, fold, order_by
from territoires.models import Region
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Saint-Étienne", "saint etienne"),
        ("L’Aigle", "l aigle"),
        ("L'Aigle", "l aigle"),
        ("ÉCŒUIL", "ecoeuil"),
        ("Æ", "ae"),
        (None, None),
        ("", ""),
    ],
)
def test_fold(text, key):
    assert fold(text) == key


def test_the_database_folds_as_python_does():
    names = ["Île-de-France", "L’Haÿ", "Ñ", "ÀÇÈÊËÏÔÛÜ", "œuvre d'Art", "zz 12"]
    for name in names:
        factories.RegionFactory(nom=name)
    rows = Region.objects.annotate(cle=OrdreFrancais("nom")).values_list("nom", "cle")
    assert dict(rows) == {name: fold(name) for name in names}


@pytest.mark.parametrize("descending", [False, True])
def test_missing_last(descending):
    for number in (2, None, 1):
        factories.CommuneFactory(population=number)
    model = factories.CommuneFactory._meta.model
    ordered = model.objects.order_by(order_by("population", descending=descending))
    found = list(ordered.values_list("population", flat=True))
    assert found == ([2, 1, None] if descending else [1, 2, None])
