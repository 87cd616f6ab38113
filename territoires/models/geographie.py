"""Administrative geography, by INSEE and SIREN codes. Codes are text: leading zeros matter.

Source: code officiel géographique (INSEE) and intercommunalités (DGCL), 2022.
"""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from territoires.perimetre import REFERENCE, PerimetreQuerySet


class Region(models.Model):
    code = models.CharField("code INSEE", max_length=3, primary_key=True)
    nom = models.CharField("nom", max_length=100, unique=True)
    slug = models.SlugField("adresse", max_length=100, unique=True)

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "région"
        ordering = ["nom"]

    def __str__(self):
        return self.nom

    def get_absolute_url(self):
        return reverse("region", args=[self.slug])


class Departement(models.Model):
    code = models.CharField("code INSEE", max_length=3, primary_key=True)
    nom = models.CharField("nom", max_length=100, unique=True)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="departements", verbose_name="région"
    )

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "département"
        ordering = ["code"]

    def __str__(self):
        return f"{self.nom} ({self.code})"


class Intercommunalite(models.Model):
    """An établissement public: EPCI, or établissement public territorial of Greater Paris."""

    class Nature(models.TextChoices):
        CC = "CC", "communauté de communes"
        CA = "CA", "communauté d’agglomération"
        CU = "CU", "communauté urbaine"
        METRO = "METRO", "métropole"
        EPT = "EPT", "établissement public territorial"

    siren = models.CharField("SIREN", max_length=9, primary_key=True)
    nom = models.CharField("nom", max_length=200)
    nature = models.CharField("nature", max_length=5, choices=Nature)
    departements = models.ManyToManyField(
        Departement, related_name="intercommunalites", verbose_name="départements"
    )
    population = models.PositiveIntegerField("population", null=True, blank=True)
    nb_communes = models.PositiveIntegerField("nombre de communes", null=True, blank=True)
    lon = models.FloatField("longitude (WGS84)", null=True, blank=True)
    lat = models.FloatField("latitude (WGS84)", null=True, blank=True)

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "intercommunalité"
        ordering = ["nom", "siren"]
        constraints = [
            models.CheckConstraint(
                condition=Q(siren__regex=r"^[0-9]{9}$"),
                name="intercommunalite_siren_neuf_chiffres",
                violation_error_message="Le SIREN compte neuf chiffres, sans espace.",
            )
        ]

    def __str__(self):
        return self.nom

    def get_absolute_url(self):
        return reverse("intercommunalite", args=[self.siren])


class Commune(models.Model):
    code = models.CharField("code INSEE", max_length=5, primary_key=True)
    nom = models.CharField("nom", max_length=100)
    departement = models.ForeignKey(
        Departement, models.PROTECT, related_name="communes", verbose_name="département"
    )
    intercommunalite = models.ForeignKey(
        Intercommunalite,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="communes",
        verbose_name="intercommunalité",
        help_text="Vide pour les quatre îles qui n’appartiennent à aucune intercommunalité.",
    )
    ept = models.ForeignKey(
        Intercommunalite,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="communes_ept",
        verbose_name="établissement public territorial",
        help_text="Métropole du Grand Paris seulement.",
    )
    population = models.PositiveIntegerField("population", null=True, blank=True)
    lon = models.FloatField("longitude (WGS84)", null=True, blank=True)
    lat = models.FloatField("latitude (WGS84)", null=True, blank=True)

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "commune"
        ordering = ["nom", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9][0-9AB][0-9]{3}$"),
                name="commune_code_cinq_caracteres",
                violation_error_message="Le code INSEE d’une commune compte cinq caractères.",
            )
        ]

    def __str__(self):
        return f"{self.nom} ({self.departement_id})"

    def get_absolute_url(self):
        return reverse("commune", args=[self.code])


class CodePostal(models.Model):
    commune = models.ForeignKey(
        Commune, models.CASCADE, related_name="codes_postaux", verbose_name="commune"
    )
    code = models.CharField("code postal", max_length=5, db_index=True)

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "code postal"
        verbose_name_plural = "codes postaux"
        ordering = ["code", "commune"]
        constraints = [
            models.UniqueConstraint(fields=["commune", "code"], name="code_postal_unique"),
        ]

    def __str__(self):
        return self.code


class CommuneAncienne(models.Model):
    """A delegated or associated commune, or a municipal arrondissement, and its commune today."""

    class Nature(models.TextChoices):
        DELEGUEE = "commune-deleguee", "commune déléguée"
        ASSOCIEE = "commune-associee", "commune associée"
        ARRONDISSEMENT = "arrondissement-municipal", "arrondissement municipal"

    code = models.CharField("code INSEE", max_length=5)
    nom = models.CharField("nom", max_length=100)
    commune = models.ForeignKey(
        Commune, models.CASCADE, related_name="anciennes", verbose_name="commune actuelle"
    )
    nature = models.CharField("nature", max_length=24, choices=Nature)

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "commune ancienne"
        verbose_name_plural = "communes anciennes"
        ordering = ["nom", "code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "nature"], name="commune_ancienne_unique"),
        ]

    def __str__(self):
        return self.nom

    @property
    def remarque(self):
        """What is said to somebody who wrote this code, where a commune of today is expected."""
        return (
            f"« {self.code} » est {self.nom} ({self.get_nature_display()}) : lu "
            f"{self.commune_id}, {self.commune.nom}, sa commune d’aujourd’hui."
        )
