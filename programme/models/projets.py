"""Projects, and who pays for them. Amounts are whole euros; an empty one is not known."""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Sum, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.urls import reverse

from programme.models.base import Absorbable, Publiable, PublicationQuerySet
from programme.models.contrats import Contrat
from programme.models.cycles import CycleDeVie
from programme.models.desaccords import CHIFFRES, Desaccord, condition
from programme.models.repartition import DITS, classes, repartitions
from programme.models.sources import Sources
from territoires import moment
from territoires.millesimes import avec_situation
from territoires.models import (
    Commune,
    Departement,
    Operateur,
    Phase,
    Rattachement,
    Region,
    Territoire,
    Versionne,
)
from territoires.models.modification import Historique
from territoires.perimetre import REFERENCE, Perimetre

# Where a project lies, whatever is filled in: commune, else département, else territory.
DEPARTEMENT = Coalesce(
    "commune__departement", "departement", output_field=models.CharField(max_length=3)
)
REGION = Coalesce(
    "commune__departement__region",
    "departement__region",
    "territoire__region_porteuse",
    output_field=models.CharField(max_length=3),
)
DEPARTEMENT_NOM = Coalesce("commune__departement__nom", "departement__nom")
REGION_NOM = Coalesce(
    "commune__departement__region__nom",
    "departement__region__nom",
    "territoire__region_porteuse__nom",
)
REGION_SLUG = Coalesce(
    "commune__departement__region__slug",
    "departement__region__slug",
    "territoire__region_porteuse__slug",
)
HORS_TERRITOIRE = "hors territoire"


def _dans_un_territoire():
    """Whether the commune of a project belongs to a territory, on the map that places it.

    That of today; of the reference of its phase, for what a source of a phase that is over lists.
    """
    bodies = Q(commune=OuterRef("commune"))
    for body in ("ept", "intercommunalite"):
        bodies |= Q(intercommunalite=OuterRef(f"commune__{body}"))
    stated = OuterRef("mise_a_jour")
    over = Phase.objects.filter(debut__lte=stated, fin__gt=stated)
    members = Rattachement.objects.filter(bodies)
    then = members.filter(phase__debut__lte=stated, phase__fin__gt=stated)
    return Q(Exists(then.at(F("phase__reference")))) | Q(
        ~Exists(over), Exists(members.at(moment.today()))
    )


def territoire_ou_hors():
    """The code of the territory; « hors territoire » where the place says so; null: not known.

    A commune that lies in a territory, of a project that names none, says nothing: the one may be
    wrong or the other not filled in. Overseas outside the 18 régions there is no territory.
    """
    overseas = Q(commune=None, departement=None) & ~Q(departement_cite="")
    outside = (Q(commune__isnull=False) & ~_dans_un_territoire()) | overseas
    return Coalesce(
        "territoire",
        Case(When(outside, then=Value(HORS_TERRITOIRE)), output_field=models.CharField()),
        output_field=models.CharField(),
    )


class ProjetQuerySet(PublicationQuerySet):
    def in_region(self, region):
        """The rows that lie in a région, a row or its code, or with None in none: each in one."""
        rows = self.annotate(_region=REGION)
        if region is None:
            return rows.filter(_region__isnull=True)
        return rows.filter(_region=region.pk if isinstance(region, Region) else region)

    def totaux(self, **mesures):
        """Count and sums of the filtered rows, each project and euro once; and other `mesures`.

        Keys: `projets`, `sources` (what the rows cite, each once), and for `emplois_crees`,
        `emplois_maintenus`, `investissement_eur` the sum (None when no row states it) and, under
        `…_renseignes`, how many rows state it; `repetes`: how many of them repeat another row.
        """
        once = Projet.objects.filter(pk__in=self.order_by().values("pk"))
        repetes = Count("pk", filter=condition(Desaccord.DOUBLON))
        return once.aggregate(**self.mesures() | mesures, repetes=repetes)

    @staticmethod
    def mesures():
        """The same, as expressions to group by something."""
        return {"sources": Sources("source")} | ProjetQuerySet.comptes()

    @staticmethod
    def comptes():
        """Of them, what is counted and added up."""
        stated = {f"{name}{DITS}": Count(name) for name in CHIFFRES}
        # Counts first: a sum takes the name of its column, which a later count would then read.
        return {"projets": Count("pk"), **stated} | {name: Sum(name) for name in CHIFFRES}

    def repartitions(self, totaux):
        """What carries each of the sums of the rows: `{name: Repartition}` of those of `totaux`."""
        once = Projet.objects.filter(pk__in=self.order_by().values("pk"))
        return repartitions(once, CHIFFRES, totaux, nom="beneficiaire", cle="slug")

    def classes(self, bornes):
        """How many rows have an investment between two of these bounds: `repartition.classes`."""
        return classes(self, bornes)

    def situes(self, date):
        """Annotate `situation`: the code of the territory on the map at `date` where each lies.

        By its commune, whatever its own `territoire` says; null where there is none.
        """
        return avec_situation(self, "commune", date)

    def en_desaccord(self, *kinds):
        """The rows whose sources disagree, by one of these `Desaccord`s, or by any."""
        found = Q()
        for kind in kinds or Desaccord:
            found |= Q(Exact(condition(kind), True))
        return self.filter(found)

    def pareils(self, projet):
        """The public rows that have the object and the figures of `projet`, but itself."""
        same = self.published().filter(objet=projet.objet).exclude(pk=projet.pk)
        for name in CHIFFRES:
            value = getattr(projet, name)
            same = same.filter(**({f"{name}__isnull": True} if value is None else {name: value}))
        return same

    def echanges(self, projet):
        """The rows whose commune and postcode are those of `projet`, the other way round."""
        theirs = Q(commune__codes_postaux__code=projet.code_postal)
        ours = Q(code_postal__in=projet.commune.codes_postaux.values("code"))
        return self.en_desaccord(Desaccord.LIEU).filter(theirs, ours).exclude(pk=projet.pk)


