"""Administrative geography, by INSEE and SIREN codes. Codes are text: leading zeros matter.

Source: code officiel géographique (INSEE) and intercommunalités (DGCL), 2022, and what changed
since, year by year, until 2026.
"""

import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Replace
from django.urls import reverse

from territoires import lecture, moment
from territoires.perimetre import REFERENCE, PerimetreQuerySet


class IntercommunaliteQuerySet(PerimetreQuerySet):
    def designee(self, ecrit):
        """The one that a SIREN designates, or a SIRET of it, however written; None without any.

        Raises `ValeurRefusee` for a number that is neither.
        """
        signs = lecture.sans_signes(ecrit)
        if found := self.filter(pk=signs).first():
            return found
        return self.filter(pk=lecture.siren(ecrit)).first() if signs.isdigit() else None


PREMIER_MILLESIME = 2022
"""The geography of `Commune.intercommunalite`: the first that is known, that of phase 1."""
LISTES = (datetime.date(2023, 11, 9), datetime.date(2024, 7, 4))
"""The days of the lists that came with a geography of their own, that of the 1 January before."""


def millesime(date):
    """The year whose geography answers at `date`: that of the list in force then.

    The last known list answers after it, whatever became of the communes since.
    """
    return max([PREMIER_MILLESIME, *(liste.year for liste in LISTES if liste <= date)])


class CommuneQuerySet(PerimetreQuerySet):
    def at(self, date):
        """The communes of the geography in force at `date`, with `intercommunalite_alors`."""
        return self.du_millesime(millesime(date))

    def du_millesime(self, annee):
        """Those of 1 January `annee`, with `intercommunalite_alors`, the SIREN of theirs then."""
        day = datetime.date(annee, 1, 1)
        return self.existantes(day).with_intercommunalite(day)

    def with_intercommunalite(self, day):
        """Annotate `intercommunalite_alors`, the SIREN of theirs on `day`, unless it is there."""
        if "intercommunalite_alors" in self.query.annotations:
            return self
        past = MouvementCommune.objects.filter(commune=OuterRef("pk"), date__lte=day)
        joined = Subquery(past.order_by("-date").values("rejointe")[:1])
        return self.annotate(
            intercommunalite_alors=Coalesce(
                joined, F("intercommunalite"), output_field=models.CharField()
            )
        )

    def existantes(self, day):
        """Those that exist on `day`, as far as the vintages tell."""
        movements = MouvementCommune.objects.filter(commune=OuterRef("pk"))
        gone = movements.filter(date__lte=day, rejointe=None)
        to_come = movements.filter(date__gt=day, quittee=None)
        return self.filter(~Exists(gone), ~Exists(to_come))

    def membres(self, codes):
        """Of `at(date)`, those of the bodies and communes that `codes` name."""
        codes = list(codes)
        of_2022 = Q(pk__in=codes) | Q(ept__in=codes) | Q(intercommunalite__in=codes)
        # Found by their keys first: `intercommunalite_alors` is computed for each row that is left.
        here = Commune.objects.filter(of_2022).order_by().values("pk")
        came = MouvementCommune.objects.filter(rejointe__in=codes).order_by().values("commune")
        return self.filter(Q(pk__in=here) | Q(pk__in=came)).filter(
            Q(pk__in=codes) | Q(ept__in=codes) | Q(intercommunalite_alors__in=codes)
        )

    def designee(self, ecrit):
        """The one of today that a code designates, its own or that of a part of it, or of before.

        None when there is none, or several.
        """
        try:
            code = lecture.code(ecrit, 5)[:9]
        except lecture.ValeurRefusee:
            return None
        return self.aujourdhui(code)

    def aujourdhui(self, code):
        """The one of today for a code, its own or one of before; None when none had it, or several.

        One that is gone and whose successor no source tells is itself.
        """
        if found := self.existantes(moment.today()).filter(pk=code).first():
            return found
        before = CommuneAncienne.objects.filter(code=code).exclude(commune=code)
        heirs = self.filter(pk__in=before.values("commune"))[:2]
        return heirs[0] if len(heirs) == 1 else self.filter(pk=code).first()

    def alors(self, code, date):
        """The one that a code designates in the geography in force at `date`, else today's.

        It may have had another code then, or been a part of another commune.
        """
        there = self.at(date)
        if found := there.filter(pk=code).first():
            return found
        known = CommuneAncienne.objects
        others = Q(pk__in=known.filter(code=code).exclude(commune=code).values("commune")) | Q(
            pk__in=known.filter(commune=code, nature=CommuneAncienne.Nature.CODE).values("code")
        )
        found = there.filter(others)[:2]
        return found[0] if len(found) == 1 else self.aujourdhui(code)


class Region(models.Model):
    code = models.CharField("code INSEE", max_length=3, primary_key=True)
    nom = models.CharField("nom", max_length=100, unique=True)
    slug = models.SlugField("adresse", max_length=100, unique=True)
    autres_noms = models.CharField(
        "autres noms",
        max_length=200,
        blank=True,
        help_text="Régions d’avant 2016, sigles et noms courants, séparés par une virgule.",
    )

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "région"
        ordering = ["nom"]

    def __str__(self):
        return self.nom

    def get_absolute_url(self):
        return reverse("region", args=[self.slug])


