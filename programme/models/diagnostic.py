"""The diagnosis: employment basins of a territory and their recruitment needs.

Source: France Travail, enquête Besoins en main-d’œuvre (BMO).
"""

from django.db import models
from django.db.models import Q

from territoires.models import Departement, Territoire
from territoires.perimetre import REFERENCE, PerimetreQuerySet


class BassinEmploi(models.Model):
    code = models.CharField("code", max_length=6, primary_key=True)
    nom = models.CharField("nom", max_length=100)
    departement = models.ForeignKey(
        Departement, models.PROTECT, related_name="bassins", verbose_name="département"
    )
    territoires = models.ManyToManyField(
        Territoire, through="BassinTerritoire", related_name="bassins", verbose_name="territoires"
    )

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "bassin d’emploi"
        verbose_name_plural = "bassins d’emploi"
        ordering = ["code"]

    def __str__(self):
        return self.nom


class BassinTerritoire(models.Model):
    """How much of a territory lies in a basin, in communes."""

    bassin = models.ForeignKey(BassinEmploi, models.CASCADE, verbose_name="bassin d’emploi")
    territoire = models.ForeignKey(Territoire, models.CASCADE, verbose_name="territoire")
    nb_communes_communes = models.PositiveIntegerField("communes dans les deux")
    nb_communes_territoire = models.PositiveIntegerField("communes du territoire")

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "bassin d’un territoire"
        verbose_name_plural = "bassins des territoires"
        ordering = ["territoire", "bassin"]
        constraints = [
            models.UniqueConstraint(
                fields=["bassin", "territoire"], name="bassin_territoire_unique"
            ),
            models.CheckConstraint(
                condition=Q(nb_communes_communes__lte=models.F("nb_communes_territoire")),
                name="bassin_territoire_part",
            ),
        ]

    def __str__(self):
        return f"{self.territoire} – {self.bassin}"


class Metier(models.Model):
    code = models.CharField("code", max_length=6, primary_key=True)
    nom = models.CharField("nom", max_length=150)

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "métier"
        ordering = ["nom"]

    def __str__(self):
        return self.nom


class BesoinMainOeuvre(models.Model):
    """Recruitment intentions; an empty figure is a statistical secret, never zero.

    The source has several rows for some basins and trades: parts of one whole, to be added up.
    """

    annee = models.PositiveSmallIntegerField("année")
    bassin = models.ForeignKey(
        BassinEmploi, models.CASCADE, related_name="besoins", verbose_name="bassin d’emploi"
    )
    metier = models.ForeignKey(
        Metier, models.PROTECT, related_name="besoins", verbose_name="métier"
    )
    partie = models.PositiveSmallIntegerField(
        "partie",
        default=1,
        help_text="La source publie parfois plusieurs lignes pour un bassin : elles s’ajoutent.",
    )
    projets = models.PositiveIntegerField("projets de recrutement", null=True, blank=True)
    difficiles = models.PositiveIntegerField("jugés difficiles", null=True, blank=True)
    saisonniers = models.PositiveIntegerField("saisonniers", null=True, blank=True)

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "besoin en main-d’œuvre"
        verbose_name_plural = "besoins en main-d’œuvre"
        ordering = ["annee", "bassin", "metier", "partie"]
        constraints = [
            models.UniqueConstraint(
                fields=["annee", "bassin", "metier", "partie"], name="besoin_unique"
            )
        ]

    def __str__(self):
        return f"{self.metier} – {self.bassin} – {self.annee}"
