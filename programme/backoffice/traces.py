"""Who may correct an act, and which act left a record of a history."""

from programme.backoffice.droits import CORRIGER, permission
from territoires.models import Ecriture, Modification


def may_correct(agent):
    return agent.has_perm(permission(CORRIGER, Modification))


def traces_of(model, records):
    """{history_id: `Modification`} of the acts that left these records of a history."""
    written = Ecriture.objects.filter(
        modele=model._meta.label,
        historique__in=[record.history_id for record in records],
        correction=False,
    )
    return {row.historique: row.trace for row in written.select_related("trace__corrigee_par")}
