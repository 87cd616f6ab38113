"""The examples themselves, dated from today, by the officers of the demonstration."""

import csv
import io
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import admin
from django.test import RequestFactory
from django.utils import timezone

from programme.backoffice.imports.analyse import Analyse
from programme.backoffice.imports.plan import garder
from programme.demonstration import EXEMPLE
from programme.models import (
    ComiteNational,
    ComiteRegional,
    Contrat,
    Engagement,
    Import,
    Projet,
    Proposition,
    Publication,
    Realisation,
    Seance,
    Service,
)
from territoires.models import Agent, Territoire

BROUILLON, A_VALIDER = Publication.BROUILLON, Publication.A_VALIDER


@dataclass(frozen=True)
class Region:
    """A région, the one that shares its territory, who keeps its desk and who writes."""

    code: str
    partage: str | None
    secretariat: str
    redacteur: str


REGIONS = (
    Region("28", None, "secretariat.normandie", "redacteur.normandie"),
    Region("53", None, "redacteur.bretagne", "redacteur.bretagne"),
    Region("75", "76", "secretariat.nouvelle-aquitaine", "secretariat.nouvelle-aquitaine"),
    Region("76", "75", "secretariat.occitanie", "secretariat.occitanie"),
)
REMONTES = (
    {
        "beneficiaire": "Fonderie du bocage",
        "objet": "Four électrique à la place du four à gaz",
        "filiere": "Métallurgie",
        "investissement_eur": 2_400_000,
        "emplois_crees": 12,
        "publication": A_VALIDER,
    },
    {
        "beneficiaire": "Coopérative des tisserands",
        "objet": "Atelier de recyclage des textiles",
        "filiere": "Mode et Luxe",
        "investissement_eur": 850_000,
        "emplois_crees": 7,
        "publication": BROUILLON,
    },
    {
        "beneficiaire": "Laiteries réunies",
        "objet": "Ligne de conditionnement sans plastique",
        "filiere": "Agroalimentaire",
        "investissement_eur": 1_300_000,
        "emplois_crees": 5,
        "publication": BROUILLON,
    },
)
ENDORMI = {
    "beneficiaire": "Scierie de la vallée",
    "objet": "Séchoir à bois",
    "filiere": "Bois",
    "publication": BROUILLON,
}


def exemples(registre, domaine):
    """Make what each desk of the demonstration waits for; `domaine` is that of its officers."""
    agents = {
        agent.email.removesuffix(f"@{domaine}"): agent
        for agent in Agent.objects.filter(email__endswith=f"@{domaine}")
    }
    for rank, region in enumerate(REGIONS):
        _seance_regionale(registre, region, agents, jours=21 + 7 * rank)
        # What a shared territory has is there once, and both committees read it.
        once = region.partage is None or region.code < region.partage
        if once and (territoire := _territoire(region)):
            _contrat(registre, region, territoire, agents)
            _projets(registre, region, territoire, agents)
    _proposition(registre, agents["redacteur.normandie"])
    _seance_nationale(registre, agents["national"])
    _operateur(registre, agents["referent.bpifrance"])
    _import(registre, agents["secretariat.normandie"])


# --- Séances ----------------------------------------------------------------------------------


def _seance(jours, lieu, ordre, **comite):
    """In `jours` days, or on the first day after when this committee meets already."""
    day = timezone.localdate() + timedelta(days=jours)
    while Seance.objects.filter(date=day, **comite).exists():
        day += timedelta(days=1)
    return Seance(
        date=day,
        lieu=f"{EXEMPLE} : {lieu}",
        ordre_du_jour=f"{EXEMPLE}. {ordre}",
        source=EXEMPLE,
        publication=BROUILLON,
        **comite,
    )


def _seance_regionale(registre, region, agents, jours):
    comite = ComiteRegional.objects.filter(region=region.code).first()
    if comite is None:
        return
    agent = agents[region.secretariat]
    # One that was held: what waits can be decided there, before the next one.
    held = _seance(
        -45, "préfecture", "1. Bilan de l’année ; 2. Points divers.", comite_regional=comite
    )
    held.compte_rendu = f"{EXEMPLE} : le comité prend acte du bilan."
    registre.faire(f"{region.code}-seance-tenue", held, agent, jours=60)
    ordre = "1. Contrats à valider ; 2. Projets à contractualiser ; 3. Engagements des opérateurs."
    seance = _seance(jours, "hôtel de région", ordre, comite_regional=comite)
    registre.faire(f"{region.code}-seance", seance, agent, jours=6)


def _seance_nationale(registre, agent):
    comite = ComiteNational.objects.first()
    if comite is None:
        return
    ordre = "1. Bilan des contrats ; 2. Réalisations des opérateurs."
    seance = _seance(35, "ministère", ordre, comite_national=comite)
    registre.faire("national-seance", seance, agent, jours=6)


# --- A région ---------------------------------------------------------------------------------