class Projet(CycleDeVie, Absorbable, Publiable):
    """One action of a territory, or a laureate of the fund outside any territory."""

    class Statut(models.TextChoices):
        REMONTE = "remonté", "remonté"
        CONTRACTUALISE = "contractualisé", "contractualisé"
        ENGAGE = "engagé", "engagé"
        REALISE = "réalisé", "réalisé"
        ABANDONNE = "abandonné", "abandonné"

    TRANSITIONS = {
        Statut.REMONTE: {Statut.CONTRACTUALISE, Statut.ABANDONNE},
        Statut.CONTRACTUALISE: {Statut.ENGAGE, Statut.ABANDONNE},
        Statut.ENGAGE: {Statut.REALISE, Statut.ABANDONNE},
        Statut.REALISE: set(),
        Statut.ABANDONNE: set(),
    }

    class Axe(models.TextChoices):
        ATTIRER = "attirer", "attirer"
        RECRUTER = "recruter", "recruter"
        SIMPLIFIER = "simplifier", "simplifier"
        INNOVER = "innover", "innover"

    VONT_ENSEMBLE = (
        ("commune", "departement", "departement_cite", "code_postal"),
        ("lon", "lat", "localisation"),
    )

    class Localisation(models.TextChoices):
        COORDONNEES = "coordonnées", "coordonnées"
        CODE_POSTAL = "code postal", "code postal"

    code = models.CharField("code", max_length=20, unique=True)
    slug = models.SlugField("adresse", max_length=120, unique=True)
    beneficiaire = models.CharField("porteur", max_length=200)
    siren = models.CharField("SIREN du porteur", max_length=9, blank=True)
    categorie = models.CharField("catégorie d’entreprise", max_length=30, blank=True)
    filiere = models.CharField("filière", max_length=60, blank=True)
    objet = models.TextField("objet", blank=True)
    axe = models.CharField("axe", max_length=12, choices=Axe, blank=True)
    thematique = models.CharField("thématique", max_length=60, blank=True)
    statut = models.CharField(
        "statut", max_length=15, choices=Statut, blank=True, help_text="Vide : non renseigné."
    )
    territoire = models.ForeignKey(
        Territoire,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projets",
        verbose_name="territoire",
        help_text="Vide : celui de la commune, ou aucun.",
    )
    contrat = models.ForeignKey(
        Contrat,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projets",
        verbose_name="contrat",
    )
    commune = models.ForeignKey(
        Commune,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projets",
        verbose_name="commune",
    )
    departement = models.ForeignKey(
        Departement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projets",
        verbose_name="département",
    )
    departement_cite = models.CharField(
        "département cité",
        max_length=3,
        blank=True,
        help_text="Le code que la source donne, aussi quand il est hors des 101 départements.",
    )
    code_postal = models.CharField("code postal", max_length=5, blank=True)
    localisation = models.CharField("localisé par", max_length=12, choices=Localisation, blank=True)
    lon = models.FloatField("longitude (WGS84)", null=True, blank=True)
    lat = models.FloatField("latitude (WGS84)", null=True, blank=True)
    emplois_crees = models.PositiveIntegerField("emplois créés", null=True, blank=True)
    emplois_maintenus = models.PositiveIntegerField("emplois maintenus", null=True, blank=True)
    investissement_eur = models.PositiveBigIntegerField(
        "investissement (euros)", null=True, blank=True
    )
    mise_a_jour = models.DateField("mise à jour de la source", null=True, blank=True)
    source = models.TextField("source", blank=True)

    perimetre = Perimetre(
        regions=(
            "territoire__regions",
            "territoire__region_porteuse",
            "commune__departement__region",
            "departement__region",
        )
    )
    objects = ProjetQuerySet.as_manager()
    history = Historique(verbose_name="historique de projet", longue=True)

    class Meta:
        verbose_name = "projet"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(absorbe_par__isnull=True) | Q(publication="retiré"),
                name="projet_fusionne_retire",
                violation_error_message=(
                    "Ce projet est fusionné dans un autre, qui le remplace : il ne se publie plus."
                ),
            ),
            models.CheckConstraint(
                condition=Q(siren="") | Q(siren__regex=r"^[0-9]{9}$"),
                name="projet_siren_neuf_chiffres",
                violation_error_message="Le SIREN compte neuf chiffres, sans espace.",
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__isnull=False, lat__isnull=False),
                name="projet_point_complet",
                violation_error_message="Donnez la longitude et la latitude, ou aucune des deux.",
            ),
            models.CheckConstraint(
                condition=~Q(localisation="code postal") | Q(lon__isnull=True, lat__isnull=True),
                name="projet_point_ecarte",
                violation_error_message=(
                    "Un projet localisé par son code postal n’a pas de point : videz la longitude "
                    "et la latitude, ou dites-le localisé par ses coordonnées."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.beneficiaire} – {self.objet}" if self.objet else self.beneficiaire

    @property
    def cite(self):
        """As a sentence names it."""
        return f"projet « {self} »"

    def get_absolute_url(self):
        return reverse("projet", args=[self.slug])

    @property
    def lieu_departement(self):
        """The département where it lies, or None: that of the commune when it is known."""
        return self.commune.departement if self.commune else self.departement

    # Acts: each saves, or raises a ValidationError that says why it may not be done.

    @transaction.atomic
    def contractualiser(self, contrat=None, *, seance=None, texte="", auteur=None):
        """Taken into `contrat`, or into the one it already names; or validated in `seance`.

        A séance records it as a decision.
        """
        self.check_transition(self.Statut.CONTRACTUALISE)
        contrat = contrat or self.contrat
        if contrat is None and seance is None:
            raise ValidationError(
                "Nommez le contrat qui reprend ce projet, ou la séance qui le valide."
            )
        where = f"validé en comité, {seance.du_jour}" if seance else f"dans « {contrat} »"
        self._become(self.Statut.CONTRACTUALISE, f"contractualisé, {where}", contrat=contrat)
        if seance:
            seance.valider(self, texte=texte, auteur=auteur)

    def engager(self):
        self._become(self.Statut.ENGAGE, "engagé")

    def realiser(self):
        self._become(self.Statut.REALISE, "réalisé")

    def abandonner(self, motif=""):
        self._become(self.Statut.ABANDONNE, f"abandonné : {motif}" if motif else "abandonné")


class FinanceurQuerySet(PublicationQuerySet):
    def published(self):
        """Those of the whole country, and those of a région once they pay for what is published."""
        pays = Financement.objects.order_by().published().values("financeur")
        rows = self.filter(absorbe_par__isnull=True)
        return rows.filter(Q(region__isnull=True) | Q(pk__in=pays))

    def visible_to(self, agent):
        """What is public, or was; and those that an agent's own régions have recorded."""
        seen = super().visible_to(agent)
        if not (agent.is_authenticated and agent.is_active and agent.is_staff):
            return seen
        own = Q(region__in=agent.regions.all()) | Q(region__isnull=True)
        return self.filter(Q(pk__in=seen.order_by().values("pk")) | own)


class Financeur(Absorbable, Versionne):
    class Type(models.TextChoices):
        ETAT = "État", "État"
        REGION = "Région", "Région"
        OPERATEUR = "opérateur", "opérateur"
        COLLECTIVITE = "collectivité", "autre collectivité"
        EUROPE = "Union européenne", "Union européenne"
        PRIVE = "privé", "privé"

    nom = models.CharField("nom", max_length=200, unique=True)
    slug = models.SlugField("adresse", max_length=100, unique=True)
    type = models.CharField("type", max_length=20, choices=Type)
    operateur = models.OneToOneField(
        Operateur,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="financeur",
        verbose_name="opérateur",
    )
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="financeurs",
        verbose_name="région qui l’a enregistré",
        help_text="Vide : un financeur de tout le pays.",
    )

    REGIONAUX = (Type.REGION, Type.COLLECTIVITE, Type.PRIVE)
    """The types of those that a région may record."""

    perimetre = REFERENCE
    objects = FinanceurQuerySet.as_manager()
    publication_lookups = ()
    history = Historique(verbose_name="historique de financeur")

    class Meta:
        verbose_name = "financeur"
        ordering = ["nom"]
        constraints = [
            models.CheckConstraint(
                condition=Q(region__isnull=True)
                | Q(type__in=["Région", "collectivité", "privé"], operateur__isnull=True),
                name="financeur_regional_d_un_type_regional",
                violation_error_message=(
                    "Une région enregistre une Région, une autre collectivité ou un financeur "
                    "privé : l’État, l’Union européenne et les opérateurs sont de tout le pays."
                ),
            )
        ]

    def __str__(self):
        return self.nom


