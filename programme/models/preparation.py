"""What a séance is to decide, prepared: nothing of it is done before the séance is applied."""

from functools import reduce
from operator import or_

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Max, Q

from programme.models.comites import Decision, Seance
from programme.models.contrats import Contrat
from programme.models.projets import Projet
from programme.models.propositions import Proposition
from territoires.ajustements import Ajustement
from territoires.models import Modification, Versionne
from territoires.models.modification import Historique
from territoires.perimetre import Perimetre, PerimetreQuerySet

AU_PLUS = 60
"""Decisions that one séance prepares: they are tried together, in one transaction."""


SUJETS = ("contrat", "projet", "proposition", "ajustement")
"""What a decision is about: one of them."""


def _seul(name):
    return Q(**{f"{other}__isnull": other != name for other in SUJETS})


class DecisionPrepareeQuerySet(PerimetreQuerySet):
    def a_prendre(self):
        """Those that were not applied, in the order of the séance."""
        return self.filter(trace__isnull=True).order_by("ordre", "pk")

    def prises(self):
        """Those that were, by act then in order."""
        return self.filter(trace__isnull=False).order_by("trace", "ordre", "pk")


class DecisionPreparee(Versionne):
    """An act by its name, with what its form holds, on a record, or on the map, or a proposition.

    `saisie`: {name of a field: what a browser sends of it, as texts}; of an act on the map, the key
    of the decision that it undoes, if any (`defait`). `version_vue`: that of the
    record when it was prepared. `trace`: the act of the séance that applied it; empty before.
    """

    CARTE, ACCEPTER = "carte", "accepter"
    """Acts that are no step of a life-cycle."""

    seance = models.ForeignKey(
        Seance, models.CASCADE, related_name="preparees", verbose_name="séance"
    )
    ordre = models.PositiveSmallIntegerField("ordre")
    acte = models.SlugField("nom de l’acte", max_length=30)
    texte = models.TextField("texte de la décision")
    contrat = models.ForeignKey(
        Contrat,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="preparees",
        verbose_name="contrat",
    )
    projet = models.ForeignKey(
        Projet,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="preparees",
        verbose_name="projet",
    )
    proposition = models.ForeignKey(
        Proposition,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="preparees",
        verbose_name="proposition",
    )
    ajustement = models.JSONField("ajustement de la carte", null=True, blank=True, editable=False)
    saisie = models.JSONField("saisie", default=dict, blank=True, editable=False)
    version_vue = models.PositiveIntegerField("version vue", null=True, blank=True)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="decisions_preparees",
        verbose_name="auteur",
    )
    trace = models.ForeignKey(
        Modification,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="decisions_preparees",
        verbose_name="appliquée par",
    )

    perimetre = Perimetre(regions=("seance__comite_regional__region",))
    objects = DecisionPrepareeQuerySet.as_manager()
    history = Historique(verbose_name="historique de décision préparée")

    class Meta:
        verbose_name = "décision préparée"
        verbose_name_plural = "décisions préparées"
        ordering = ["seance", "ordre", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=reduce(or_, map(_seul, SUJETS)),
                name="decision_preparee_sur_une_chose",
                violation_error_message=(
                    "Une décision préparée porte sur un contrat, un projet, une proposition ou la "
                    "carte : une seule chose."
                ),
            ),
        ]

    def __str__(self):
        return f"décision préparée « {self.texte} »"

    @property
    def sujet(self):
        """The record that it changes; None for the map, or for what is no more."""
        if self.proposition_id is not None:
            return self.proposition.enregistrement
        return self.contrat or self.projet

    @property
    def defait(self):
        """The key of the `Decision` of which an act on the map is the contrary; or None."""
        return next(iter(self.saisie.get("defait", ())), None)

    @property
    def ajuste(self):
        """The `Ajustement` of a decision on the map."""
        return Ajustement.from_json(self.ajustement)

    @classmethod
    def ajouter(cls, seance, **dit):
        """Prepare one more, the last in order, or raise a `ValidationError` that says why not."""
        waiting = seance.preparees.a_prendre()
        if waiting.count() >= AU_PLUS:
            raise ValidationError(
                f"Une séance prépare {AU_PLUS} décisions au plus : appliquez-en, retirez-en une, "
                "ou préparez une autre séance."
            )
        last = seance.preparees.aggregate(last=Max("ordre"))["last"] or 0
        made = cls(seance=seance, ordre=last + 1, **dit)
        made.full_clean()
        made.save()
        return made

    def deplacer(self, pas):
        """Take the place of the one before (`pas` -1) or after (1), among those not applied."""
        rows = list(self.seance.preparees.a_prendre())
        index = next((i for i, row in enumerate(rows) if row.pk == self.pk), None)
        if index is None or not 0 <= index + pas < len(rows):
            return
        rows.insert(index + pas, rows.pop(index))
        for ordre, row in enumerate(rows, 1):
            if row.ordre != ordre:
                row.ordre = ordre
                row.save(update_fields=["ordre"])

    def decision(self, record=None):
        """The `Decision`, unsaved, that tells it where its act records none by itself.

        record: what it is about; None for the map.
        """
        if record is None:
            kind = Decision.Type.CARTE
            about = {"ajustement": self.ajustement, "defait_id": self.defait}
        else:
            kind, name = Decision.Type.AUTRE, record._meta.model_name
            about = {name: record} if name in {"contrat", "projet", "territoire"} else {}
        return Decision(seance=self.seance, type=kind, texte=self.texte, **about)
