"""What a territory signs with the État and the Région: protocoles, contrats, avenants."""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from programme.models.base import Absorbable, Precision, Publiable, PublicationQuerySet
from programme.models.comites import Seance
from programme.models.cycles import CycleDeVie
from territoires import dates
from territoires.models import Territoire, TexteDePersonne, Versionne
from territoires.models.modification import Historique
from territoires.perimetre import Perimetre


class ContratQuerySet(PublicationQuerySet):
    def doubles(self):
        """Those that may be the same act as another one of these rows."""
        return self.filter(meme_acte_que__in=self.order_by().values("pk"))


class Contrat(CycleDeVie, Absorbable, Publiable):
    class Type(models.TextChoices):
        PROTOCOLE = "protocole", "protocole d’accord"
        CONTRAT = "contrat", "contrat de territoire"
        INDETERMINE = "protocole ou contrat", "protocole ou contrat"

    class Statut(models.TextChoices):
        EN_PREPARATION = "en préparation", "en préparation"
        VALIDE = "validé en comité", "validé en comité"
        SIGNE = "signé", "signé"
        EN_COURS = "en cours", "en cours"
        ACHEVE = "achevé", "achevé"
        ABANDONNE = "abandonné", "abandonné"

    TRANSITIONS = {
        Statut.EN_PREPARATION: {Statut.VALIDE, Statut.ABANDONNE},
        Statut.VALIDE: {Statut.SIGNE, Statut.EN_PREPARATION, Statut.ABANDONNE},
        Statut.SIGNE: {Statut.EN_COURS, Statut.ABANDONNE},
        Statut.EN_COURS: {Statut.ACHEVE, Statut.ABANDONNE},
        Statut.ACHEVE: set(),
        Statut.ABANDONNE: set(),
    }
    VONT_ENSEMBLE = (
        ("statut", "seance", "date_signature", "precision_signature", "lieu", "date_fin"),
    )
    AMENDABLE = (Statut.SIGNE, Statut.EN_COURS)
    """Where an avenant makes sense."""

    territoire = models.ForeignKey(
        Territoire, models.PROTECT, related_name="contrats", verbose_name="territoire"
    )
    type = models.CharField("type", max_length=25, choices=Type)
    intitule = models.CharField(
        "intitulé", max_length=200, help_text="Le nom du territoire tel que l’acte le cite."
    )
    slug = models.SlugField("adresse", max_length=150, unique=True)
    statut = models.CharField(
        "statut", max_length=20, choices=Statut, default=Statut.EN_PREPARATION
    )
    seance = models.ForeignKey(
        Seance,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contrats_valides",
        verbose_name="séance de validation",
    )
    date_signature = models.DateField("date de signature", null=True, blank=True)
    precision_signature = models.CharField(
        "précision de la date",
        max_length=15,
        choices=Precision,
        blank=True,
        help_text="Vide : date non renseignée.",
    )
    lieu = models.CharField("lieu de signature", max_length=200, blank=True)
    date_fin = models.DateField("date d’achèvement", null=True, blank=True)
    nb_actions = models.PositiveIntegerField("nombre d’actions", null=True, blank=True)
    montant_eur = models.PositiveBigIntegerField("montant (euros)", null=True, blank=True)
    meme_acte_que = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memes_actes",
        verbose_name="peut-être le même acte que",
        help_text=(
            "Deux sources nomment peut-être le même acte : un compte des actes signés ne compte "
            "pas les deux. À dire sur l’un des deux."
        ),
    )
    remarque = models.TextField("remarque", blank=True, help_text="Publique.")
    source = models.TextField("source", blank=True)

    precisions = {"date_signature": "precision_signature"}
    perimetre = Perimetre(regions=("territoire__regions", "territoire__region_porteuse"))
    objects = ContratQuerySet.as_manager()
    history = Historique(verbose_name="historique de contrat")

    class Meta:
        verbose_name = "contrat"
        ordering = ["-date_signature", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(absorbe_par__isnull=True) | Q(publication="retiré"),
                name="contrat_fusionne_retire",
                violation_error_message=(
                    "Ce contrat est fusionné dans un autre, qui le remplace : il ne se publie plus."
                ),
            ),
            models.CheckConstraint(
                condition=Q(date_signature__isnull=False) | Q(precision_signature=""),
                name="contrat_precision_avec_date",
                violation_error_message="La précision va avec une date de signature.",
            ),
            models.CheckConstraint(
                condition=Q(date_signature__isnull=True) | ~Q(precision_signature=""),
                name="contrat_date_avec_precision",
                violation_error_message="Dites ce que vaut la date de signature : sa précision.",
            ),
            models.CheckConstraint(
                condition=~Q(statut="validé en comité") | Q(seance__isnull=False),
                name="contrat_valide_nomme_sa_seance",
                violation_error_message="Un contrat validé en comité nomme la séance.",
            ),
            models.CheckConstraint(
                condition=~Q(statut__in=["en préparation", "validé en comité"])
                | Q(date_signature__isnull=True),
                name="contrat_signe_quand_date",
                violation_error_message=(
                    "Un contrat qui a une date de signature n’est plus en préparation."
                ),
            ),
            models.CheckConstraint(
                condition=Q(date_fin__isnull=True)
                | Q(date_signature__isnull=True)
                | Q(date_fin__gte=models.F("date_signature")),
                name="contrat_fin_apres_signature",
                violation_error_message="L’achèvement ne précède pas la signature.",
            ),
            models.CheckConstraint(
                condition=Q(meme_acte_que__isnull=True) | ~Q(meme_acte_que=models.F("id")),
                name="contrat_meme_acte_qu_un_autre",
                violation_error_message="Nommez un autre acte que celui-ci.",
            ),
        ]

    def __str__(self):
        return f"{self.get_type_display()} – {self.intitule}"

    @property
    def cite(self):
        """As a sentence names it."""
        return f"{self.get_type_display()} « {self.intitule} »"

    def get_absolute_url(self):
        return reverse("contrat", args=[self.slug])

    def peut_etre_le_meme_acte(self):
        """The published rows that another source may have made of this very act."""
        named = Q(pk=self.meme_acte_que_id) | Q(meme_acte_que=self.pk)
        return Contrat.objects.published().filter(named)

    def clean(self):
        super().clean()
        twin = self.meme_acte_que
        if twin is not None and twin.territoire_id != self.territoire_id:
            raise ValidationError(
                {"meme_acte_que": "Deux noms d’un même acte ont un même territoire."}
            )
        if self.seance_id is None or self.territoire_id is None:
            return
        if not Seance.objects.competent_for(self).filter(pk=self.seance_id).exists():
            # Not under « séance »: forms show it read-only.
            raise ValidationError(
                "Cette séance de validation est celle d’un comité qui ne suit pas ce territoire."
            )

    # Acts: each saves, or raises a ValidationError that says why it may not be done.

    @transaction.atomic
    def valider(self, seance, *, texte="", auteur=None):
        """The committee validates the contract in `seance`, which records it as a decision."""
        self._become(self.Statut.VALIDE, f"validé en comité, {seance.du_jour}", seance=seance)
        return seance.valider(self, texte=texte, auteur=auteur)

    def remettre_en_preparation(self, motif):
        """Undo the validation; its decision and the history keep it readable."""
        self._become(self.Statut.EN_PREPARATION, f"remis en préparation : {motif}", seance=None)

    @transaction.atomic
    def signer(self, *, le=None, precision="", lieu="", signataires=()):
        """Signed on the date `le`, known to `precision`; without date, not known.

        `signataires` are unsaved `Signataire`s, beside those that are recorded already; one in all
        is needed.
        """
        self.check_transition(self.Statut.SIGNE)
        if not signataires and not self.signataires.exists():
            raise ValidationError("Nommez au moins un signataire : qui signe, pour quel organisme.")
        fields = {"date_signature": le, "precision_signature": precision}
        when = f", {dates.date_in_words(le, precision)}" if le else ""
        self._become(
            self.Statut.SIGNE, f"signé{when}", **fields, **({"lieu": lieu} if lieu else {})
        )
        for signataire in signataires:
            signataire.contrat = self
            signataire.full_clean()
            signataire.save()

    def commencer(self):
        """What was signed is being carried out."""
        self._become(self.Statut.EN_COURS, "exécution commencée")

    def check_avenant(self):
        """Raise a `ValidationError` unless an avenant may be added now."""
        if self.statut not in self.AMENDABLE:
            raise ValidationError(
                "Un avenant modifie un contrat « signé » ou « en cours » ; celui-ci est "
                f"« {self.statut} »."
            )

    @transaction.atomic
    def ajouter_avenant(self, avenant):
        """Add `avenant`, unsaved: what it gives becomes the contract's, and it keeps what was."""
        self.check_avenant()
        avenant.contrat = self
        avenant.check_date()
        avenant.version_avant = self.version
        for name, kept in Avenant.REPRIS.items():
            before, after = getattr(self, name), getattr(avenant, name)
            setattr(avenant, kept, before)
            # What an avenant does not speak of stays as it was.
            setattr(avenant, name, before if after is None else after)
            setattr(self, name, getattr(avenant, name))
        avenant.full_clean()
        self._record(f"avenant n° {avenant.numero} ajouté")
        avenant.save()

    def clore(self, *, le):
        """Carried out; `le` is the date of its end."""
        self._become(self.Statut.ACHEVE, f"achevé {dates.le(le)}", date_fin=le)

    def abandonner(self, motif=""):
        self._become(self.Statut.ABANDONNE, f"abandonné : {motif}" if motif else "abandonné")


