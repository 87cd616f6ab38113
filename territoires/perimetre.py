"""The only rule of access in the project: which rows belong to an agent.

A model says once, in its `perimetre`, by which paths its rows reach a région or an opérateur.
Everything else (lists, pages, autocompletes, imports, exports, history, files) asks `visible_to`.
"""

from dataclasses import dataclass, replace

from django.db import models
from django.db.models import Q

TOUT = ("*",)
"""Every row, for reference data that any officer may read."""


@dataclass(frozen=True)
class Perimetre:
    """Lookup paths from a model to `Region` and to `Operateur`; `()` is no row, `TOUT` all.

    A row whose path in `communs` is empty belongs to every operator.
    """

    regions: tuple[str, ...] = ()
    operateurs: tuple[str, ...] = ()
    communs: tuple[str, ...] = ()

    def condition(self, agent):
        """The `Q` of the rows that belong to `agent`, or None when none does."""
        if agent.est_national:
            return Q()
        if agent.est_referent:
            paths, owned = self.operateurs, [agent.operateur_id]
        else:
            paths, owned = self.regions, agent.regions.all()
        if paths == TOUT:
            return Q()
        condition = Q()
        for path in paths:
            condition |= Q(**{f"{path}__in": owned})
        if agent.est_referent:
            for path in self.communs:
                condition |= Q(**{f"{path}__isnull": True})
        return condition if paths else None

    def mine(self, agent):
        """Of what the agent may read, the `Q` of the rows that they answer for; empty for none.

        None when they answer for all of it. What every officer of a kind may read is nobody's own:
        it belongs to who publishes it.
        """
        if agent.est_national:
            return None
        if (self.operateurs if agent.est_referent else self.regions) == TOUT:
            return Q()
        if agent.est_referent and self.communs:
            return replace(self, communs=()).condition(agent)
        return None

    def of_region(self, region):
        """The `Q` of the rows that one région follows, whoever asks; None when none can be."""
        if self.regions == TOUT:
            return Q()
        condition = Q()
        for path in self.regions:
            condition |= Q(**{path: region})
        return condition if self.regions else None


REFERENCE = Perimetre(regions=TOUT, operateurs=TOUT)
NATIONAL = Perimetre()


class PerimetreQuerySet(models.QuerySet):
    """QuerySet of a model that declares a `perimetre`."""

    def visible_to(self, agent):
        """The rows inside the agent's perimeter: their régions', or their opérateur's.

        A row that two régions share is visible to both. Nobody signed out, inactive or outside
        the offices sees any. Rows come once, whatever the joins.
        """
        if not (agent.is_authenticated and agent.is_active and agent.is_staff):
            return self.none()
        return self._inside(self.model.perimetre.condition(agent))

    def of_region(self, region):
        """The rows that one région follows, each once; reference data belongs to every région."""
        return self._inside(self.model.perimetre.of_region(region))

    def _inside(self, condition):
        if condition is None:
            return self.none()
        if not condition:
            return self
        inside = self.model._base_manager.filter(condition).values("pk")
        return self.filter(pk__in=inside)

    def public(self):
        """The rows that the site shows to anybody.

        Without a publication of its own, what every officer of a kind may read is on the site: the
        map, its members, geography, the opérateurs.
        """
        perimetre = self.model.perimetre
        return self if TOUT in (perimetre.regions, perimetre.operateurs) else self.none()

    def known_to(self, agent):
        """The rows that may be named to the agent: their own, and what is public."""
        if agent.is_authenticated and agent.est_national:
            return self.visible_to(agent)
        rows = self.model._default_manager.order_by()
        own, public = rows.visible_to(agent), rows.public()
        return self.filter(Q(pk__in=own.values("pk")) | Q(pk__in=public.values("pk")))
