"""What is done outside of requests: tasks that wait in the database, and rounds of the clock."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from territoires.dates import moment_in_words
from territoires.perimetre import NATIONAL, PerimetreQuerySet

JOURS_GARDEES = 30
"""Days that a task is kept once it is over, without what it needed."""


class TacheQuerySet(PerimetreQuerySet):
    def waiting(self):
        return self.filter(etat=Tache.Etat.ATTENTE)

    def due(self):
        """What may be tried now, the oldest first."""
        return self.waiting().filter(essai_le__lte=timezone.now()).order_by("essai_le", "pk")

    def purge(self):
        """Forget the tasks that were over `JOURS_GARDEES` days ago; returns how many."""
        limit = timezone.now() - timedelta(days=JOURS_GARDEES)
        return self.filter(terminee_le__lt=limit).delete()[0]


class Tache(models.Model):
    """One thing that was asked, to be done soon: kept in the transaction of whoever asks.

    What it needs (words and addresses of a mail, say) is encrypted, and gone once it is done or
    given up.
    """

    class Etat(models.TextChoices):
        ATTENTE = "en attente", "en attente"
        FAITE = "faite", "faite"
        ABANDONNEE = "abandonnée", "abandonnée"

    genre = models.CharField("genre", max_length=40)
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.ATTENTE)
    charge = models.TextField("ce qu’il faut pour la faire, chiffré", blank=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="taches",
        verbose_name="agent à qui elle s’adresse",
        help_text="Vide : plusieurs personnes, ou personne qui ait un compte.",
    )
    demandee_le = models.DateTimeField("demandée le", default=timezone.now)
    essais = models.PositiveSmallIntegerField("essais", default=0)
    essai_le = models.DateTimeField("prochain essai le", default=timezone.now)
    perime_le = models.DateTimeField(
        "périmée le", null=True, blank=True, help_text="Après quoi la faire ne servirait plus."
    )
    terminee_le = models.DateTimeField("terminée le", null=True, blank=True)
    erreur = models.CharField("dernière erreur", max_length=200, blank=True)

    perimetre = NATIONAL
    objects = TacheQuerySet.as_manager()

    class Meta:
        verbose_name = "tâche"
        verbose_name_plural = "tâches"
        ordering = ["-demandee_le", "-pk"]
        indexes = [models.Index(fields=["etat", "essai_le"], name="tache_a_faire")]

    def __str__(self):
        return f"{self.genre}, {self.get_etat_display()}"

    @property
    def sort(self):
        """What became of it, in words."""
        if self.etat == self.Etat.FAITE:
            return f"fait le {moment_in_words(self.terminee_le)}"
        if self.etat == self.Etat.ABANDONNEE:
            return f"abandonné le {moment_in_words(self.terminee_le)} : {self.erreur}"
        if self.erreur:
            return f"pas encore : {self.erreur} ; nouvel essai le {moment_in_words(self.essai_le)}"
        return f"en attente depuis le {moment_in_words(self.demandee_le)}"


class Tournee(models.Model):
    """One round of the clock: when it last began, ended and succeeded, and what it said."""

    nom = models.CharField("tournée", max_length=60, unique=True)
    commencee_le = models.DateTimeField("commencée le")
    finie_le = models.DateTimeField("finie le", null=True, blank=True)
    reussie_le = models.DateTimeField("réussie le", null=True, blank=True)
    dit = models.TextField("ce qu’elle a fait", blank=True)
    erreur = models.CharField("erreur", max_length=200, blank=True)

    perimetre = NATIONAL
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "tournée"
        verbose_name_plural = "tournées"
        ordering = ["nom"]

    def __str__(self):
        return self.nom
