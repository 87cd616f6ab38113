"""What was announced, when, by whom; the documents that prove it."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from programme.models.base import Precision, Publiable, PublicationQuerySet
from programme.models.comites import Seance
from programme.models.contrats import Contrat
from programme.models.fichiers import LONGUEUR_DU_NOM, ChampFichier, safe, unique_path
from programme.models.projets import Projet
from territoires.models import Territoire, Versionne
from territoires.perimetre import REFERENCE, Perimetre


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
    history = HistoricalRecords(verbose_name="historique de source")

    class Meta:
        verbose_name = "source"
        ordering = ["code"]

    def __str__(self):
        return self.titre

    def get_absolute_url(self):
        return reverse("source", args=[self.code])


class ChiffreAnnonce(Publiable):
    """A figure that an authority stated, shown beside what the published records add up to."""

    class Nature(models.TextChoices):
        EXACT = "exact", "exactement"
        ENVIRON = "environ", "environ"
        PLUS_DE = "plus de", "plus de"
        PRES_DE = "près de", "près de"
        AU_MOINS = "au moins", "au moins"

    date = models.DateField("date")
    precision_date = models.CharField("précision de la date", max_length=15, choices=Precision)
    indicateur = models.SlugField("indicateur", max_length=60)
    valeur = models.PositiveBigIntegerField("valeur")
    unite = models.CharField("unité", max_length=60)
    nature = models.CharField("formulation", max_length=10, choices=Nature)
    contexte = models.CharField("contexte", max_length=300, blank=True)
    source = models.TextField("source")

    precisions = {"date": "precision_date"}
    perimetre = REFERENCE
    objects = PublicationQuerySet.as_manager()
    history = HistoricalRecords(verbose_name="historique de chiffre annoncé")

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

    def __str__(self):
        return f"{self.nature} {self.valeur} {self.unite}"


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
    history = HistoricalRecords(verbose_name="historique de jalon")

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
    history = HistoricalRecords(verbose_name="historique de document")

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
