"""Why an agent sees or does not see a record, may change it or not; why the public does or not."""

import copy

from django.db.models import Q
from django.utils import timezone
from django.utils.text import get_text_list

from programme.backoffice import droits
from programme.backoffice.cadre.historique import MASQUE
from programme.backoffice.cadre.perimetre import is_inside
from programme.backoffice.droits import permission, permissions_of
from programme.backoffice.pourquoi.mots import (
    VERBES,
    Phrase,
    gather,
    maisons,
    manque,
    ou,
    pluriel,
    verbes_of,
)
from programme.backoffice.publication import lock_on, states_for
from programme.backoffice.verrou import may_propose, publisher_of
from programme.catalogue.recherche.fiches import TYPES
from programme.models import EntreeIndex, Publication
from programme.models.base import Publiable
from territoires import dates
from territoires.models import Role, Territoire
from territoires.reponses import NON_RENSEIGNE

ATTENTES = {
    Publication.BROUILLON: "reste à le proposer, puis à le publier",
    Publication.A_VALIDER: "attend que qui publie le publie",
    Publication.RETIRE: "a été retiré du site",
}


def as_seen_by(request, agent):
    """The request as it would be the agent's, for the admin's own permissions to answer."""
    theirs = copy.copy(request)
    theirs.user = agent
    return theirs


# --- In the back-office -------------------------------------------------------------------------


def perimetre(personne, row):
    """(whether the row is in the agent's perimeter, why)."""
    agent = personne.agent
    inside = is_inside(agent, row)
    if agent.est_national:
        return inside, "un administrateur national voit toutes les régions et tous les opérateurs"
    condition = type(row).perimetre.condition(agent)
    whose = "d’aucun opérateur" if agent.est_referent else "d’aucune région"
    if condition == Q():
        return inside, f"les {pluriel(type(row))} sont ouverts à tous les agents comme lui"
    if condition is None:
        return inside, f"les {pluriel(type(row))} ne relèvent {whose} : c’est hors périmètre"
    owners = get_text_list(maisons(row, agent.est_referent), "et")
    if not owners and inside:
        return inside, "cet enregistrement est commun à tous les opérateurs"
    belongs = f"cet enregistrement relève de {owners}" if owners else f"il ne relève {whose}"
    return inside, f"{belongs} ({personne.maison})"


def bureau(request, site, personne, row):
    """What the agent may do with the row in the back-office: a list of `Phrase`."""
    model, admin = type(row), site.get_model_admin(type(row))
    theirs = as_seen_by(request, personne.agent)
    inside, why_inside = perimetre(personne, row)
    missing = manque(personne, droits.VOIR, model)
    seen = admin.has_view_or_change_permission(theirs, row)
    first = Phrase("Voir", seen, missing or why_inside)
    if missing or not inside:
        return [first]
    said = []
    lock = lock_on(personne.agent, row) or ""
    changes = admin.has_change_permission(theirs, row)
    for action in verbes_of(model):
        if action in {droits.VOIR, droits.AJOUTER}:
            continue
        if action == droits.PROPOSER:
            said += _proposal(personne, row, lock)
            continue
        reason = manque(personne, action, model) or lock
        may = personne.agent.has_perm(permission(action, model)) and not lock
        if action == droits.MODIFIER:
            may = changes
        elif action == droits.SUPPRIMER:
            may = admin.has_delete_permission(theirs, row)
        said.append(Phrase(VERBES[action], may, "" if may else reason))
    fields = _fields(admin, theirs, row) if changes else []
    return [first, *gather(said), *fields, *_next_states(personne, row, changes)]


def _proposal(personne, row, lock):
    """The way to ask for a change, for who may not make it alone."""
    if not lock or not may_propose(personne.agent, type(row)):
        return []
    who = ou(role.label for role in Role if publisher_of(type(row)) in permissions_of(role))
    way = f"dans le formulaire de sa page, en disant pourquoi ; y répond : {who}"
    return [Phrase(VERBES[droits.PROPOSER], True, way)]


