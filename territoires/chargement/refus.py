"""When the database refuses a batch of rows: find which one, and say it by its line."""

from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from territoires.chargement.lecture import en_erreur
from territoires.contraintes import champs


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
        try:
            for ligne, instance in zip(lignes, instances, strict=True):
                if refus := _refus(fichier, instance):
                    columns, phrase = refus
                    phrase = f"{phrase} Corrigez la ligne."
                    return en_erreur(fichier, [(ligne.numero, ", ".join(columns), phrase)])
                instance.save_base(raw=True)
        except (IntegrityError, DataError) as refused:
            phrase = f"la base refuse la ligne ({refused}). Corrigez-la."
            return en_erreur(fichier, [(ligne.numero, None, phrase)])
        finally:
            transaction.set_rollback(True)
    return en_erreur(fichier, [(lignes[0].numero, None, f"la base refuse le lot ({error}).")])


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
            named = champs(constraint)
            return [c for c in fichier.colonnes if c in named], " ".join(error.messages)
    return None
