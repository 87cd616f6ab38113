"""Who may correct an act, and which act left a record of a history."""

from programme.backoffice.droits import CORRIGER, permission
from territoires.models import Ecriture, Trace


def may_correct(agent):
    return agent.has_perm(permission(CORRIGER, Trace))


def traces_of(model, records):
    """{history_id: `Trace`} of the acts that left these records of the history of `model`."""
    written = Ecriture.objects.filter(
        modele=model._meta.label,
        historique__in=[record.history_id for record in records],
        correction=False,
    )
    return {row.historique: row.trace for row in written.select_related("trace__corrigee_par")}
