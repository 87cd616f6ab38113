"""The territories of the programme, and who belonged to them from when until when."""

from django.db import models
from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least, NullIf
from django.urls import reverse
from django.utils.text import slugify

from territoires.contraintes import NonChevauchement
from territoires.models.geographie import (
    Commune,
    Departement,
    Intercommunalite,
    MouvementCommune,
    Region,
    millesime,
)
from territoires.models.modification import Historique
from territoires.models.personnes import TexteDePersonne
from territoires.models.phase import Certitude, Liste, Phase, adresse_at, segment
from territoires.models.suivi import Versionne
from territoires.perimetre import TOUT, Perimetre, PerimetreQuerySet

FIN = Least(Coalesce("fin", "phase__fin"), Coalesce("phase__fin", "fin"))
"""The first day outside of a rattachement: its own end, or that of its phase; null: still there."""


def fin_certitude():
    """How surely the day of `FIN` is known; null while it has none."""
    own = NullIf(F("fin_certitude"), Value(""))
    of_phase = NullIf(F("phase__fin_certitude"), Value(""))
    return Case(When(fin__isnull=False, then=own), default=of_phase)


def _membre_le(date):
    """The condition of a rattachement at `date`, a day or an expression."""
    return (
        Q(debut__lte=date)
        & (Q(fin__isnull=True) | Q(fin__gt=date))
        & (Q(phase__fin__isnull=True) | Q(phase__fin__gt=date))
    )


def _aggregate(queryset, aggregate):
    """A correlated subquery of one aggregate over `queryset`, which is filtered by OuterRef."""
    return Subquery(
        queryset.order_by().values("territoire").annotate(_value=aggregate).values("_value")
    )


def _de_la_geographie(date, nombre, total, **moves):
    """What the intercommunalité of a rattachement counts in the geography of `date`.

    Its `nombre` of 2022, then the `total` of the communes that joined it and left it; of a phase
    that is over, that of 2022. moves: which movements count.
    """
    moved = MouvementCommune.objects.filter(date__year__lte=millesime(date), **moves).order_by()

    def of(side):
        rows = moved.filter(**{side: OuterRef("intercommunalite")})
        found = Subquery(rows.values(side).annotate(_n=total).values("_n"))
        return Coalesce(found, 0, output_field=models.IntegerField())

    since = Case(When(phase__fin__lte=date, then=0), default=of("rejointe") - of("quittee"))
    number = F(f"intercommunalite__{nombre}") + since
    return ExpressionWrapper(number, output_field=models.IntegerField())


def _nb_communes(date):
    return _de_la_geographie(date, "nb_communes", Count("pk"))


def _population(date):
    """The inhabitants follow a commune that moves; those of one that merges stay where they are."""
    here_and_there = {"quittee__isnull": False, "rejointe__isnull": False}
    return _de_la_geographie(date, "population", Sum("commune__population"), **here_and_there)


class TerritoireQuerySet(PerimetreQuerySet):
    def at(self, date):
        """The territories on the map at `date`: those with an attested member on that day."""
        return self.filter(Exists(Rattachement.objects.at(date).filter(territoire=OuterRef("pk"))))

    def catalogue(self, *phases):
        """The territories of the lists that the catalogue of some phases, the first, shows."""
        return self.filter(phase__in=phases or (1,)).at(F("phase__reference"))

    def reconstitues(self, date):
        """Those of `at(date)` that no list nor document says there by then, as `carte` does.

        Read of the last presence: a territory that came back since is not told here.
        """
        listes = Liste.objects.filter(phase=OuterRef("phase"))
        since = listes.filter(date__gte=OuterRef("debut"), date__lte=date)
        named = ExpressionWrapper(OuterRef("source_entree"), output_field=models.TextField())
        cited = listes.filter(date__gt=OuterRef("debut")).alias(citees=named)
        drawn = Q(debut_certitude=Certitude.RECONSTITUEE)
        drawn |= Q(Exists(cited.filter(citees__contains=F("source"))))
        return self.at(date).with_dates().exclude(Exists(since)).filter(drawn)

    def in_regions(self, regions):
        """The territories that the committees of `regions` follow, each once."""
        followed = Territoire.regions.through.objects.filter(region__in=regions)
        return self.filter(pk__in=followed.values("territoire"))

    def shared(self):
        """The territories that the committees of several régions follow."""
        several = (
            Territoire.regions.through.objects.values("territoire")
            .annotate(_regions=Count("region"))
            .filter(_regions__gt=1)
        )
        return self.filter(pk__in=several.values("territoire"))

    def with_adresse(self):
        """Annotate `_adresse`, the `adresse` of each."""
        return self.annotate(_adresse=adresse_at())

    def with_dates(self):
        """Annotate what the members tell of the last presence, as `carte` does in memory.

        debut, debut_certitude: its first day, and how surely it is known; fin: the first day
        outside, the end of the phase included, null: still there; sortie: the same, for a
        territory that left before its phase ended.
        """
        members = Rattachement.objects.filter(territoire=OuterRef("pk"))
        before = Rattachement.objects.filter(
            Q(fin__isnull=True) | Q(fin__gte=OuterRef("debut")),
            territoire=OuterRef("territoire"),
            debut__lt=OuterRef("debut"),
        )
        # Each presence begins with the rows that no earlier one touches; the least sure first.
        entries = members.exclude(Exists(before)).order_by(
            "-debut", Certitude.rang("certitude").desc()
        )
        nothing = Value(None, output_field=DateField())
        is_open = Exists(members.filter(fin__isnull=True, phase__fin__isnull=True))
        return self.annotate(
            debut=Subquery(entries.values("debut")[:1]),
            debut_certitude=Subquery(entries.values("certitude")[:1]),
            fin=Case(When(is_open, then=nothing), default=_aggregate(members, Max(FIN))),
            sortie=Case(When(phase__fin=F("fin"), then=nothing), default=F("fin")),
        )

    def with_members(self, date):
        """Annotate `population`, `nb_communes`, `nb_membres`, of the members at `date`.

        For a territory that is not on the map then, they are those of its last members.
        """
        siblings = Rattachement.objects.filter(territoire=OuterRef("territoire"))
        last = Q(_fin=_aggregate(siblings, Max(FIN))) & ~Exists(siblings.at(date))
        members = (
            Rattachement.objects.filter(territoire=OuterRef("pk"))
            .annotate(_fin=FIN)
            .filter(_membre_le(date) | last)
        )

        def of_members(aggregate):
            return _aggregate(members, aggregate)

        number = models.IntegerField()
        inhabitants = Coalesce(_population(date), "commune__population", output_field=number)
        return self.annotate(
            population=of_members(Sum(inhabitants)),
            nb_communes=of_members(Sum(Coalesce(_nb_communes(date), 1))),
            nb_membres=of_members(Count("pk")),
        )


