"""Where each public project counts: one narrow row a project, which filters read and counts add up.

Computed and kept as the lignées are: `programme.suivi_rangements` writes the rows of a transaction
before its COMMIT, and tells them at a moment. `calcules` is their only definition.
"""

from collections import Counter
from functools import lru_cache
from itertools import combinations

from django.db import models
from django.db.models import (
    Avg,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import MD5, Cast, Coalesce, Concat, ExtractYear

from programme.models.base import lien_libre
from programme.models.desaccords import CHIFFRES, Desaccord, condition
from programme.models.projets import (
    DEPARTEMENT,
    REGION,
    Financement,
    Projet,
    ProjetQuerySet,
    territoire_ou_hors,
)
from programme.models.repartition import MILIEU, classes, moyenne, rangees, repartitions
from programme.models.sources import Sources
from territoires.models import (
    Commune,
    Departement,
    Region,
    Territoire,
    rang_du_departement,
)
from territoires.moment import today

PREFIXE = "r_"
DOUBLON = Desaccord.DOUBLON


def _comme(name):
    """A column of the project, as it is."""
    field = Projet._meta.get_field(name).clone()
    field.db_index = field._db_index = False
    return field


def _pareil():
    """What two projects that repeat each other have alike; empty for one that tells too little.

    Their object and two figures at least: one alone may be the same by chance.
    """
    told = Q()
    for one, other in combinations(CHIFFRES, 2):
        told |= Q(**{f"{one}__isnull": False, f"{other}__isnull": False})
    figures = (Coalesce(Cast(name, CharField()), Value("")) for name in CHIFFRES)
    pieces = [piece for figure in figures for piece in (figure, Value("|"))]
    alike = MD5(Concat(*pieces, "objet", output_field=CharField()))
    return Case(When(~Q(objet="") & told, then=alike), default=Value(""), output_field=CharField())


class RangementQuerySet(models.QuerySet):
    def repetes(self):
        """What the projects that repeat each other have alike: one row for all of each kind."""
        rows = self.exclude(pareil="").values("pareil")
        return rows.annotate(_nombre=Count("pk")).filter(_nombre__gt=1)

    def totaux(self, **mesures):
        """As those of their projects (`ProjetQuerySet.totaux`), in two queries that read little;
        without `mesures` (`Max`es, by name, of columns of the projects), in one.
        """
        asked = {"repetes": Count("pk", filter=Q(en_desaccord(DOUBLON)))}
        if not mesures:
            asked["sources"] = Sources("projet__source")
        told = self.order_by().aggregate(**ProjetQuerySet.comptes(), **asked)
        return told | self.cites(**mesures) if mesures else told

    def cites(self, **mesures):
        """Of the totals, the `sources` that they cite and these `mesures`: the second query."""
        rows = Projet.objects.filter(pk__in=self.order_by().values("pk"))
        # By source, of which there are few: to sort all their texts would cost as much as the rest.
        by_source = list(rows.order_by().values("source").annotate(**mesures))
        last = {
            name: max((row[name] for row in by_source if row[name] is not None), default=None)
            for name in mesures
        }
        return last | {"sources": sorted({row["source"] for row in by_source if row["source"]})}

    def finances(self, slugs):
        """Those that one of these financeurs pays."""
        paid = Financement.objects.filter(projet=OuterRef("pk"), financeur__slug__in=slugs)
        return self.filter(Exists(paid))

    def renseignements(self, financeur):
        """How many tell their filière, their commune, their object, what this financeur grants;
        `dernier_jour`: the last day of any.
        """
        granted = Financement.objects.filter(
            projet=OuterRef("pk"), financeur__slug=financeur, montant_accorde_eur__isnull=False
        )
        return self.order_by().aggregate(
            filiere=Count("pk", filter=~Q(filiere="")),
            commune=Count("commune"),
            objet=Count("pk", filter=~Q(projet__objet="")),
            aide=Count("pk", filter=Exists(granted)),
            dernier_jour=Max("mise_a_jour"),
        )

    def nombres(self, nom):
        """{value of a column: how many rows have it}."""
        return dict(self.order_by().values_list(nom).annotate(Count("pk")))

    def entreprises(self):
        """({first of the last days of a SIREN, or None: of how many SIREN}, rows without one)."""
        rows = self.order_by().values_list("projet__siren")
        told = {siren: rest for siren, *rest in rows.annotate(Min("mise_a_jour"), Count("pk"))}
        _, silent = told.pop("", (None, 0))
        return dict(Counter(first for first, _ in told.values())), silent

    def par(self, nom):
        """[{cle, projets, plus_grand, sums and how many state them}] for each value of a column, or
        each `annee` of their last day; plus_grand: the largest investment.
        """
        cle = ExtractYear("mise_a_jour") if nom == "annee" else F(nom)
        rows = self.order_by().annotate(cle=cle).values("cle")
        # First: a sum takes the column's name.
        largest = {"plus_grand": Max("investissement_eur")}
        return list(rows.annotate(**largest | ProjetQuerySet.comptes()))

    def medianes(self, nom):
        """{value of a column: median of the investments that are told}, in one query."""
        found = {}
        told = rangees(self.exclude(investissement_eur=None), "investissement_eur", nom)
        for key, value in told.filter(MILIEU).values_list(nom, "investissement_eur"):
            found.setdefault(key, []).append(value)
        return {key: moyenne(values) for key, values in found.items()}

    def repartitions(self, totaux):
        """As those of their projects."""
        names = {"nom": "projet__beneficiaire", "cle": "projet__slug"}
        return repartitions(self, CHIFFRES, totaux, **names)

    def classes(self, bornes):
        """As those of their projects."""
        return classes(self, bornes)

    def points(self):
        """(code, name, how many have a point, mean longitude, mean latitude) of each département
        that has any, in their order.
        """
        rows = self.filter(lon__isnull=False, departement__isnull=False).order_by()
        counted = rows.values_list("departement", "departement__nom").annotate(
            Count("pk"), Avg("lon"), Avg("lat")
        )
        return counted.order_by(rang_du_departement("departement"))

    def lieux(self, ecartee):
        """(code and name of the département, of the commune, rows, those that have a point, mean
        longitude, mean latitude, those of this `localisation`) of each commune, known or not.
        """
        rows = self.order_by().values_list(
            "departement", "departement__nom", "commune", "commune__nom"
        )
        return rows.annotate(
            Count("pk"),
            Count("lon"),
            Avg("lon"),
            Avg("lat"),
            _ecartes=Count("pk", filter=Q(localisation=ecartee)),
        )


class Rangement(models.Model):
    """One public project: its place, whatever is filled in; what it tells; what is wrong with it.

    territoire: its code, « hors territoire », or null, not known; situation: the code of the
    territory of its commune today; lieu, siren: whether its sources disagree so.
    """

    projet = models.OneToOneField(
        Projet,
        models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="rangement",
        verbose_name="projet",
    )
    region = lien_libre(Region, "région")
    departement = lien_libre(Departement, "département")
    commune = lien_libre(Commune, "commune")
    territoire = models.CharField("territoire", max_length=20, null=True)
    situation = lien_libre(Territoire, "territoire de sa commune")
    lieu = models.BooleanField("lieu en désaccord")
    siren = models.BooleanField("SIREN en désaccord")
    pareil = models.CharField("ce qu’ont les projets répétés", max_length=32, blank=True)
    axe = _comme("axe")
    thematique = _comme("thematique")
    filiere = _comme("filiere")
    categorie = _comme("categorie")
    statut = _comme("statut")
    emplois_crees = _comme("emplois_crees")
    emplois_maintenus = _comme("emplois_maintenus")
    investissement_eur = _comme("investissement_eur")
    mise_a_jour = _comme("mise_a_jour")
    localisation = _comme("localisation")
    lon = _comme("lon")
    lat = _comme("lat")

    objects = RangementQuerySet.as_manager()

    class Meta:
        verbose_name = "rangement d’un projet"
        verbose_name_plural = "rangements des projets"
        indexes = [
            models.Index(fields=["territoire"], name="rangement_territoire"),
            models.Index(fields=["filiere"], name="rangement_filiere"),
            models.Index(fields=["pareil"], condition=~Q(pareil=""), name="rangement_pareil"),
        ]

    def __str__(self):
        return str(self.projet)


class Retouche(models.Model):
    """A project whose rangement, or whose financements, changed; without one, any of them.

    Their numbers are in the order of the commits: who read up to one of them reads the next ones.
    """

    GARDEES = 10_000

    projet = models.BigIntegerField("clé du projet", null=True)

    class Meta:
        verbose_name = "retouche d’un rangement"
        verbose_name_plural = "retouches des rangements"

    def __str__(self):
        return f"retouche {self.pk}"


def calcules():
    """What the table is to hold, in the order of its fields; each column after `PREFIXE`.

    Of public projects alone, read now or at the moment that is read.
    """
    return _calcules(today()).all()


@lru_cache(maxsize=8)
def _calcules(date):
    """The query is long to make, and each project that is saved asks for it."""
    made = {
        "projet": F("pk"),
        "region": REGION,
        "departement": DEPARTEMENT,
        "territoire": territoire_ou_hors(),
        "lieu": condition(Desaccord.LIEU),
        "siren": condition(Desaccord.SIREN),
        "pareil": _pareil(),
    }
    told = {
        f"{PREFIXE}{field.column}": made.get(field.name, F(field.name))
        for field in Rangement._meta.concrete_fields
    }
    rows = Projet.objects.published().situes(date).order_by()
    return rows.annotate(**told).values_list(*told)


def en_desaccord(kind):
    """The boolean expression of one `Desaccord`, on rows of `Rangement`."""
    if kind != DOUBLON:
        return F(kind)
    repeated = Rangement.objects.repetes().values("pareil")
    return models.ExpressionWrapper(Q(pareil__in=repeated), output_field=models.BooleanField())
