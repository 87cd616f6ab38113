"""A word said with an act of publication: kept with the act, read with the notice of it."""

from django import forms

from programme.backoffice.actes.formulaires import LARGE, ActeForm
from programme.backoffice.avis.regles import who_proposed
from programme.backoffice.cadre.champs import TexteField
from programme.models import Publication

LONGUEUR = 250


class MotForm(ActeForm):
    """An act of publication; its author may say why."""

    mot = TexteField(
        label="Votre mot",
        required=False,
        max_length=LONGUEUR,
        widget=forms.Textarea(attrs={"rows": 3, **LARGE}),
        error_messages={
            "required": "Dites ce qui est à corriger : qui a proposé saura quoi faire.",
            "max_length": f"{LONGUEUR} caractères au plus : gardez l’essentiel.",
        },
        help_text="Facultatif. Lu par vos collègues seulement, avec cet acte.",
    )

    def dire(self):
        """What was said; empty for nothing."""
        return self.cleaned_data.get("mot", "")


class ProposerForm(MotForm):
    def prepare(self):
        self.fields["mot"].label = "Votre mot à qui publie"
        self.fields["mot"].help_text = "Facultatif. Il le lira sur son bureau, et par courriel."


class RefuserForm(MotForm):
    """To give back what a colleague proposed says what is to be corrected."""

    def prepare(self):
        if self.record.publication != Publication.A_VALIDER:
            return
        author = who_proposed(self.record).exclude(pk=self.agent.pk).first()
        if author is None:
            return
        field = self.fields["mot"]
        field.required, field.label = True, "Ce qui est à corriger"
        field.help_text = f"{author} le lira sur la fiche, sur son bureau et par courriel."