def _territoire(region):
    """The first that the région leads; or, shared, that it follows with the other."""
    if region.partage is None:
        rows = Territoire.objects.filter(region_porteuse=region.code)
    else:
        both = Territoire.objects.filter(regions=region.partage)
        rows = Territoire.objects.filter(regions=region.code, pk__in=both)
    return rows.order_by("pk").first()


def _contrat(registre, region, territoire, agents):
    contrat = Contrat(
        territoire=territoire,
        type=Contrat.Type.CONTRAT,
        intitule=f"{EXEMPLE} – {territoire.nom}"[:200],
        slug=f"exemple-fictif-{region.code}",
        nb_actions=8,
        montant_eur=12_000_000,
        source=EXEMPLE,
        publication=A_VALIDER,
    )
    registre.faire(f"{region.code}-contrat", contrat, agents[region.redacteur], jours=9)


def _projets(registre, region, territoire, agents):
    """Three to take into a contract, and one under way that nobody touched for eight months."""
    rows = [(Projet.Statut.REMONTE, values, 4 * n) for n, values in enumerate(REMONTES, 1)]
    rows.append((Projet.Statut.ENGAGE, ENDORMI, 240))
    for number, (statut, values, jours) in enumerate(rows, 1):
        projet = Projet(
            **values,
            code=f"exemple-{region.code}-{number}",
            slug=f"exemple-fictif-{region.code}-{number}",
            thematique="transition écologique",
            statut=statut,
            territoire=territoire,
            departement=territoire.departements.filter(region=region.code).first(),
            source=EXEMPLE,
        )
        projet.beneficiaire = f"{EXEMPLE} – {projet.beneficiaire}"
        projet.objet = f"{projet.objet} ({EXEMPLE.lower()})"
        cle = f"{region.code}-projet-{number}"
        registre.faire(cle, projet, agents[region.redacteur], jours=jours)


def _proposition(registre, agent):
    """Another place of signature for a published contract: to the secretariat to answer."""
    published = Contrat.objects.published().filter(territoire__regions=REGIONS[0].code)
    contrat = published.order_by("slug").first()
    if contrat is None:
        return
    proposition = Proposition(
        genre=contrat._meta.label_lower,
        cle=str(contrat.pk),
        nom=str(contrat)[:400],
        version_vue=contrat.version,
        changements={
            "champs": {"lieu": [contrat.lieu, f"Alençon ({EXEMPLE.lower()})"]},
            "lignes": [],
        },
        motif=f"{EXEMPLE} : le lieu que donne le procès-verbal de la signature.",
        auteur=agent,
        deposee_le=timezone.now() - timedelta(days=5),
    )
    registre.faire("28-proposition", proposition, agent)


# --- An operator ------------------------------------------------------------------------------


def _operateur(registre, agent):
    """What it delivered last year, for the State to publish; a service, for itself to publish."""
    year = timezone.localdate().year - 1
    told = Realisation.objects.filter(operateur=agent.operateur, annee=year)
    promised = Engagement.objects.filter(operateur=agent.operateur).exclude(
        pk__in=told.values("engagement")
    )
    if engagement := promised.order_by("code").first():
        realisation = Realisation(
            engagement=engagement,
            operateur=agent.operateur,
            annee=year,
            valeur=120,
            commentaire=f"{EXEMPLE} : chiffre arrêté au 31 décembre {year}.",
            source=EXEMPLE,
            publication=A_VALIDER,
        )
        registre.faire("realisation", realisation, agent, jours=12)
    service = Service(
        code="exemple-fictif",
        operateur=agent.operateur,
        intitule=f"{EXEMPLE} – diagnostic énergie des ateliers",
        description=f"{EXEMPLE} : deux jours d’un ingénieur dans l’atelier.",
        source=EXEMPLE,
        publication=A_VALIDER,
    )
    registre.faire("service", service, agent, jours=3)


# --- An import --------------------------------------------------------------------------------


def _import(registre, agent):
    """A file deposited and read, that waits to be confirmed: two changes and a new project."""
    first = Projet.objects.filter(code="exemple-28-1").first()
    if "import" in registre.faits or first is None:
        return
    rows = [("code", "beneficiaire", "territoire", "emplois_crees")]
    for number, emplois in ((1, 15), (2, 9), (9, 4)):
        known = Projet.objects.filter(code=f"exemple-28-{number}").first()
        nom = known.beneficiaire if known else f"{EXEMPLE} – Chaudronnerie de l’Iton"
        rows.append((f"exemple-28-{number}", nom, first.territoire_id, emplois))
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)
    content = out.getvalue().encode("utf-8-sig")
    depot = Import.depose("projets", agent, "exemples-fictifs.csv", content)
    request = RequestFactory().get("/admin/")
    request.user = agent
    screen = admin.site.get_model_admin(Projet)
    analyse = Analyse(screen.importation.genre, screen, request, content)
    for _ in analyse.etapes():
        pass
    garder(depot, analyse.plan)
    registre.noter("import", depot)
