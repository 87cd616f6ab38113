"""The territories of the programme, and who belonged to them from when until when."""

from django.db import models
from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from simple_history.models import HistoricalRecords

from territoires.contraintes import NonChevauchement
from territoires.models.geographie import Commune, Departement, Intercommunalite, Region
from territoires.models.personnes import TexteDePersonne
from territoires.models.suivi import Versionne
from territoires.perimetre import TOUT, Perimetre, PerimetreQuerySet


class Certitude(models.TextChoices):
    """How well the date of an entry or an exit is known. A journalist must see it."""

    EXACTE = "exacte", "exacte"
    AU_PLUS_TARD = "au plus tard", "au plus tard"
    RECONSTITUEE = "reconstituée", "reconstituée"


def _aggregate(queryset, aggregate):
    """A correlated subquery of one aggregate over `queryset`, which is filtered by OuterRef."""
    return Subquery(
        queryset.order_by().values("territoire").annotate(_value=aggregate).values("_value")
    )


class TerritoireQuerySet(PerimetreQuerySet):
    def at(self, date):
        """The territories on the map at `date`: those with an attested member on that day."""
        return self.filter(Exists(Rattachement.objects.at(date).filter(territoire=OuterRef("pk"))))

    def in_regions(self, regions):
        """The territories that the committees of `regions` follow, each once."""
        followed = Territoire.regions.through.objects.filter(region__in=regions)
        return self.filter(pk__in=followed.values("territoire"))

    def in_departements(self, departements):
        """The territories that touch one of `departements`, each once."""
        touched = Territoire.departements.through.objects.filter(departement__in=departements)
        return self.filter(pk__in=touched.values("territoire"))

    def shared(self):
        """The territories that the committees of several régions follow."""
        several = (
            Territoire.regions.through.objects.values("territoire")
            .annotate(_regions=Count("region"))
            .filter(_regions__gt=1)
        )
        return self.filter(pk__in=several.values("territoire"))

    def with_nom(self, date):
        """Annotate `nom_alors`, the name in use on `date` as far as dated renamings tell."""
        later = AutreNom.objects.filter(territoire=OuterRef("pk"), fin__gt=date)
        return self.annotate(
            nom_alors=Coalesce(Subquery(later.order_by("fin").values("nom")[:1]), "nom")
        )

    def with_dates(self):
        """Annotate `debut`, `debut_certitude`, `fin` (null: still on the map), from the members."""
        members = Rattachement.objects.filter(territoire=OuterRef("pk"))
        is_open = Exists(members.filter(fin__isnull=True))
        return self.annotate(
            debut=_aggregate(members, Min("debut")),
            debut_certitude=Subquery(members.order_by("debut", "pk").values("certitude")[:1]),
            fin=Case(
                When(is_open, then=Value(None, output_field=DateField())),
                default=_aggregate(members, Max("fin")),
            ),
        )

    def with_members(self, date):
        """Annotate `population`, `nb_communes`, `nb_membres`, of the members at `date`.

        For a territory that has left the map, they are those of its last members.
        """
        members = Rattachement.objects.filter(territoire=OuterRef("pk"))
        current = members.at(date)
        siblings = Rattachement.objects.filter(territoire=OuterRef("territoire"))
        last = members.filter(fin=_aggregate(siblings, Max("fin")))

        def of_members(aggregate):
            return Coalesce(
                _aggregate(current, aggregate),
                _aggregate(last, aggregate),
                output_field=IntegerField(),
            )

        return self.annotate(
            population=of_members(
                Sum(Coalesce("intercommunalite__population", "commune__population"))
            ),
            nb_communes=of_members(Sum(Coalesce("intercommunalite__nb_communes", 1))),
            nb_membres=of_members(Count("pk")),
        )


class Territoire(Versionne):
    """A Territoire d'industrie. Its dates and members are read from its rattachements."""

    code = models.CharField("code", max_length=10, primary_key=True)
    nom = models.CharField("nom", max_length=200)
    slug = models.SlugField("adresse", max_length=120, unique=True)
    region_porteuse = models.ForeignKey(
        Region,
        models.PROTECT,
        related_name="territoires_portes",
        verbose_name="région porteuse",
    )
    regions = models.ManyToManyField(
        Region,
        related_name="territoires",
        verbose_name="régions",
        help_text="Toutes celles dont le comité suit le territoire, la région porteuse comprise.",
    )
    departements = models.ManyToManyField(
        Departement, related_name="territoires", verbose_name="départements"
    )
    successeur = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecesseurs",
        verbose_name="réuni dans",
        help_text="Le territoire qui a repris celui-ci lors d’une fusion.",
    )
    prefigurateur = models.BooleanField(
        "préfigurateur",
        null=True,
        blank=True,
        help_text="Un des 29 de janvier 2019. Vide : non renseigné.",
    )
    elu = TexteDePersonne("élu du binôme", max_length=150, blank=True)
    fonction_elu = TexteDePersonne("fonction de l’élu", max_length=200, blank=True)
    industriel = TexteDePersonne("industriel du binôme", max_length=150, blank=True)
    fonction_industriel = TexteDePersonne("fonction de l’industriel", max_length=200, blank=True)
    chef_de_projet = TexteDePersonne("chef de projet", max_length=150, blank=True)
    source_entree = models.TextField("source de la date d’entrée", blank=True)
    source_sortie = models.TextField("source de la date de sortie", blank=True)

    perimetre = Perimetre(regions=("regions", "region_porteuse"), operateurs=TOUT)
    objects = TerritoireQuerySet.as_manager()
    history = HistoricalRecords(
        verbose_name="historique de territoire", m2m_fields=[regions, departements]
    )

    class Meta:
        verbose_name = "territoire"
        ordering = ["nom", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^ti-[0-9]{4}$"),
                name="territoire_code_forme",
                violation_error_message="Le code d’un territoire a la forme ti-7505.",
            ),
            models.CheckConstraint(
                condition=~Q(successeur=F("code")) | Q(successeur__isnull=True),
                name="territoire_pas_son_propre_successeur",
                violation_error_message="Un territoire ne peut pas être réuni dans lui-même.",
            ),
        ]

    def __str__(self):
        return self.nom

    def get_absolute_url(self):
        return reverse("territoire", args=[self.slug])


