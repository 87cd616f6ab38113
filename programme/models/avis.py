"""What an agent is told: on the desk, and by e-mail at the rhythm that each chooses."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from territoires.perimetre import NATIONAL, PerimetreQuerySet

JOURS_GARDES = 90
"""Days that a notice is kept, read or not."""


class AvisQuerySet(PerimetreQuerySet):
    def non_lus(self):
        return self.filter(lu_le__isnull=True)

    def a_envoyer(self):
        """Those that no mail told, and that nobody read on the desk meanwhile."""
        return self.non_lus().filter(envoye_le__isnull=True)

    def purge(self):
        """Forget those of more than `JOURS_GARDES` days; returns how many."""
        limit = timezone.now() - timedelta(days=JOURS_GARDES)
        return self.filter(cree_le__lt=limit).delete()[0]


class Avis(models.Model):
    """One thing that happened to a record, for one agent.

    Neither the name of the record nor its place is kept: they are read when they are told, if the
    agent may still read them. `repere` tells one event from the next of the same kind.
    """

    class Genre(models.TextChoices):
        PROPOSE = "proposé", "à valider"
        VALIDE = "validé", "publié"
        A_CORRIGER = "à corriger", "à corriger"
        PROPOSITION = "proposition", "proposition à répondre"
        REPONSE = "réponse", "réponse à une proposition"
        SEANCE = "séance", "séance prochaine"
        RETARD = "retard", "engagement en retard"
        OCCULTATION = "occultation", "donnée personnelle occultée"
        IMPORT = "import", "import appliqué"
        ENSEMBLE = "ensemble", "acte sur plusieurs fiches"
        CARTE = "carte", "carte changée"
        DEMANDE = "demande", "demande d’un collègue"

    destinataire = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="avis", verbose_name="destinataire"
    )
    genre = models.CharField("genre", max_length=20, choices=Genre)
    modele = models.CharField("modèle", max_length=60)
    cle = models.CharField("clé", max_length=60)
    repere = models.CharField("repère", max_length=64, blank=True)
    precision = models.CharField("précision", max_length=300, blank=True)
    autres = models.PositiveIntegerField(
        "autres enregistrements",
        default=0,
        help_text="De ce destinataire, que le même acte a changés avec celui-ci.",
    )
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="auteur de l’acte",
    )
    cree_le = models.DateTimeField("créé le", default=timezone.now, db_index=True)
    lu_le = models.DateTimeField("lu le", null=True, blank=True)
    envoye_le = models.DateTimeField("dit par courriel le", null=True, blank=True)

    perimetre = NATIONAL
    objects = AvisQuerySet.as_manager()

    class Meta:
        verbose_name = "avis"
        verbose_name_plural = "avis"
        ordering = ["-cree_le", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["destinataire", "genre", "modele", "cle", "repere"], name="avis_unique"
            )
        ]
        indexes = [models.Index(fields=["destinataire", "lu_le"], name="avis_non_lus")]

    def __str__(self):
        return f"avis : {self.get_genre_display()}"


class RythmeAvis(models.Model):
    """How often an agent is written to; without a row, each day."""

    class Rythme(models.TextChoices):
        AUSSITOT = "aussitôt", "aussitôt"
        JOUR = "chaque jour", "chaque jour, en un courriel"
        SEMAINE = "chaque semaine", "chaque semaine, en un courriel"
        JAMAIS = "jamais", "jamais : je lis mon bureau"

    agent = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="rythme_avis",
        verbose_name="agent",
    )
    rythme = models.CharField("rythme", max_length=20, choices=Rythme, default=Rythme.JOUR)
    prevu_le = models.DateField("dernier courriel prévu le", null=True, blank=True)

    perimetre = NATIONAL
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "rythme des avis"
        verbose_name_plural = "rythmes des avis"

    def __str__(self):
        return self.get_rythme_display()
