"""The parutions: numbered, dated, permanent releases of all datasets, and their files.

A file is stored once under its digest, whatever the number of parutions that hold it. What a
parution was is never changed, but by two acts that say so: it is withdrawn, with its reason; a
personal datum is masked in its files, which keep their old digests and why (`EmpreinteAncienne`).
"""

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.urls import reverse
from django.utils import timezone

from territoires.dates import date_in_words
from territoires.perimetre import NATIONAL, PerimetreQuerySet

DOSSIER = "parutions"
"""Where the files are, below MEDIA_ROOT."""


def chemin(sha256):
    """Where a file is kept, from its digest."""
    return f"{DOSSIER}/{sha256[:2]}/{sha256}"


class ParutionQuerySet(PerimetreQuerySet):
    def en_vigueur(self):
        """Those whose files are given."""
        return self.filter(etat=Parution.Etat.PUBLIEE)

    def derniere(self):
        """The last that is in force; None without any."""
        return self.en_vigueur().order_by("-numero").first()


class Parution(models.Model):
    class Etat(models.TextChoices):
        PUBLIEE = "publiée", "publiée"
        RETIREE = "retirée", "retirée"

    class Par(models.TextChoices):
        ADMINISTRATEUR = "administrateur", "un administrateur"
        COMMANDE = "commande", "une commande"
        MINUTEUR = "minuteur", "le minuteur"

    numero = models.PositiveIntegerField("numéro", unique=True)
    faite_le = models.DateTimeField(
        "faite le", default=timezone.now, help_text="L’instant de l’état des données qu’elle tient."
    )
    version = models.PositiveBigIntegerField("version des données")
    par = models.CharField("faite par", max_length=14, choices=Par)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="administrateur",
    )
    note = models.CharField("note", max_length=500, blank=True, help_text="Publiée avec elle.")
    precedente = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="suivantes",
        verbose_name="parution à laquelle elle est comparée",
    )
    mois = models.DateField(
        "mois",
        null=True,
        blank=True,
        unique=True,
        help_text="Le premier jour du mois dont c’est la parution, quand le minuteur l’a faite.",
    )
    etat = models.CharField("état", max_length=8, choices=Etat, default=Etat.PUBLIEE)
    retiree_le = models.DateTimeField("retirée le", null=True, blank=True)
    motif = models.CharField("motif du retrait", max_length=500, blank=True)

    perimetre = NATIONAL
    objects = ParutionQuerySet.as_manager()

    class Meta:
        verbose_name = "parution"
        verbose_name_plural = "parutions"
        ordering = ["-numero"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(etat="publiée", retiree_le=None, motif="")
                | (models.Q(etat="retirée", retiree_le__isnull=False) & ~models.Q(motif="")),
                name="parution_retiree_dit_pourquoi",
                violation_error_message="Une parution retirée dit quand et pourquoi.",
            )
        ]

    def __str__(self):
        return f"parution n° {self.numero} du {date_in_words(timezone.localdate(self.faite_le))}"

    def get_absolute_url(self):
        return reverse("parution", args=[self.numero])

    @property
    def est_retiree(self):
        return self.etat == self.Etat.RETIREE


class FichierParution(models.Model):
    """One file of a parution: a dataset, what changed in it since the last one, or the archive."""

    class Genre(models.TextChoices):
        DONNEES = "données", "jeu entier"
        ECARTS = "écarts", "écarts"
        ARCHIVE = "archive", "archive"

    parution = models.ForeignKey(
        Parution, models.CASCADE, related_name="fichiers", verbose_name="parution"
    )
    genre = models.CharField("genre", max_length=7, choices=Genre)
    jeu = models.SlugField("jeu de données", max_length=50, blank=True)
    format = models.SlugField("format", max_length=10)
    sha256 = models.CharField("empreinte SHA-256", max_length=64, db_index=True)
    octets = models.PositiveBigIntegerField("taille (octets)")
    lignes = models.PositiveBigIntegerField("nombre de lignes", null=True, blank=True)
    ajoutees = models.PositiveBigIntegerField("lignes ajoutées", null=True, blank=True)
    changees = models.PositiveBigIntegerField("lignes changées", null=True, blank=True)
    retirees = models.PositiveBigIntegerField("lignes retirées", null=True, blank=True)

    perimetre = NATIONAL
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier d’une parution"
        verbose_name_plural = "fichiers des parutions"
        ordering = ["parution", "genre", "jeu", "format"]
        constraints = [
            models.UniqueConstraint(
                fields=["parution", "genre", "jeu", "format"], name="fichier_parution_unique"
            )
        ]

    def __str__(self):
        return f"{self.nom}, {self.parution}"

    @property
    def nom(self):
        """Its path inside the parution."""
        if self.genre == self.Genre.ARCHIVE:
            return f"parution-{self.parution.numero}.zip"
        folder = "ecarts/" if self.genre == self.Genre.ECARTS else ""
        return f"{folder}{self.jeu}.{self.format}"

    @property
    def adresse(self):
        numero = self.parution.numero
        if self.genre == self.Genre.ARCHIVE:
            return reverse("parution_archive", args=[numero, numero])
        name = "parution_ecarts" if self.genre == self.Genre.ECARTS else "parution_fichier"
        return reverse(name, args=[numero, self.jeu, self.format])

    def open(self):
        """The stored file, open at its beginning."""
        return default_storage.open(chemin(self.sha256), "rb")


class EmpreinteAncienne(models.Model):
    """The digest that a file had before it was made again: a personal datum was masked in it, or
    the parution that it was compared to was withdrawn. Whoever holds the old file can still show
    where it came from, and read why it is no longer given.
    """

    fichier = models.ForeignKey(
        FichierParution, models.CASCADE, related_name="anciennes", verbose_name="fichier"
    )
    sha256 = models.CharField("empreinte SHA-256", max_length=64, db_index=True)
    octets = models.PositiveBigIntegerField("taille (octets)")
    remplacee_le = models.DateTimeField("remplacée le", default=timezone.now)
    motif = models.CharField("motif", max_length=500)

    perimetre = NATIONAL
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "empreinte ancienne"
        verbose_name_plural = "empreintes anciennes"
        ordering = ["-remplacee_le", "pk"]

    def __str__(self):
        return f"{self.sha256[:12]}…, {self.fichier}"
