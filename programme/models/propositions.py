"""Proposals: changes to published records that their authors may not make alone.

A proposal keeps what its author saw and what they want instead, field by field and row by row; it
changes nothing by itself. Who may publish the record answers it. Its author may be nobody: a
correction from outside then says in `provenance` who speaks, or where it comes from.
"""

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list

from territoires.models import AutreNom, Territoire, Versionne
from territoires.perimetre import TOUT, Perimetre, PerimetreQuerySet


def modeles():
    """The models whose records may be proposed on: what the public reads once it is published."""
    ours = apps.get_app_config("programme").get_models()
    return [Territoire, AutreNom, *(m for m in ours if getattr(m, "publication_lookups", ()))]


def _right(action, model):
    return f"{model._meta.app_label}.{action}_{model._meta.model_name}"


def _keys(rows):
    return rows.order_by().annotate(_cle=Cast("pk", CharField())).values("_cle")


class PropositionQuerySet(PerimetreQuerySet):
    def about(self, record):
        """Those on one record."""
        return self.filter(genre=record._meta.label_lower, cle=str(record.pk))

    def en_attente(self):
        """Those that nobody has answered yet."""
        return self.filter(etat=Proposition.Etat.EN_ATTENTE)

    def visible_to(self, agent, *models):
        """The agent's own, and those on the records that belong to them, of `models` or of all.

        What is common to all (`TOUT`) belongs to who may change it, and to nobody else: a name that
        is not validated is not read by every office.
        """
        if not (agent.is_authenticated and agent.is_active and agent.is_staff):
            return self.none()
        if agent.est_national:
            return self
        condition = Q(auteur=agent)
        for model in models or modeles():
            inside = model.perimetre.condition(agent)
            common = inside == Q() and not agent.has_perm(_right("change", model))
            if inside is None or common or not agent.has_perm(_right("view", model)):
                continue
            rows = model._base_manager.filter(inside)
            condition |= Q(genre=model._meta.label_lower, cle__in=_keys(rows))
        return self.filter(condition)

    def of_region(self, region):
        """Those on the records that one région follows; on reference data, none."""
        condition = Q(pk__in=[])
        for model in modeles():
            if model.perimetre.regions != TOUT and model.perimetre.of_region(region) is not None:
                rows = model._base_manager.filter(model.perimetre.of_region(region))
                condition |= Q(genre=model._meta.label_lower, cle__in=_keys(rows))
        return self.filter(condition)


