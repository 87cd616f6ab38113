"""What an act is: its words, its right, its condition, what it does."""

from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.text import get_text_list

from programme.backoffice.actes.formulaires import ActeForm
from programme.backoffice.droits import permission, roles_with
from programme.backoffice.verrou import lock_on
from programme.models.cycles import check_transition
from territoires.models.modification import tracer

STATUT_INCONNU = "Le statut n’est pas renseigné : précisez-le d’abord."


@dataclass(frozen=True)
class Empechement:
    """Why an act may not be done. `interdit`: by rights or by a lock, whatever the state."""

    raison: str
    interdit: bool = False


def refus_du_role(agent, needed):
    """Why the role of `agent`, without the permission `needed`, does no such act; and who does."""
    who = get_text_list(roles_with(needed), "ou")
    role = agent.get_role_display()
    return f"Votre rôle ({role}) ne permet pas cet acte. Qui peut le faire : {who}."


@dataclass(frozen=True)
class Acte:
    """One act of a life-cycle.

    `nom` ends its address; `vers` is the state that it leads to, in the field `champ` (None: it
    changes no state). `droit` is the action of `droits` that it needs, on the model `sur` (the
    record's own by default). `faire(record, form, agent)` does it through the record's own method.
    `manque(agent, record)` says what is missing, `avertir(record)` what to know before; `effet` is
    a sentence, or makes one from the record. `avance`: the act takes the record one step further in
    its life, where others take it back, end it or add to it. `precise`: it tells a status that is
    not known; until then no other act of the life-cycle is possible. `en_seance`: a committee
    decides it, so that a séance may prepare it: the sentence of its decision, « {} » for the
    record; empty for an act that no séance prepares.
    """

    nom: str
    titre: str
    condition: str
    effet: str | Callable
    droit: str
    faire: Callable
    vers: str | None = None
    champ: str = "statut"
    form: type = ActeForm
    manque: Callable = lambda agent, record: None
    avertir: Callable = lambda record: ""
    sur: str = ""
    avance: bool = False
    precise: bool = False
    en_seance: str = ""

    def mener(self, record, form, agent, *, dans=None):
        """Do it, traced, as its valid form says; returns its `Modification`, part of `dans`.

        Raises a `ValidationError` of the record's own rules, and nothing is done.
        """
        with tracer(self.nom, record, agent, dans=dans) as trace:
            self.faire(record, form, agent)
            trace.texte = f"{record} : {record._change_reason}"
            trace.raison = record.mot
        return trace

    def effet_sur(self, record):
        """What will happen to `record`, in words."""
        return self.effet(record) if callable(self.effet) else self.effet

    def droit_sur(self, record):
        """The permission that the act needs on `record`."""
        return permission(self.droit, apps.get_model(self.sur) if self.sur else type(record))

    def empechement(self, agent, record):
        """Why `agent` may not do the act on `record`, of their perimeter; None when they may."""
        needed = self.droit_sur(record)
        if not agent.has_perm(needed):
            return Empechement(refus_du_role(agent, needed), interdit=True)
        if verrou := lock_on(agent, record, acte=True):
            return Empechement(verrou, interdit=True)
        raison = self._wrong_state(record) or self.manque(agent, record)
        return Empechement(raison) if raison else None

    def _wrong_state(self, record):
        if self.champ == "statut" and not record.statut and not self.precise:
            return STATUT_INCONNU
        if self.vers is None:
            return None
        before = getattr(record, self.champ)
        if before == self.vers:
            return f"C’est déjà fait : l’état est « {before} »."
        is_status = self.champ == "statut"
        transitions = record.TRANSITIONS if is_status else record.PUBLICATION_TRANSITIONS
        try:
            check_transition(transitions, before, self.vers, record._meta.verbose_name)
        except ValidationError as error:
            return " ".join(error.messages)
        return None
