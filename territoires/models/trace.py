"""One row per act that was done, and what it wrote: what lets a mistaken act be corrected.

The histories say what each row was; a `Trace` says which of their records one act left, so that
« cet acte n’a pas eu lieu » can give each row back what it was, and so that whoever tells the past
in public leaves out both the mistake and its correction.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.dispatch import receiver
from django.utils import timezone
from simple_history.signals import post_create_historical_record

from territoires.perimetre import NATIONAL, PerimetreQuerySet

LOT = 500


class TraceQuerySet(PerimetreQuerySet):
    def of(self, record):
        """The acts done to `record`, the latest first."""
        label = record._meta.label
        return self.filter(modele=label, objet=str(record.pk)).order_by("-pk")


class Trace(models.Model):
    """An act: in words, to what, by whom; and, if it was a mistake, who said so and why."""

    nom = models.SlugField("nom", max_length=30)
    texte = models.TextField("acte")
    modele = models.CharField("modèle", max_length=60)
    objet = models.CharField("enregistrement", max_length=60)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="actes_faits",
        verbose_name="auteur",
    )
    faite_le = models.DateTimeField("fait le", default=timezone.now, db_index=True)
    corrigee_le = models.DateTimeField("corrigé le", null=True, blank=True, db_index=True)
    corrigee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="actes_corriges",
        verbose_name="corrigé par",
    )
    motif = models.TextField("motif de la correction", blank=True)
    references = models.JSONField(
        "lignes de référence faites",
        default=list,
        blank=True,
        help_text="[modèle, clé] de celles qui n’ont pas d’historique.",
    )

    perimetre = NATIONAL
    objects = TraceQuerySet.as_manager()

    class Meta:
        verbose_name = "acte enregistré"
        verbose_name_plural = "actes enregistrés"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["modele", "objet"], name="trace_objet")]

    def __str__(self):
        return self.texte


class EcritureQuerySet(models.QuerySet):
    def annulees(self):
        """What a corrected act wrote, and what its correction wrote."""
        return self.filter(trace__corrigee_le__isnull=False)


class Ecriture(models.Model):
    """One record of a history that an act left, or the correction of that act."""

    trace = models.ForeignKey(
        Trace, models.CASCADE, related_name="ecritures", verbose_name="acte enregistré"
    )
    modele = models.CharField("modèle", max_length=60)
    objet = models.CharField("enregistrement", max_length=60)
    historique = models.BigIntegerField("ligne de l’historique")
    correction = models.BooleanField("écrite par la correction", default=False)

    objects = EcritureQuerySet.as_manager()

    class Meta:
        verbose_name = "écriture d’un acte"
        verbose_name_plural = "écritures d’un acte"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["modele", "historique"], name="ecriture_unique")
        ]
        indexes = [models.Index(fields=["modele", "objet"], name="ecriture_objet")]

    def __str__(self):
        return f"{self.modele} {self.objet}"


def sans_erreurs(records):
    """The records of a history, without those of acts that were corrected as mistakes."""
    label = records.model.instance_type._meta.label
    wrong = Ecriture.objects.annulees().filter(modele=label, historique=OuterRef("history_id"))
    return records.filter(~Exists(wrong))


# --- Noting what an act writes ----------------------------------------------------------------

_notes: ContextVar[list | None] = ContextVar("ecritures", default=None)
_references: ContextVar[list | None] = ContextVar("references", default=None)


@receiver(post_create_historical_record, dispatch_uid="trace.ecriture")
def _on_record(sender, history_instance, **kwargs):
    noter([history_instance])


def noter(records):
    """Add records of a history to the act that is being done; bulk writers call it."""
    if (notes := _notes.get()) is not None:
        notes.extend(records)


def noter_reference(row, changes=None):
    """Add a row without history, which the act that is being done has just made.

    Or changed: `changes` is then {field: [before, after]}, of what JSON can hold.
    """
    if (notes := _references.get()) is not None:
        notes.append([row._meta.label, str(row.pk), *([changes] if changes else [])])


@contextmanager
def tracer(nom, record, auteur, texte=""):
    """What is written within the block is one act on `record`; yields its `Trace`.

    Its `texte` may be given at the end of the block. An act within an act keeps its own writes.
    """
    with transaction.atomic():
        trace = Trace(nom=nom, texte=texte, modele=record._meta.label, auteur=auteur)
        trace.objet = str(record.pk)
        trace.save()
        token = _references.set(trace.references)
        try:
            with noting(trace):
                yield trace
        finally:
            _references.reset(token)
        trace.save(update_fields=["texte", "references"])


@contextmanager
def noting(trace, *, correction=False):
    """Keep what is written within the block as the writes of `trace`, or of its correction."""
    token = _notes.set([])
    try:
        yield
        records = _notes.get()
    finally:
        _notes.reset(token)
    Ecriture.objects.bulk_create(
        [
            Ecriture(
                trace=trace,
                modele=record.instance_type._meta.label,
                objet=str(getattr(record, record.instance_type._meta.pk.attname)),
                historique=record.history_id,
                correction=correction,
            )
            for record in records
        ],
        batch_size=LOT,
    )