class Proposition(Versionne):
    """One diff with its reason, then its answer.

    `changements` holds raw values, as JSON: `{"champs": {name: [seen, proposed]}, "lignes": […]}`.
    A row has `fil` (the name of the inline), `modele`, `acte` (« ajoutée », « modifiée »,
    « supprimée »), `cle` and `version` (None when added), `nom`, `champs`. Once answered, `suites`
    says what became of each: `{"champ:lieu": "retenu", "ligne:0": "amendé"}`.
    """

    class Etat(models.TextChoices):
        EN_ATTENTE = "en attente", "en attente"
        ACCEPTEE = "acceptée", "acceptée"
        EN_PARTIE = "acceptée en partie", "acceptée en partie"
        REFUSEE = "refusée", "refusée"
        RETIREE = "retirée", "retirée"

    class Visibilite(models.TextChoices):
        AGENTS = "agents", "agents seulement"
        PUBLIQUE = "publique", "publique"

    class Suite(models.TextChoices):
        RETENU = "retenu", "retenu"
        AMENDE = "amendé", "amendé"
        ECARTE = "écarté", "écarté"

    genre = models.CharField("genre d’enregistrement", max_length=60)
    cle = models.CharField("clé", max_length=60, help_text="Celle de l’enregistrement.")
    nom = models.CharField("enregistrement", max_length=400)
    version_vue = models.PositiveIntegerField("version vue", help_text="Par l’auteur.")
    changements = models.JSONField("changements", default=dict)
    motif = models.TextField("motif")
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="propositions",
        verbose_name="auteur",
        help_text="Vide : quelqu’un qui n’est pas agent.",
    )
    provenance = models.TextField(
        "provenance", blank=True, help_text="Qui le dit, ou d’où cela vient, sans agent."
    )
    visibilite = models.CharField(
        "visibilité", max_length=10, choices=Visibilite, default=Visibilite.AGENTS
    )
    etat = models.CharField(
        "état", max_length=20, choices=Etat, default=Etat.EN_ATTENTE, db_index=True
    )
    deposee_le = models.DateTimeField("proposée le", default=timezone.now)
    suites = models.JSONField("suites", default=dict, blank=True)
    reponse = models.TextField("réponse", blank=True)
    repondant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="réponse de",
    )
    repondue_le = models.DateTimeField("répondue le", null=True, blank=True)
    version_apres = models.PositiveIntegerField(
        "version après", null=True, blank=True, help_text="De l’enregistrement, une fois accepté."
    )

    perimetre = Perimetre()  # its own rule: see `visible_to`
    objects = PropositionQuerySet.as_manager()

    class Meta:
        verbose_name = "proposition"
        ordering = ["-deposee_le", "-pk"]
        indexes = [models.Index(fields=["genre", "cle"], name="proposition_enregistrement")]
        constraints = [
            models.CheckConstraint(
                condition=Q(etat="en attente", repondue_le__isnull=True)
                | (~Q(etat="en attente") & Q(repondue_le__isnull=False)),
                name="proposition_repondue_a_une_date",
                violation_error_message="Une proposition répondue dit quand elle l’a été.",
            ),
            models.CheckConstraint(
                condition=~Q(etat="refusée") | ~Q(reponse=""),
                name="proposition_refusee_avec_motif",
                violation_error_message="Dites pourquoi la proposition est refusée.",
            ),
        ]

    def __str__(self):
        return f"proposition n° {self.pk} sur « {self.nom} »"

    def get_absolute_url(self):
        """Its page in the back-office: it has no other."""
        return reverse("admin:programme_proposition_change", args=[self.pk])

    @property
    def modele(self):
        return apps.get_model(self.genre)

    @property
    def enregistrement(self):
        """The record as it is now; None when it is gone."""
        return self.modele._base_manager.filter(pk=self.cle).first()

    @property
    def qui(self):
        """Who proposes."""
        return str(self.auteur or self.provenance or "une personne qui n’est pas agent")

    @property
    def est_en_attente(self):
        return self.etat == self.Etat.EN_ATTENTE

    @property
    def raison(self):
        """What the history says of the modification that it led to: 100 characters at most."""
        return f"proposition n° {self.pk} de {self.qui}"[:100]

    @property
    def resume(self):
        """What it changes, in a few words: « lieu, date de signature, 1 ligne »."""
        model = self.modele
        names = [
            str(model._meta.get_field(name).verbose_name)
            for name in self.changements.get("champs", {})
        ]
        rows = self.changements.get("lignes", [])
        names += [
            f"{apps.get_model(row['modele'])._meta.verbose_name} {row['acte']}" for row in rows
        ]
        return get_text_list(names, "et")

    # Answers: each saves, or raises a ValidationError that says why it may not be given. The caller
    # holds the lock of the row, so that of two answers one comes first.

    def _repondre(self, etat, agent, reponse="", **fields):
        if not self.est_en_attente:
            raise ValidationError(self.deja_dit)
        values = {"etat": etat, "repondant": agent, "reponse": reponse, **fields}
        for name, value in {**values, "repondue_le": timezone.now()}.items():
            setattr(self, name, value)
        self.full_clean()
        self.save()

    @property
    def deja_dit(self):
        """The sentence on an answer that was given already."""
        said = f"« {self.reponse} »" if self.reponse else "sans commentaire"
        if self.etat == self.Etat.RETIREE:
            return "Cette proposition a été retirée par son auteur."
        return f"Cette proposition est déjà {self.etat}, par {self.repondant} ({said})."

    def refuser(self, agent, reponse):
        self._repondre(self.Etat.REFUSEE, agent, reponse)

    def retirer(self, agent):
        self._repondre(self.Etat.RETIREE, agent)

    def accepter(self, agent, suites, reponse="", *, version):
        """Close it on what became of each of its changes; `version` is that of the record after."""
        if set(suites.values()) == {self.Suite.ECARTE}:
            raise ValidationError(
                "Rien de ce qui est proposé ne serait enregistré : pour ne rien retenir, refusez "
                "la proposition en disant pourquoi."
            )
        whole = set(suites.values()) == {self.Suite.RETENU}
        etat = self.Etat.ACCEPTEE if whole else self.Etat.EN_PARTIE
        self._repondre(etat, agent, reponse, suites=suites, version_apres=version)
