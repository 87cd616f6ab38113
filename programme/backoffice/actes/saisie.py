"""The form of a new record that has a life-cycle: it may start where it already stands."""

from django.core.exceptions import ValidationError

from programme.backoffice.actes.registre import right_to
from programme.backoffice.publication import FormulairePubliable
from territoires.reponses import NON_RENSEIGNE


class FormulaireCycle(FormulairePubliable):
    """Offers a new record the statuses whose act the agent may do.

    Old contracts are recorded long after their signature. Afterwards the status changes by acts.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields.get("statut")
        if field is None:
            return
        model = self._meta.model
        self.first = model._meta.get_field("statut").get_default()
        offered = {self.first, *(s for s in model.Statut if self._may(s))}
        field.widget.choices = [
            (value, label)
            for value, label in [("", NON_RENSEIGNE), *model.Statut.choices]
            if value in offered
        ]

    def _may(self, statut):
        needed = right_to(self._meta.model, statut)
        return needed is None or self.request.user.has_perm(needed)

    def clean_statut(self):
        statut = self.cleaned_data["statut"]
        if statut != self.first and not self._may(statut):
            role = self.request.user.get_role_display()
            raise ValidationError(
                f"Votre rôle ({role}) ne permet pas de passer à « {statut} ».", code="acte"
            )
        return statut
