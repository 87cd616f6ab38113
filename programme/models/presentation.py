"""What the programme is, as the sources say it: persons in function, statements, words."""

import unicodedata

from django.db import models
from django.db.models import Q
from django.urls import reverse

from programme.models.base import Precision, Publiable, PublicationQuerySet
from territoires.models import Operateur, TexteDePersonne
from territoires.models.modification import Historique
from territoires.perimetre import REFERENCE


class Personne(Publiable):
    """A person whom a source names, in the function that it gives them, on its day.

    Never more than the name and the function in office. The same person in another function, or
    named at another date, is another row: nothing says what they are today.
    """

    code = models.SlugField("code", max_length=60, unique=True)
    nom = TexteDePersonne("nom", max_length=150)
    fonction = TexteDePersonne("fonction", max_length=250)
    role = TexteDePersonne("rôle ce jour-là", max_length=250, blank=True)
    date = models.DateField("date")
    precision_date = models.CharField("précision de la date", max_length=15, choices=Precision)
    source = models.TextField("source")

    precisions = {"date": "precision_date"}
    perimetre = REFERENCE
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique de personne en fonction")

    class Meta:
        verbose_name = "personne en fonction"
        verbose_name_plural = "personnes en fonction"
        ordering = ["date", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["nom", "fonction", "date"],
                name="personne_unique",
                violation_error_message=(
                    "Cette personne est déjà enregistrée dans cette fonction à cette date."
                ),
            )
        ]

    def __str__(self):
        return f"{self.nom}, {self.fonction}"

    def get_absolute_url(self):
        return f"{reverse('programme')}#{self.code}"


class Affirmation(Publiable):
    """One thing that a source says of the programme, told in the portal's words."""

    class Rubrique(models.TextChoices):
        """In the order of the page."""

        NATURE = "nature", "nature"
        BUT = "but", "but"
        ACTEUR = "acteur", "acteur"
        COMITE = "comité", "comité"
        OPERATEUR = "opérateur", "opérateur"
        ARGENT = "argent", "argent"
        PHASE = "phase", "phase"
        PANIER = "panier de services", "panier de services"
        DECLARATION = "déclaration", "déclaration"

    code = models.SlugField("code", max_length=50, unique=True)
    rubrique = models.CharField("rubrique", max_length=20, choices=Rubrique)
    ordre = models.PositiveSmallIntegerField("ordre dans la rubrique", default=0)
    titre = models.CharField("titre", max_length=150)
    texte = models.TextField("texte")
    operateur = models.ForeignKey(
        Operateur,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="affirmations",
        verbose_name="opérateur",
    )
    personne = models.ForeignKey(
        Personne,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="declarations",
        verbose_name="personne",
    )
    date = models.DateField("date")
    precision_date = models.CharField("précision de la date", max_length=15, choices=Precision)
    source = models.TextField("source")

    publication_lookups = ("publication", "personne__publication")
    precisions = {"date": "precision_date"}
    perimetre = REFERENCE
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique d’affirmation")

    class Meta:
        verbose_name = "affirmation"
        ordering = ["rubrique", "ordre", "code"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(rubrique="opérateur") | Q(operateur__isnull=False),
                name="affirmation_operateur_nomme",
                violation_error_message="Nommez l’opérateur dont parle cette affirmation.",
            ),
            models.CheckConstraint(
                condition=~Q(rubrique="déclaration") | Q(personne__isnull=False),
                name="affirmation_personne_nommee",
                violation_error_message="Nommez la personne qui fait cette déclaration.",
            ),
        ]

    def __str__(self):
        return self.titre

    def get_absolute_url(self):
        return f"{reverse('programme')}#{self.code}"


class PageDuSite(models.CharField):
    """The path of a page of this site; for the database and its migrations, an ordinary text."""

    def deconstruct(self):
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class Terme(Publiable):
    """A word of the programme, in the portal's own definition; `source` is where it is read."""

    code = models.SlugField("code", max_length=50, unique=True)
    mot = models.CharField("mot", max_length=100)
    autres_noms = models.CharField(
        "autres noms", max_length=250, blank=True, help_text="Séparés par des virgules."
    )
    definition = models.TextField("définition")
    page = PageDuSite("page du site", max_length=100, blank=True)
    source = models.TextField("source", blank=True)

    perimetre = REFERENCE
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique de mot du glossaire")

    class Meta:
        verbose_name = "mot du glossaire"
        verbose_name_plural = "mots du glossaire"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(page="") | Q(page__startswith="/"),
                name="terme_page_du_site",
                violation_error_message=(
                    "La page est une adresse de ce site, qui commence par « / »."
                ),
            )
        ]

    def __str__(self):
        return self.mot

    def get_absolute_url(self):
        return f"{reverse('glossaire')}#{self.code}"

    @property
    def lettre(self):
        """The capital that the word is under, without its accent."""
        return unicodedata.normalize("NFD", self.mot[:1]).upper()[:1]
