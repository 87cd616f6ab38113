"""Who may publish, and who may change what is published: the rule, once.

A record that is published, or was withdrawn, is changed by those who may publish it; others change
drafts and propose them. Rows without a publication of their own (signataires, financements…) follow
the record that they belong to.
"""

from django.core.exceptions import ValidationError

from programme.backoffice.droits import PUBLIER, permission
from programme.models import Publication
from programme.models.cycles import check_transition

RESERVES = {Publication.PUBLIE, Publication.RETIRE}


def lock_on(agent, instance):
    """Why `agent` may not change `instance`, in French; None when nothing locks it.

    The first of the model's `publication_lookups` says whose publication counts: the record's own,
    or its parent's.
    """
    lookup = next(iter(getattr(instance, "publication_lookups", ())), None)
    if lookup is None:
        return None
    parent = lookup.rpartition("__")[0]
    model = instance._meta.get_field(parent).related_model if parent else type(instance)
    if agent.has_perm(permission(PUBLIER, model)):
        return None
    owner = getattr(instance, parent) if parent else instance
    if owner.publication not in RESERVES:
        return None
    return (
        f"« {owner} » est {owner.publication} : votre rôle ({agent.get_role_display()}) modifie ce "
        "qui est en brouillon ou à valider. Demandez le changement à qui publie."
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
