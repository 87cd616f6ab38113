"""What proves that a file came from the portal: its digest, kept when it was sent whole."""

from django.db import models
from django.urls import reverse
from django.utils import timezone

from territoires.perimetre import NATIONAL, PerimetreQuerySet


class Preuve(models.Model):
    """One file that was sent to its last byte: what it held, from which address, and when first.

    Only its digest is kept, not its content: whoever holds the file can show where it comes from.
    """

    sha256 = models.CharField("empreinte SHA-256", max_length=64, primary_key=True)
    jeu = models.SlugField("jeu de données", max_length=50)
    format = models.SlugField("format", max_length=10)
    adresse = models.TextField("adresse", help_text="Le chemin et les filtres demandés.")
    lignes = models.PositiveBigIntegerField("nombre de lignes")
    octets = models.PositiveBigIntegerField("taille (octets)")
    version = models.PositiveBigIntegerField("version des données")
    produite_le = models.DateTimeField("produite le", default=timezone.now)

    perimetre = NATIONAL
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "preuve de fichier"
        verbose_name_plural = "preuves de fichiers"
        ordering = ["-produite_le", "sha256"]

    def __str__(self):
        return f"{self.jeu}.{self.format}, {self.lignes} lignes"

    def get_absolute_url(self):
        return reverse("preuve", args=[self.sha256])
