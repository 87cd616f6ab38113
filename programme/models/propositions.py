"""Proposals: changes to published records that their authors may not make alone.

A proposal keeps what its author saw and what they want instead, field by field and row by row; it
changes nothing by itself. Who may publish the record answers it. Its author may be nobody: a
correction from outside then says in `provenance` who speaks. It becomes public with its answer, and
not before: its author follows it until then at an address that they alone know.
"""

import hashlib
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list

from programme.bases import a_la_fin
from programme.chiffrement import Chiffre, Illisible
from programme.suivi_public import new_version
from territoires.lecture.personnel import en_mots, masquer
from territoires.models import (
    AutreNom,
    Commune,
    Intercommunalite,
    Operateur,
    Rattachement,
    Region,
    Territoire,
    Versionne,
)
from territoires.occultes import est_occulte, marque
from territoires.perimetre import TOUT, Perimetre, PerimetreQuerySet

JOURS_GARDES = 30
"""Days that what was withdrawn, or nobody wanted, is kept."""
RETARD = timedelta(days=90)
"""After which a correction from outside that nobody answered is late."""
CHIFFRE = Chiffre("signalements")


EN_MOTS = {
    Region: Perimetre(regions=("pk",)),
    Intercommunalite: Perimetre(regions=("departements__region",)),
    Commune: Perimetre(regions=("departement__region",)),
    Rattachement: Rattachement.perimetre,
    Operateur: Perimetre(),
}
"""{model: who answers for its rows} of what the public reads and no proposition changes: a load
does, or an act on the map. A report on one is answered in words, by the committee of its région, or
by the national administrators."""


def modeles():
    """The models whose records may be proposed on: what the public reads once it is published."""
    ours = apps.get_app_config("programme").get_models()
    published = [m for m in ours if getattr(m, "publication_lookups", ())]
    return [Territoire, AutreNom, *published, *EN_MOTS]


def repond_de(model):
    """The `Perimetre` of who answers for the rows of a model."""
    return EN_MOTS.get(model) or model.perimetre


def version_de(record):
    """How many times a record was saved; 0 for what nobody saves here."""
    return getattr(record, "version", 0)


def _right(action, model):
    return f"{model._meta.app_label}.{action}_{model._meta.model_name}"


def _keys(rows):
    return rows.order_by().annotate(_cle=Cast("pk", CharField())).values("_cle")


