"""Prove a rule of the database: refused with its French sentence, and refused without it."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

# Written by commands, the queue and buttons alone: nobody reads their sentence.
SANS_PHRASE = {
    "code_postal_unique",
    "commune_ancienne_unique",
    "ligne_chargee_unique",
    "lignee_unique",
    "lignee_un_territoire",
    "mesure_emploi_positive",
    "mesure_emploi_unique",
    "mesure_emploi_une_france",
    "mouvement_commune_unique",
    "mouvement_commune_dit_quelque_chose",
    "bassin_territoire_unique",
    "bassin_territoire_part",
    "besoin_unique",
    "entree_index_unique",
    "donnees_version_une_ligne",
    "abonnement_unique",
    "avis_unique",
    "fichier_parution_unique",
}


def constraints_of(app):
    """The names of the constraints that a person can meet, in the models of `app`."""
    return {
        constraint.name
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    } - SANS_PHRASE


def assert_refused(row, values, constraint, message):
    """`row`, saved and valid, may not take `values`: neither through a form nor by an UPDATE."""
    model, pk = type(row), row.pk
    assert constraint in {c.name for c in model._meta.constraints}
    for name, value in values.items():
        setattr(row, name, value)
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert message in refused.value.messages
    with pytest.raises(IntegrityError) as bypassed, transaction.atomic():
        model._base_manager.filter(pk=pk).update(**values)
    # SQLite names the columns of a unique index, not its name.
    assert constraint in str(bypassed.value) or (
        connection.vendor == "sqlite" and "UNIQUE" in str(bypassed.value)
    )
