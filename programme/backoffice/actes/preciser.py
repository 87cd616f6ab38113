"""Telling the status of a record that was recorded without any, and correcting what was told."""

from django import forms
from django.core.exceptions import ValidationError

from programme.backoffice import droits
from programme.backoffice.actes.acte import Acte
from programme.backoffice.actes.formulaires import ActeForm
from programme.backoffice.droits import permission
from territoires.reponses import NON_RENSEIGNE

"""What is chosen to say that the status is not known after all."""


class PreciserForm(ActeForm):
    """One of the statuses whose act the agent may do; the first of a life needs none.

    `actes` are those of the life-cycle.
    """

    actes = ()
    statut = forms.ChoiceField(
        label="Statut",
        error_messages={"required": "Choisissez le statut."},
        help_text="L’état d’aujourd’hui ; les actes le feront avancer ensuite.",
    )

    def prepare(self):
        model = type(self.record)
        field = model._meta.get_field("statut")
        rights = {acte.vers: permission(acte.droit, model) for acte in self.actes}
        rights.pop(field.get_default(), None)
        self.closed = {s for s, needed in rights.items() if s and not self.agent.has_perm(needed)}
        back = [(NON_RENSEIGNE, NON_RENSEIGNE)] if self.record.statut and field.blank else []
        self.fields["statut"].choices = [("", "choisissez"), *model.Statut.choices, *back]
        unoffered = self.closed | ({self.record.statut} - {""})
        self.fields["statut"].widget.choices = [
            (value, label)
            for value, label in self.fields["statut"].choices
            if value not in unoffered
        ]

    def clean_statut(self):
        statut = self.cleaned_data["statut"]
        if statut in self.closed:
            role = self.agent.get_role_display()
            raise ValidationError(f"Votre rôle ({role}) ne permet pas de dire « {statut} ».")
        return "" if statut == NON_RENSEIGNE else statut


def _told_by_an_act(agent, record):
    if record.statut_a_preciser:
        return None
    return (
        f"Le statut est connu, « {record.statut} », et un acte l’a donné : les autres actes le "
        "font avancer."
    )


def preciser(nom, actes):
    """The act for a kind of record: « un projet »; `actes` are the others of its life."""
    return Acte(
        nom="preciser",
        titre="Préciser le statut",
        condition=(
            f"{nom.capitalize()} sans statut, ou dont le statut vient d’être précisé : une erreur "
            "se corrige tant qu’aucun autre acte n’a suivi."
        ),
        effet="Le statut devient celui que vous choisissez.",
        droit=droits.MODIFIER,
        form=type("PreciserForm", (PreciserForm,), {"actes": actes}),
        manque=_told_by_an_act,
        faire=lambda record, form, agent: record.preciser(form.cleaned_data["statut"]),
        avance=True,
        precise=True,
    )
