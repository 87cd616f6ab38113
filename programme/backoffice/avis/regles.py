"""Each kind of notice: whom it is for, what it says, why it came, until when it holds."""

from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q
from django.utils import timezone
from django.utils.text import Truncator, capfirst, get_text_list

from programme.backoffice.bureau.liens import lien
from programme.backoffice.droits import MODIFIER, permission, roles_with
from programme.backoffice.propositions.suivi import answering, answers_for, responsible
from programme.backoffice.verrou import publisher_of
from programme.models import Avis, Proposition, Publication
from programme.templatetags.portail import pluriel
from territoires.dates import le
from territoires.models import Agent, Role

Genre = Avis.Genre
LIEUX = (
    "territoire",
    "contrat.territoire",
    "projet.territoire",
    "seance.comite",
    "comite",
    "commune",
    "region",
    "operateur",
)
"""Where a record is, the first that it has."""

ETATS_RELUS = 50
MOT = 250
"""Characters of a reason that a notice repeats; the page of the proposal has it whole."""


# --- Whom -------------------------------------------------------------------------------------


def answerers(record):
    """The agents who may publish `record`, or answer a proposal on it.

    National administrators are told when nobody else may: a région's own officers answer for it.
    """
    needed, *_ = answering(type(record))
    return colleagues(record, needed)


def colleagues(record, *needed):
    """The agents in office who hold these permissions: those near `record`, or else the national
    administrators.
    """
    roles = set(Role).intersection(*map(roles_with, needed))
    told = Agent.objects.filter(is_active=True, role__in=roles)
    near = _near(told, record)
    return near if near.exists() else told.filter(role=Role.NATIONAL)


def writers(record):
    """The agents of its régions, or of its opérateur, who may change `record`."""
    needed = permission(MODIFIER, type(record))
    return _near(Agent.objects.filter(is_active=True, role__in=roles_with(needed)), record)


def who_proposed(record):
    """The agent who put `record` « à valider » the last time, as a queryset."""
    states = record.history.order_by("-history_date", "-history_id")
    found = None
    for publication, user in states.values_list("publication", "history_user")[:ETATS_RELUS]:
        if publication == Publication.A_VALIDER:
            found = user
        elif found is not None:
            break
    return Agent.objects.filter(pk=found)


def _near(agents, record):
    """Those who have `record` in their perimeter, without national administrators."""
    condition = Q(pk__in=[])
    rows = type(record)._default_manager
    for agent in agents.exclude(role=Role.NATIONAL).prefetch_related("regions"):
        seen = rows.visible_to(agent).filter(pk=record.pk).exists()
        if seen and responsible(agent, record):
            condition |= Q(pk=agent.pk)
    return agents.filter(condition)


def _publishes(agent, record):
    model = type(record)
    return agent.has_perm(publisher_of(model)) and agent.has_perm(permission(MODIFIER, model))


def _reads(agent, record):
    return agent.has_perm(permission("view", type(record)))


def _answers(agent, proposition):
    record = proposition.enregistrement
    if record is None or not responsible(agent, record):
        return False
    return answers_for(agent, type(record))


# --- What -------------------------------------------------------------------------------------


def lieu_de(record):
    """Where a record is, in words; empty when it is nowhere."""
    if isinstance(record, Proposition):
        record = record.enregistrement
    for path in LIEUX:
        found = record
        try:
            for name in path.split("."):
                found = getattr(found, name, None)
        except ObjectDoesNotExist:
            continue
        if found is not None:
            return str(found)
    if hasattr(record, "regions"):
        return get_text_list([region.nom for region in record.regions.order_by("nom")], "et")
    return ""


def _par(avis):
    return f" par {avis.auteur}" if avis.auteur else ""


def _mot(text):
    """The word that goes with an act, if there is one."""
    return f" : « {text} »" if text else ""


def _role(agent, avis=None):
    if agent.est_referent:
        return f"parce que vous êtes {agent.get_role_display()} ({agent.operateur})"
    regions = get_text_list([region.nom for region in agent.regions.order_by("nom")], "et")
    return f"parce que vous êtes {agent.get_role_display()}" + (f" ({regions})" if regions else "")


def _sien(agent, avis):
    return "parce que vous êtes l’auteur de ce qui a été proposé"


def _reponse(avis, proposition):
    said = _mot(proposition.reponse)
    return f"Votre proposition n° {proposition.pk} est {proposition.etat}{_par(avis)}{said}"


def _proposition(avis, proposition):
    """As it stands now: a notice stays on the desk once it is answered."""
    who, what = proposition.qui, f"un changement ({proposition.resume})"
    if proposition.est_en_attente:
        return f"{who} propose {what} : il attend votre réponse"
    return f"{who} a proposé {what} : la proposition est {proposition.etat}"


def _seance(avis, seance):
    """What was announced stays on the desk after its day."""
    verb = "a lieu" if seance.date >= timezone.localdate() else "était prévue"
    return f"La séance {verb} {le(seance.date, seance.precision)}"


def _fait(avis, record):
    """What an act on many did, with its author."""
    return f"{avis.precision}{_par(avis)}"


