"""What was announced, when, by whom; the documents that prove it."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from programme.enonces import COLLECTIFS, enonce
from programme.models.base import Precision, Publiable, PublicationQuerySet
from programme.models.comites import Seance
from programme.models.contrats import Contrat
from programme.models.fichiers import LONGUEUR_DU_NOM, ChampFichier, safe, unique_path
from programme.models.projets import Projet
from territoires.dates import connu
from territoires.models import Territoire, Versionne
from territoires.models.modification import Historique
from territoires.perimetre import REFERENCE, Perimetre


def codes_des_sources(text):
    """The references of a `source` field, one by one: they are joined by « ; »."""
    return {reference.strip() for reference in text.split(";")} - {""}


class Source(Versionne):
    """A public document that facts are quoted from, by its code."""

    code = models.CharField("code", max_length=60, primary_key=True)
    titre = models.CharField("titre", max_length=300)
    editeur = models.CharField("éditeur", max_length=300, blank=True)
    date = models.DateField("date", null=True, blank=True)
    precision_date = models.CharField(
        "précision de la date", max_length=15, choices=Precision, blank=True
    )
    url = models.URLField("adresse", blank=True)
    licence = models.CharField("licence", max_length=60, blank=True)
    remarque = models.TextField("remarque", blank=True)

    precisions = {"date": "precision_date"}
    perimetre = REFERENCE
    objects = PublicationQuerySet.as_manager()
    publication_lookups = ()
    history = Historique(verbose_name="historique de source")

    class Meta:
        verbose_name = "source"
        ordering = ["code"]

    def __str__(self):
        return self.titre

    def get_absolute_url(self):
        return reverse("source", args=[self.code])


class Enonce(Publiable):
    """A figure that a source states: read it by `enonce`, never the number without its hedge."""

    class Nature(models.TextChoices):
        EXACT = "exact", "exactement"
        ENVIRON = "environ", "environ"
        PLUS_DE = "plus de", "plus de"
        PRES_DE = "près de", "près de"
        AU_MOINS = "au moins", "au moins"
        VINGTAINE = "une vingtaine de", "une vingtaine de"
        TRENTAINE = "une trentaine de", "une trentaine de"
        CENTAINE = "une centaine de", "une centaine de"

    date = models.DateField("date")
    precision_date = models.CharField("précision de la date", max_length=15, choices=Precision)
    indicateur = models.SlugField("indicateur", max_length=60)
    valeur = models.PositiveBigIntegerField("valeur")
    unite = models.CharField("unité", max_length=60)
    nature = models.CharField("formulation", max_length=20, choices=Nature)
    contexte = models.CharField("contexte", max_length=300, blank=True)
    source = models.TextField("source")

    precisions = {"date": "precision_date"}

    class Meta:
        abstract = True

    def __str__(self):
        return self.enonce

    def clean(self):
        super().clean()
        if self.date and self.date > timezone.localdate():
            raise ValidationError(
                {"date": "Un chiffre déjà énoncé n’est pas daté d’un jour à venir : vérifiez-la."}
            )
        said = COLLECTIFS.get(self.nature)
        if said is not None and self.valeur is not None and self.valeur != said:
            raise ValidationError(
                {
                    "valeur": f"« {self.nature} » se dit de {said} : écrivez {said}, ou changez la "
                    "formulation."
                }
            )

    @property
    def enonce(self):
        """As it was stated: « plus de 1 400 projets »."""
        return enonce(self.nature, self.valeur, self.unite)

    @property
    def nombre(self):
        """The same without its unit, but for euros: « plus de 1 400 », « 5,4 Md€ »."""
        return enonce(self.nature, self.valeur, "EUR" if self.unite.startswith("EUR") else "")

    @property
    def codes_des_sources(self):
        """The sources, one by one."""
        return codes_des_sources(self.source)


class ChiffreAnnonce(Enonce):
    """A figure that an authority stated, shown beside what the published records add up to."""

    jour_compris = models.BooleanField(
        "jour compris",
        default=True,
        help_text=(
            "Décochez pour un chiffre arrêté avant l’événement de ce jour : ce qui est daté de ce "
            "jour n’y compte pas, ce qui l’est « au plus tard » de ce jour y compte."
        ),
    )

    perimetre = REFERENCE
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique de chiffre annoncé")

    class Meta:
        verbose_name = "chiffre annoncé"
        verbose_name_plural = "chiffres annoncés"
        ordering = ["date", "indicateur", "valeur"]
        constraints = [
            models.UniqueConstraint(
                fields=["date", "indicateur", "valeur"],
                name="chiffre_annonce_unique",
                violation_error_message="Ce chiffre est déjà enregistré à cette date.",
            )
        ]

    @property
    def ancre(self):
        """Where the page tells this very figure; it does not depend on the base."""
        return f"{self.indicateur}-{connu(self.date, self.precision_date)}-{self.valeur}"

    def get_absolute_url(self):
        return f"{reverse('chiffres')}#{self.ancre}"


class Fait(Enonce):
    """A figure stated elsewhere: what a source says, which makes no status by itself."""

    class Theme(models.TextChoices):
        TERRITOIRES = "territoires", "territoires"
        GOUVERNANCE = "gouvernance", "gouvernance"
        CONTRATS = "contrats", "contrats"
        PROJETS = "projets", "projets"
        FONDS = "fonds", "fonds d’accélération"
        ARGENT = "argent", "financements"
        EMPLOI = "emploi", "emploi"
        OPERATEURS = "opérateurs", "opérateurs"
        FONCIER = "foncier", "foncier"
        REBOND = "rebond", "rebond industriel"
        FONDS_VERT = "fonds vert", "fonds vert"
        EVALUATION = "évaluation", "évaluation"

    code = models.SlugField("code", max_length=80, unique=True)
    phase = models.PositiveSmallIntegerField("phase", choices=[(1, "1"), (2, "2")])
    theme = models.CharField("thème", max_length=15, choices=Theme)
    intitule = models.CharField("intitulé", max_length=200)

    perimetre = REFERENCE
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique de fait d’une autre source")

    class Meta:
        verbose_name = "fait d’une autre source"
        verbose_name_plural = "faits d’autres sources"
        ordering = ["theme", "date", "code"]

    def __str__(self):
        return f"{self.intitule} : {self.enonce}"

    @property
    def ancre(self):
        return f"fait-{self.code}"

    def get_absolute_url(self):
        return f"{reverse('chiffres')}#{self.ancre}"


@dataclass(frozen=True)
class Cote:
    """What one source states, in a `Confrontation`."""

    valeur: str
    date: Any
    precision: str
    perimetre: str
    source: str


class Confrontation(Publiable):
    """Two statements of other sources, side by side: no average, and no winner."""

    class Nature(models.TextChoices):
        DESACCORD = "désaccord", "désaccord"
        AUTRE_MOMENT = "autre moment", "deux moments différents"
        AUTRE_OBJET = "autre objet", "deux objets différents"
        PIEGE = "piège", "le même nombre, deux ensembles différents"

    code = models.SlugField("code", max_length=80, unique=True)
    sujet = models.CharField("sujet", max_length=200)
    nature = models.CharField("nature", max_length=15, choices=Nature)
    valeur_a = models.CharField("ce que dit la première source", max_length=200)
    date_a = models.DateField("date de la première", null=True, blank=True)
    precision_a = models.CharField(
        "précision de cette date", max_length=15, choices=Precision, blank=True
    )
    perimetre_a = models.CharField("périmètre de la première", max_length=200, blank=True)
    source_a = models.TextField("première source")
    valeur_b = models.CharField("ce que dit la seconde source", max_length=200)
    date_b = models.DateField("date de la seconde", null=True, blank=True)
    precision_b = models.CharField(
        "précision de cette date", max_length=15, choices=Precision, blank=True
    )
    perimetre_b = models.CharField("périmètre de la seconde", max_length=200, blank=True)
    source_b = models.TextField("seconde source")
    remarque = models.TextField("remarque", blank=True)

    precisions = {"date_a": "precision_a", "date_b": "precision_b"}
    perimetre = REFERENCE
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique de confrontation de sources")

    class Meta:
        verbose_name = "confrontation de sources"
        verbose_name_plural = "confrontations de sources"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(source_a=models.F("source_b")),
                name="confrontation_deux_sources",
                violation_error_message="Une confrontation oppose deux sources différentes.",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"date_{side}__isnull": True, f"precision_{side}": ""})
                    | (Q(**{f"date_{side}__isnull": False}) & ~Q(**{f"precision_{side}": ""})),
                    name=f"confrontation_date_et_precision_{side}",
                    violation_error_message="Une date et sa précision vont ensemble.",
                )
                for side in "ab"
            ),
        ]

    def __str__(self):
        return self.sujet

    @property
    def est_un_desaccord(self):
        return self.nature == self.Nature.DESACCORD

    @property
    def cotes(self):
        """The two statements, each with its date, perimeter and source."""
        return [Cote(*(getattr(self, f"{name}_{side}") for name in COTE)) for side in ("a", "b")]

    @property
    def ancre(self):
        return f"confrontation-{self.code}"

    def get_absolute_url(self):
        return f"{reverse('chiffres')}#{self.ancre}"


COTE = ("valeur", "date", "precision", "perimetre", "source")


class Jalon(Publiable):
    """A dated event of the programme."""

    date = models.DateField("date")
    precision_date = models.CharField("précision de la date", max_length=15, choices=Precision)
    intitule = models.CharField("intitulé", max_length=300)
    lieu = models.CharField("lieu", max_length=200, blank=True)
    nb_territoires = models.PositiveSmallIntegerField(
        "nombre de territoires annoncé",
        null=True,
        blank=True,
        help_text="Quand l’événement dit combien de territoires compte la carte.",
    )
    source = models.TextField("source", blank=True)

    precisions = {"date": "precision_date"}
    perimetre = REFERENCE
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique de jalon")

    class Meta:
        verbose_name = "jalon"
        verbose_name_plural = "jalons"
        ordering = ["date", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["date", "intitule"],
                name="jalon_unique",
                violation_error_message="Ce jalon est déjà enregistré à cette date.",
            )
        ]

    def __str__(self):
        return self.intitule


class Document(Publiable):
    """A document of a territory, contract, project or séance: a file of ours, or an address."""

    titre = models.CharField("titre", max_length=200)
    date = models.DateField("date")
    fichier = ChampFichier("fichier", upload_to=unique_path, blank=True)
    nom_fichier = models.CharField(
        "nom du fichier", max_length=LONGUEUR_DU_NOM, blank=True, editable=False
    )
    sha256 = models.CharField("empreinte SHA-256", max_length=64, blank=True, editable=False)
    octets = models.PositiveBigIntegerField("taille (octets)", null=True, editable=False)
    url = models.URLField("adresse", blank=True)
    territoire = models.ForeignKey(
        Territoire,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name="territoire",
    )
    contrat = models.ForeignKey(
        Contrat,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name="contrat",
    )
    projet = models.ForeignKey(
        Projet,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name="projet",
    )
    seance = models.ForeignKey(
        Seance,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name="séance",
    )

    publication_lookups = (
        "publication",
        "contrat__publication",
        "projet__publication",
        "seance__publication",
    )
    perimetre = Perimetre(
        regions=(
            "territoire__regions",
            "territoire__region_porteuse",
            "contrat__territoire__regions",
            "contrat__territoire__region_porteuse",
            "projet__territoire__regions",
            "projet__territoire__region_porteuse",
            "projet__commune__departement__region",
            "projet__departement__region",
            "seance__comite_regional__region",
        )
    )
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique de document")

    class Meta:
        verbose_name = "document"
        ordering = ["-date", "titre"]
        constraints = [
            models.CheckConstraint(
                condition=(~Q(fichier="") & Q(url="")) | (Q(fichier="") & ~Q(url="")),
                name="document_fichier_ou_adresse",
                violation_error_message="Donnez un fichier ou une adresse, l’un des deux.",
            ),
            models.UniqueConstraint(
                fields=["fichier"],
                condition=~Q(fichier=""),
                name="document_fichier_unique",
                violation_error_message="Ce fichier est déjà celui d’un autre document.",
            ),
            models.CheckConstraint(
                condition=Q(
                    territoire__isnull=False,
                    contrat__isnull=True,
                    projet__isnull=True,
                    seance__isnull=True,
                )
                | Q(
                    territoire__isnull=True,
                    contrat__isnull=False,
                    projet__isnull=True,
                    seance__isnull=True,
                )
                | Q(
                    territoire__isnull=True,
                    contrat__isnull=True,
                    projet__isnull=False,
                    seance__isnull=True,
                )
                | Q(
                    territoire__isnull=True,
                    contrat__isnull=True,
                    projet__isnull=True,
                    seance__isnull=False,
                ),
                name="document_un_seul_objet",
                violation_error_message=(
                    "Un document se rattache à un territoire, un contrat, un projet ou une séance."
                ),
            ),
        ]

    def __str__(self):
        return self.titre

    @property
    def nom_telechargement(self):
        """The name under which the file is sent: the officer's, made safe for any system."""
        extension = self.fichier.name.rpartition(".")[2]
        return safe(self.nom_fichier, f"document-{self.pk}.{extension}")
