"""Who may publish, and who may change what is published: the rule, once.

A record that is published, or was withdrawn, is changed by those who may publish it; others change
drafts, and propose changes to the rest. Rows without a publication of their own (signataires,
financements…) follow the record that they belong to. A territory has no publication at all: the
public reads it as soon as it is saved, so it is locked like what is published.
"""

from django.core.exceptions import ValidationError

from programme.backoffice.droits import AJUSTER, PROPOSER, PUBLIER, VALIDER, permission
from programme.models import Contrat, Decision, Projet, Publication, Referent
from programme.models.cycles import check_transition
from territoires.models import AutreNom, Role, Territoire

RESERVES = {Publication.PUBLIE, Publication.RETIRE}
PUBLICS = {Territoire: "", AutreNom: "territoire"}
"""What is public at once, and the way to the record that it belongs to."""


DECISIONS_RESERVEES = {
    Decision.Type.CONTRAT: (VALIDER, Contrat),
    Decision.Type.PROJET: (VALIDER, Projet),
    Decision.Type.CARTE: (AJUSTER, Territoire),
}
"""What writing a decision of a type needs, as the act that takes it does."""
RESERVEE = (
    "Qui valide les contrats et les projets, ou ajuste la carte, écrit seul qu’une séance l’a "
    "décidé : choisissez « autre », ou demandez-le au secrétariat du comité."
)


def may_decide(agent, types):
    """Whether the agent holds the rights of all these types of decision."""
    needed = (DECISIONS_RESERVEES[t] for t in types if t in DECISIONS_RESERVEES)
    return all(agent.has_perm(permission(*right)) for right in needed)


def parent_of(model):
    """The way from a `model` to the record whose publication counts; None when there is none."""
    if model in PUBLICS:
        return PUBLICS[model]
    lookup = next(iter(getattr(model, "publication_lookups", ())), None)
    return None if lookup is None else lookup.rpartition("__")[0]


def publisher_of(model):
    """The permission to publish what a `model` belongs to; None for what is not published."""
    parent = parent_of(model)
    if parent is None:
        return None
    owner = model._meta.get_field(parent).related_model if parent else model
    return permission(PUBLIER, owner)


def may_propose(agent, model):
    return agent.has_perm(permission(PROPOSER, model))


def undelegated(agent, instance):
    """Why a secretariat may not change a référent: its opérateur alone names them. None: it may."""
    if agent.role != Role.SECRETARIAT or not isinstance(instance, Referent):
        return None
    if instance.operateur_id in agent.delegations:
        return None
    return (
        f"{instance.operateur} désigne ses référents et ne l’a pas délégué aux secrétariats "
        "régionaux : demandez ce changement à un agent de cet opérateur."
    )


def remplace(instance):
    """The record that was merged in another one, `instance` or its parent; None: neither was."""
    parent = parent_of(type(instance))
    owner = getattr(instance, parent) if parent else instance
    return owner if getattr(owner, "absorbe_par_id", None) is not None else None


def lock_on(agent, instance, *, acte=False):
    """Why `agent` may not change `instance`, in French; None when nothing locks it.

    `acte`: why they may not do an act on it, which is no value to propose. The first of the model's
    `publication_lookups` says whose publication counts: the record's own, or its parent's.
    """
    if (gone := remplace(instance)) is not None:
        return (
            f"« {gone} » a été fusionné dans une autre fiche, qui le remplace : rien ne s’y "
            "modifie plus. Modifiez cette autre fiche."
        )
    model = type(instance)
    needed = publisher_of(model)
    if needed is None or agent.has_perm(needed):
        return undelegated(agent, instance)
    parent = parent_of(model)
    owner = getattr(instance, parent) if parent else instance
    state = getattr(owner, "publication", "public dès l’enregistrement")
    if state in Publication.values and state not in RESERVES:
        return None
    remedy = "Demandez le changement à qui publie."
    if acte:
        remedy = "Demandez l’acte à qui publie."
    elif may_propose(agent, model):
        remedy = "Proposez le changement par son formulaire : qui publie vous répondra."
    return (
        f"« {owner} » est {state} : votre rôle ({agent.get_role_display()}) modifie ce qui "
        f"est en brouillon ou à valider. {remedy}"
    )


def states_for(agent, model, before):
    """The publications that `agent` may give to a record of `model`, now `before`."""
    states = {before, *model.PUBLICATION_TRANSITIONS[before]}
    if not agent.has_perm(permission(PUBLIER, model)):
        states -= RESERVES - {before}
    return states


def check_publication(agent, model, before, after):
    """Raise a `ValidationError` unless `agent` may take a record from `before` to `after`."""
    check_transition(model.PUBLICATION_TRANSITIONS, before, after, model._meta.verbose_name)
    if after not in states_for(agent, model, before):
        raise ValidationError(
            f"Votre rôle ({agent.get_role_display()}) ne permet pas de donner l’état « {after} » : "
            "choisissez « à valider », et le secrétariat publiera.",
            code="publication",
        )
