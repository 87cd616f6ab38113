"""The version of the published data: one row, bumped by whatever changes a public answer."""

from django.db import models
from django.db.models import F
from django.utils import timezone

from territoires import moment
from territoires.dates import iso, le, moment_in_words


class DonneesVersionQuerySet(models.QuerySet):
    def current(self):
        """The row itself; made on first use."""
        with moment.maintenant():
            found = self.get_or_create(pk=1)[0]
        if instant := moment.actuel():
            found.modifie_le = instant
        return found

    def bump(self, *, sans_copies=False):
        """Count one more change, in the caller's transaction.

        sans_copies: no page that was kept before may be shown any more, whatever happens.
        """
        told = {"numero": F("numero") + 1, "modifie_le": timezone.now()}
        if sans_copies:
            told["plancher"] = F("numero") + 1
        if not self.filter(pk=1).update(**told):
            self.get_or_create(pk=1)


class DonneesVersion(models.Model):
    numero = models.PositiveBigIntegerField("numéro", default=1)
    modifie_le = models.DateTimeField("modifié le", default=timezone.now)
    plancher = models.PositiveBigIntegerField(
        "plancher",
        default=0,
        help_text="Aucune page gardée d’une version d’avant n’est plus montrée.",
    )
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

    @property
    def enonce(self):
        """What the data are: « version 12 des données, enregistrée le 3 mai 2022 »; at a moment,
        nobody knows which version it was.
        """
        if instant := moment.actuel():
            return f"données telles que publiées le {moment_in_words(instant)}"
        return f"version {self.numero} des données, enregistrée {le(self.modifie_le)}"

    @property
    def nom(self):
        """Its number; at a moment, the moment: what tells it from all others."""
        instant = moment.actuel()
        return iso(timezone.localtime(instant)) if instant else str(self.numero)

    def __str__(self):
        return f"version {self.numero}"
