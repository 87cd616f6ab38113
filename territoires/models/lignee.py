"""What a territory of one phase became in the next: the one table that is computed and kept.

`territoires.lignees` makes it anew in the transaction of whatever changes what it is made of.
"""

from django.db import models
from django.db.models import F

from territoires.models.territoire import Territoire
from territoires.perimetre import REFERENCE, PerimetreQuerySet


class Nature(models.TextChoices):
    """What the heir is to the territory it comes from.

    IDENTIQUE: the very communes of one; ELARGI: all of one and more, none of another; REDUIT: a
    part of one, nothing else; RECOMPOSE: all else; NOUVEAU: no commune of the phase before;
    SORTI: no heir.
    """

    IDENTIQUE = "identique", "identique"
    ELARGI = "élargi", "élargi"
    REDUIT = "réduit", "réduit"
    RECOMPOSE = "recomposé", "recomposé"
    NOUVEAU = "nouveau", "nouveau"
    SORTI = "sorti", "sorti"


class LigneeQuerySet(PerimetreQuerySet):
    def with_territoires(self):
        """With the territory of each side."""
        return self.select_related("avant", "apres")


class Lignee(models.Model):
    """Two territories that share communes, or one alone: `nouveau` has no `avant`, `sorti` no
    `apres`. Parts go from 0 to 1; null on the side where there is no territory.
    """

    avant = models.ForeignKey(
        Territoire,
        models.CASCADE,
        null=True,
        related_name="suites",
        verbose_name="territoire de la phase 1",
    )
    apres = models.ForeignKey(
        Territoire,
        models.CASCADE,
        null=True,
        related_name="origines",
        verbose_name="territoire de la phase 2",
    )
    nature = models.CharField("nature", max_length=10, choices=Nature)
    communes = models.PositiveIntegerField("communes communes")
    part_communes_avant = models.FloatField("part des communes, phase 1", null=True)
    part_communes_apres = models.FloatField("part des communes, phase 2", null=True)
    part_habitants_avant = models.FloatField("part des habitants, phase 1", null=True)
    part_habitants_apres = models.FloatField("part des habitants, phase 2", null=True)

    perimetre = REFERENCE
    ordre_total = ("avant_id", "apres_id")
    """Its rows are made anew: their numbers say nothing, and must not order what is read."""
    objects = LigneeQuerySet.as_manager()

    class Meta:
        verbose_name = "lignée"
        ordering = [F("avant").asc(nulls_last=True), F("apres").asc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(fields=["avant", "apres"], name="lignee_unique"),
            models.CheckConstraint(
                condition=models.Q(avant__isnull=False) | models.Q(apres__isnull=False),
                name="lignee_un_territoire",
                violation_error_message="Une lignée a un territoire d’au moins une phase.",
            ),
        ]

    def __str__(self):
        return f"{self.avant or 'aucun'} → {self.apres or 'aucun'} : {self.nature}"
