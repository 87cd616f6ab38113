"""The steering committees, their meetings (séances) and what they decided."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q

from programme.models.base import Precision, Publiable, Publication, PublicationQuerySet
from territoires.ajustements import Ajustement
from territoires.corrections import Correction
from territoires.dates import date_in_words
from territoires.models import Modification, Region, Territoire, TexteDePersonne, Versionne
from territoires.models.modification import Historique, tracer
from territoires.perimetre import NATIONAL, Perimetre, PerimetreQuerySet

ACTE_SUR_LA_CARTE = "carte"
SEANCE_RETIREE = "la séance n’est plus publiée"


class ComiteRegionalQuerySet(PerimetreQuerySet):
    def competent_for(self, record):
        """The committees that follow the territory of `record`, a contrat or a projet; for a
        project outside any, that of the région where it lies.
        """
        regions = Region.objects.none()
        if record.territoire_id is not None:
            regions = Region.objects.filter(territoires=record.territoire_id)
        elif place := getattr(record, "lieu_departement", None):
            regions = Region.objects.filter(departements=place)
        return self.filter(region__in=regions.values("pk"))


class ComiteRegional(Versionne):
    """The comité de pilotage régional, presided over by the conseil régional."""

    region = models.OneToOneField(
        Region, models.PROTECT, related_name="comite", verbose_name="région"
    )
    presidence = TexteDePersonne("présidence", max_length=200, blank=True)
    secretariat = TexteDePersonne(
        "secrétariat",
        max_length=200,
        blank=True,
        help_text="Le service qui tient le secrétariat. Aucune coordonnée privée.",
    )
    source = models.TextField("source", blank=True)

    perimetre = Perimetre(regions=("region",))
    objects = ComiteRegionalQuerySet.as_manager()
    history = Historique(verbose_name="historique de comité régional")

    class Meta:
        verbose_name = "comité de pilotage régional"
        verbose_name_plural = "comités de pilotage régionaux"
        ordering = ["region__nom"]

    def __str__(self):
        return f"Comité de pilotage régional – {self.region}"


class ComiteNational(Versionne):
    nom = models.CharField("nom", max_length=200, unique=True)
    presidence = TexteDePersonne("présidence", max_length=200, blank=True)

    perimetre = NATIONAL
    objects = PerimetreQuerySet.as_manager()
    history = Historique(verbose_name="historique de comité national")

    class Meta:
        verbose_name = "comité de pilotage national"
        verbose_name_plural = "comités de pilotage nationaux"
        ordering = ["nom"]

    def __str__(self):
        return self.nom


class SeanceQuerySet(PublicationQuerySet):
    def competent_for(self, record):
        """The séances that may decide about `record`, a contrat or a projet.

        Those of the committees that follow it, and those of the national committee.
        """
        followed = Q(comite_regional__in=ComiteRegional.objects.competent_for(record).values("pk"))
        return self.filter(followed | Q(comite_national__isnull=False))


class Seance(Publiable):
    """A meeting of one committee, regional or national."""

    comite_regional = models.ForeignKey(
        ComiteRegional,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="seances",
        verbose_name="comité régional",
    )
    comite_national = models.ForeignKey(
        ComiteNational,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="seances",
        verbose_name="comité national",
    )
    date = models.DateField("date")
    precision = models.CharField(
        "précision de la date", max_length=15, choices=Precision, default=Precision.JOUR
    )
    lieu = models.CharField("lieu", max_length=200, blank=True)
    ordre_du_jour = models.TextField("ordre du jour", blank=True)
    compte_rendu = models.TextField("compte rendu", blank=True)
    source = models.TextField("source", blank=True)

    precisions = {"date": "precision"}
    perimetre = Perimetre(regions=("comite_regional__region",))
    objects = SeanceQuerySet.as_manager()
    history = Historique(verbose_name="historique de séance")

    class Meta:
        verbose_name = "séance"
        ordering = ["-date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(comite_regional__isnull=False, comite_national__isnull=True)
                | Q(comite_regional__isnull=True, comite_national__isnull=False),
                name="seance_un_seul_comite",
                violation_error_message=(
                    "Une séance est celle d’un comité régional ou du comité national."
                ),
            ),
            models.UniqueConstraint(
                fields=["comite_regional", "date"],
                condition=Q(comite_regional__isnull=False),
                name="seance_regionale_unique",
                violation_error_message="Ce comité a déjà une séance à cette date.",
            ),
            models.UniqueConstraint(
                fields=["comite_national", "date"],
                condition=Q(comite_national__isnull=False),
                name="seance_nationale_unique",
                violation_error_message="Ce comité a déjà une séance à cette date.",
            ),
        ]

    def __str__(self):
        return f"{self.comite}, {date_in_words(self.date, self.precision)}"

    @property
    def comite(self):
        return self.comite_regional or self.comite_national

    @property
    def du_jour(self):
        """« séance du 3 mai 2022 », « séance de mai 2022 »."""
        when = date_in_words(self.date, self.precision)
        if self.precision == Precision.AU_PLUS_TARD:
            return f"séance tenue {when}"
        if self.precision == Precision.MOIS:
            return f"séance {'d’' if when[0] in 'ao' else 'de '}{when}"
        return f"séance {'de ' if self.precision == Precision.ANNEE else 'du '}{when}"

    # --- Its acts on the map, public with it --------------------------------------------------

    @property
    def actes_en_attente(self):
        """The decisions that will change the map once the séance is published, in their order."""
        return self.decisions.en_attente().order_by("pk")

    @property
    def actes_appliques(self):
        """The decisions that changed the map, the latest first."""
        return self.decisions.filter(trace__isnull=False).order_by("-trace")

    def publication_changee(self, avant):
        """What it decided of the map is public when it is, not before, and no longer than it."""
        if self.publication == Publication.PUBLIE:
            for decision in self.actes_en_attente:
                try:
                    decision.appliquer()
                except ValidationError as error:
                    raise ValidationError(decision.ne_peut_plus(error)) from error
        elif avant == Publication.PUBLIE:
            for decision in self.actes_appliques:
                decision.suspendre()

    def valider(self, record, *, texte="", auteur=None):
        """Decide that `record`, a contrat or a projet, is validated; returns the `Decision`."""
        if not Seance.objects.competent_for(record).filter(pk=self.pk).exists():
            raise ValidationError(
                "Cette séance est celle d’un comité qui ne suit pas ce territoire."
            )
        kind = record._meta.model_name
        decision = Decision(
            seance=self,
            type=Decision.Type[kind.upper()],
            texte=texte or Decision.proposed_text(record),
            auteur=auteur,
            **{kind: record},
        )
        decision.full_clean()
        decision.save()
        return decision


class DecisionQuerySet(PublicationQuerySet):
    def en_attente(self):
        """The acts on the map that wait for the publication of their séance."""
        return self.filter(ajustement__isnull=False, trace__isnull=True)


class Decision(Versionne):
    """What a séance decided. It is public when its séance and what it concerns are."""

    class Type(models.TextChoices):
        CARTE = "ajuster la carte", "ajuster la carte"
        CONTRAT = "valider un contrat", "valider un contrat"
        PROJET = "valider un projet", "valider un projet"
        AUTRE = "autre", "autre"

    VALIDE = "Le comité valide le {}."
    """What it says of a contract or a project that it takes."""

    seance = models.ForeignKey(
        Seance, models.PROTECT, related_name="decisions", verbose_name="séance"
    )
    type = models.CharField("type", max_length=20, choices=Type)
    texte = models.TextField("texte de la décision")
    territoire = models.ForeignKey(
        Territoire,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name="territoire",
    )
    contrat = models.ForeignKey(
        "programme.Contrat",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name="contrat",
    )
    projet = models.ForeignKey(
        "programme.Projet",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name="projet",
    )
    ajustement = models.JSONField(
        "ajustement de la carte",
        null=True,
        blank=True,
        editable=False,
        help_text="L’acte tel qu’il a été appliqué : voir territoires.ajustements.",
    )
    trace = models.OneToOneField(
        Modification,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="decision",
        verbose_name="trace sur la carte",
        help_text="Vide : l’acte attend la publication de la séance pour changer la carte.",
    )
    defait = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="defaite_par",
        verbose_name="défait la décision",
    )
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="decisions",
        verbose_name="auteur",
    )

    publication_lookups = (
        "seance__publication",
        "contrat__publication",
        "projet__publication",
    )
    perimetre = Perimetre(regions=("seance__comite_regional__region",))
    objects = DecisionQuerySet.as_manager()
    history = Historique(verbose_name="historique de décision")

    class Meta:
        verbose_name = "décision"
        ordering = ["-seance__date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(type="valider un contrat") | Q(contrat__isnull=False),
                name="decision_contrat_nomme",
                violation_error_message="Nommez le contrat que la séance valide.",
            ),
            models.CheckConstraint(
                condition=~Q(type="valider un projet") | Q(projet__isnull=False),
                name="decision_projet_nomme",
                violation_error_message="Nommez le projet que la séance valide.",
            ),
            models.CheckConstraint(
                condition=~Q(type="ajuster la carte")
                | Q(territoire__isnull=False)
                | Q(ajustement__isnull=False),
                name="decision_territoire_nomme",
                violation_error_message="Nommez le territoire que la séance ajuste.",
            ),
        ]

    def __str__(self):
        return f"{self.get_type_display()} – {self.seance}"

    @property
    def change_la_carte(self):
        """Whether it is an act that the public map bears."""
        return self.trace_id is not None

    @property
    def acte(self):
        """The `Ajustement` that it decides."""
        return Ajustement.from_json(self.ajustement)

    @transaction.atomic
    def appliquer(self, dans=None):
        """Change the map as decided, and keep the trace of it; or raise a `ValidationError`.

        dans: the act of which this is a part.
        """
        act, said = self.acte, (ACTE_SUR_LA_CARTE, self.seance, self.auteur, self.texte)
        with tracer(*said, dans=dans) as trace:
            act.appliquer()
            if len(act.territoires) == 1:
                self.territoire_id = act.territoires[0]
            self.trace = trace
            self.save(update_fields=["trace", "territoire"])

    @transaction.atomic
    def suspendre(self):
        """Take what it changed off the map: its séance is public no more."""
        trace, self.trace = self.trace, None
        self.territoire = None  # what waits may speak of one that is not made yet
        self.save(update_fields=["trace", "territoire"])
        # What waits again was not written by the act that goes.
        here = self.history.first().modification
        self.history.filter(modification=trace).update(modification=here)
        Correction(trace).faire(None, SEANCE_RETIREE)

    def ne_peut_plus(self, error):
        """Why the act, which waits, cannot be done on the map of today."""
        return (
            f"La décision « {self.texte} » ne peut plus changer la carte : "
            f"{' '.join(error.messages)} Supprimez-la de la séance, puis décidez-la de nouveau."
        )

    @staticmethod
    def proposed_text(record):
        """The sentence that validates `record`, for its author to amend."""
        return Decision.VALIDE.format(record.cite)
