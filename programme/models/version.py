"""The version of the published data: one row, bumped by whatever changes a public answer."""

from django.db import models
from django.db.models import F
from django.utils import timezone

from territoires import moment


class DonneesVersionQuerySet(models.QuerySet):
    def current(self):
        """The row itself; made on first use."""
        with moment.maintenant():
            return self.get_or_create(pk=1)[0]

    def bump(self):
        """Count one more change, in the caller's transaction."""
        changed = self.filter(pk=1).update(numero=F("numero") + 1, modifie_le=timezone.now())
        if not changed:
            self.get_or_create(pk=1)


class DonneesVersion(models.Model):
    numero = models.PositiveBigIntegerField("numéro", default=1)
    modifie_le = models.DateTimeField("modifié le", default=timezone.now)
    jour = models.DateField(
        "carte située jusqu’au",
        null=True,
        blank=True,
        help_text="Dernier jour dont les entrées et les sorties de membres ont situé les "
        "territoires : voir programme.jour.",
    )

    objects = DonneesVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version des données"
        verbose_name_plural = "versions des données"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="donnees_version_une_ligne")
        ]

    def __str__(self):
        return f"version {self.numero}"
