"""The sections of the desk, read for one frame on one day."""

from django.db.models import Count, Prefetch, Q
from django.urls import reverse
from django.utils import timezone

from programme.backoffice.bureau import attentes, recents
from programme.backoffice.bureau.cadre import cadre_of
from programme.backoffice.bureau.evolutions import fin_du_jour
from programme.backoffice.bureau.incomplets import genres, incomplets, nommes
from programme.backoffice.bureau.liens import Groupe, Lien, adresse, depuis_le, lien
from programme.backoffice.bureau.priorites import priorites
from programme.backoffice.bureau.retards import retards
from programme.backoffice.bureau.seances import derniere, prochaine, seances_de
from programme.backoffice.bureau.sommeil import dormants
from programme.backoffice.bureau.vues_gardees import vues_gardees
from programme.backoffice.droits import AJOUTER, permission
from programme.backoffice.imports.declarations import IMPORTABLES
from programme.backoffice.propositions.suivi import propositions
from programme.catalogue.pages.indicateurs import calculer, compte
from programme.models import (
    ComiteNational,
    ComiteRegional,
    Contrat,
    Decision,
    Projet,
    Publication,
    Realisation,
    Seance,
)
from programme.perimetres import suivi
from territoires import dates

LIGNES, PIRES = 5, 3
"""Records of one kind that the desk names, incomplete ones; a full page tells the others."""


def bureau(site, request):
    """Context of the desk."""
    cadre, regions = cadre_of(request)
    day = timezone.localdate()
    kinds = genres(cadre, day)
    may_tell = cadre.agent.has_perm(permission(AJOUTER, Realisation))
    desk = {
        "cadre": cadre,
        "regions": regions,
        "date": day,
        "suivis": _suivis(cadre, regions),
        **_seances(site, cadre, day),
        **_attentes(site, request, cadre, day),
        **propositions(cadre),
        "incomplets": _incomplets(cadre, day, kinds),
        "sommeils": _sommeils(cadre, day),
        "supprimes": recents.supprimes(site, request, cadre, timezone.now() - recents.GARDES),
        "retards": retards(cadre.agent, day),
        "sans_referent": [g for kind in kinds for g in _rules(cadre, kind, of_referents=True)],
        "vues_gardees": vues_gardees(site, cadre.agent),
        "ajouter_realisation_url": reverse("admin:programme_realisation_add") if may_tell else "",
    }
    return desk | {"priorites": priorites(site, request, cadre, day, desk)}


def _suivis(cadre, regions):
    """Whose the counted projects are, for the région of the desk, or the only one of the agent."""
    alone = regions[0] if len(regions) == 1 else None
    region = cadre.region or alone
    if region is None or not cadre.lit(Projet):
        return None
    return suivi(region, cadre.rows(Projet).exclude(publication=Publication.RETIRE))


# --- Séances ----------------------------------------------------------------------------------


def comites_de(cadre):
    """The committees of the frame: the région's, or those of the agent; the national one."""
    if cadre.agent.est_national and cadre.region is None:
        return cadre.rows(ComiteNational)
    return cadre.rows(ComiteRegional).select_related("region")


def adresse_dossier(comite, seance=None):
    """Address of the dossier that prepares the coming séance of a committee, or `seance`."""
    page = reverse(f"admin:programme_{comite._meta.model_name}_dossier", args=[comite.pk])
    return f"{page}?seance={seance.pk}" if seance else page


def _seances(site, cadre, day):
    if not cadre.lit(Seance):
        return {"avec_seances": False, "dossiers": []}
    decisions = Prefetch("decisions", Decision.objects.order_by("pk"))
    waiting = Count("preparees", filter=Q(preparees__trace__isnull=True))
    rows = seances_de(cadre).prefetch_related(decisions).annotate(nb_preparees=waiting)
    coming, last = prochaine(rows, day), derniere(rows, day)
    since = fin_du_jour(last.date) if last else None
    may_add = cadre.agent.has_perm(permission(AJOUTER, Seance))
    return {
        "avec_seances": True,
        "prochaine": coming and _seance(coming, coming=True),
        "derniere": last and _seance(last, coming=False),
        "ajouter_seance_url": reverse("admin:programme_seance_add") if may_add else "",
        "calendrier_url": adresse("bureau_calendrier", cadre) if coming or last else "",
        "dossiers": [Lien(str(c), adresse_dossier(c)) for c in comites_de(cadre)],
        "bilans": recents.bilans(cadre, since) if last else [],
        "dernieres": recents.dernieres(site, cadre, since) if last else [],
    }


def _seance(seance, *, coming):
    """What the desk tells of a séance; one that was held prepares nothing, unless it had begun."""
    prepares = coming or seance.nb_preparees
    page = reverse("admin:programme_seance_preparer", args=[seance.pk])
    return {
        "seance": seance,
        "lien": lien(seance),
        "dossier_url": adresse_dossier(seance.comite, seance),
        "preparer_url": page if prepares else "",
        "preparees": seance.nb_preparees,
        "decisions": [
            lien(decision, f"{decision.get_type_display()} : {decision.texte}")
            for decision in seance.decisions.all()
        ],
    }


# --- What waits -------------------------------------------------------------------------------


