"""What people follow by e-mail, without an account: an address, encrypted, and what it follows.

Nothing else is known of anybody. An address goes with the last thing that it follows.
"""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from territoires.dates import date_in_words
from territoires.perimetre import NATIONAL, PerimetreQuerySet

CONFIRMATION = timedelta(hours=48)
"""How long the link that confirms is valid."""
JOURS_SANS_REPONSE = 3
"""Days that a request that nobody confirmed is kept."""
SUIVIS = 30
"""What one address may follow."""


class AbonneQuerySet(PerimetreQuerySet):
    def confirmes(self):
        """Those that follow something they confirmed."""
        rows = Abonnement.objects.filter(abonne=OuterRef("pk"), confirme_le__isnull=False)
        return self.filter(Exists(rows))

    def purge(self):
        """Forget what nobody confirmed in time, and who follows nothing; returns how many of each.

        Who has just asked is kept: what they follow may be on its way.
        """
        limit = timezone.now() - timedelta(days=JOURS_SANS_REPONSE)
        late = Abonnement.objects.filter(confirme_le__isnull=True, demande_le__lt=limit)
        requests = late.delete()[0]
        rows = Abonnement.objects.filter(abonne=OuterRef("pk"))
        nothing = self.filter(~Exists(rows), connu_le__lt=limit)
        return requests, nothing.delete()[0]


class Abonne(models.Model):
    """One address that asked to follow something."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    courriel = models.TextField("adresse, chiffrée")
    empreinte = models.CharField(
        "empreinte de l’adresse",
        max_length=64,
        unique=True,
        help_text="Faite avec la clé du site : sans elle, elle ne dit rien de l’adresse.",
    )
    connu_le = models.DateTimeField("connu le", default=timezone.now)
    prevu_le = models.DateField(
        "récapitulatif prévu le", null=True, blank=True, help_text="Le dernier jour où il l’a été."
    )
    refus = models.PositiveSmallIntegerField("refus définitifs, de suite", default=0)

    perimetre = NATIONAL
    objects = AbonneQuerySet.as_manager()

    class Meta:
        verbose_name = "abonné"
        ordering = ["connu_le"]

    def __str__(self):
        return f"abonné {self.pk}"


class Abonnement(models.Model):
    """One thing that an address follows: a list as it is filtered, or a record.

    `vue` is the name of its address; `cle`, the filters of a list or the key of a record, which
    stays when its address changes.
    """

    abonne = models.ForeignKey(
        Abonne, models.CASCADE, related_name="abonnements", verbose_name="abonné"
    )
    vue = models.CharField("genre de page", max_length=40)
    cle = models.CharField("filtres, ou clé de la fiche", max_length=1000, blank=True)
    demande_le = models.DateTimeField("demandé le", default=timezone.now)
    confirme_le = models.DateTimeField("confirmé le", null=True, blank=True)
    vu_le = models.DateTimeField(
        "dit jusqu’au", null=True, blank=True, help_text="Ce qui a changé ensuite reste à dire."
    )
    membres = models.JSONField("lignes de la liste, la dernière fois", default=list, blank=True)

    perimetre = NATIONAL
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "abonnement"
        ordering = ["demande_le", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["abonne", "vue", "cle"], name="abonnement_unique")
        ]

    def __str__(self):
        return f"abonnement {self.pk}"


class Envoi(models.Model):
    """What became of the digests of one day: numbers alone, kept to be shown."""

    jour = models.DateField("jour", unique=True)
    prevus = models.PositiveIntegerField("prévus", default=0)
    remis = models.PositiveIntegerField("remis", default=0)
    muets = models.PositiveIntegerField("sans rien à dire", default=0)
    refuses = models.PositiveIntegerField("refusés", default=0)
    dernier_le = models.DateTimeField("dernier remis le", null=True, blank=True)

    perimetre = NATIONAL
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "envoi"
        ordering = ["-jour"]

    def __str__(self):
        return f"envoi du {date_in_words(self.jour)}"
