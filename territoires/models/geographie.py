"""Administrative geography, by INSEE and SIREN codes. Codes are text: leading zeros matter.

Source: code officiel géographique (INSEE) and intercommunalités (DGCL), 2022.
"""

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Replace
from django.urls import reverse

from territoires import lecture
from territoires.perimetre import REFERENCE, PerimetreQuerySet


class IntercommunaliteQuerySet(PerimetreQuerySet):
    def designee(self, ecrit):
        """The one that a SIREN designates, however it is written; None when there is none."""
        siren = lecture.sans_signes(ecrit)[: lecture.SIREN]
        return self.filter(pk=siren).first()


class CommuneQuerySet(PerimetreQuerySet):
    def designee(self, ecrit):
        """The one of today that a code designates, its own or that of a part of it, or of before.

        None when there is none, or several.
        """
        try:
            code = lecture.code(ecrit, 5)[:9]
        except lecture.ValeurRefusee:
            return None
        if found := self.filter(pk=code).first():
            return found
        heirs = self.filter(pk__in=CommuneAncienne.objects.filter(code=code).values("commune"))
        return heirs[0] if len(heirs[:2]) == 1 else None


class Region(models.Model):
    code = models.CharField("code INSEE", max_length=3, primary_key=True)
    nom = models.CharField("nom", max_length=100, unique=True)
    slug = models.SlugField("adresse", max_length=100, unique=True)
    autres_noms = models.CharField(
        "autres noms",
        max_length=200,
        blank=True,
        help_text="Régions d’avant 2016, sigles et noms courants, séparés par une virgule.",
    )

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "région"
        ordering = ["nom"]

    def __str__(self):
        return self.nom

    def get_absolute_url(self):
        return reverse("region", args=[self.slug])


# The two of Corsica come where 20 was, between 19 and 21.
RANG_DU_DEPARTEMENT = Replace(Replace("code", Value("2A"), Value("20A")), Value("2B"), Value("20B"))


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
        ordering = [RANG_DU_DEPARTEMENT]

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
    objects = IntercommunaliteQuerySet.as_manager()

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
    objects = CommuneQuerySet.as_manager()

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
    """A name or code under which a commune, or a part of it, was or is also known.

    A delegated or associated commune and a municipal arrondissement still exist within it; the
    other natures are past, until the day `jusqu_en` when the history dates it (INSEE, since 1943).
    """

    class Nature(models.TextChoices):
        DELEGUEE = "commune-deleguee", "commune déléguée"
        ASSOCIEE = "commune-associee", "commune associée"
        ARRONDISSEMENT = "arrondissement-municipal", "arrondissement municipal"
        ABSORBEE = "commune-absorbee", "commune absorbée"
        NOM = "nom", "ancien nom"
        CODE = "code", "ancien code"

    # Still a part of the commune; the other natures are what it was.
    PARTIES = frozenset({Nature.DELEGUEE, Nature.ASSOCIEE, Nature.ARRONDISSEMENT})

    code = models.CharField("code INSEE", max_length=5)
    nom = models.CharField("nom", max_length=100)
    commune = models.ForeignKey(
        Commune, models.CASCADE, related_name="anciennes", verbose_name="commune actuelle"
    )
    nature = models.CharField("nature", max_length=24, choices=Nature)
    jusqu_en = models.DateField(
        "jusqu’au", null=True, blank=True, help_text="Vide : en usage, ou date non renseignée."
    )

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "commune ancienne"
        verbose_name_plural = "communes anciennes"
        ordering = ["nom", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "nature", "nom"], name="commune_ancienne_unique"
            ),
        ]

    def __str__(self):
        return self.nom

    @property
    def en_mots(self):
        """What it says of the commune of today: « s’appelait Ambérieu jusqu’en 1955 »."""
        until = f" jusqu’en {self.jusqu_en.year}" if self.jusqu_en else ""
        if self.nature == self.Nature.NOM:
            return f"s’appelait {self.nom}{until}" if until else f"s’est appelée {self.nom}"
        if self.nature == self.Nature.CODE:
            return f"a porté le code {self.code}{until}"
        if self.nature == self.Nature.ABSORBEE:
            return f"a absorbé {self.nom} ({self.code}), commune{until or ' autrefois'}"
        return f"comprend {self.nom} ({self.code}), {self.get_nature_display()}"

    @property
    def remarque(self):
        """What is said to somebody who wrote this code, where a commune of today is expected."""
        return (
            f"« {self.code} » est {self.nom} ({self.get_nature_display()}) : lu "
            f"{self.commune_id}, {self.commune.nom}, sa commune d’aujourd’hui."
        )
