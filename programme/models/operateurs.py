"""What the four public operators promised, and what they delivered."""

from django.db import models
from django.db.models import Q

from programme.enonces import promesse
from programme.models.base import Precision, Publiable, PublicationQuerySet
from territoires.contraintes import NonChevauchement
from territoires.models import Operateur, Territoire, TexteDePersonne
from territoires.models.modification import Historique
from territoires.perimetre import TOUT, Perimetre


class Convention(Publiable):
    operateur = models.ForeignKey(
        Operateur, models.PROTECT, related_name="conventions", verbose_name="opérateur"
    )
    intitule = models.CharField("intitulé", max_length=200)
    signee_le = models.DateField("signée le")
    lieu = models.CharField("lieu", max_length=200, blank=True)
    source = models.TextField("source", blank=True)

    perimetre = Perimetre(regions=TOUT, operateurs=("operateur",))
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique de convention")

    class Meta:
        verbose_name = "convention"
        ordering = ["signee_le", "operateur"]
        constraints = [
            models.UniqueConstraint(
                fields=["operateur", "intitule", "signee_le"],
                name="convention_unique",
                violation_error_message="Cet opérateur a déjà cette convention à cette date.",
            )
        ]

    def __str__(self):
        return f"{self.intitule} – {self.operateur}"


class Engagement(Publiable):
    """A countable promise; without `operateur`, each of the operators made it."""

    class Type(models.TextChoices):
        ENVELOPPE = "enveloppe", "enveloppe"
        REFERENT = "référent", "référent"
        ACCOMPAGNEMENT = "accompagnement", "accompagnement"
        DONNEES = "données", "données"
        SERVICE = "service", "service"

    code = models.SlugField("code", max_length=50, unique=True)
    operateur = models.ForeignKey(
        Operateur,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="engagements",
        verbose_name="opérateur",
        help_text="Vide : engagement pris par chacun des opérateurs.",
    )
    intitule = models.CharField("intitulé", max_length=300)
    type = models.CharField("type", max_length=15, choices=Type)
    cible = models.PositiveBigIntegerField("cible", null=True, blank=True)
    cible_mots = models.CharField(
        "cible, dans les mots de la source",
        max_length=100,
        blank=True,
        help_text="Exemple : « une vingtaine », « environ 100 M€ par an ».",
    )
    unite = models.CharField("unité", max_length=60, blank=True)
    rythme = models.CharField("rythme", max_length=30, blank=True)
    debut = models.PositiveSmallIntegerField("année de début", null=True, blank=True)
    echeance = models.DateField("échéance", null=True, blank=True)
    precision_echeance = models.CharField(
        "précision de l’échéance", max_length=15, choices=Precision, blank=True
    )
    echeance_mots = models.CharField(
        "échéance, dans les mots de la source",
        max_length=100,
        blank=True,
        help_text="Exemple : « dès l’été », « d’ici à 2022 ». Aucun jour n’en est déduit.",
    )
    approximatif = models.BooleanField(
        "cible approximative", null=True, blank=True, help_text="Vide : non renseigné."
    )
    source = models.TextField("source", blank=True)

    precisions = {"echeance": "precision_echeance"}
    perimetre = Perimetre(regions=TOUT, operateurs=("operateur",), communs=("operateur",))
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique d’engagement")

    class Meta:
        verbose_name = "engagement"
        ordering = ["operateur", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(echeance__isnull=True, precision_echeance="")
                | (Q(echeance__isnull=False) & ~Q(precision_echeance="")),
                name="engagement_echeance_et_precision",
                violation_error_message="L’échéance et sa précision vont ensemble.",
            )
        ]

    def __str__(self):
        return self.intitule

    @property
    def promis(self):
        """The target with its hedge: « une vingtaine de territoires »; None without any."""
        return promesse(self.cible, self.unite, self.approximatif, self.cible_mots)


