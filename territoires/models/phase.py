"""The two phases of the programme: each has its own list of territories."""

from datetime import timedelta

from django.db import models
from django.db.models import Case, ExpressionWrapper, F, IntegerField, Q, Value, When
from django.db.models.functions import Cast, Concat

from territoires.dates import date_in_words
from territoires.models.etats import AvecEtats, EtatsQuerySet
from territoires.perimetre import REFERENCE


class Certitude(models.TextChoices):
    """How well the date of an entry or an exit is known, the surest first."""

    EXACTE = "exacte", "exacte"
    RECONSTITUEE = "reconstituée", "reconstituée"
    AU_PLUS_TARD = "au plus tard", "au plus tard"

    @classmethod
    def la_moins_sure(cls, values):
        """The least sure of some stored values; "" of none."""
        return max(values, key=cls.values.index, default="")

    @classmethod
    def rang(cls, path):
        """The SQL of that order: 0 for the surest."""
        whens = (When(**{path: value}, then=rank) for rank, value in enumerate(cls.values))
        return Case(*whens, output_field=IntegerField())


class PhaseQuerySet(EtatsQuerySet):
    def at(self, date):
        """The phase of `date`; none before the programme."""
        return self.filter(Q(fin__isnull=True) | Q(fin__gt=date), debut__lte=date)


class Phase(AvecEtats):
    """A phase of the programme, and the day of the catalogue that is read by default."""

    numero = models.PositiveSmallIntegerField("numéro", primary_key=True)
    nom = models.CharField("nom", max_length=60)
    debut = models.DateField("depuis")
    fin = models.DateField("jusqu’au", null=True, blank=True, help_text="Premier jour d’après.")
    fin_certitude = models.CharField(
        "certitude de la fin", max_length=15, choices=Certitude, blank=True
    )
    reference = models.DateField(
        "jour de référence",
        help_text="Celui de la liste que le catalogue de la phase montre d’abord.",
    )
    source = models.TextField("source", blank=True)

    precisions = {"fin": "fin_certitude"}
    perimetre = REFERENCE
    objects = PhaseQuerySet.as_manager()

    class Meta(AvecEtats.Meta):
        verbose_name = "phase"
        ordering = ["numero"]

    def __str__(self):
        return self.nom

    def a_la_carte(self, date):
        """Whether the map of `date` is that of this phase: before the programme, the first’s."""
        return (self.numero == 1 or self.debut <= date) and (self.fin is None or date < self.fin)

    def dernier_jour(self, date):
        """`date`, or the last day of the phase when it has ended by then."""
        return min(date, self.fin - timedelta(days=1)) if self.fin else date


class Liste(AvecEtats):
    """A complete list of the territories of a phase, that a source states for a day.

    The last one is the horizon of the map: after it no source says who is on it.
    """

    date = models.DateField("date", primary_key=True)
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="listes", verbose_name="phase")
    nombre = models.PositiveSmallIntegerField("nombre de territoires")
    source = models.CharField("source", max_length=60, help_text="Code du document.")

    perimetre = REFERENCE
    objects = EtatsQuerySet.as_manager()

    class Meta(AvecEtats.Meta):
        verbose_name = "liste"
        ordering = ["date"]

    def __str__(self):
        return f"{self.nombre} territoires, {date_in_words(self.date)}"


SEGMENTS = {1: "", 2: "2023/"}
"""By phase, what stands before the slug in a territory’s address: for ever, whatever its dates."""
SEGMENT = "phase-{}/"
"""The same for the phases that are opened since."""


def segment(numero):
    return SEGMENTS.get(numero, SEGMENT.format(numero))


def adresse_at(path=""):
    """The SQL of `Territoire.adresse`, for the territory at `path` (« territoire__ ») or NULL."""
    # PostgreSQL joins no column of slugs to plain text without being told that both are text.
    slug = ExpressionWrapper(F(f"{path}slug"), models.CharField())
    whens = (
        When(**{f"{path}phase": number}, then=Concat(Value(segment), slug) if segment else slug)
        for number, segment in SEGMENTS.items()
    )
    before, after = SEGMENT.split("{}")
    numero = Cast(f"{path}phase", models.CharField())
    return Case(
        When(**{f"{path}phase__isnull": True}, then=Value(None)),
        *whens,
        default=Concat(Value(before), numero, Value(after), slug),
        output_field=models.CharField(),
    )