class Territoire(Versionne):
    """A Territoire d'industrie of one phase. Its dates and members are its rattachements'."""

    code = models.CharField("code", max_length=10, primary_key=True)
    phase = models.ForeignKey(
        Phase, models.PROTECT, related_name="territoires", verbose_name="phase"
    )
    code_anct = models.CharField(
        "code de la liste",
        max_length=10,
        blank=True,
        help_text="Celui des listes du programme, unique dans une phase seulement.",
    )
    nom = models.CharField("nom", max_length=200)
    slug = models.SlugField("adresse", max_length=120)
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
        help_text="Un des premiers territoires du programme. Vide : non renseigné.",
    )
    pilote = models.CharField(
        "pilote selon",
        max_length=60,
        blank=True,
        help_text="Code du document qui le nomme parmi les pilotes. Vide : aucun ne le nomme.",
    )
    elu = TexteDePersonne("élu du binôme", max_length=150, blank=True)
    fonction_elu = TexteDePersonne("fonction de l’élu", max_length=200, blank=True)
    industriel = TexteDePersonne("industriel du binôme", max_length=150, blank=True)
    fonction_industriel = TexteDePersonne("fonction de l’industriel", max_length=200, blank=True)
    chef_de_projet = TexteDePersonne("chef de projet", max_length=150, blank=True)
    source_entree = models.TextField("source de la date d’entrée", blank=True)
    source_sortie = models.TextField("source de la date de sortie", blank=True)
    remarque = models.TextField("remarque", blank=True, help_text="Comment ces dates sont lues.")

    perimetre = Perimetre(regions=("regions", "region_porteuse"), operateurs=TOUT)
    objects = TerritoireQuerySet.as_manager()
    history = Historique(
        verbose_name="historique de territoire", m2m_fields=[regions, departements]
    )

    class Meta:
        verbose_name = "territoire"
        ordering = ["nom", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^ti[2-9]?-[0-9]{4}$"),
                name="territoire_code_forme",
                violation_error_message=(
                    "Le code d’un territoire a la forme ti-7505, ou ti2-7505 en phase 2."
                ),
            ),
            models.UniqueConstraint(
                fields=["phase", "slug"],
                name="territoire_adresse_unique",
                violation_error_message="Un territoire de cette phase a déjà cette adresse.",
            ),
            models.UniqueConstraint(
                fields=["phase", "code_anct"],
                condition=~Q(code_anct=""),
                name="territoire_code_anct_unique",
                violation_error_message="Un territoire de cette phase a déjà ce code de liste.",
            ),
            models.CheckConstraint(
                condition=~Q(successeur=F("code")) | Q(successeur__isnull=True),
                name="territoire_pas_son_propre_successeur",
                violation_error_message="Un territoire ne peut pas être réuni dans lui-même.",
            ),
        ]

    def __str__(self):
        return self.nom

    @property
    def adresse(self):
        """What names it in addresses: its slug, after the year of its phase but for the first."""
        return f"{segment(self.phase_id)}{self.slug}"

    def get_absolute_url(self):
        return reverse("territoire", args=[self.adresse])

    def get_portrait_url(self):
        return reverse("portrait", args=[self.adresse])

    @staticmethod
    def slug_de(nom):
        """The slug of a territory that enters under `nom`, for ever: a later name changes nothing.

        Shorter than the field, for what tells apart two of one name.
        """
        return slugify(nom)[:110].strip("-")


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
    history = Historique(verbose_name="historique d’autre nom")

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
    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        phases = dict(
            Territoire.objects.filter(pk__in={o.territoire_id for o in objs}).values_list(
                "pk", "phase"
            )
        )
        for rattachement in objs:
            rattachement.phase_id = phases.get(rattachement.territoire_id)
        return super().bulk_create(objs, *args, **kwargs)

    def at(self, date):
        """The attested memberships on `date`: debut ≤ date < fin, and not after their phase."""
        return self.filter(_membre_le(date))

    def catalogue(self, *phases):
        """The members on the lists that the catalogue of some phases, the first, shows."""
        return self.filter(phase__in=phases or (1,)).at(F("phase__reference"))