def _fields(admin, theirs, row):
    """The fields that the form shows without letting change them."""
    names = {field.name: field.verbose_name for field in row._meta.get_fields() if field.concrete}
    fixed = [str(names[f]) for f in admin.get_readonly_fields(theirs, row) if f in names]
    if not fixed:
        return []
    return [Phrase("Champs en lecture seule", None, get_text_list(fixed, "et"))]


def _next_states(personne, row, changes):
    said = []
    if isinstance(row, Publiable) and changes:
        states = states_for(personne.agent, type(row), row.publication) - {row.publication}
        said.append(_states("Publication", row.publication, states))
    transitions = getattr(row, "TRANSITIONS", None)
    if transitions is not None and not row.statut:
        said.append(Phrase("Statut", None, "non renseigné ; reste à le préciser, par un acte"))
    elif transitions is not None:
        said.append(_states("Statut", row.statut, transitions.get(row.statut, ())))
    return said


def _states(name, before, after):
    now = f"« {before} »" if before else NON_RENSEIGNE
    said = ou(f"« {state} »" for state in sorted(after))
    return Phrase(name, None, f"{now} ; peut devenir {said}" if said else f"{now} ; ne change plus")


def genre(personne, model):
    """What the agent's role lets do on a kind of record, whatever the record."""
    return gather(
        Phrase(
            VERBES[action],
            personne.agent.has_perm(permission(action, model)),
            manque(personne, action, model),
        )
        for action in verbes_of(model)
    )


# --- On the public site -------------------------------------------------------------------------


def public(row, lecteur):
    """Whether the public sees the row, and why: a list of `Phrase`. `lecteur` reads the answer."""
    model = type(row)
    shown = model._default_manager.public().filter(pk=row.pk).exists()
    lookups = getattr(model, "publication_lookups", ())
    if lookups:
        why = [reason for lookup in lookups if (reason := _step(row, lookup, lecteur))]
    elif shown:
        why = [f"les {pluriel(model)} n’ont pas d’état de publication : le site les montre tous"]
    else:
        why = [f"les {pluriel(model)} ne se montrent pas sur le site"]
    said = [Phrase("Le public le voit", shown, " ; ".join(why))]
    if isinstance(row, Territoire):
        said += _on_the_map(row)
    if not shown:
        return said
    if not hasattr(row, "get_absolute_url"):
        return [*said, Phrase("Page", None, "il n’en a pas à lui : il se lit avec ce qu’il décrit")]
    return said + _index(row)


def _step(row, lookup, lecteur):
    """What one of the publications that count says; None when the row has no such parent."""
    *parents, field = lookup.split("__")
    owner = row
    for name in parents:
        owner = owner and getattr(owner, name)
    if owner is None:
        return None
    state = getattr(owner, field)
    name = _name(owner, lecteur)
    if state == Publication.PUBLIE:
        return f"{name} est publié"
    return f"{name} est « {state} » : il {ATTENTES[state]}"


def _name(owner, lecteur):
    known = type(owner)._default_manager.known_to(lecteur).filter(pk=owner.pk)
    return f"« {owner} »" if known.exists() else f"ce dont il dépend ({MASQUE})"


def _on_the_map(territoire):
    dated = Territoire.objects.with_dates().get(pk=territoire.pk)
    today = timezone.localdate()
    if dated.debut is None:
        reason = "il n’a aucun membre, et n’est donc sur la carte d’aucun jour"
    elif dated.debut > today:
        reason = f"ses membres n’y entrent que {dates.le(dated.debut, dated.debut_certitude)}"
    elif dated.fin and dated.fin <= today:
        end = dated.phase.fin_certitude if dated.fin == dated.phase.fin else ""
        reason = f"il l’a quittée {dates.le(dated.fin, end or dates.JOUR)} ; sa page reste"
    else:
        since = dates.depuis(dated.debut, dated.debut_certitude)
        return [Phrase("Sur la carte d’aujourd’hui", True, since)]
    return [Phrase("Sur la carte d’aujourd’hui", False, reason)]


def _index(row):
    kind = TYPES.get(type(row))
    if kind is None:
        return []
    known = EntreeIndex.objects.filter(type=kind, identifiant=str(row.pk)).exists()
    reason = "" if known else "l’index ne le connaît pas : la commande « reindexer » le refait"
    return [Phrase("La recherche du site le trouve", known, reason)]
