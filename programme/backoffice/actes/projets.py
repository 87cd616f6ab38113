"""The acts of a project, in the order of its life."""

from programme.backoffice import droits
from programme.backoffice.actes.acte import Acte
from programme.backoffice.actes.formulaires import ContractualiserForm, MotifForm
from programme.backoffice.actes.preciser import preciser
from programme.models import Decision, Projet

S = Projet.Statut


def _contractualiser(record, form, agent):
    data = form.cleaned_data
    record.contractualiser(
        data["contrat"], seance=form.seance_qui_decide(), texte=data["texte"], auteur=agent
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
        en_seance=Decision.VALIDE,
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
        en_seance="Le comité prend acte de l’engagement du {}.",
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
        en_seance="Le comité prend acte de la réalisation du {}.",
    ),
    Acte(
        nom="abandonner",
        titre="Abandonner",
        condition="Un projet de statut connu, ni réalisé ni abandonné ; vous dites le motif.",
        effet="Le projet devient « abandonné ». C’est définitif : il ne change plus de statut.",
        droit=droits.ABANDONNER,
        vers=S.ABANDONNE,
        form=MotifForm,
        faire=lambda record, form, agent: record.abandonner(form.cleaned_data["motif"]),
        en_seance="Le comité abandonne le {}.",
    ),
)


ACTES = (preciser("un projet", CYCLE), *CYCLE)