def _attentes(site, request, cadre, day):
    lines = attentes.pending(site, request, cadre)
    groups = [
        Groupe(
            line.nom,
            [
                lien(row, depuis_le(row.depuis))
                for row in attentes.proposes(cadre, line.modele)[:LIGNES]
            ],
            line.a_valider,
            line.a_valider_url,
        )
        for line in lines
        if line.a_valider
    ]
    return {
        "a_traiter": lines,
        "proposes": groups,
        "imports": _imports(site, cadre.agent),
        **_a_decider(site, cadre, day),
        "actes_de_la_carte": _actes_de_la_carte(cadre),
    }


def _imports(site, agent):
    """The agent's own files that were read and wait to be confirmed."""
    rows = list(attentes.imports_a_confirmer(agent))
    links = []
    for depot in rows[:LIGNES]:
        opts = IMPORTABLES[depot.genre].modele._meta
        page = f"{site.name}:{opts.app_label}_{opts.model_name}_import"
        said = f"{depot.genre}, {depuis_le(depot.depose_le)}"
        links.append(Lien(depot.nom_fichier, reverse(page, args=[depot.pk]), said))
    return [Groupe("Imports à confirmer", links, len(rows), "")] if rows else []


def _actes_de_la_carte(cadre):
    """What séances decided of the map, and that the public will see with them."""
    if not cadre.lit(Decision):
        return []
    rows = list(attentes.actes_de_la_carte(cadre))
    links = [
        Lien(
            decision.texte,
            reverse("admin:programme_seance_change", args=[decision.seance_id]),
            f"{decision.seance}, {decision.seance.publication}",
        )
        for decision in rows[:LIGNES]
    ]
    name = "Actes sur la carte qui attendent la publication de leur séance"
    return [Groupe(name, links, len(rows), "")] if rows else []


def _a_decider(site, cadre, day):
    """The contracts and projects that wait for a séance; the contracts that wait for their
    signature, and those whose end has passed.
    """
    waiting = attentes.a_decider(cadre)
    sign = attentes.a_signer(cadre)
    ended = attentes.contrats_echus(cadre, day).order_by("date_fin", "pk")
    wanted = {f"n{rank}": compte(rows) for rank, rows in enumerate(waiting.values())}
    counts = calculer(wanted | {"echus": compte(ended), "a_signer": compte(sign)})

    def url(model, same):
        return attentes.lien_liste(site, cadre, model, same)

    groups = [
        _groupe(name, rows, counts[f"n{rank}"], url(rows.model, attentes.LISTES[rows.model]))
        for rank, (name, rows) in enumerate(waiting.items())
        if counts[f"n{rank}"]
    ]
    if number := counts["a_signer"]:
        here = url(Contrat, attentes.A_SIGNER)
        groups.append(_groupe("Contrats validés, à signer", sign, number, here))
    late = _echus(site, cadre, day, ended, counts["echus"]) if counts["echus"] else None
    return {"a_decider": groups, "echus": late}


def _groupe(name, rows, number, url):
    """The first of `rows`, with their territory."""
    return Groupe(
        name, [lien(row, str(row.territoire or "")) for row in rows[:LIGNES]], number, url
    )


def _echus(site, cadre, day, rows, count):
    links = [lien(row, f"{row.statut}, fin {dates.le(row.date_fin)}") for row in rows[:LIGNES]]
    same = {
        "date_fin__lt": dates.iso(day),
        "statut__in": ",".join(attentes.EN_EXECUTION),
        "publication__in": attentes.LISTES[Contrat]["publication__in"],
    }
    url = attentes.lien_liste(site, cadre, Contrat, same)
    return Groupe("Contrats dont la date d’achèvement est passée", links, count, url)


# --- What is missing, what sleeps -------------------------------------------------------------


def _rules(cadre, genre, *, of_referents=False):
    """The rules of a kind that some record breaks, with the way there; or those of référents."""
    return [
        Groupe(
            compte.regle.manque,
            [],
            compte.nombre,
            adresse("bureau_incomplets", cadre, regle=compte.regle.code),
        )
        for compte in genre.comptes
        if compte.nombre and (not of_referents or compte.regle.code.startswith("referent-"))
    ]


def _incomplets(cadre, day, kinds):
    """The kinds where something is missing: counts by rule, and the worst records."""
    return [
        {
            "genre": genre,
            "regles": _rules(cadre, genre),
            "groupe": Groupe(
                genre.nom,
                [
                    lien(found.objet, ", ".join(found.manques))
                    for found in _pires(cadre, genre, day)
                ],
                genre.nombre,
                adresse("bureau_incomplets", cadre, type=genre.code),
            ),
        }
        for genre in kinds
        if genre.nombre
    ]


def _pires(cadre, genre, day):
    rows = incomplets(cadre, genre.modele, genre.regles, day)
    return nommes(rows[:PIRES], genre.regles)


def _sommeils(cadre, day):
    return [
        Groupe(
            nom,
            [lien(row, dernier_changement(row.derniere)) for row in rows[:LIGNES]],
            nombre,
            adresse("bureau_sommeil", cadre, type=rows.model._meta.model_name),
        )
        for nom, rows, nombre in dormants(cadre, day)
        if nombre
    ]


def dernier_changement(moment):
    """« dernier changement le 3 mai 2022 »."""
    return f"dernier changement {dates.le(moment)}"
