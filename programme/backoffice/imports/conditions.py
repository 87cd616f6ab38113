"""What the forms and the acts of some kinds refuse beyond the model, asked of the rows of a file.

Each is a function of an agent, of a record as a row would write it, of what it says now (`{column:
value}`, empty for a new one) and of the names of the fields that the row writes; it gives the
sentence that refuses the row, or "".
"""

from django.core.exceptions import ValidationError

from programme.backoffice.actes.registre import right_to
from programme.backoffice.verrou import RESERVEE, may_decide
from programme.models import Contrat


def contrat(agent, record, avant, champs):
    """A new one may start where it already stands, if its author may do the act of that status."""
    first = Contrat._meta.get_field("statut").get_default()
    needed = right_to(Contrat, record.statut)
    if avant or record.statut == first or needed is None or agent.has_perm(needed):
        return ""
    role = agent.get_role_display()
    return f"Votre rôle ({role}) ne permet pas d’enregistrer un contrat « {record.statut} »."


def avenant(agent, record, avant, champs):
    """An act of its contract adds it, while that one can be amended."""
    if avant:
        return ""
    try:
        record.check_tardif()
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def decision(agent, record, avant, champs):
    """Who validates alone writes that a séance validates; an act on the map stays as it is."""
    if avant and record.ajustement is not None and champs & {"seance", "type"}:
        return "Cette décision change la carte : sa séance et son type restent ce qu’ils sont."
    if not may_decide(agent, {record.type, avant.get("type", record.type)}):
        return RESERVEE
    if not avant:
        record.auteur = agent
    return ""


def territoire(agent, record, avant, champs):
    """No file makes one: the map does."""
    if avant:
        return ""
    return (
        "Aucun territoire de votre périmètre n’a ce code : un territoire s’ajoute par une séance, "
        "ou sur sa page."
    )
