"""A file that an agent wants to import: kept from its upload until it is applied or too old.

What stays afterwards is the trace: who, when, which file (its digest), how many rows of each kind.
"""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from territoires.dates import date_in_words

JOURS_GARDES = 7
"""Days that a file not applied is kept: enough to ask somebody, too few to be an archive."""
JOURS_LIGNES = 90
"""Days that the rows of an applied one are kept, to be read again: the histories say the rest."""


class ImportQuerySet(models.QuerySet):
    def visible_to(self, agent):
        """Everybody's for a national administrator; one's own for the others."""
        if not (agent.is_authenticated and agent.is_active and agent.is_staff):
            return self.none()
        return self if agent.est_national else self.filter(agent=agent)

    def purge(self):
        """Forget the contents that are too old, and the rows; how many imports, how many rows.

        The rows of an applied import stay longer: they say what it did.
        """
        now = timezone.now()
        old = self.filter(depose_le__lt=now - timedelta(days=JOURS_GARDES))
        pending = old.filter(
            etat__in=[Import.Etat.DEPOSE, Import.Etat.ERRONE, Import.Etat.A_CONFIRMER]
        )
        late = self.filter(depose_le__lt=now - timedelta(days=JOURS_LIGNES))
        over = models.Q(depot__in=pending) | models.Q(depot__in=late)
        lines = LigneImport.objects.filter(over).delete()[0]
        pending.update(etat=Import.Etat.EXPIRE)
        return old.filter(contenu__isnull=False).update(contenu=None), lines


