"""Whatever gives an agent rights is written down, before and after, and told by e-mail.

Signals, not a screen: rights change in the admin, by a restore, an import or a command.
"""

from itertools import groupby
from operator import attrgetter

from programme.backoffice.identite.journal import record
from programme.bases import a_la_fin
from programme.models import JournalAcces
from programme.taches import courriels
from territoires.models import Agent, Role

Acte = JournalAcces.Acte
AUCUN = "aucun"


def before_save(sender, instance, raw=False, **kwargs):
    """Keeps what the database holds, for `after_save` to compare."""
    if not raw:
        stored = Agent._base_manager.filter(pk=instance.pk) if instance.pk else Agent.objects.none()
        instance._droits_avant = stored.select_related("operateur").first()


def after_save(sender, instance, created, raw=False, **kwargs):
    if raw:
        return
    before = instance.__dict__.pop("_droits_avant", None)
    if created or before is None:
        _write(Acte.COMPTE, instance, "", _in_words(instance))
        return
    if before.role != instance.role:
        _write(Acte.ROLE, instance, before.role, instance.role)
    if before.operateur_id != instance.operateur_id:
        _write(
            Acte.OPERATEUR,
            instance,
            str(before.operateur or AUCUN),
            str(instance.operateur or AUCUN),
        )
    if before.is_active != instance.is_active:
        acte = Acte.OUVERT if instance.is_active else Acte.FERME
        _write(acte, instance, "", "")
    if before.email.lower() != instance.email.lower():
        _write(Acte.ADRESSE, instance, before.email, instance.email)


def _in_words(agent):
    return f"{agent.role} ({agent.operateur})" if agent.operateur else agent.role


def on_regions(sender, instance, action, **kwargs):
    """An agent's régions; the history of agents forbids to give them from a région's side."""
    names = ", ".join(instance.regions.order_by("nom").values_list("nom", flat=True))
    if action.startswith("pre_"):
        instance._regions_avant = names
    elif (before := instance.__dict__.pop("_regions_avant", names)) != names:
        _write(Acte.REGIONS, instance, before or AUCUN, names or AUCUN)


# --- The journal, and the e-mail ----------------------------------------------------------------


def _write(acte, agent, avant, apres):
    line = record(acte, agent=agent, avant=avant, apres=apres)
    a_la_fin(tell, line.pk)


def tell(lines):
    """Tell every national administrator what was written, in one e-mail per agent."""
    # A part of what was done may have been undone since.
    written = JournalAcces.objects.filter(pk__in=lines).select_related("agent", "auteur")
    for agent, lignes in groupby(written.order_by("agent", "pk"), attrgetter("agent")):
        told = Agent.objects.filter(role=Role.NATIONAL, is_active=True).exclude(pk=agent.pk)
        group = list(lignes)
        courriels.send(
            "account/email/droits_message.txt",
            f"Droits de {agent} : {group[0].acte}",
            {"agent": agent, "lignes": group},
            bcc=sorted(told.values_list("email", flat=True)),
        )
