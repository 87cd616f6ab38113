"""Each factory makes a row that its own model's rules accept, and that the public may see."""

import inspect

import pytest
from django.apps import apps

from tests import factories

FACTORIES = [
    member
    for _, member in inspect.getmembers(factories, inspect.isclass)
    if issubclass(member, factories.Fabrique) and member is not factories.Fabrique
]


SELON_LA_REPONSE = {factories.PropositionFactory}
"""What is published once it is answered: a row as it is made waits."""
# Tables that are built from the others.
DERIVED = {"EntreeIndex", "MotIndex", "Rangement", "Retouche", "TrigrammeIndex"}


@pytest.mark.django_db
@pytest.mark.parametrize("factory", FACTORIES, ids=lambda f: f.__name__)
def test_rows_are_valid_twice_and_published(factory):
    made = [factory(), factory()]
    for row in made:
        row.full_clean()
    manager = type(made[0])._default_manager
    if hasattr(manager, "published") and factory not in SELON_LA_REPONSE:
        assert set(manager.published()) >= set(made)


def test_every_model_has_its_factory():
    ours = {
        model
        for model in apps.get_models()
        if model._meta.app_label in {"territoires", "programme"}
        and not model._meta.auto_created
        and model._meta.managed
        and not model.__name__.startswith("Historical")
        and model.__name__ not in DERIVED
    }
    assert {f._meta.model for f in FACTORIES} >= ours
