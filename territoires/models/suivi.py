"""What keeps a record's changes safe: no save overwrites a change its author has not seen."""

from django.db import models, router, transaction
from django.db.models import F


class ConflitDeVersion(Exception):
    """The row was changed or deleted by somebody else since this instance was read."""

    def __init__(self, instance):
        self.instance = instance
        super().__init__(
            f"« {instance} » a été modifié ou supprimé depuis que vous l’avez ouvert : "
            "votre enregistrement n’a pas été fait."
        )


class Versionne(models.Model):
    """A row that counts its saves; saving from a stale copy raises `ConflitDeVersion`."""

    version = models.PositiveIntegerField("version", default=1, editable=False)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self._state.adding:
            return super().save(*args, **kwargs)
        using = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        seen = self.version
        with transaction.atomic(using=using):
            # The UPDATE takes the row's lock, so that two savers come one after the other.
            same = type(self)._base_manager.using(using).filter(pk=self.pk, version=seen)
            if not same.update(version=F("version") + 1):
                raise ConflitDeVersion(self)
            self.version = seen + 1
            if (fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*fields, "version"}
            try:
                super().save(*args, **kwargs)
            except BaseException:
                self.version = seen
                raise

    def apres_correction(self, avant):
        """Called once a corrected act gave the row back its values; `avant`: what they were."""