class Signataire(Versionne):
    """Who signed an act, for which body, in which function, when."""

    contrat = models.ForeignKey(
        Contrat, models.CASCADE, related_name="signataires", verbose_name="contrat"
    )
    organisme = models.CharField("pour", max_length=200, help_text="L’organisme qui s’engage.")
    nom = TexteDePersonne("nom", max_length=150, blank=True)
    fonction = TexteDePersonne("fonction", max_length=200, blank=True)
    signe_le = models.DateField("signé le", null=True, blank=True)

    publication_lookups = ("contrat__publication",)
    perimetre = Perimetre(
        regions=("contrat__territoire__regions", "contrat__territoire__region_porteuse")
    )
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique de signataire")

    class Meta:
        verbose_name = "signataire"
        ordering = ["contrat", "organisme", "nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["contrat", "organisme", "nom"],
                name="signataire_unique",
                violation_error_message="Ce signataire est déjà dans la liste.",
            )
        ]

    def __str__(self):
        return f"{self.nom or 'nom non renseigné'}, pour {self.organisme}"


class Avenant(Versionne):
    contrat = models.ForeignKey(
        Contrat, models.CASCADE, related_name="avenants", verbose_name="contrat"
    )
    numero = models.PositiveSmallIntegerField("numéro")
    objet = models.TextField("objet")
    date_signature = models.DateField("date de signature", null=True, blank=True)
    nb_actions = models.PositiveIntegerField("nombre d’actions après", null=True, blank=True)
    montant_eur = models.PositiveBigIntegerField("montant après (euros)", null=True, blank=True)
    source = models.TextField("source", blank=True)
    # The contract as it was just before: kept here because the history is no public record, and
    # pages and datasets would have to search it for each avenant.
    nb_actions_avant = models.PositiveIntegerField(
        "nombre d’actions avant", null=True, blank=True, editable=False
    )
    montant_avant_eur = models.PositiveBigIntegerField(
        "montant avant (euros)", null=True, blank=True, editable=False
    )
    version_avant = models.PositiveIntegerField(
        "version du contrat avant",
        null=True,
        blank=True,
        editable=False,
        help_text="Celle que l’historique du contrat montre. Vide : enregistré après coup.",
    )

    DU_PARENT = ("version_avant",)
    """What it says of the history of its contract, which another contract does not have."""
    REPRIS = {"nb_actions": "nb_actions_avant", "montant_eur": "montant_avant_eur"}
    """The fields of the contract that an avenant changes, and where it keeps what they were."""

    publication_lookups = ("contrat__publication",)
    perimetre = Signataire.perimetre
    objects = PublicationQuerySet.as_manager()
    history = Historique(verbose_name="historique d’avenant")

    class Meta:
        verbose_name = "avenant"
        ordering = ["contrat", "numero"]
        constraints = [
            models.UniqueConstraint(
                fields=["contrat", "numero"],
                name="avenant_numero_unique",
                violation_error_message="Ce contrat a déjà un avenant de ce numéro.",
            )
        ]

    def __str__(self):
        return f"avenant n° {self.numero}"

    def check_tardif(self):
        """Raise a `ValidationError` for a new one that an act of its contract would add.

        An old one is recorded late, without the state before it.
        """
        contrat = self.contrat
        if contrat.statut in contrat.AMENDABLE:
            raise ValidationError(
                f"Ce contrat est « {contrat.statut} » : ajoutez l’avenant par l’acte « Ajouter un "
                "avenant » de sa page, qui garde l’état d’avant."
            )

    def check_date(self):
        """Raise a `ValidationError` when it was signed before its contract was."""
        signed, contrat = self.date_signature, self.contrat
        if signed is None or contrat.precision_signature != Precision.JOUR:
            return
        if signed < contrat.date_signature:
            day = dates.le(contrat.date_signature, contrat.precision_signature)
            raise ValidationError(
                {"date_signature": f"Un avenant ne précède pas la signature du contrat, {day}."}
            )