class Rattachement(Versionne):
    """One intercommunalité or commune belongs to a territory from a date, until a date.

    `debut` is the first day; `fin`, when known, the first day outside, else that of the phase.
    """

    territoire = models.ForeignKey(
        Territoire, models.PROTECT, related_name="rattachements", verbose_name="territoire"
    )
    phase = models.ForeignKey(
        Phase,
        models.PROTECT,
        related_name="rattachements",
        editable=False,
        verbose_name="phase",
        help_text="Celle du territoire.",
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
    pas_avant = models.DateField(
        "pas avant le",
        null=True,
        blank=True,
        help_text="Entré « au plus tard » : le premier jour possible, si une liste complète "
        "l’exclut avant.",
    )
    fin = models.DateField(
        "jusqu’au",
        null=True,
        blank=True,
        help_text="Premier jour où il n’est plus membre. Vide : jusqu’à la fin de la phase.",
    )
    fin_certitude = models.CharField(
        "certitude de la fin", max_length=15, choices=Certitude, blank=True
    )
    source = models.TextField("source", blank=True)
    remarque = models.TextField("remarque", blank=True)

    precisions = {"debut": "certitude", "fin": "fin_certitude"}
    perimetre = Perimetre(
        regions=("territoire__regions", "territoire__region_porteuse"), operateurs=TOUT
    )
    objects = RattachementQuerySet.as_manager()
    history = Historique(verbose_name="historique de rattachement")

    class Meta:
        verbose_name = "rattachement"
        base_manager_name = "objects"  # whoever writes many rows at once, their phase is kept
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
            models.CheckConstraint(
                condition=Q(pas_avant__isnull=True)
                | Q(certitude=Certitude.AU_PLUS_TARD, pas_avant__lte=F("debut")),
                name="rattachement_pas_avant_au_plus_tard",
                violation_error_message=(
                    "Seule une entrée « au plus tard » a un premier jour possible, avant son début."
                ),
            ),
            NonChevauchement(
                name="rattachement_intercommunalite_unique",
                fields=["intercommunalite", "phase"],
                violation_error_message=(
                    "Cette intercommunalité est déjà membre d’un territoire à cette période."
                ),
            ),
            NonChevauchement(
                name="rattachement_commune_unique",
                fields=["commune", "phase"],
                violation_error_message=(
                    "Cette commune est déjà membre d’un territoire à cette période."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.membre} – {self.territoire}"

    def save(self, *args, **kwargs):
        self._follow()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "phase"}
        super().save(*args, **kwargs)

    def clean_fields(self, exclude=None):
        self._follow()
        super().clean_fields(exclude)

    def validate_constraints(self, exclude=None):
        # No form has `phase`, but it is known with the territory.
        super().validate_constraints({*(exclude or ())} - {"phase"})

    def _follow(self):
        """Its phase is that of its territory."""
        if self.territoire_id is not None:
            self.phase_id = self.territoire.phase_id

    @property
    def terme(self):
        """`FIN`, for a row in memory: the first day outside, its phase's end included, or None."""
        return min(filter(None, (self.fin, self.phase.fin)), default=None)

    @property
    def terme_certitude(self):
        """How surely the day of `terme` is known; "" without any, or when nobody said."""
        if self.terme is None:
            return ""
        return self.fin_certitude if self.terme == self.fin else self.phase.fin_certitude

    @property
    def possible_des(self):
        """The first day it may have been in, when it entered « au plus tard »; else None.

        Nobody is in before the phase, nor before a complete list that does not have them.
        """
        if self.certitude != Certitude.AU_PLUS_TARD:
            return None
        return max(filter(None, (self.phase.debut, self.pas_avant)))

    @property
    def membre(self):
        """The member itself, an `Intercommunalite` or a `Commune`."""
        return self.intercommunalite or self.commune

    @property
    def nature(self):
        """`CC`, `CA`, `CU`, `METRO`, `EPT`, or `COM` for a commune by itself."""
        return self.intercommunalite.nature if self.intercommunalite_id else "COM"
