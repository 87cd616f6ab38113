"""A view of a list of the back-office that an agent named: what its address asks for."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.http import urlencode

from territoires.models import Region, Role

AU_PLUS = 30
"""Views that an agent keeps of one list."""
LONGUEUR = 1000
"""Characters of an address that is kept, at most."""


class VueQuerySet(models.QuerySet):
    def visible_to(self, agent):
        """The agent's own, and those that are shared with the committee of one of their régions."""
        if not (agent.is_authenticated and agent.is_active and agent.is_staff):
            return self.none()
        shared = models.Q(region__in=agent.regions.values("pk"))
        return self.filter(models.Q(agent=agent) | shared)

    def held_by(self, agent):
        """Those that the agent renames and deletes: their own; a secretariat, those it shares."""
        mine = models.Q(agent=agent)
        if agent.role == Role.SECRETARIAT:
            mine |= models.Q(region__in=agent.regions.values("pk"))
        return self.visible_to(agent).filter(mine)

    def asking(self, filtres):
        """Those whose address asks for this, whatever the order of its parameters."""
        return self.filter(filtres=sorted(filtres))


class VueDeListe(models.Model):
    """The name of an address: what it shows is read when it is opened, with the reader's rights.

    `filtres` is the sorted list of the pairs of its query string, their words as they are typed.
    """

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="vues", verbose_name="agent"
    )
    liste = models.CharField("liste", max_length=60)
    nom = models.CharField("nom", max_length=80)
    filtres = models.JSONField("filtres")
    region = models.ForeignKey(
        Region,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="comité avec qui elle est partagée",
    )
    gardee_le = models.DateTimeField("gardée le", default=timezone.now)

    objects = VueQuerySet.as_manager()

    class Meta:
        verbose_name = "vue de liste"
        verbose_name_plural = "vues de listes"
        ordering = ["nom", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "liste", "nom"],
                name="vue_de_liste_nommee_une_fois",
                violation_error_message="Vous avez déjà une vue de ce nom dans cette liste : "
                "donnez-lui un autre nom.",
            )
        ]

    def __str__(self):
        return self.nom

    def clean(self):
        self.filtres = sorted([name, value] for name, value in self.filtres or ())
        if not self.filtres:
            raise ValidationError("Cette adresse montre la liste entière : filtrez-la d’abord.")
        if len(self.requete) > LONGUEUR:
            raise ValidationError(
                f"Cette adresse demande trop de choses ({LONGUEUR} caractères au plus) : retirez "
                "un filtre."
            )
        others = VueDeListe.objects.filter(agent=self.agent, liste=self.liste)
        if self._state.adding and others.count() >= AU_PLUS:
            raise ValidationError(
                f"Vous gardez déjà {AU_PLUS} vues de cette liste : supprimez-en une d’abord."
            )

    @property
    def requete(self):
        """The query string of its address."""
        return urlencode(self.filtres)
