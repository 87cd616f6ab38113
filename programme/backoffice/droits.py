"""Who may do what: rights are data of the repository, read from an agent's role alone.

`DROITS[role][model]` is a set of actions. The perimeter (which rows) is another question, answered
by `visible_to`; both must say yes. `tests/programme/backoffice/matrice.md` shows the outcome.
"""

from functools import cache

from django.apps import apps
from django.contrib.auth.backends import ModelBackend

from territoires.models import Modification, Role

VOIR, AJOUTER, MODIFIER, SUPPRIMER = "view", "add", "change", "delete"

# Acts, beside Django's four actions. A codename is made of the act and of the model's name.
PUBLIER = "publier"  # publish, withdraw, and change what is published
AJUSTER = "ajuster"  # change which régions follow a territory
PROPOSER = "proposer"  # propose a change to what is published, for who publishes to answer
VALIDER = "valider"  # in a séance: a contract is validated, a project becomes contractualised
SIGNER = "signer"
CLORE = "clore"
ABANDONNER = "abandonner"
SUIVRE = "suivre"  # tell how far a contractualised project has gone
PARAITRE = "paraitre"  # make a parution, withdraw one
OCCULTER = "occulter"  # mask a personal datum in whatever is kept
CORRIGER = "corriger"  # say that an act did not take place, and give back what it wrote
IMPORTER = "importer"  # add and change many rows from a file, each under the same rules

LECTURE = {VOIR}
SAISIE = {VOIR, AJOUTER, MODIFIER}
GESTION = {*SAISIE, SUPPRIMER}
EDITION = {*GESTION, PUBLIER}
CONTRAT = {VALIDER, SIGNER, CLORE, ABANDONNER}
PROJET = {VALIDER, SUIVRE, ABANDONNER}

# What commands load from public files: nobody edits it by hand.
GEOGRAPHIE = [
    "territoires.Region",
    "territoires.Departement",
    "territoires.Intercommunalite",
    "territoires.Commune",
    "territoires.CodePostal",
    "territoires.CommuneAncienne",
    "territoires.MouvementCommune",
    "programme.BassinEmploi",
    "programme.BassinCommune",
    "programme.Metier",
    "programme.BesoinMainOeuvre",
    "programme.MesureEmploi",
]
# What the portal writes about itself.
TRACES = [
    "territoires.LigneChargee",
    "territoires.EtatAncien",
    "programme.Preuve",
    "programme.Tache",
    "programme.Tournee",
    "programme.FichierParution",
    "programme.EmpreinteAncienne",
]
REFERENCES = ["programme.Source", "programme.Financeur"]
PROGRAMME = [
    "programme.ChiffreAnnonce",
    "programme.Affirmation",
    "programme.Confrontation",
    "programme.Fait",
    "programme.Jalon",
    "programme.Personne",
    "programme.Terme",
]
OPERATEURS = [
    "programme.Convention",
    "programme.Engagement",
    "programme.Realisation",
    "programme.Referent",
    "programme.Service",
    "programme.TerritoirePrioritaire",
]


def _all(models, actions):
    return dict.fromkeys(models, frozenset(actions))


# What each role may not change alone once it is published.
PROPOSITIONS = {
    Role.REDACTEUR: (
        "territoires.Territoire",
        "territoires.AutreNom",
        "programme.Seance",
        "programme.Decision",
        "programme.Contrat",
        "programme.Signataire",
        "programme.Avenant",
        "programme.Projet",
        "programme.Financement",
        "programme.Document",
    ),
    Role.REFERENT: ("programme.Realisation",),
}

_LECTURE_COMMUNE = _all(
    [*GEOGRAPHIE, *REFERENCES, *PROGRAMME, *OPERATEURS, "territoires.Operateur"], LECTURE
)

