"""The head of the desk: what waits for this agent now, and where to begin on the first day.

Only what has an object is told: a line that would say zero is not there.
"""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.urls import reverse

from programme.backoffice.avis.regles import valent
from programme.backoffice.bureau.liens import Lien, lien
from programme.backoffice.droits import IMPORTER, PUBLIER, permission
from programme.models import Avis, Contrat, Precision, Projet, Realisation, Referent, RythmeAvis
from programme.templatetags.portail import pluriel
from territoires.models import Agent, Modification, Operateur, Role, Territoire

A_LIRE = (Avis.Genre.A_CORRIGER, Avis.Genre.DEMANDE)
"""The notices that ask their reader for something."""
LIGNES = 5


@dataclass(frozen=True)
class Priorites:
    """`lignes`: what waits. `pas`: where to begin, for who has never saved anything."""

    lignes: list[Lien]
    pas: list[Lien]
    rythme: str


def priorites(site, request, cadre, day, desk):
    """The `Priorites` of a desk, whose other sections are in `desk`."""
    lines = [
        *_seance(desk.get("prochaine"), day),
        *_a_lire(cadre.agent),
        *_a_valider(cadre.agent, desk["a_traiter"]),
        *_groupes(desk),
        *_retards(cadre.agent, desk),
    ]
    begun, rythme = Agent.objects.values_list(
        Exists(Modification.objects.filter(auteur=OuterRef("pk"))), "rythme_avis__rythme"
    ).get(pk=cadre.agent.pk)
    steps = [] if begun else list(_premiers_pas(site, request, cadre.agent, desk))
    return Priorites(lines, steps, RythmeAvis.Rythme(rythme or RythmeAvis.Rythme.JOUR).label)


# --- What waits -------------------------------------------------------------------------------


def _seance(coming, day):
    if not coming:
        return
    seance = coming["seance"]
    days = (seance.date - day).days
    when = seance.du_jour
    if seance.precision == Precision.JOUR:
        when = f"séance dans {pluriel(days, 'jour')}" if days else "séance ce jour"
    said = "" if seance.ordre_du_jour else "ordre du jour à écrire"
    yield Lien(f"{when[0].upper()}{when[1:]} : préparer son dossier", coming["dossier_url"], said)


def _a_lire(agent):
    """What was sent back to the agent, or asked of them, and still stands."""
    rows = Avis.objects.filter(destinataire=agent, genre__in=A_LIRE).non_lus()
    told = valent(agent, rows.order_by("cree_le", "pk"))
    yield from (Lien(one.phrase, one.url, one.nom) for one in told[:LIGNES])
    if len(told) > LIGNES:
        others = pluriel(len(told) - LIGNES, "autre demande,autres demandes")
        yield Lien(f"{others} parmi vos avis", reverse("admin:avis"))


def _a_valider(agent, waiting):
    for line in waiting:
        # Its référents, unless no opérateur leaves them to it.
        theirs = line.modele is Referent and agent.role == Role.SECRETARIAT
        if theirs and not agent.delegations:
            continue
        if line.a_valider and agent.has_perm(permission(PUBLIER, line.modele)):
            opts = line.modele._meta
            said = pluriel(line.a_valider, f"{opts.verbose_name},{opts.verbose_name_plural}")
            yield Lien(f"{said} à valider", line.a_valider_url)


def _groupes(desk):
    """The groups of the desk that wait for an act of the agent."""
    answers = desk["propositions_a_repondre"]
    if answers and answers.nombre:
        said = pluriel(answers.nombre, "proposition,propositions")
        yield Lien(f"{said} à répondre", answers.url)
    for group in desk["imports"]:
        yield Lien(
            pluriel(group.nombre, "import à confirmer,imports à confirmer"), group.lignes[0].url
        )


def _retards(agent, desk):
    ended = desk["echus"]
    if ended and agent.has_perm(permission("change", Contrat)):
        noun = "contrat dont la date d’achèvement est passée"
        nouns = "contrats dont la date d’achèvement est passée"
        url = ended.lignes[0].url if ended.nombre == 1 else ended.url
        yield Lien(pluriel(ended.nombre, f"{noun},{nouns}"), url)
    if desk["retards"] and agent.has_perm(permission("add", Realisation)):
        said = pluriel(len(desk["retards"]), "engagement en retard,engagements en retard")
        yield Lien(said, "#retards")


# --- The first day ----------------------------------------------------------------------------


def _premiers_pas(site, request, agent, desk):
    """What an agent of this role does first, as far as they may."""
    yield from _pas_operateur(site, request, agent)
    territoires = site._registry[Territoire]
    if not agent.est_referent and territoires.has_view_permission(request):
        yield Lien("Voir vos territoires", reverse("admin:territoires_territoire_changelist"))
    if desk.get("ajouter_seance_url") and not desk.get("prochaine"):
        yield Lien("Enregistrer la prochaine séance", desk["ajouter_seance_url"])
    if agent.est_national and site._registry[Agent].has_add_permission(request):
        yield Lien("Inviter un collègue", reverse("admin:territoires_agent_add"))
    if site._registry[Projet].has_add_permission(request):
        yield Lien("Ajouter un projet", reverse("admin:programme_projet_add"))
    if agent.has_perm(permission(IMPORTER, Projet)):
        page = reverse("admin:programme_projet_importer")
        yield Lien("Importer un tableau de projets", page, "CSV, XLSX ou ODS, tel quel")
    incomplete = next((entry["groupe"] for entry in desk["incomplets"]), None)
    if incomplete is not None:
        yield Lien("Compléter ce qui manque", incomplete.url)
    yield Lien("Choisir quand un courriel vous prévient", reverse("admin:avis_rythme"))


def _pas_operateur(site, request, agent):
    if not agent.est_referent:
        return
    if site._registry[Referent].has_add_permission(request):
        yield Lien("Nommer un référent", reverse("admin:programme_referent_add"))
    if site._registry[Operateur].has_change_permission(request):
        said = lien(agent.operateur).url
        yield Lien("Déléguer, ou non, vos référents aux secrétariats régionaux", said)
    if site._registry[Realisation].has_add_permission(request):
        yield Lien("Dire ce qui a été tenu", reverse("admin:programme_realisation_add"))