def empreinte(secret):
    """What is kept of the secret of an address."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _sans_coordonnees(text, quoi):
    """Raise a ValidationError that says what `text`, which becomes public, may not hold."""
    if found := masquer(text)[1]:
        raise ValidationError(
            f"{quoi} : retirez-en {en_mots(found)}. Ce texte se lira sur le site."
        )


class PropositionQuerySet(PerimetreQuerySet):
    def about(self, record):
        """Those on one record."""
        return self.filter(genre=record._meta.label_lower, cle=str(record.pk))

    def en_attente(self):
        """Those that nobody has answered yet."""
        return self.filter(etat=Proposition.Etat.EN_ATTENTE)

    def du_public(self):
        """Those that come from outside."""
        return self.filter(visibilite=Proposition.Visibilite.PUBLIQUE)

    def en_retard(self):
        """Those from outside that nobody has answered for too long."""
        return self.du_public().en_attente().filter(deposee_le__lt=timezone.now() - RETARD)

    def repondues(self):
        """Those from outside whose answer is public, as far as their records are."""
        return self.du_public().filter(etat__in=Proposition.PUBLICS)

    def published(self):
        """What anybody may read: those from outside, answered, on records that are public."""
        condition = Q(pk__in=[])
        for model in modeles():
            rows = model.objects.all()
            rows = rows.published() if hasattr(rows, "published") else rows
            condition |= Q(genre=model._meta.label_lower, cle__in=_keys(rows))
        return self.repondues().filter(condition)

    def suivie(self, secret):
        """The one that `secret` follows; None when there is none."""
        return self.exclude(jeton="").filter(jeton=empreinte(secret)).first()

    def purge(self):
        """Forget what its author withdrew and what nobody wanted, a while after; how many."""
        limit = timezone.now() - timedelta(days=JOURS_GARDES)
        over = [Proposition.Etat.RETIREE, Proposition.Etat.INDESIRABLE]
        return self.du_public().filter(etat__in=over, repondue_le__lt=limit).delete()[0]

    def deposer(self, record, changements, **said):
        """Make one on `record` as it is; `said`: `motif`, and who says it."""
        made = Proposition(
            genre=record._meta.label_lower,
            cle=str(record.pk),
            nom=str(record)[:400],
            version_vue=version_de(record),
            changements=changements,
            **said,
        )
        made.full_clean()
        made.save()
        return made

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
            inside = repond_de(model).condition(agent)
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
            perimetre = repond_de(model)
            if perimetre.regions != TOUT and perimetre.of_region(region) is not None:
                rows = model._base_manager.filter(perimetre.of_region(region))
                condition |= Q(genre=model._meta.label_lower, cle__in=_keys(rows))
        return self.filter(condition)


class Proposition(Versionne):
    """One diff with its reason, then its answer.

    `changements` holds raw values, as JSON: `{"champs": {name: [seen, proposed]}, "lignes": […]}`.
    A row has `fil` (the name of the inline), `modele`, `acte` (« ajoutée », « modifiée »,
    « supprimée »), `cle` and `version` (None when added), `nom`, `champs`. Once answered, `suites`
    says what became of each: `{"champ:lieu": "retenu", "ligne:0": "amendé"}`. From outside,
    `sujet` is `[name, title]` of what it is about, which may be no field that a form changes.
    """

    class Etat(models.TextChoices):
        EN_ATTENTE = "en attente", "en attente"
        ACCEPTEE = "acceptée", "acceptée"
        EN_PARTIE = "acceptée en partie", "acceptée en partie"
        REFUSEE = "refusée", "refusée"
        RETIREE = "retirée", "retirée"
        INDESIRABLE = "indésirable", "indésirable"

    PUBLICS = (Etat.ACCEPTEE, Etat.EN_PARTIE, Etat.REFUSEE)
    """The answers that anybody may read, of a correction from outside."""

    class Visibilite(models.TextChoices):
        AGENTS = "agents", "agents seulement"
        PUBLIQUE = "publique", "publique, avec sa réponse"

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
    source = models.TextField(
        "source", blank=True, help_text="Celle que donne quelqu’un qui n’est pas agent."
    )
    texte_public = models.TextField(
        "texte public", blank=True, help_text="Ce que le public lit du motif, avec la réponse."
    )
    jeton = models.CharField(
        "empreinte de l’adresse de suivi", max_length=64, blank=True, editable=False
    )
    courriel = models.TextField(
        "adresse à prévenir de la réponse, chiffrée", blank=True, editable=False
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
            models.UniqueConstraint(
                fields=["jeton"],
                condition=~Q(jeton=""),
                name="proposition_adresse_de_suivi",
                violation_error_message="Ce formulaire a déjà été envoyé.",
            ),
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
    def est_du_public(self):
        return self.visibilite == self.Visibilite.PUBLIQUE

    @property
    def est_en_retard(self):
        """Whether somebody from outside has waited too long for an answer."""
        late = self.deposee_le < timezone.now() - RETARD
        return self.est_du_public and self.est_en_attente and late

    @property
    def est_occultee(self):
        return est_occulte(self.motif)

    @property
    def delai(self):
        """A timedelta from the report to the answer; None without one."""
        return self.repondue_le and self.repondue_le - self.deposee_le

    @property
    def sujet(self):
        """The title of what it is about, when it says so."""
        return self.changements.get("sujet", ["", ""])[1]

    @property
    def adresse(self):
        """Whom to tell of the answer; empty for nobody."""
        try:
            return CHIFFRE.decrypt(self.courriel) if self.courriel else ""
        except Illisible:
            return ""  # the key of the site changed

    @property
    def raison(self):
        """What the history says of the modification that it led to: 100 characters at most."""
        if self.est_du_public:
            return f"signalement n° {self.pk} du public"
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
        return get_text_list(names or [self.sujet], "et")

    # Answers: each saves, or raises a ValidationError that says why it may not be given. The caller
    # holds the lock of the row, so that of two answers one comes first.

    def _repondre(self, etat, agent, reponse="", **fields):
        if not self.est_en_attente:
            raise ValidationError(self.deja_dit)
        values = {"etat": etat, "repondant": agent, "reponse": reponse, **fields}
        values |= {"repondue_le": timezone.now(), "courriel": ""}
        for name, value in values.items():
            setattr(self, name, value)
        if self.est_du_public:
            _sans_coordonnees(self.reponse, "Réponse")
            _sans_coordonnees(self.texte_public, "Ce que le public lira")
        self.full_clean()
        self.save()
        if self.est_du_public and etat in self.PUBLICS:
            a_la_fin(new_version)

    @property
    def deja_dit(self):
        """The sentence on an answer that was given already."""
        said = f"« {self.reponse} »" if self.reponse else "sans commentaire"
        if self.etat == self.Etat.RETIREE:
            return "Cette proposition a été retirée par son auteur."
        if self.etat == self.Etat.INDESIRABLE:
            return f"Cette proposition est déjà écartée comme indésirable, par {self.repondant}."
        return f"Cette proposition est déjà {self.etat}, par {self.repondant} ({said})."

    def refuser(self, agent, reponse, **public):
        """public: `texte_public`, for one from outside."""
        self._repondre(self.Etat.REFUSEE, agent, reponse, **public)

    def retirer(self, agent=None):
        """From outside, what was said goes at once."""
        self._repondre(self.Etat.RETIREE, agent)
        if self.est_du_public:
            self._oublier("[retiré par son auteur]")

    def ecarter(self, agent):
        """Say that it is no correction: nothing of it becomes public."""
        self._repondre(self.Etat.INDESIRABLE, agent)

    def corriger(self, agent, reponse, **public):
        """Say what was corrected, elsewhere than in the fields that it names."""
        if not reponse:
            raise ValidationError("Dites ce qui a été corrigé, et où : le public lira la réponse.")
        self._repondre(self.Etat.EN_PARTIE, agent, reponse, **public)

    def occulter(self):
        """Take what was said out of what the public reads, and out of the base; see rule 12."""
        self._oublier(marque(timezone.localdate()))
        a_la_fin(new_version)

    def _oublier(self, said):
        """Leave `said` in place of the words of whoever reported, and of the answer to them."""
        sujet = self.changements.get("sujet")
        self.motif = said
        self.source = self.courriel = ""
        self.texte_public = said if self.texte_public else ""
        self.reponse = said if self.reponse else ""
        self.changements = {"champs": {}, "lignes": []} | ({"sujet": sujet} if sujet else {})
        self.suites = {}
        self.save()

    def accepter(self, agent, suites, reponse="", *, version, **public):
        """Close it on what became of each of its changes; `version` is that of the record after."""
        if not suites and version == self.version_vue:
            raise ValidationError(
                "Rien n’a changé dans la fiche : corrigez-la, ou répondez sans la changer."
            )
        if suites and set(suites.values()) == {self.Suite.ECARTE}:
            raise ValidationError(
                "Rien de ce qui est proposé ne serait enregistré : pour ne rien retenir, refusez "
                "la proposition en disant pourquoi."
            )
        whole = set(suites.values()) <= {self.Suite.RETENU}
        etat = self.Etat.ACCEPTEE if whole else self.Etat.EN_PARTIE
        self._repondre(etat, agent, reponse, suites=suites, version_apres=version, **public)
