"""What the programme's records share: publication, precision of dates."""

from django.db import models, transaction
from django.db.models import Q

from programme.models.cycles import check_transition
from territoires import dates
from territoires.models import Versionne
from territoires.perimetre import PerimetreQuerySet


class Publication(models.TextChoices):
    BROUILLON = "brouillon", "brouillon"
    A_VALIDER = "à valider", "à valider"
    PUBLIE = "publié", "publié"
    RETIRE = "retiré", "retiré"


class Precision(models.TextChoices):
    """What a date stands for; empty when the date itself is not known."""

    JOUR = dates.JOUR, dates.JOUR
    MOIS = dates.MOIS, dates.MOIS
    ANNEE = dates.ANNEE, dates.ANNEE
    AU_PLUS_TARD = dates.AU_PLUS_TARD, dates.AU_PLUS_TARD


class PublicationQuerySet(PerimetreQuerySet):
    def published(self):
        """The rows that anybody may see.

        A model lists in `publication_lookups` every publication that counts: its own, its
        parents'. An empty foreign key hides nothing.
        """
        condition = Q()
        for lookup in self.model.publication_lookups:
            visible = Q(**{lookup: Publication.PUBLIE})
            if parent := lookup.rpartition("__")[0]:
                visible |= Q(**{f"{parent}__isnull": True})
            condition &= visible
        return self.filter(condition)

    def public(self):
        return self.published()

    def visible_to(self, agent):
        """As everywhere; of what is nobody's own in a région or an opérateur, what is published.

        What the national administration or an opérateur prepares is under embargo until then.
        """
        rows = super().visible_to(agent)
        if not agent.is_authenticated:
            return rows
        mine = self.model.perimetre.mine(agent)
        if mine is None:
            return rows
        seen = Q(pk__in=self.model._default_manager.order_by().published().values("pk"))
        if mine:
            seen |= Q(pk__in=self.model._base_manager.filter(mine).values("pk"))
        return rows.filter(seen)


class Publiable(Versionne):
    """A record with its own publication state. Nothing is public before it is published."""

    publication = models.CharField(
        "publication",
        max_length=10,
        choices=Publication,
        default=Publication.BROUILLON,
        db_index=True,
        help_text="Seul ce qui est publié se voit sur le site, dans les exports et la recherche.",
    )

    publication_lookups = ("publication",)
    PUBLICATION_TRANSITIONS = {
        Publication.BROUILLON: {Publication.A_VALIDER, Publication.PUBLIE},
        Publication.A_VALIDER: {Publication.BROUILLON, Publication.PUBLIE},
        Publication.PUBLIE: {Publication.RETIRE},
        Publication.RETIRE: {Publication.BROUILLON, Publication.PUBLIE},
    }

    RAISONS = {
        Publication.BROUILLON: "remis en brouillon",
        Publication.A_VALIDER: "proposé à la validation",
        Publication.PUBLIE: "publié",
        Publication.RETIRE: "retiré du site",
    }
    """What the history says of each change of publication."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        row = super().from_db(db, field_names, values)
        row.publication_lue = row.__dict__.get("publication")
        row.statut_lu = row.__dict__.get("statut")
        return row

    publication_lue = statut_lu = None
    """What the database held when the row was read; None for one that it never held."""

    def passer_a(self, publication):
        """Take the state `publication`, saved alone, or raise a `ValidationError` that says why."""
        name, before = self._meta.verbose_name, self.publication
        check_transition(self.PUBLICATION_TRANSITIONS, before, publication, name)
        self.publication = publication
        self._change_reason = self.RAISONS[publication]
        with transaction.atomic():
            self.save(update_fields=["publication"])
            self.publication_changee(before)

    def publication_changee(self, avant):
        """Called once the publication was saved; `avant`: what it was. Raise to refuse it."""

    def apres_correction(self, avant):
        if "publication" in avant:
            self.publication_changee(avant["publication"])

    @property
    def est_publie(self):
        """Whether the public sees this row, parents included."""
        return type(self).objects.published().filter(pk=self.pk).exists()
