"""What proves that a file came from the portal: its digest, kept when it was sent whole.

Anybody may ask for any selection: what is kept of them is bounded, by day and in time. The promise
is said on the pages, and for each file in its header `X-Preuve`: until when its digest is known.
"""

from datetime import timedelta

from django.db import models
from django.urls import reverse
from django.utils import timezone

from territoires.perimetre import NATIONAL, PerimetreQuerySet

JOURS = 400
"""Days that the digest of a selection is kept after it was last sent; a whole dataset's, always."""
SELECTIONS_PAR_JOUR = 500
"""New selections that are kept in one day; beyond, a file is sent and says that it is not."""
SELECTIONS_PAR_ADRESSE = 50
"""Of those, what one visitor's address may ask of one process."""


class PreuveQuerySet(PerimetreQuerySet):
    def room(self):
        """Whether the digest of one more selection may be kept today."""
        since = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        kept = self.filter(entiere=False, produite_le__gte=since)
        return kept.count() < SELECTIONS_PAR_JOUR

    def keep(self, preuve, *, allowed):
        """A file was sent whole: prolong its proof, or make it if it is not known and may be."""
        now = timezone.now()
        known = self.filter(pk=preuve.pk)
        if known.filter(envoyee_le__lt=now - timedelta(days=1)).update(envoyee_le=now):
            return
        if allowed:
            self.bulk_create([preuve], ignore_conflicts=True)

    def purge(self):
        """Forget the selections that nobody asked for in `JOURS` days; returns how many."""
        limit = timezone.now() - timedelta(days=JOURS)
        return self.filter(entiere=False, envoyee_le__lt=limit).delete()[0]


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
    produite_le = models.DateTimeField("produite le", default=timezone.now, db_index=True)
    envoyee_le = models.DateTimeField("envoyée en dernier le", default=timezone.now)
    entiere = models.BooleanField(
        "jeu entier", default=False, help_text="Le jeu entier, et non une sélection de ses lignes."
    )

    perimetre = NATIONAL
    objects = PreuveQuerySet.as_manager()

    class Meta:
        verbose_name = "preuve de fichier"
        verbose_name_plural = "preuves de fichiers"
        ordering = ["-produite_le", "sha256"]

    def __str__(self):
        return f"{self.jeu}.{self.format}, {self.lignes} lignes"

    @property
    def gardee_jusqu_au(self):
        """The day until which it is known at least; None: without end."""
        if self.entiere:
            return None
        return timezone.localdate(self.envoyee_le + timedelta(days=JOURS))

    def get_absolute_url(self):
        return reverse("preuve", args=[self.sha256])
