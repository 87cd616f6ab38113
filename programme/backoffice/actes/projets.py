"""The acts of a project, in the order of its life."""

from django import forms
from django.core.exceptions import ValidationError

from programme.backoffice import droits
from programme.backoffice.actes.acte import Acte
from programme.backoffice.actes.formulaires import (
    ActeForm,
    ContractualiserForm,
    MotifForm,
)
from programme.backoffice.droits import permission
from programme.models import Projet

S = Projet.Statut


def _contractualiser(record, form, agent):
    data = form.cleaned_data
    record.contractualiser(
        data["contrat"], seance=data["seance"], texte=data["texte"], auteur=agent
    )


CYCLE = (
    Acte(
        nom="contractualiser",
        titre="Contractualiser",
        condition="Un projet remonté, et le contrat qui le reprend ou la séance qui le valide.",
        effet=(
            "Le projet devient « contractualisé ». Si vous nommez une séance, elle enregistre la "
            "décision, avec son texte ; vous en êtes l’auteur."
        ),
        droit=droits.VALIDER,
        vers=S.CONTRACTUALISE,
        form=ContractualiserForm,
        faire=_contractualiser,
        avance=True,
    ),
    Acte(
        nom="engager",
        titre="Engager",
        condition="Un projet contractualisé.",
        effet="Le projet devient « engagé » : sa réalisation a commencé.",
        droit=droits.SUIVRE,
        vers=S.ENGAGE,
        faire=lambda record, form, agent: record.engager(),
        avance=True,
    ),
    Acte(
        nom="realiser",
        titre="Déclarer réalisé",
        condition="Un projet engagé.",
        effet="Le projet devient « réalisé ». C’est définitif : il ne change plus de statut.",
        droit=droits.SUIVRE,
        vers=S.REALISE,
        faire=lambda record, form, agent: record.realiser(),
        avance=True,
    ),
    Acte(
        nom="abandonner",
        titre="Abandonner",
        condition="Un projet qui n’est ni réalisé ni abandonné ; vous dites le motif.",
        effet="Le projet devient « abandonné ». C’est définitif : il ne change plus de statut.",
        droit=droits.ABANDONNER,
        vers=S.ABANDONNE,
        form=MotifForm,
        faire=lambda record, form, agent: record.abandonner(form.cleaned_data["motif"]),
    ),
)


class PreciserForm(ActeForm):
    """The status of a project recorded without any: among those whose act the agent may do."""

    statut = forms.ChoiceField(
        label="Statut",
        error_messages={"required": "Choisissez le statut du projet."},
        help_text="Là où en est le projet aujourd’hui ; les actes le feront avancer ensuite.",
    )

    def prepare(self):
        rights = {acte.vers: permission(acte.droit, Projet) for acte in CYCLE}
        self.closed = {s for s in S if s in rights and not self.agent.has_perm(rights[s])}
        self.fields["statut"].choices = [("", "choisissez"), *S.choices]
        self.fields["statut"].widget.choices = [
            (value, label)
            for value, label in self.fields["statut"].choices
            if value not in self.closed
        ]

    def clean_statut(self):
        statut = self.cleaned_data["statut"]
        if statut in self.closed:
            role = self.agent.get_role_display()
            raise ValidationError(f"Votre rôle ({role}) ne permet pas de dire « {statut} ».")
        return statut


def already_told(agent, record):
    if not record.statut:
        return None
    return f"Ce projet a déjà un statut, « {record.statut} » : les autres actes le font avancer."


ACTES = (
    Acte(
        nom="preciser",
        titre="Préciser le statut",
        condition="Un projet sans statut.",
        effet="Le projet prend le statut que vous choisissez.",
        droit=droits.MODIFIER,
        form=PreciserForm,
        manque=already_told,
        faire=lambda record, form, agent: record.preciser(form.cleaned_data["statut"]),
        avance=True,
    ),
    *CYCLE,
)