class EnveloppeQuerySet(PublicationQuerySet):
    def with_consumption(self):
        """Annotate `accorde_eur`, `verse_eur`, `nb_projets` from the published financements."""
        published = Q(financements__projet__publication="publié")
        return self.annotate(
            accorde_eur=Sum("financements__montant_accorde_eur", filter=published),
            verse_eur=Sum("financements__montant_verse_eur", filter=published),
            nb_projets=Count("financements__projet", filter=published, distinct=True),
        )


class Enveloppe(Publiable):
    """A budget of a fund, national or of one région, by year."""

    fonds = models.CharField("fonds", max_length=200)
    intitule = models.CharField("intitulé", max_length=200)
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="enveloppes",
        verbose_name="région",
        help_text="Vide : enveloppe nationale.",
    )
    annee = models.PositiveSmallIntegerField("année")
    montant_eur = models.PositiveBigIntegerField("montant (euros)", null=True, blank=True)
    source = models.TextField("source", blank=True)

    perimetre = Perimetre(regions=("region",))
    objects = EnveloppeQuerySet.as_manager()
    history = Historique(verbose_name="historique d’enveloppe")

    class Meta:
        verbose_name = "enveloppe"
        ordering = ["fonds", "annee", "region", "intitule"]
        constraints = [
            models.UniqueConstraint(
                fields=["fonds", "intitule", "annee", "region"],
                condition=Q(region__isnull=False),
                name="enveloppe_regionale_unique",
                violation_error_message="Cette région a déjà cette enveloppe pour cette année.",
            ),
            models.UniqueConstraint(
                fields=["fonds", "intitule", "annee"],
                condition=Q(region__isnull=True),
                name="enveloppe_nationale_unique",
                violation_error_message="Cette enveloppe nationale existe déjà pour cette année.",
            ),
        ]

    def __str__(self):
        return f"{self.intitule} ({self.annee})"


