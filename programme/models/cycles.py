"""Life-cycles: from which state to which a record may go. An act is a method of its model."""

from django.core.exceptions import ValidationError
from django.utils.text import get_text_list


def check_transition(transitions, before, after, name):
    """Raise a `ValidationError` that says why, unless `transitions` leads from `before` to `after`.

    `name` is what changes, such as « contrat »; staying where one is is no transition.
    """
    if before == after or after in transitions.get(before, ()):
        return
    state = f"« {before} »" if before else "sans statut"
    reachable = sorted(transitions.get(before, ()))
    said = get_text_list([f"« {other} »" for other in reachable], "ou")
    remedy = f"il peut seulement devenir {said}" if reachable else "il ne change plus d’état"
    raise ValidationError(
        f"Un {name} {state} ne peut pas devenir « {after or 'non renseigné'} » : {remedy}.",
        code="transition",
    )


class CycleDeVie:
    """For a model with a `statut` and its `TRANSITIONS`."""

    def check_transition(self, statut, *, before=None):
        """Raise unless the record may go from `before` (by default its own statut) to `statut`."""
        before = self.statut if before is None else before
        check_transition(self.TRANSITIONS, before, statut, self._meta.verbose_name)

    def _become(self, statut, **fields):
        """Go to `statut` with `fields`, checked and saved, or raise a `ValidationError`."""
        self.check_transition(statut)
        for name, value in {**fields, "statut": statut}.items():
            setattr(self, name, value)
        self.full_clean()
        self.save()