def rang_du_departement(code="code"):
    """What sorts codes of départements, or codes that begin with one: 19, 2A, 2B, 21.

    The two of Corsica come where 20 was.
    """
    # Text and characters mix in an expression: what it makes is then to be said.
    made = {} if isinstance(code, str) else {"output_field": models.TextField()}
    first = Replace(code, Value("2A"), Value("20A"), **made)
    return Replace(first, Value("2B"), Value("20B"), **made)


class Departement(models.Model):
    code = models.CharField("code INSEE", max_length=3, primary_key=True)
    nom = models.CharField("nom", max_length=100, unique=True)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="departements", verbose_name="région"
    )

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "département"
        ordering = [rang_du_departement()]

    def __str__(self):
        return f"{self.nom} ({self.code})"


class Intercommunalite(models.Model):
    """An établissement public: EPCI, or établissement public territorial of Greater Paris."""

    class Nature(models.TextChoices):
        CC = "CC", "communauté de communes"
        CA = "CA", "communauté d’agglomération"
        CU = "CU", "communauté urbaine"
        METRO = "METRO", "métropole"
        EPT = "EPT", "établissement public territorial"

    siren = models.CharField("SIREN", max_length=9, primary_key=True)
    nom = models.CharField("nom", max_length=200)
    nature = models.CharField("nature", max_length=5, choices=Nature)
    departements = models.ManyToManyField(
        Departement, related_name="intercommunalites", verbose_name="départements"
    )
    population = models.PositiveIntegerField("population", null=True, blank=True)
    nb_communes = models.PositiveIntegerField("nombre de communes", null=True, blank=True)
    lon = models.FloatField("longitude (WGS84)", null=True, blank=True)
    lat = models.FloatField("latitude (WGS84)", null=True, blank=True)

    perimetre = REFERENCE
    objects = IntercommunaliteQuerySet.as_manager()

    class Meta:
        verbose_name = "intercommunalité"
        ordering = ["nom", "siren"]
        constraints = [
            models.CheckConstraint(
                condition=Q(siren__regex=r"^[0-9]{9}$"),
                name="intercommunalite_siren_neuf_chiffres",
                violation_error_message="Le SIREN compte neuf chiffres, sans espace.",
            )
        ]

    def __str__(self):
        return self.nom

    def get_absolute_url(self):
        return reverse("intercommunalite", args=[self.siren])


class Commune(models.Model):
    code = models.CharField("code INSEE", max_length=5, primary_key=True)
    nom = models.CharField("nom", max_length=100)
    departement = models.ForeignKey(
        Departement, models.PROTECT, related_name="communes", verbose_name="département"
    )
    intercommunalite = models.ForeignKey(
        Intercommunalite,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="communes",
        verbose_name="première intercommunalité connue",
        help_text=(
            "Vide pour les quatre îles qui n’appartiennent à aucune intercommunalité, et pour les "
            "communes apparues depuis : leurs mouvements disent la suite."
        ),
    )
    ept = models.ForeignKey(
        Intercommunalite,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="communes_ept",
        verbose_name="établissement public territorial",
        help_text="Métropole du Grand Paris seulement.",
    )
    population = models.PositiveIntegerField("population", null=True, blank=True)
    lon = models.FloatField("longitude (WGS84)", null=True, blank=True)
    lat = models.FloatField("latitude (WGS84)", null=True, blank=True)

    perimetre = REFERENCE
    objects = CommuneQuerySet.as_manager()

    class Meta:
        verbose_name = "commune"
        ordering = ["nom", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9][0-9AB][0-9]{3}$"),
                name="commune_code_cinq_caracteres",
                violation_error_message="Le code INSEE d’une commune compte cinq caractères.",
            )
        ]

    def __str__(self):
        return f"{self.nom} ({self.departement_id})"

    def get_absolute_url(self):
        return reverse("commune", args=[self.code])

    def avec_les_absorbees(self):
        """The codes of this commune and of those that it took over, a subquery."""
        absorbed = CommuneAncienne.objects.filter(commune=self, nature__in=CommuneAncienne.ENTIERES)
        known = Commune.objects.filter(pk__in=absorbed.order_by().values("code"))
        # A union, not an « or »: the database sees how few they are.
        itself = Commune.objects.filter(pk=self.pk).order_by().values("pk")
        return itself.union(known.order_by().values("pk"))


