"""What administrators and the clock ask of the parutions, done outside of requests."""

from datetime import date

from django.contrib.auth import get_user_model
from django.utils import timezone

from programme.donnees.parutions.faire import DejaFaite, RienDeNeuf, faire
from programme.donnees.parutions.refaire import comparer_a_nouveau
from programme.models import Parution
from programme.taches import Abandon, confier, genre

PARUTION, RETRAIT = "parution", "retrait de parution"


@genre(PARUTION, long=True)
def paraitre(charge):
    """charge: `par`, and `auteur` (a key), `note` or `mois` (the ordinal of a day)."""
    mois = charge.get("mois")
    agents = get_user_model().objects.filter(pk=charge.get("auteur"))
    try:
        faire(
            charge["par"],
            auteur=agents.first(),
            note=charge.get("note", ""),
            mois=mois and date.fromordinal(mois),
        )
    except (RienDeNeuf, DejaFaite) as error:
        raise Abandon(str(error)) from None


@genre(RETRAIT, long=True)
def recomparer(charge):
    """charge: `numero` of the withdrawn parution."""
    comparer_a_nouveau(Parution.objects.get(numero=charge["numero"]))


def demander_du_mois():
    """Ask for the parution of the month, once whatever the number of clocks; what is done."""
    today = timezone.localdate()
    mois = today.replace(day=1)
    if today != mois and not Parution.objects.exists():
        return "La première parution sera faite le premier du mois qui vient."
    since = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if Parution.objects.filter(faite_le__gte=since).exists():
        return "Une parution a déjà été faite ce mois-ci."
    confier(PARUTION, {"par": Parution.Par.MINUTEUR, "mois": mois.toordinal()})
    return "La parution du mois est demandée ; elle ne sera pas faite si rien n’a changé."
