"""What reference rows said before they changed or went: kept then, and only then.

A table that is loaded whole and seldom changes needs no record a save: `EtatAncien` holds a state
that is over, until when, and that a row was not there yet. `territoires.moment` reads the table
with them. Whoever writes through the managers, one row or many, has nothing to do.
"""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone

from territoires.perimetre import NATIONAL, PerimetreQuerySet

LOT = 2_000


class EtatAncien(models.Model):
    """What a row said until a moment, by column; `valeurs` is null when it was not there yet."""

    modele = models.CharField("modèle", max_length=60)
    cle = models.CharField("clé", max_length=60)
    jusque = models.DateTimeField("jusqu’au", default=timezone.now)
    valeurs = models.JSONField("valeurs", null=True, encoder=DjangoJSONEncoder)

    perimetre = NATIONAL
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "état ancien"
        verbose_name_plural = "états anciens"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["modele", "cle", "jusque"], name="etat_ancien_ligne")]

    def __str__(self):
        return f"{self.modele} {self.cle}"


class EtatsQuerySet(PerimetreQuerySet):
    """Keeps the state of the rows that it changes."""

    def update(self, **values):
        with transaction.atomic(using=self.db):
            _garder(self)
            return super().update(**values)

    update.alters_data = True

    def delete(self):
        with transaction.atomic(using=self.db):
            _garder(self)
            return super().delete()

    delete.alters_data = True
    delete.queryset_only = True

    def bulk_create(self, objs, *args, ignore_conflicts=False, update_conflicts=False, **kwargs):
        if ignore_conflicts:
            raise ValueError("which rows are new would not be known: compare them first")
        with transaction.atomic(using=self.db):
            before = set()
            if update_conflicts:
                keys = [row.pk for row in objs]
                for start in range(0, len(keys), LOT):
                    before |= _garder(self.filter(pk__in=keys[start : start + LOT]))
            made = super().bulk_create(objs, *args, update_conflicts=update_conflicts, **kwargs)
            _noter_absence(self.model, [row.pk for row in made if row.pk not in before])
            return made


class AvecEtats(models.Model):
    """A row whose past states are kept. `Meta.base_manager_name` says who keeps them."""

    etats_gardes = True

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args, **kwargs):
        with transaction.atomic():
            known = self.pk is not None and _garder(type(self)._base_manager.filter(pk=self.pk))
            super().save(*args, **kwargs)
            if not known:
                _noter_absence(type(self), [self.pk])

    def delete(self, *args, **kwargs):
        with transaction.atomic():
            _garder(type(self)._base_manager.filter(pk=self.pk))
            return super().delete(*args, **kwargs)


def _garder(rows):
    """Keep what `rows` say now; return their keys."""
    fields = rows.model._meta.concrete_fields
    held = rows.order_by().select_for_update().values(*(field.attname for field in fields))
    pk = rows.model._meta.pk.attname
    states = {row[pk]: {field.column: row[field.attname] for field in fields} for row in held}
    _noter(rows.model, states)
    return states.keys()


def _noter_absence(model, keys):
    _noter(model, dict.fromkeys(keys))


def _noter(model, states):
    now, label = timezone.now(), model._meta.label
    EtatAncien.objects.bulk_create(
        (
            EtatAncien(modele=label, cle=str(key), jusque=now, valeurs=values)
            for key, values in states.items()
        ),
        batch_size=LOT,
    )
