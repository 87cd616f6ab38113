"""Only what is published is public, and a child never shows without its parents."""

import re

import pytest
from django.apps import apps
from django.db.models import EmailField

from programme.models import Publication
from tests import factories as f

pytestmark = pytest.mark.django_db

FACTORIES = {
    factory._meta.model: factory
    for factory in vars(f).values()
    if isinstance(factory, type) and getattr(factory, "_meta", None) and factory._meta.model
}
WITH_PARENTS = {
    "Decision": {
        "contrat": lambda: {"contrat": f.ContratFactory()},
        "projet": lambda: {"projet": f.ProjetFactory()},
    },
    "Document": {
        "contrat": lambda: {"territoire": None, "contrat": f.ContratFactory()},
        "projet": lambda: {"territoire": None, "projet": f.ProjetFactory()},
        "seance": lambda: {"territoire": None, "seance": f.SeanceFactory()},
    },
    "Affirmation": {"personne": lambda: {"personne": f.PersonneFactory()}},
}


PUBLISHABLE = [
    (model, lookup)
    for model in apps.get_app_config("programme").get_models()
    for lookup in getattr(model, "publication_lookups", ())
]


def make(model, lookup):
    """A published row of `model` that has the parent named in `lookup`, and that parent."""
    parent = lookup.rpartition("__")[0]
    extra = WITH_PARENTS.get(model.__name__, {}).get(parent, dict)()
    row = FACTORIES[model](**extra)
    return row, getattr(row, parent) if parent else row


@pytest.mark.parametrize("state", [s for s in Publication if s != Publication.PUBLIE])
@pytest.mark.parametrize(
    ("model", "lookup"), PUBLISHABLE, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_row_hides_with_each_publication_it_depends_on(model, lookup, state):
    row, holder = make(model, lookup)
    assert holder is not None
    assert list(model.objects.published().filter(pk=row.pk)) == [row]
    holder.publication = state
    holder.save()
    assert not model.objects.published().filter(pk=row.pk).exists()
    if hasattr(row, "est_publie"):
        assert row.est_publie is False


def test_a_new_record_is_a_draft():
    drafts = [m for m in FACTORIES if hasattr(m, "publication")]
    assert drafts
    for model in drafts:
        assert model().publication == Publication.BROUILLON


@pytest.mark.parametrize("model", sorted({m for m, _ in PUBLISHABLE}, key=lambda m: m.__name__))
def test_every_child_of_a_publishable_record_asks_its_parent(model):
    """A foreign key to a record with a publication is a reason to be hidden, or is said why not."""
    # Neither a project nor a contract waits for another, nor a budget or a séance to be told.
    free = {
        ("Projet", "contrat"),
        ("Contrat", "seance"),
        ("Contrat", "meme_acte_que"),
        ("Contrat", "absorbe_par"),
        ("Projet", "absorbe_par"),
        ("Financement", "enveloppe"),
    }
    parents = {
        field.name
        for field in model._meta.fields
        if field.is_relation and hasattr(field.related_model, "publication")
    }
    asked = {lookup.split("__")[0] for lookup in model.publication_lookups if "__" in lookup}
    assert asked == {name for name in parents if (model.__name__, name) not in free}


def test_reference_models_are_all_public():
    source = f.SourceFactory()
    assert list(type(source).objects.published()) == [source]


def test_an_empty_parent_hides_nothing():
    decision = f.DecisionFactory(contrat=None, projet=None)
    assert list(type(decision).objects.published()) == [decision]


def test_no_record_has_room_for_private_contacts():
    """A person's name and function in office, nothing else: only an agent signs in by e-mail.

    Who follows a page, or waits for an answer, is kept encrypted until told, and is no record.
    """
    private = re.compile("mail|courriel|tel(ephone)?$|telephone|portable|naissance")
    found = {
        f"{model.__name__}.{field.name}"
        for model in FACTORIES
        for field in model._meta.fields
        if isinstance(field, EmailField) or private.search(field.name)
    }
    assert found == {"Agent.email", "Abonne.courriel", "Proposition.courriel"}
