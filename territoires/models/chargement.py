"""What the last load wrote, so that the next one can tell it from what an officer wrote since."""

from django.db import models

from territoires.models.etats import AvecEtats, EtatsQuerySet
from territoires.perimetre import NATIONAL


class LigneChargee(AvecEtats):
    """One row of a fixture, as last loaded, and the record it made."""

    fichier = models.CharField("fichier", max_length=60)
    cle = models.CharField("clé", max_length=400)
    objet = models.CharField("enregistrement", max_length=60)
    valeurs = models.JSONField("valeurs", help_text="Le texte de chaque colonne du fichier.")

    perimetre = NATIONAL
    objects = EtatsQuerySet.as_manager()

    class Meta(AvecEtats.Meta):
        verbose_name = "ligne chargée"
        verbose_name_plural = "lignes chargées"
        ordering = ["fichier", "cle"]
        indexes = [models.Index(fields=["fichier", "objet"], name="ligne_chargee_objet")]
        constraints = [
            models.UniqueConstraint(fields=["fichier", "cle"], name="ligne_chargee_unique"),
        ]

    def __str__(self):
        return f"{self.fichier} : {self.cle}"
