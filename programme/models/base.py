"""What the programme's records share: publication, precision of dates."""

from django.db import models, transaction
from django.db.models import Q

from programme.models.cycles import check_transition
from territoires import dates, moment
from territoires.models import Versionne
from territoires.perimetre import PerimetreQuerySet


def lien_libre(modele, nom, **kwargs):
    """A link without constraint, of a row that is computed: it follows, it never holds back."""
    return models.ForeignKey(
        modele,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=nom,
        **kwargs,
    )


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

    mot = ""
    """What the author of a change of publication says of it, to those who are told."""

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


class Absorbable(models.Model):
    """A record that may turn out to be another one: merged, it stays, and leads to that one.

    `VONT_ENSEMBLE`: names of fields that make sense together, of which one side is kept whole.
    """

    absorbe_par = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="absorbes",
        verbose_name="fusionné dans",
        help_text="L’enregistrement qui le remplace : c’était la même chose.",
    )

    VONT_ENSEMBLE = ()

    class Meta:
        abstract = True

    @classmethod
    def devenu(cls, **designe):
        """The public record that took in the one so designated, which was public itself; or None.

        What only a draft ever was is known to nobody.
        """
        gone = cls._base_manager.filter(absorbe_par__isnull=False, **designe).first()
        if gone is None:
            return None
        with moment.maintenant():
            known = cls.history.filter(id=gone.pk, publication=Publication.PUBLIE).exists()
        return cls.objects.published().filter(pk=gone.absorbe_par_id).first() if known else None
