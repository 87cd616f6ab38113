"""What a desk is about: an agent's perimeter, or one région of it."""

from dataclasses import dataclass

from django.db.models import Q

from programme.backoffice.bureau.evolutions import etat_au
from programme.backoffice.droits import VOIR, permission
from programme.catalogue.pages.fiche import Introuvable
from territoires.models import Agent, Region


@dataclass(frozen=True)
class Cadre:
    """The rows that an agent sees; with `region`, those of that région among them."""

    agent: Agent
    region: Region | None = None

    def lit(self, model):
        """Whether the agent's role reads `model`."""
        return self.agent.has_perm(permission(VOIR, model))

    def rows(self, model):
        """The rows of the frame, each once; none of a model that the role does not read."""
        rows = model._default_manager.all()
        if not self.lit(model):
            return rows.none()
        rows = rows.visible_to(self.agent)
        return rows.of_region(self.region) if self.region else rows

    def historique(self, model):
        """The history of the rows of the frame, and of those deleted from it."""
        key = model._meta.pk.attname
        here = Q(**{f"{key}__in": self.rows(model).values("pk")})
        return model.history.filter(here | self._gone(model))

    def etat_au(self, model, moment):
        """The historical rows of the frame as it was just before `moment`."""
        rows, condition = etat_au(model, moment), self._condition(model)
        if condition is None:
            return rows.none()
        return rows.filter(pk__in=model.history.filter(condition).values("pk"))

    def _condition(self, model):
        """The `Q` of the rows of the frame, for the model or for its history; None when no row."""
        condition = model.perimetre.condition(self.agent) if self.lit(model) else None
        if condition is not None and self.region:
            condition = model.perimetre.of_region(self.region)
        return condition

    def _gone(self, model):
        """The `Q` of the deletions: a historical row keeps the relations that led to a région."""
        condition = self._condition(model)
        if condition is None or _starts_at_many(model):
            return Q(pk__in=[])
        inside = Q(pk__in=model.history.filter(condition).values("pk"))
        return Q(history_type="-") & inside


def _starts_at_many(model):
    """Whether a path of the perimeter starts at a many-to-many, which the history lists apart."""
    return any(
        model._meta.get_field(path.split("__")[0]).many_to_many
        for path in model.perimetre.regions
        if path not in {"*", "pk"}
    )


def nom_du_bureau(agent):
    """What the agent's desk is called: that of a committee, of all of them, or of an operator."""
    if agent.is_authenticated and agent.est_referent:
        return "Le bureau de l’opérateur"
    if agent.is_authenticated and agent.est_national:
        return "Le bureau national"
    return "Le bureau du comité"


def regions_of(agent):
    """The régions whose desk the agent may ask for: none for an operator's officer."""
    if agent.est_referent:
        return Region.objects.none()
    return Region.objects.all() if agent.est_national else agent.regions.all()


def cadre_of(request):
    """The frame that `?region=` asks for, and the régions to choose from.

    A région outside the perimeter answers 404, as one that does not exist.
    """
    regions = list(regions_of(request.user))
    asked = request.GET.get("region", "")
    if not asked:
        return Cadre(request.user), regions
    for region in regions:
        if region.pk == asked:
            return Cadre(request.user, region), regions
    raise Introuvable("Aucune région de ce code dans votre périmètre.")
