"""The diagnosis: employment by intercommunalité, and recruitment needs by employment basin.

Sources: Insee (recensement), Urssaf; France Travail, enquête Besoins en main-d’œuvre (BMO).
"""

from django.db import models
from django.db.models import Q

from territoires.models import Commune, Departement, Intercommunalite
from territoires.perimetre import REFERENCE, PerimetreQuerySet


class MesureEmploi(models.Model):
    """One figure of employment, of a year, of an intercommunalité or of France.

    No row: the source does not tell. Jobs may be added up, shares may not.
    """

    class Indicateur(models.TextChoices):
        PART_INDUSTRIE = "part_industrie", "part de l’industrie dans l’emploi (%)"
        SALARIES_PRIVES = "salaries_prives", "salariés du secteur privé, toutes activités"

    indicateur = models.CharField("indicateur", max_length=20, choices=Indicateur)
    annee = models.PositiveSmallIntegerField("année")
    intercommunalite = models.ForeignKey(
        Intercommunalite,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="mesures_emploi",
        verbose_name="intercommunalité",
        help_text="Vide : la France.",
    )
    valeur = models.DecimalField("valeur", max_digits=12, decimal_places=2)
    source = models.TextField("source")

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "mesure de l’emploi"
        verbose_name_plural = "mesures de l’emploi"
        ordering = ["indicateur", "annee", "intercommunalite"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicateur", "annee", "intercommunalite"], name="mesure_emploi_unique"
            ),
            models.UniqueConstraint(
                fields=["indicateur", "annee"],
                condition=Q(intercommunalite=None),
                name="mesure_emploi_une_france",
                violation_error_message="La France a déjà une mesure cette année-là.",
            ),
            models.CheckConstraint(
                condition=Q(valeur__gte=0),
                name="mesure_emploi_positive",
                violation_error_message="Une mesure de l’emploi n’est pas négative.",
            ),
        ]

    @property
    def unite(self):
        return "%" if self.indicateur == self.Indicateur.PART_INDUSTRIE else "salariés"

    def __str__(self):
        where = self.intercommunalite or "France"
        return f"{self.get_indicateur_display()} – {where} – {self.annee}"


class BassinEmploi(models.Model):
    """Known by its code alone where the enquiry gives no figure of it here."""

    code = models.CharField("code", max_length=6, primary_key=True)
    nom = models.CharField("nom", max_length=100, blank=True)
    departement = models.ForeignKey(
        Departement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bassins",
        verbose_name="département",
    )

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "bassin d’emploi"
        verbose_name_plural = "bassins d’emploi"
        ordering = ["code"]

    def __str__(self):
        return self.nom or f"bassin n° {self.code}"


class BassinCommune(models.Model):
    """The basin that a commune lies in."""

    commune = models.OneToOneField(
        Commune,
        models.CASCADE,
        primary_key=True,
        related_name="bassin_commune",
        verbose_name="commune",
    )
    bassin = models.ForeignKey(
        BassinEmploi, models.CASCADE, related_name="communes", verbose_name="bassin d’emploi"
    )

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "bassin d’une commune"
        verbose_name_plural = "bassins des communes"
        ordering = ["commune"]

    def __str__(self):
        return f"{self.commune} – {self.bassin}"


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

    The source has several rows for a basin that lies in several départements: parts of one whole,
    to be added up unless one is secret.
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
    source = models.TextField("source", blank=True)

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
