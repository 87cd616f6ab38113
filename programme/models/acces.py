"""The journal of access, never rewritten: who came in, who was refused, who was given what."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from territoires.perimetre import NATIONAL, PerimetreQuerySet


class JournalAccesQuerySet(PerimetreQuerySet):
    def expired(self):
        """The lines older than `JOURNAL_ACCES_JOURS`: they hold addresses and must not stay."""
        limit = timezone.now() - timedelta(days=settings.JOURNAL_ACCES_JOURS)
        return self.filter(quand__lt=limit)

    def purge(self):
        """Delete what is expired, and that alone; the number of lines."""
        return super(JournalAccesQuerySet, self.expired()).delete()[0]

    def delete(self):
        raise TypeError("Le journal des accès ne s’efface pas : voir purge().")

    def update(self, **values):
        raise TypeError("Le journal des accès ne se récrit pas.")


class JournalAcces(models.Model):
    """One line: what happened to an agent's access, by whom, from where."""

    class Acte(models.TextChoices):
        CONNEXION = "connexion", "connexion"
        REFUS = "connexion refusée", "connexion refusée"
        DECONNEXION = "déconnexion", "déconnexion"
        EXPIRATION = "session expirée", "session expirée"
        SESSIONS = "autres sessions fermées", "autres sessions fermées"
        FACTEUR_AJOUTE = "second facteur ajouté", "second facteur ajouté"
        FACTEUR_RETIRE = "second facteur retiré", "second facteur retiré"
        IDENTITE_OUBLIEE = "identité ProConnect oubliée", "identité ProConnect oubliée"
        CODES = "codes de secours renouvelés", "codes de secours renouvelés"
        MOT_DE_PASSE = "mot de passe changé", "mot de passe changé"
        INVITATION = "invitation envoyée", "invitation envoyée"
        COMPTE = "compte créé", "compte créé"
        ROLE = "rôle changé", "rôle changé"
        REGIONS = "régions changées", "régions changées"
        OPERATEUR = "opérateur changé", "opérateur changé"
        ADRESSE = "adresse changée", "adresse changée"
        FERME = "compte désactivé", "compte désactivé"
        OUVERT = "compte rouvert", "compte rouvert"
        VUE_COMME = "portail vu comme cet agent", "portail vu comme cet agent"
        FIN_VUE_COMME = "fin de la vue comme cet agent", "fin de la vue comme cet agent"

    quand = models.DateTimeField("quand", default=timezone.now, db_index=True)
    acte = models.CharField("acte", max_length=40, choices=Acte)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="journal_acces",
        verbose_name="agent concerné",
    )
    adresse = models.CharField(
        "adresse électronique",
        max_length=254,
        blank=True,
        help_text="Celle du compte à ce moment, ou celle qui a été tapée.",
    )
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="auteur",
        help_text="Vide : personne n’était connecté, ou une commande.",
    )
    detail = models.CharField("précision", max_length=200, blank=True)
    avant = models.TextField("avant", blank=True)
    apres = models.TextField("après", blank=True)
    ip = models.GenericIPAddressField("adresse IP", null=True, blank=True)
    navigateur = models.CharField("navigateur", max_length=200, blank=True)

    perimetre = NATIONAL
    objects = JournalAccesQuerySet.as_manager()

    class Meta:
        verbose_name = "ligne du journal des accès"
        verbose_name_plural = "lignes du journal des accès"
        ordering = ["-quand", "-pk"]

    def __str__(self):
        return f"{self.acte} – {self.adresse or 'adresse inconnue'}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise TypeError("Le journal des accès ne se récrit pas.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("Le journal des accès ne s’efface pas : voir purge().")