class AutreNom(Versionne):
    """A name under which a territory was, or still is, also known."""

    territoire = models.ForeignKey(
        Territoire, models.CASCADE, related_name="autres_noms", verbose_name="territoire"
    )
    nom = models.CharField("nom", max_length=200)
    fin = models.DateField(
        "en usage jusqu’au", null=True, blank=True, help_text="Vide : date non renseignée."
    )

    perimetre = Perimetre(
        regions=("territoire__regions", "territoire__region_porteuse"), operateurs=TOUT
    )
    objects = PerimetreQuerySet.as_manager()
    history = HistoricalRecords(verbose_name="historique d’autre nom")

    class Meta:
        verbose_name = "autre nom"
        verbose_name_plural = "autres noms"
        ordering = ["territoire", "nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["territoire", "nom"],
                condition=Q(fin__isnull=True),
                name="autre_nom_unique",
                violation_error_message="Ce territoire a déjà ce nom dans sa liste.",
            ),
            models.UniqueConstraint(
                fields=["territoire", "fin"],
                condition=Q(fin__isnull=False),
                name="autre_nom_un_seul_par_date",
                violation_error_message="Ce territoire a déjà changé de nom à cette date.",
            ),
        ]

    def __str__(self):
        return self.nom


class RattachementQuerySet(PerimetreQuerySet):
    def at(self, date):
        """The attested memberships on `date`: debut ≤ date < fin."""
        return self.filter(Q(fin__isnull=True) | Q(fin__gt=date), debut__lte=date)

    def of_commune(self, commune):
        """The memberships that concern a commune: its own, its EPT's, its intercommunalité's."""
        bodies = [pk for pk in (commune.intercommunalite_id, commune.ept_id) if pk]
        return self.filter(Q(commune=commune) | Q(intercommunalite__in=bodies))


class Rattachement(Versionne):
    """One intercommunalité or commune belongs to a territory from a date, until a date.

    `debut` is the first day; `fin`, when known, the first day outside.
    """

    territoire = models.ForeignKey(
        Territoire, models.PROTECT, related_name="rattachements", verbose_name="territoire"
    )
    intercommunalite = models.ForeignKey(
        Intercommunalite,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rattachements",
        verbose_name="intercommunalité",
    )
    commune = models.ForeignKey(
        Commune,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rattachements",
        verbose_name="commune",
        help_text="Pour une commune membre à elle seule, sans son intercommunalité.",
    )
    debut = models.DateField("membre depuis", db_index=True)
    certitude = models.CharField("certitude du début", max_length=15, choices=Certitude)
    fin = models.DateField(
        "jusqu’au", null=True, blank=True, help_text="Premier jour où il n’est plus membre."
    )
    source = models.TextField("source", blank=True)

    precisions = {"debut": "certitude"}
    perimetre = Perimetre(
        regions=("territoire__regions", "territoire__region_porteuse"), operateurs=TOUT
    )
    objects = RattachementQuerySet.as_manager()
    history = HistoricalRecords(verbose_name="historique de rattachement")

    class Meta:
        verbose_name = "rattachement"
        ordering = ["territoire", "debut", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(intercommunalite__isnull=False, commune__isnull=True)
                | Q(intercommunalite__isnull=True, commune__isnull=False),
                name="rattachement_un_seul_membre",
                violation_error_message=(
                    "Un rattachement concerne une intercommunalité ou une commune, pas les deux."
                ),
            ),
            models.CheckConstraint(
                condition=Q(fin__isnull=True) | Q(fin__gt=F("debut")),
                name="rattachement_fin_apres_debut",
                violation_error_message="La fin d’un rattachement vient après son début.",
            ),
            NonChevauchement(
                name="rattachement_intercommunalite_unique",
                fields=["intercommunalite"],
                violation_error_message=(
                    "Cette intercommunalité est déjà membre d’un territoire à cette période."
                ),
            ),
            NonChevauchement(
                name="rattachement_commune_unique",
                fields=["commune"],
                violation_error_message=(
                    "Cette commune est déjà membre d’un territoire à cette période."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.membre} – {self.territoire}"

    @property
    def membre(self):
        """The member itself, an `Intercommunalite` or a `Commune`."""
        return self.intercommunalite or self.commune

    @property
    def nature(self):
        """`CC`, `CA`, `CU`, `METRO`, `EPT`, or `COM` for a commune by itself."""
        return self.intercommunalite.nature if self.intercommunalite_id else "COM"