DROITS = {
    Role.NATIONAL: {
        **_all([*GEOGRAPHIE, *TRACES], LECTURE),
        **_all(REFERENCES, GESTION),
        **_all(PROGRAMME, EDITION),
        **_all(OPERATEURS, EDITION),
        "territoires.Operateur": frozenset(SAISIE),
        "territoires.Modification": frozenset({VOIR, CORRIGER}),
        # An agent is deactivated, never deleted: the history keeps saying who did what.
        "territoires.Agent": frozenset(SAISIE),
        "programme.JournalAcces": frozenset(LECTURE),
        "programme.Parution": frozenset({VOIR, PARAITRE, OCCULTER}),
        "territoires.Territoire": frozenset({*EDITION, AJUSTER}),
        # Members come and go by the acts of a séance; a date that was wrong is corrected.
        "territoires.Rattachement": frozenset({VOIR, MODIFIER}),
        "territoires.AutreNom": frozenset(GESTION),
        **_all(["programme.ComiteNational", "programme.ComiteRegional"], GESTION),
        "programme.Seance": frozenset(EDITION),
        **_all(["programme.Decision", "programme.DecisionPreparee"], GESTION),
        "programme.Contrat": frozenset(EDITION | CONTRAT),
        **_all(["programme.Signataire", "programme.Avenant"], GESTION),
        "programme.Projet": frozenset(EDITION | PROJET),
        "programme.Financement": frozenset(GESTION),
        "programme.Enveloppe": frozenset(EDITION),
        "programme.Document": frozenset(EDITION),
    },
    # The committee adjusts the map of its région, validates the contracts, publishes.
    Role.SECRETARIAT: {
        **_LECTURE_COMMUNE,
        # Those of its région; the référents of the opérateurs that delegate it (`verrou`).
        "programme.Financeur": frozenset(SAISIE),
        "programme.Referent": frozenset({*SAISIE, PUBLIER}),
        "territoires.Territoire": frozenset({*SAISIE, AJUSTER, PUBLIER}),
        "territoires.Rattachement": frozenset(LECTURE),
        "territoires.AutreNom": frozenset(GESTION),
        "programme.ComiteRegional": frozenset({VOIR, MODIFIER}),
        "programme.Seance": frozenset(EDITION),
        **_all(["programme.Decision", "programme.DecisionPreparee"], GESTION),
        "programme.Contrat": frozenset(EDITION | CONTRAT),
        **_all(["programme.Signataire", "programme.Avenant"], GESTION),
        "programme.Projet": frozenset(EDITION | PROJET),
        "programme.Financement": frozenset(GESTION),
        "programme.Enveloppe": frozenset({*SAISIE, PUBLIER}),
        "programme.Document": frozenset(EDITION),
    },
    # Writes and proposes; whatever is published waits for the secretariat.
    Role.REDACTEUR: {
        **_LECTURE_COMMUNE,
        "territoires.Territoire": frozenset({VOIR, MODIFIER}),
        "territoires.Rattachement": frozenset(LECTURE),
        "territoires.AutreNom": frozenset(SAISIE),
        "programme.ComiteRegional": frozenset(LECTURE),
        **_all(
            [
                "programme.Seance",
                "programme.Decision",
                "programme.DecisionPreparee",
                "programme.Contrat",
                "programme.Signataire",
                "programme.Avenant",
                "programme.Financement",
                "programme.Document",
            ],
            GESTION,
        ),
        "programme.Projet": frozenset({*GESTION, SUIVRE}),
        "programme.Enveloppe": frozenset(LECTURE),
    },
    # Answers for its own people and services; what it says it delivered, somebody else publishes.
    Role.REFERENT: {
        **_LECTURE_COMMUNE,
        **_all(
            ["territoires.Territoire", "territoires.Rattachement", "territoires.AutreNom"], LECTURE
        ),
        "territoires.Operateur": frozenset({VOIR, MODIFIER}),
        "programme.Realisation": frozenset(GESTION),
        **_all(
            ["programme.Referent", "programme.Service", "programme.TerritoirePrioritaire"], EDITION
        ),
    },
    Role.LECTEUR: {
        **_LECTURE_COMMUNE,
        **_all(
            [
                "territoires.Territoire",
                "territoires.Rattachement",
                "territoires.AutreNom",
                "programme.ComiteRegional",
                "programme.Seance",
                "programme.Decision",
                "programme.DecisionPreparee",
                "programme.Contrat",
                "programme.Signataire",
                "programme.Avenant",
                "programme.Projet",
                "programme.Financement",
                "programme.Enveloppe",
                "programme.Document",
            ],
            LECTURE,
        ),
    },
}

# Files of the kinds that a role may add and change row by row; whoever sees a list may export it.
_IMPORTS_REGIONAUX = (
    "programme.Projet",
    "programme.Financement",
    "programme.Contrat",
    "programme.Signataire",
    "programme.Avenant",
    "programme.Seance",
    "programme.Decision",
    "programme.Document",
    "territoires.Territoire",
)
_IMPORTS_OPERATEUR = ("programme.Referent", "programme.Realisation")
IMPORTS = {
    Role.NATIONAL: (*_IMPORTS_REGIONAUX, *_IMPORTS_OPERATEUR),
    Role.SECRETARIAT: _IMPORTS_REGIONAUX,
    Role.REDACTEUR: _IMPORTS_REGIONAUX,
    Role.REFERENT: _IMPORTS_OPERATEUR,
}
for _role, _labels in IMPORTS.items():
    DROITS[_role] |= {label: DROITS[_role][label] | {IMPORTER} for label in _labels}
for _role, _labels in PROPOSITIONS.items():
    DROITS[_role] |= {label: DROITS[_role][label] | {PROPOSER} for label in _labels}
for _droits in DROITS.values():
    _droits["programme.Proposition"] = frozenset(LECTURE)


def permission(action, model):
    """The name that `has_perm` reads, such as `programme.publier_contrat`."""
    opts = model._meta
    return f"{opts.app_label}.{action}_{opts.model_name}"


def may_correct(agent):
    """Whether the agent may say that an act was a mistake."""
    return agent.has_perm(permission(CORRIGER, Modification))


@cache
def permissions_of(role):
    """Every permission of a role, as a frozenset of names."""
    return frozenset(
        permission(action, apps.get_model(label))
        for label, actions in DROITS.get(role, {}).items()
        for action in actions
    )


def roles_with(name):
    """The names of the roles that hold the permission `name`."""
    return [role.label for role in Role if name in permissions_of(role)]


class RoleBackend(ModelBackend):
    """Sign-in by e-mail and password; permissions come from the role, without any query.

    An inactive agent can neither sign in nor keep an open session, and has no permission.
    """

    def get_all_permissions(self, user_obj, obj=None):
        # `obj` is left to the perimeter: a permission is about a model.
        if not (user_obj.is_active and user_obj.is_authenticated):
            return frozenset()
        return permissions_of(user_obj.role)

    get_user_permissions = get_all_permissions

    def get_group_permissions(self, user_obj, obj=None):
        return frozenset()

    def has_perm(self, user_obj, perm, obj=None):
        return perm in self.get_all_permissions(user_obj)

    def has_module_perms(self, user_obj, app_label):
        prefix = f"{app_label}."
        return any(perm.startswith(prefix) for perm in self.get_all_permissions(user_obj))
