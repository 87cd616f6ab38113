"""Life-cycles: from which state to which a record may go. An act is a method of its model."""

from django.core.exceptions import ValidationError
from django.utils.text import Truncator, capfirst, get_text_list

from territoires.mots import feminin, un
from territoires.reponses import NON_RENSEIGNE

LONGUEUR_RAISON = 100
"""What the history keeps of a reason, in characters."""
PRECISE = "statut précisé"


def check_transition(transitions, before, after, name):
    """Raise a `ValidationError` that says why, unless `transitions` leads from `before` to `after`.

    `name` is what changes, such as « contrat »; staying where one is is no transition.
    """
    if before == after or after in transitions.get(before, ()):
        return
    pronoun = "elle" if feminin(name) else "il"
    state = f"« {before} »" if before else "sans statut"
    reachable = sorted(transitions.get(before, ()))
    said = get_text_list([f"« {other} »" for other in reachable], "ou")
    remedy = f"{pronoun} peut seulement devenir {said}"
    if not before:
        remedy = "précisez d’abord son statut"
    elif not reachable:
        remedy = f"{pronoun} ne change plus d’état"
    raise ValidationError(
        f"{capfirst(un(name))} {state} ne peut pas devenir "
        f"« {after or NON_RENSEIGNE} » : {remedy}.",
        code="transition",
    )


class CycleDeVie:
    """For a model with a `statut` and its `TRANSITIONS`."""

    def check_transition(self, statut, *, before=None):
        """Raise unless the record may go from `before` (by default its own statut) to `statut`."""
        before = self.statut if before is None else before
        check_transition(self.TRANSITIONS, before, statut, self._meta.verbose_name)

    @property
    def statut_a_preciser(self):
        """Whether the statut is not known, or was told by « préciser »: a mistake is corrected.

        Once an act has followed, acts alone change it.
        """
        if not self.statut:
            return True
        before = self.history.exclude(statut=self.statut).first()
        if before is None:
            return False
        came = self.history.filter(history_date__gt=before.history_date).last()
        told = (came and came.history_change_reason) or ""
        return not before.statut or told.startswith(PRECISE)

    def preciser(self, statut):
        """Tell the statut of a record that had none, or correct what was told."""
        if not self.statut_a_preciser:
            raise ValidationError(f"Le statut est déjà connu : « {self.statut} ».")
        self.statut = statut
        self._record(f"{PRECISE} : {statut or NON_RENSEIGNE}")

    def _become(self, statut, raison, **fields):
        """Go to `statut` with `fields`, checked and saved, or raise a `ValidationError`.

        `raison` is the act in words, for the history.
        """
        self.check_transition(statut)
        for name, value in {**fields, "statut": statut}.items():
            setattr(self, name, value)
        self._record(raison)

    def _record(self, raison):
        """Check and save, with the act in words for the history."""
        self._change_reason = Truncator(raison).chars(LONGUEUR_RAISON)
        self.full_clean()
        self.save()