class Import(models.Model):
    """One file, for one kind of records."""

    class Etat(models.TextChoices):
        DEPOSE = "déposé", "déposé"
        ERRONE = "erroné", "à corriger"
        A_CONFIRMER = "à confirmer", "à confirmer"
        APPLIQUE = "appliqué", "appliqué"
        EXPIRE = "expiré", "expiré"
        ANNULE = "annulé", "annulé"

    class Origine(models.TextChoices):
        FICHIER = "fichier", "un fichier déposé"
        LISTE = "liste", "une sélection dans la liste"

    genre = models.SlugField("genre", max_length=30, help_text="Ce que le fichier contient.")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="imports", verbose_name="agent"
    )
    origine = models.CharField(
        "origine",
        max_length=10,
        choices=Origine,
        default=Origine.FICHIER,
        db_default=Origine.FICHIER,
        help_text="D’une sélection, le portail écrit lui-même le fichier : une valeur pour tous.",
    )
    nom_fichier = models.CharField("nom du fichier", max_length=150)
    sha256 = models.CharField("empreinte SHA-256", max_length=64)
    octets = models.PositiveBigIntegerField("taille (octets)")
    contenu = models.BinaryField(
        "contenu", null=True, editable=False, help_text="Oublié une fois appliqué ou expiré."
    )
    etat = models.CharField("état", max_length=15, choices=Etat, default=Etat.DEPOSE)
    depose_le = models.DateTimeField("déposé le", default=timezone.now, db_index=True)
    applique_le = models.DateTimeField("appliqué le", null=True, blank=True)
    annule_le = models.DateTimeField("annulé le", null=True, blank=True)
    nb_nouveaux = models.PositiveIntegerField("lignes nouvelles", default=0)
    nb_modifies = models.PositiveIntegerField("lignes modifiées", default=0)
    nb_inchanges = models.PositiveIntegerField("lignes inchangées", default=0)
    nb_refuses = models.PositiveIntegerField("lignes refusées", default=0)
    nb_erreurs = models.PositiveIntegerField("erreurs", default=0)
    portee = models.CharField(
        "portée",
        max_length=64,
        blank=True,
        help_text="Empreinte du rôle et du périmètre pour lesquels les lignes ont été lues.",
    )
    lecture = models.JSONField(
        "lecture",
        default=list,
        blank=True,
        help_text="Ce qui est lu et laissé de côté : encodage, colonnes, ce qui est masqué.",
    )
    disposition = models.CharField(
        "disposition",
        max_length=64,
        blank=True,
        db_index=True,
        help_text="Empreinte des noms de ses colonnes.",
    )
    correspondance = models.JSONField(
        "correspondance",
        null=True,
        blank=True,
        help_text="Ce que chaque colonne a été dite être ; vide : connue par son nom.",
    )
    remarques = models.JSONField(
        "remarques", default=list, blank=True, help_text="Ce qui a empêché d’appliquer l’import."
    )

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import"
        verbose_name_plural = "imports"
        ordering = ["-depose_le", "-pk"]

    def __str__(self):
        return f"{self.nom_fichier} ({self.genre})"

    @classmethod
    def depose(cls, genre, agent, nom, contenu, **lus):
        """Keep the bytes that `agent` sent under the file name `nom`; `lus`: its columns."""
        return cls.objects.create(
            genre=genre,
            agent=agent,
            nom_fichier=nom[-150:],
            sha256=hashlib.sha256(contenu).hexdigest(),
            octets=len(contenu),
            contenu=contenu,
            **lus,
        )

    @staticmethod
    def portee_de(agent):
        """What `agent` may see, as a digest: rows read for another reach are not to be shown."""
        regions = sorted(agent.regions.values_list("pk", flat=True))
        reach = f"{agent.role}|{','.join(regions)}|{agent.operateur_id}"
        return hashlib.sha256(reach.encode()).hexdigest()

    def oublier_lignes(self):
        """Forget what was read; a file not applied is to be read again."""
        self.lignes.all().delete()
        if self.est_ouvert:
            self.etat = self.Etat.DEPOSE
            self.save(update_fields=["etat"])

    @property
    def est_ouvert(self):
        """Whether it can still be analysed or applied."""
        return self.contenu is not None and self.etat != self.Etat.APPLIQUE

    @property
    def est_groupee(self):
        """Whether it gives one value to records chosen in their list."""
        return self.origine == self.Origine.LISTE

    @property
    def titre(self):
        """« Import de projets.csv », « Modification groupée : filière (12) »."""
        if self.est_groupee:
            return f"Modification groupée : {self.nom_fichier}"
        return f"Import de {self.nom_fichier}"

    @property
    def annulation(self):
        """What undoing it is called, in the histories."""
        of = "la modification groupée" if self.est_groupee else "l’import"
        return f"annulation de {of} {self.nom_fichier}"

    @property
    def dit(self):
        """« projets.csv », déposé le 6 mars 2026."""
        return f"« {self.nom_fichier} », déposé le {date_in_words(self.depose_le.date())}"


class LigneImport(models.Model):
    """What one row of the file would do, or what is wrong with it; unchanged rows have none."""

    class Nature(models.TextChoices):
        NOUVEAU = "nouveau", "nouveau"
        MODIFIE = "modifié", "modifié"
        REFUSE = "refusé", "refusé"
        ERREUR = "erreur", "erreur"

    depot = models.ForeignKey(Import, models.CASCADE, related_name="lignes", verbose_name="import")
    numero = models.PositiveIntegerField("ligne", help_text="Telle que le tableur la numérote.")
    nature = models.CharField("nature", max_length=10, choices=Nature)
    nom = models.CharField("enregistrement", max_length=250, blank=True)
    objet = models.CharField("identifiant", max_length=50, blank=True)
    version = models.PositiveIntegerField("version vue", null=True, blank=True)
    colonne = models.CharField("colonne", max_length=250, blank=True)
    lettre = models.CharField("lettre de la colonne", max_length=5, blank=True)
    motif = models.TextField("motif", blank=True)
    changements = models.JSONField(
        "changements", default=list, blank=True, help_text="[colonne, avant, après] de chacun."
    )
    acceptee = models.BooleanField("acceptée", default=True)

    class Meta:
        verbose_name = "ligne d’import"
        verbose_name_plural = "lignes d’import"
        ordering = ["numero", "pk"]

    def __str__(self):
        return f"ligne {self.numero} : {self.nature}"