@dataclass(frozen=True)
class Regle:
    """`phrase(avis, record)`: what happened. `pourquoi(agent, avis)`: why it came.

    `droit(agent, record)`: whether the agent may be told, beside having the record in their
    perimeter. `vaut(record)`: whether it still asks for something. `mot(record)`: the reason of
    who asks. `ecrit(record)`: whether a mail carries it; otherwise the desk alone shows it, behind
    the sign-in.
    """

    phrase: Callable
    pourquoi: Callable
    droit: Callable = _reads
    vaut: Callable = lambda record: True
    mot: Callable = lambda record: ""
    ecrit: Callable = lambda record: True


REGLES = {
    Genre.PROPOSE: Regle(
        lambda avis, record: f"Proposé à la validation{_par(avis)}{_mot(avis.precision)}",
        _role,
        _publishes,
        lambda record: record.publication == Publication.A_VALIDER,
    ),
    Genre.VALIDE: Regle(
        lambda avis, record: f"{avis.precision or 'Validé et publié'}{_par(avis)}",
        lambda agent, avis: _role(agent) if avis.precision else _sien(agent, avis),
    ),
    Genre.A_CORRIGER: Regle(
        lambda avis, record: f"À corriger : remis en brouillon{_par(avis)}{_mot(avis.precision)}",
        _sien,
        vaut=lambda record: record.publication == Publication.BROUILLON,
    ),
    Genre.PROPOSITION: Regle(
        _proposition,
        _role,
        _answers,
        lambda record: record.est_en_attente,
        lambda record: Truncator(record.motif).chars(MOT),
        # Nobody from outside makes the portal send their words.
        lambda record: record.auteur_id is not None,
    ),
    Genre.REPONSE: Regle(_reponse, _sien),
    Genre.SEANCE: Regle(
        _seance,
        _role,
        vaut=lambda record: (
            record.date >= timezone.localdate() and record.publication != Publication.RETIRE
        ),
    ),
    Genre.RETARD: Regle(
        lambda avis, record: f"Engagement en retard : {avis.precision}",
        _role,
        vaut=lambda record: record.publication == Publication.PUBLIE,
    ),
    Genre.OCCULTATION: Regle(
        lambda avis, record: f"L’occultation que vous avez demandée est faite. {avis.precision}",
        lambda agent, avis: "parce que vous l’avez demandée",
    ),
    Genre.DEMANDE: Regle(lambda avis, record: f"Demande{_par(avis)} : {avis.precision}", _role),
    Genre.IMPORT: Regle(_fait, _role),
    Genre.ENSEMBLE: Regle(_fait, _role),
    Genre.CARTE: Regle(_fait, _role),
}


@dataclass(frozen=True)
class Dit:
    """A notice as its agent reads it."""

    avis: Avis
    nom: str
    lieu: str
    url: str
    phrase: str
    pourquoi: str
    mot: str = ""
    mot_ecrit: str = ""


def dits(agent, rows):
    """`(told, hidden)`: the `Dit`s of those notices that `agent` may read now, in their order; and
    those whose record is gone or no longer theirs.
    """
    rows = list(rows.select_related("auteur"))
    records = _records(agent, rows)
    told, hidden = [], []
    for avis in rows:
        record, regle = records.get((avis.modele, avis.cle)), REGLES[avis.genre]
        if record is None or not regle.droit(agent, record):
            hidden.append(avis)
        else:
            told.append(_dit(agent, avis, record, regle))
    return told, hidden


def valent(agent, rows):
    """The `Dit`s of what still asks for something, for a mail."""
    rows = list(rows.select_related("auteur"))
    records = _records(agent, rows)
    return [
        _dit(agent, avis, record, REGLES[avis.genre])
        for avis in rows
        if (record := records.get((avis.modele, avis.cle))) is not None
        and REGLES[avis.genre].droit(agent, record)
        and REGLES[avis.genre].vaut(record)
    ]


def _records(agent, rows):
    """{(model, key): record} of those that the agent has in their perimeter today."""
    wanted, found = {}, {}
    for avis in rows:
        wanted.setdefault(avis.modele, set()).add(avis.cle)
    for label, keys in wanted.items():
        model = apps.get_model(label)
        visible = model._default_manager.visible_to(agent).filter(pk__in=keys)
        found |= {(label, str(record.pk)): record for record in visible}
    return found


def _dit(agent, avis, record, regle):
    if isinstance(record, Proposition):
        nom, url = record.nom, record.get_absolute_url()
    else:
        nom, url = capfirst(f"{record._meta.verbose_name} : {record}"), lien(record).url
    phrase = regle.phrase(avis, record)
    if avis.autres:
        others = pluriel(avis.autres, "autre fiche,autres fiches")
        phrase += f" ; le même acte en change {others} de votre périmètre"
    mot = regle.mot(record)
    written = mot if regle.ecrit(record) else ""
    why = regle.pourquoi(agent, avis)
    return Dit(avis, nom, lieu_de(record), url, phrase, why, mot, written)
