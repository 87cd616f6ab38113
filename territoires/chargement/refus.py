"""When the database refuses a batch of rows: find which one, and say it by its line."""

from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q

from territoires.chargement.lecture import en_erreur


@contextmanager
def nommer_la_ligne(fichier, lignes, instances):
    """Run a block that writes `instances`, the records of `lignes`, in a savepoint.

    When the database refuses one, raise `ErreurDeChargement` with its line, its columns and the
    rule's own sentence. The good case costs nothing: only then are rows tried one by one.
    """
    try:
        with transaction.atomic():
            yield
    except (IntegrityError, DataError) as error:
        raise _premier_refus(fichier, lignes, instances, error) from error


def _premier_refus(fichier, lignes, instances, error):
    with transaction.atomic():
        transaction.set_rollback(True)
        for ligne, instance in zip(lignes, instances, strict=True):
            if refus := _refus(fichier, instance):
                columns, phrase = refus
                return en_erreur(
                    fichier, [(ligne.numero, ", ".join(columns), f"{phrase} Corrigez la ligne.")]
                )
            try:
                with transaction.atomic():
                    instance.save_base(raw=True)
            except (IntegrityError, DataError) as refused:
                return en_erreur(fichier, [(ligne.numero, None, f"la base refuse : {refused}")])
    return en_erreur(fichier, [(lignes[0].numero, None, f"la base refuse : {error}")])


def _refus(fichier, instance):
    """(columns, sentence) of the first rule that a record breaks, or None."""
    try:
        instance.validate_unique()
    except ValidationError as error:
        return list(error.error_dict), " ".join(error.messages)
    for constraint in type(instance)._meta.constraints:
        try:
            constraint.validate(type(instance), instance)
        except ValidationError as error:
            named = set(getattr(constraint, "fields", ())) | _champs(constraint)
            return [c for c in fichier.colonnes if c in named], " ".join(error.messages)
    return None


def _champs(constraint):
    """The fields that a check constraint compares."""
    names, left = set(), [getattr(constraint, "condition", None)]
    while left:
        node = left.pop()
        if isinstance(node, Q):
            left += node.children
        elif isinstance(node, tuple):
            names.add(node[0].partition("__")[0])
    return names
