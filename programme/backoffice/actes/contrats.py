"""The acts of a contract, in the order of its life."""

from django.core.exceptions import ValidationError

from programme.backoffice import droits
from programme.backoffice.actes.acte import Acte
from programme.backoffice.actes.formulaires import (
    AvenantForm,
    CloreForm,
    DecisionForm,
    MotifForm,
    SignerForm,
    comites_for,
    seances_for,
)
from programme.backoffice.actes.preciser import preciser
from programme.models import Contrat, Decision

S = Contrat.Statut


def without_seance(agent, record):
    if seances_for(agent, record).exists() or comites_for(agent, record).exists():
        return None
    return (
        "Aucun comité qui suit ce territoire n’est enregistré dans votre périmètre, ni aucune "
        "séance tenue : demandez à un administrateur national d’enregistrer le comité."
    )


def not_amendable(agent, record):
    try:
        record.check_avenant()
    except ValidationError as error:
        return " ".join(error.messages)
    return None


def _valider(record, form, agent):
    data = form.cleaned_data
    record.valider(form.seance_qui_decide(), texte=data["texte"], auteur=agent)


def _signer(record, form, agent):
    data = form.cleaned_data
    record.signer(
        le=data["date_signature"],
        precision=data["precision_signature"],
        lieu=data["lieu"],
        signataires=form.rows(),
    )


CYCLE = (
    Acte(
        nom="valider",
        titre="Valider en comité",
        condition="Un contrat en préparation, et la séance qui le valide.",
        effet=(
            "Le contrat devient « validé en comité ». La séance que vous nommez, ou qui s’ajoute, "
            "enregistre la décision, avec son texte ; vous en êtes l’auteur."
        ),
        droit=droits.VALIDER,
        vers=S.VALIDE,
        form=DecisionForm,
        manque=without_seance,
        faire=_valider,
        avance=True,
        en_seance=Decision.VALIDE,
    ),
    Acte(
        nom="revenir",
        titre="Remettre en préparation",
        condition="Un contrat validé en comité, pas encore signé ; vous dites le motif.",
        effet=(
            "Le contrat redevient « en préparation » et ne nomme plus de séance. La décision de la "
            "séance reste enregistrée ; l’historique garde la validation et votre motif."
        ),
        droit=droits.VALIDER,
        vers=S.EN_PREPARATION,
        form=MotifForm,
        faire=lambda record, form, agent: record.remettre_en_preparation(
            form.cleaned_data["motif"]
        ),
        en_seance="Le comité remet en préparation le {}.",
    ),
    Acte(
        nom="signer",
        titre="Signer",
        condition="Un contrat validé en comité, et au moins un signataire.",
        effet=(
            "Le contrat devient « signé », avec sa date, son lieu et ses signataires. Il ne "
            "revient plus en préparation : il change par avenant."
        ),
        droit=droits.SIGNER,
        vers=S.SIGNE,
        form=SignerForm,
        faire=_signer,
        avance=True,
        en_seance="Le comité prend acte de la signature du {}.",
    ),
    Acte(
        nom="commencer",
        titre="Commencer l’exécution",
        condition="Un contrat signé.",
        effet="Le contrat devient « en cours ».",
        droit=droits.SIGNER,
        vers=S.EN_COURS,
        faire=lambda record, form, agent: record.commencer(),
        avance=True,
        en_seance="Le comité prend acte du début de l’exécution du {}.",
    ),
    Acte(
        nom="avenant",
        titre="Ajouter un avenant",
        condition="Un contrat signé ou en cours.",
        effet=(
            "L’avenant s’ajoute. Les nombres qu’il donne deviennent ceux du contrat ; il garde "
            "ceux d’avant, que le site montre à côté."
        ),
        droit=droits.AJOUTER,
        sur="programme.Avenant",
        form=AvenantForm,
        manque=not_amendable,
        faire=lambda record, form, agent: record.ajouter_avenant(form.instance),
        en_seance="Le comité prend acte d’un avenant au {}.",
    ),
    Acte(
        nom="clore",
        titre="Clore",
        condition="Un contrat en cours, et la date de son achèvement.",
        effet="Le contrat devient « achevé ». C’est définitif : il ne change plus de statut.",
        droit=droits.CLORE,
        vers=S.ACHEVE,
        form=CloreForm,
        faire=lambda record, form, agent: record.clore(le=form.cleaned_data["date_fin"]),
        avance=True,
        en_seance="Le comité prend acte de l’achèvement du {}.",
    ),
    Acte(
        nom="abandonner",
        titre="Abandonner",
        condition="Un contrat de statut connu, ni achevé ni abandonné ; vous dites le motif.",
        effet="Le contrat devient « abandonné ». C’est définitif : il ne change plus de statut.",
        droit=droits.ABANDONNER,
        vers=S.ABANDONNE,
        form=MotifForm,
        faire=lambda record, form, agent: record.abandonner(form.cleaned_data["motif"]),
        en_seance="Le comité abandonne le {}.",
    ),
)

ACTES = (preciser("un contrat", CYCLE), *CYCLE)