class Financement(Versionne):
    """One financeur's share of one project: asked, granted, paid, in whole euros."""

    projet = models.ForeignKey(
        Projet, models.CASCADE, related_name="financements", verbose_name="projet"
    )
    financeur = models.ForeignKey(
        Financeur, models.PROTECT, related_name="financements", verbose_name="financeur"
    )
    enveloppe = models.ForeignKey(
        Enveloppe,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="financements",
        verbose_name="enveloppe",
    )
    montant_demande_eur = models.PositiveBigIntegerField(
        "montant demandé (euros)", null=True, blank=True
    )
    montant_accorde_eur = models.PositiveBigIntegerField(
        "montant accordé (euros)", null=True, blank=True
    )
    montant_verse_eur = models.PositiveBigIntegerField(
        "montant versé (euros)", null=True, blank=True
    )
    demande_le = models.DateField("demandé le", null=True, blank=True)
    accorde_le = models.DateField("accordé le", null=True, blank=True)
    verse_le = models.DateField("versé le", null=True, blank=True)

    publication_lookups = ("projet__publication",)
    perimetre = Perimetre(
        regions=(
            "projet__territoire__regions",
            "projet__territoire__region_porteuse",
            "projet__commune__departement__region",
            "projet__departement__region",
        ),
    )
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique de financement", longue=True)

    class Meta:
        verbose_name = "financement"
        ordering = ["projet", "financeur", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["projet", "financeur", "enveloppe"],
                condition=Q(enveloppe__isnull=False),
                name="financement_enveloppe_unique",
                violation_error_message=(
                    "Ce projet a déjà un financement de ce financeur sur cette enveloppe."
                ),
            ),
            models.UniqueConstraint(
                fields=["projet", "financeur"],
                condition=Q(enveloppe__isnull=True),
                name="financement_sans_enveloppe_unique",
                violation_error_message=(
                    "Ce projet a déjà un financement de ce financeur hors enveloppe."
                ),
            ),
            models.CheckConstraint(
                condition=Q(montant_verse_eur__isnull=True)
                | Q(montant_accorde_eur__isnull=True)
                | Q(montant_verse_eur__lte=F("montant_accorde_eur")),
                name="financement_verse_dans_accorde",
                violation_error_message="Le montant versé ne dépasse pas le montant accordé.",
            ),
        ]

    def __str__(self):
        return f"{self.financeur} – {self.projet}"
