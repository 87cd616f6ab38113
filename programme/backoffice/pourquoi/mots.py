"""Who is spoken of, and the names of rights and of régions, in French."""

from dataclasses import dataclass
from itertools import groupby

from django.utils.text import capfirst, get_text_list

from programme.backoffice import droits
from programme.backoffice.droits import permission, permissions_of
from programme.backoffice.verrou import PUBLICS
from territoires.models import Agent, Operateur, Region, Role
from territoires.perimetre import TOUT

VERBES = {
    droits.VOIR: "voir",
    droits.AJOUTER: "ajouter",
    droits.MODIFIER: "modifier",
    droits.SUPPRIMER: "supprimer",
    droits.PROPOSER: "proposer un changement à ce qui est publié",
    droits.PUBLIER: "publier ou retirer du site",
    droits.AJUSTER: "ajuster la carte",
    droits.VALIDER: "valider en comité",
    droits.SIGNER: "signer",
    droits.CLORE: "clore",
    droits.ABANDONNER: "abandonner",
    droits.SUIVRE: "dire l’avancement",
}


@dataclass(frozen=True)
class Phrase:
    """One answer: `oui` is None when it only informs."""

    quoi: str
    oui: bool | None
    raison: str

    @property
    def verdict(self):
        return {True: "oui", False: "non", None: ""}[self.oui]


def gather(phrases):
    """The phrases, those that say the same one after the other made one: « Signer, clore »."""
    gathered = []
    for (oui, raison), same in groupby(phrases, lambda phrase: (phrase.oui, phrase.raison)):
        names = [phrase.quoi for phrase in same]
        gathered.append(Phrase(capfirst(", ".join(map(lower_first, names))), oui, raison))
    return gathered


def lower_first(words):
    return words[:1].lower() + words[1:]


@dataclass(frozen=True)
class Personne:
    """The agent of whom the answer speaks, as « vous » when it is who asks."""

    agent: Agent
    soi: bool

    @property
    def role(self):
        name = self.agent.get_role_display()
        return f"votre rôle ({name})" if self.soi else f"le rôle de {self.agent} ({name})"

    @property
    def maison(self):
        """« les vôtres : Bretagne »; the régions or the opérateur that the agent answers for."""
        if self.agent.est_referent:
            whose = "le vôtre" if self.soi else f"celui de {self.agent}"
            return f"{whose} : {self.agent.operateur}"
        whose = "les vôtres" if self.soi else f"celles de {self.agent}"
        regions = get_text_list([region.nom for region in self.agent.regions.all()], "et")
        return f"{whose} : {regions or 'aucune'}"


def ou(words):
    return get_text_list(list(words), "ou")


def pluriel(model):
    return str(model._meta.verbose_name_plural)


def verbes_of(model):
    """The actions and acts that some role may do on `model`, in the order of `VERBES`."""
    known = [action for action in VERBES if roles_with(action, model)]
    # What has no publication of its own is validated, neither published nor withdrawn.
    return [action for action in known if action != droits.PUBLIER or model not in PUBLICS]


def roles_with(action, model):
    return [role for role in Role if permission(action, model) in permissions_of(role)]


def manque(personne, action, model):
    """Which right is missing on a kind of record, and whose it is; "" when the role has it."""
    if personne.agent.has_perm(permission(action, model)):
        return ""
    roles = [role.label for role in roles_with(action, model)]
    if not roles:
        return "aucun rôle ne le permet"
    return f"{personne.role} ne le permet pas ; ce droit est celui de : {ou(roles)}"


def maisons(row, referent):
    """The names of the régions, or of the opérateurs, that a row belongs to. Two queries."""
    perimetre = type(row).perimetre
    paths = perimetre.operateurs if referent else perimetre.regions
    if paths in ((), TOUT):
        return []
    found = type(row)._base_manager.filter(pk=row.pk).values_list(*paths)
    keys = {key for line in found for key in line if key is not None}
    owner = Operateur if referent else Region
    return list(owner.objects.filter(pk__in=keys).order_by("nom").values_list("nom", flat=True))
