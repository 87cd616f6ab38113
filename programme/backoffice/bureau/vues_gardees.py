"""The views of lists that an agent named, or that a colleague shares with them: on the desk."""

from django.utils.text import capfirst

from programme.backoffice.bureau.liens import Lien
from programme.backoffice.droits import VOIR, permission
from programme.models import VueDeListe


def vues_gardees(site, agent):
    """[(name of a list, the `Lien`s to its views)] of the lists that the agent reads; one query."""
    screens = {model._meta.label_lower: screen for model, screen in site._registry.items()}
    rows = VueDeListe.objects.visible_to(agent).select_related("agent")
    found = {}
    for vue in rows.order_by("liste", "nom", "pk"):
        screen = screens.get(vue.liste)
        if screen is None or not agent.has_perm(permission(VOIR, screen.model)):
            continue
        url = f"{screen.page_address('changelist')}?{vue.requete}"
        said = "" if vue.agent_id == agent.pk else f"partagée par {vue.agent}"
        name = capfirst(str(screen.opts.verbose_name_plural))
        found.setdefault(name, []).append(Lien(vue.nom, url, said))
    return list(found.items())
