"""Forms of what has a life-cycle: a status changes along its transitions, by who may do the act."""

from django.core.exceptions import ValidationError

from programme.backoffice import droits
from programme.backoffice.publication import FormulairePubliable
from programme.models import Contrat, Projet

ACTES = {
    Contrat: {
        Contrat.Statut.EN_PREPARATION: droits.VALIDER,
        Contrat.Statut.VALIDE: droits.VALIDER,
        Contrat.Statut.SIGNE: droits.SIGNER,
        Contrat.Statut.EN_COURS: droits.SIGNER,
        Contrat.Statut.ACHEVE: droits.CLORE,
        Contrat.Statut.ABANDONNE: droits.ABANDONNER,
    },
    Projet: {
        Projet.Statut.CONTRACTUALISE: droits.VALIDER,
        Projet.Statut.ENGAGE: droits.SUIVRE,
        Projet.Statut.REALISE: droits.SUIVRE,
        Projet.Statut.ABANDONNE: droits.ABANDONNER,
    },
}
"""The act that leads to each status; a status without one is reached by whoever may edit."""


class FormulaireCycle(FormulairePubliable):
    """Offers the statuses that may follow; refuses the others, and says why.

    A new record may start at any status whose act the agent may do: old contracts are recorded
    long after their signature.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields.get("statut")
        if field is None:
            return
        model = self._meta.model
        self.new = self.instance._state.adding
        default = model._meta.get_field("statut").get_default()
        self.statut_before = default if self.new else self.instance.statut
        reachable = set(model.Statut) if self.new else model.TRANSITIONS[self.statut_before]
        offered = {self.statut_before, *(s for s in reachable if self._may(s))}
        field.widget.choices = [
            (value, label)
            for value, label in [("", "non renseigné"), *model.Statut.choices]
            if value in offered
        ]

    def _may(self, statut):
        model = self._meta.model
        act = ACTES[model].get(statut)
        return act is None or self.request.user.has_perm(droits.permission(act, model))

    def clean_statut(self):
        after = self.cleaned_data["statut"]
        if after == self.statut_before:
            return after
        if not self.new:
            self.instance.check_transition(after, before=self.statut_before)
        if not self._may(after):
            role = self.request.user.get_role_display()
            raise ValidationError(
                f"Votre rôle ({role}) ne permet pas de passer à « {after} ».", code="acte"
            )
        return after
