"""Home: the question of a citizen, the map by phase, what was promised, the news, the doors."""

import datetime
from collections import Counter
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from django.shortcuts import render
from django.views.decorators.http import require_safe

from programme.catalogue.carte.bilan import etapes_comptees
from programme.catalogue.carte.themes import NOUVEAU, PROLONGE, Theme, carte_de_france
from programme.catalogue.graphiques.carte import croissance
from programme.catalogue.graphiques.promesses import constat
from programme.catalogue.journal import dernieres
from programme.catalogue.pages.indicateurs import (
    calculer_avec_le_fonds,
    compte,
    requete_du_fonds,
)
from programme.catalogue.personnes import sans_personne
from programme.models import ChiffreAnnonce, Fait, Jalon
from programme.promesses.lecture import suivis
from programme.promesses.regle import Statut
from programme.templatetags.portail import pluriel
from territoires import moment
from territoires.carte import carte_at
from territoires.models import Lignee, Phase
from territoires.models.lignee import Nature

EXEMPLES = ["Châtellerault", "76200", "CC de Lacq-Orthez"]
ANNONCES = ["territoires", "projets_fonds_acceleration", "emplois_fonds_acceleration"]
ACTIONS = "actions_referencees"
"""The indicator of the fact that counts the actions of the territories."""
NOUVELLES_LUES = 24
JOURS_DE_NOUVELLES, PAR_JOUR = 4, 2
JOURS_DU_JOURNAL = 90


@dataclass(frozen=True)
class Nouvelle:
    """What happened or was stated on a day: the words, where they come from, where they are."""

    date: datetime.date
    precision: str
    mots: str
    source: str
    url: str = ""


@sans_personne
@require_safe
def accueil(request):
    today = moment.today()
    carte = carte_at(today)
    etapes = [etape for etape in etapes_comptees(today) if etape.jalon.date <= today]
    promis = suivis()
    faits = _faits(today)
    vue = carte_de_france(carte, Theme.PHASES)
    context = {
        "exemples": EXEMPLES,
        "carte": vue,
        "titre_carte": _titre_de_la_carte(vue),
        "nb_territoires": len(carte.presents),
        "nb_regions": len({p.territoire.region_porteuse_id for p in carte.presents}),
        "horizon": carte.horizon,
        "phase": Phase.objects.at(today).first(),
        "etapes": etapes,
        "croissance": croissance(etapes),
        "nouvelles": _nouvelles(today, faits),
        "changements": dernieres(today - datetime.timedelta(days=JOURS_DU_JOURNAL)),
        "jours_du_journal": JOURS_DU_JOURNAL,
        "actions": next((fait for fait in faits if fait.indicateur == ACTIONS), None),
        "annonces": _derniers_annonces(),
        "calculs": calculer_avec_le_fonds(
            {"sortis": compte(Lignee.objects.filter(nature=Nature.SORTI))}
        ),
        "promis": promis,
        "constat": constat(promis),
        "statuts": _par_statut(promis),
        "date": today,
        "du_fonds": requete_du_fonds(),
    }
    return render(request, "programme/pages/accueil.html", context)


def _titre_de_la_carte(vue):
    """What the map finds of phase 2, when it has both kinds of territories."""
    counted = {(cle.classe, cle.libelle): cle.nombre for cle in vue.cles}
    kept, new = counted.get(PROLONGE), counted.get(NOUVEAU)
    if not kept or not new:
        return "La carte, d’une phase à l’autre"
    return (
        f"{pluriel(kept, 'territoire prolonge,territoires prolongent')} la phase 1, "
        f"{pluriel(new, 'est entièrement nouveau,sont entièrement nouveaux')}"
    )


def _faits(today):
    """The facts that other sources state, the latest first."""
    return list(Fait.objects.published().filter(date__lte=today).order_by("-date", "code"))


def _nouvelles(today, faits):
    """`[(day, precision, its news, at most `PAR_JOUR`)]`: milestones first, then what is stated."""
    jalons = Jalon.objects.published().filter(date__lte=today).order_by("-date")[:NOUVELLES_LUES]
    told = [Nouvelle(j.date, j.precision_date, j.intitule, j.source) for j in jalons]
    told += [
        Nouvelle(f.date, f.precision_date, _dit(f), f.source, f.get_absolute_url())
        for f in faits[:NOUVELLES_LUES]
    ]
    told.sort(key=lambda one: one.date, reverse=True)
    days = groupby(told, key=lambda one: (one.date, one.precision))
    return [
        (day, precision, list(islice(some, PAR_JOUR)))
        for (day, precision), some in islice(days, JOURS_DE_NOUVELLES)
    ]


def _dit(fait):
    context = f" ({fait.contexte})" if fait.contexte else ""
    return f"{fait.intitule} : {fait.enonce}{context}"


def _par_statut(promis) -> list[tuple[Statut, int]]:
    """How many promises have each status, those that have any."""
    counted: Counter[Any] = Counter(suivi.statut for suivi in promis)
    return [(statut, counted[statut]) for statut in Statut if counted[statut]]


def _derniers_annonces():
    """The latest announced figure of each indicator of the page, by code."""
    published = ChiffreAnnonce.objects.published().filter(indicateur__in=ANNONCES)
    latest = dict.fromkeys(ANNONCES)
    for chiffre in published.order_by("date", "pk"):
        latest[chiffre.indicateur] = chiffre
    return latest