class MouvementCommune(models.Model):
    """On the 1 January of a year, a commune leaves an intercommunalité, joins another, or both.

    One that leaves without joining is gone; one that joins without leaving is new or restored.
    Its earlier names and codes, and the one that took it over, are `CommuneAncienne`s: a commune
    that is gone and that none of them names has no known successor.
    """

    commune = models.ForeignKey(
        Commune, models.CASCADE, related_name="mouvements", verbose_name="commune"
    )
    date = models.DateField("le")
    quittee = models.ForeignKey(
        Intercommunalite,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="departs",
        verbose_name="intercommunalité quittée",
        help_text="Vide : la commune apparaît ce jour-là.",
    )
    rejointe = models.ForeignKey(
        Intercommunalite,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="arrivees",
        verbose_name="intercommunalité rejointe",
        help_text="Vide : la commune disparaît ce jour-là.",
    )

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "mouvement de commune"
        verbose_name_plural = "mouvements de communes"
        ordering = ["commune", "date"]
        constraints = [
            models.UniqueConstraint(fields=["commune", "date"], name="mouvement_commune_unique"),
            models.CheckConstraint(
                condition=Q(quittee__isnull=False) | Q(rejointe__isnull=False),
                name="mouvement_commune_dit_quelque_chose",
                violation_error_message="Un mouvement quitte ou rejoint une intercommunalité.",
            ),
        ]

    def __str__(self):
        return f"{self.commune}, {self.date.year}"


class CodePostal(models.Model):
    commune = models.ForeignKey(
        Commune, models.CASCADE, related_name="codes_postaux", verbose_name="commune"
    )
    code = models.CharField("code postal", max_length=5, db_index=True)

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "code postal"
        verbose_name_plural = "codes postaux"
        ordering = ["code", "commune"]
        constraints = [
            models.UniqueConstraint(fields=["commune", "code"], name="code_postal_unique"),
        ]

    def __str__(self):
        return self.code


class CommuneAncienne(models.Model):
    """A name or code under which a commune, or a part of it, was or is also known.

    A delegated or associated commune and a municipal arrondissement still exist within it; the
    other natures are past, until the day `jusqu_en` when the history dates it (INSEE, since 1943).
    """

    class Nature(models.TextChoices):
        DELEGUEE = "commune-deleguee", "commune déléguée"
        ASSOCIEE = "commune-associee", "commune associée"
        ARRONDISSEMENT = "arrondissement-municipal", "arrondissement municipal"
        ABSORBEE = "commune-absorbee", "commune absorbée"
        NOM = "nom", "ancien nom"
        CODE = "code", "ancien code"

    # A part of the commune, until `jusqu_en`; the other natures are what it was.
    PARTIES = frozenset({Nature.DELEGUEE, Nature.ASSOCIEE, Nature.ARRONDISSEMENT})
    # Whole communes that are now this one.
    ENTIERES = frozenset({Nature.ABSORBEE, Nature.CODE})

    code = models.CharField("code INSEE", max_length=5)
    nom = models.CharField("nom", max_length=100)
    commune = models.ForeignKey(
        Commune, models.CASCADE, related_name="anciennes", verbose_name="commune actuelle"
    )
    nature = models.CharField("nature", max_length=24, choices=Nature)
    jusqu_en = models.DateField(
        "jusqu’au", null=True, blank=True, help_text="Vide : en usage, ou date non renseignée."
    )

    perimetre = REFERENCE
    objects = PerimetreQuerySet.as_manager()

    class Meta:
        verbose_name = "commune ancienne"
        verbose_name_plural = "communes anciennes"
        ordering = ["nom", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "nature", "nom"], name="commune_ancienne_unique"
            ),
        ]

    def __str__(self):
        return self.nom

    @property
    def est_une_partie(self):
        """Whether it still is a part of the commune."""
        return self.nature in self.PARTIES and not self.jusqu_en

    @property
    def est_elle_meme(self):
        """Whether it says of the commune only what it is today: a code that it took back."""
        return self.code == self.commune_id and self.nature == self.Nature.CODE

    @property
    def _jusqu_en(self):
        return f" jusqu’en {self.jusqu_en.year}" if self.jusqu_en else ""

    @property
    def en_mots_de_la_partie(self):
        """What it says of the commune that has this code, today apart: a part of another before."""
        return f"était dans {self.commune}, {self.get_nature_display()}{self._jusqu_en}"

    @property
    def en_mots(self):
        """What it says of the commune of today: « s’appelait Ambérieu jusqu’en 1955 »."""
        until = self._jusqu_en
        if self.nature == self.Nature.NOM:
            return f"s’appelait {self.nom}{until}" if until else f"s’est appelée {self.nom}"
        if self.nature == self.Nature.CODE:
            return f"a porté le code {self.code}{until}"
        if self.nature == self.Nature.ABSORBEE:
            return f"a absorbé {self.nom} ({self.code}), commune{until or ' autrefois'}"
        part = f"{self.nom} ({self.code}), {self.get_nature_display()}"
        return f"a compris {part}{until}" if until else f"comprend {part}"

    @property
    def remarque(self):
        """What is said to somebody who wrote this code, where a commune of today is expected."""
        return (
            f"« {self.code} » est {self.nom} ({self.get_nature_display()}) : lu "
            f"{self.commune_id}, {self.commune.nom}, sa commune d’aujourd’hui."
        )