class Realisation(Publiable):
    """What one operator delivered on one engagement in one year."""

    engagement = models.ForeignKey(
        Engagement, models.PROTECT, related_name="realisations", verbose_name="engagement"
    )
    operateur = models.ForeignKey(
        Operateur, models.PROTECT, related_name="realisations", verbose_name="opérateur"
    )
    annee = models.PositiveSmallIntegerField("année")
    valeur = models.PositiveBigIntegerField("valeur", null=True, blank=True)
    commentaire = models.TextField("commentaire", blank=True)
    source = models.TextField("source", blank=True)

    publication_lookups = ("publication", "engagement__publication")
    perimetre = Perimetre(regions=TOUT, operateurs=("operateur",))
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique de réalisation")

    class Meta:
        verbose_name = "réalisation"
        ordering = ["engagement", "annee", "operateur"]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "operateur", "annee"],
                name="realisation_unique",
                violation_error_message=(
                    "Cet opérateur a déjà une réalisation pour cet engagement et cette année."
                ),
            ),
            models.CheckConstraint(
                condition=Q(annee__gte=2018, annee__lte=2100),
                name="realisation_annee_vraisemblable",
                violation_error_message="L’année s’écrit sur quatre chiffres, à partir de 2018.",
            ),
        ]

    def __str__(self):
        return f"{self.engagement} – {self.operateur} – {self.annee}"


class ReferentQuerySet(PublicationQuerySet):
    def at(self, date):
        """The référents in function on `date`: debut ≤ date < fin."""
        return self.filter(Q(fin__isnull=True) | Q(fin__gt=date), debut__lte=date)


class Referent(Publiable):
    """The one person of an operator for a territory, from a date, until a date."""

    operateur = models.ForeignKey(
        Operateur, models.PROTECT, related_name="referents", verbose_name="opérateur"
    )
    territoire = models.ForeignKey(
        Territoire, models.PROTECT, related_name="referents", verbose_name="territoire"
    )
    nom = TexteDePersonne("nom", max_length=150)
    fonction = TexteDePersonne(
        "fonction", max_length=200, blank=True, help_text="En fonction seulement : rien de privé."
    )
    debut = models.DateField("depuis le")
    fin = models.DateField("jusqu’au", null=True, blank=True)

    perimetre = Perimetre(
        regions=("territoire__regions", "territoire__region_porteuse"),
        operateurs=("operateur",),
    )
    objects = ReferentQuerySet.as_manager()
    history = Historique(verbose_name="historique de référent")

    class Meta:
        verbose_name = "référent"
        ordering = ["territoire", "operateur", "debut"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fin__isnull=True) | Q(fin__gt=models.F("debut")),
                name="referent_fin_apres_debut",
                violation_error_message="La fin vient après le début.",
            ),
            NonChevauchement(
                name="referent_unique_par_operateur_et_territoire",
                fields=["operateur", "territoire"],
                violation_error_message=(
                    "Cet opérateur a déjà un référent pour ce territoire à cette période."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.nom} ({self.operateur})"


class Service(Publiable):
    """One entry of the panier de services."""

    code = models.SlugField("code", max_length=50, unique=True)
    operateur = models.ForeignKey(
        Operateur, models.PROTECT, related_name="services", verbose_name="opérateur"
    )
    intitule = models.CharField("intitulé", max_length=200)
    description = models.TextField("description", blank=True)
    source = models.TextField("source", blank=True)

    perimetre = Perimetre(regions=TOUT, operateurs=("operateur",))
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique de service")

    class Meta:
        verbose_name = "service"
        ordering = ["operateur", "intitule"]

    def __str__(self):
        return self.intitule


class TerritoirePrioritaire(Publiable):
    """A territory that an operator accompanies in a year, with or without reinforcement."""

    operateur = models.ForeignKey(
        Operateur, models.PROTECT, related_name="prioritaires", verbose_name="opérateur"
    )
    territoire = models.ForeignKey(
        Territoire, models.PROTECT, related_name="priorites", verbose_name="territoire"
    )
    annee = models.PositiveSmallIntegerField("année")
    renforce = models.BooleanField("accompagnement renforcé", default=False)
    source = models.TextField("source", blank=True)

    perimetre = Referent.perimetre
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique de territoire prioritaire")

    class Meta:
        verbose_name = "territoire prioritaire"
        verbose_name_plural = "territoires prioritaires"
        ordering = ["-annee", "operateur", "territoire"]
        constraints = [
            models.UniqueConstraint(
                fields=["operateur", "territoire", "annee"],
                name="territoire_prioritaire_unique",
                violation_error_message="Ce territoire est déjà prioritaire cette année-là.",
            )
        ]

    def __str__(self):
        return f"{self.territoire} – {self.operateur} – {self.annee}"
