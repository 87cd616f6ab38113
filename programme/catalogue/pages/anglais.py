"""The one page in English: what the programme is, where to look, how to read the data.

Every figure is read from the records, with its date and its source. A sentence of the programme is
the translation of an `Affirmation`, whose source and date it bears: unpublished, it goes too.
"""

import datetime
from collections import Counter
from dataclasses import dataclass

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from programme import enonces
from programme.catalogue.carte.bilan import etapes_comptees
from programme.catalogue.ordre import OrdreFrancais
from programme.catalogue.pages.indicateurs import (
    calculer_avec_le_fonds,
    compte,
    lignes_du_fonds,
    requete_du_fonds,
)
from programme.catalogue.personnes import sans_personne
from programme.donnees.jeux import JEUX
from programme.models import Affirmation, ChiffreAnnonce, Contrat, Terme
from programme.promesses.lecture import suivis
from programme.promesses.regle import Statut
from territoires import moment
from territoires.carte import carte_at
from territoires.dates import connu, in_english
from territoires.models import Phase, Region

PROGRAMME = {
    "nature-annonce": "The Prime Minister announced the programme at the national industry "
    "council. Its aim, as restated three years later: to bring industry back faster where it has "
    "potential.",
    "nature-territoire": "A Territoire d’industrie (“industry territory”) is an intercommunality, "
    "or several together, in the countryside, around a city or around small and medium-sized "
    "towns: industry makes its identity and its know-how, and firms and local authorities act "
    "for it together.",
    "nature-decentralise": "The regional councils coordinate it, with the prefectures of the "
    "regions and the intercommunalities; the State and the regions are partners in it.",
    "nature-methode": "Public authorities and manufacturers of the same territory make a "
    "diagnosis, then a roadmap, then actions that answer local needs and follow the priorities of "
    "the region.",
    "acteur-binome": "An elected official and a manufacturer lead each territory together.",
    "argent-fonds": "A fund of the France Relance recovery plan helped firms to invest in industry "
    "in the territories.",
}
"""What the programme is: the code of an `Affirmation`, and what it says in English."""

OPERATEURS = {
    "operateur-business-france": "Business France makes the territories more attractive to "
    "foreign investors: for those in most difficulty, a strategy and a search for investors.",
    "operateur-bpifrance": "Bpifrance finances firms and supports them.",
    "operateur-banque-des-territoires": "Banque des Territoires: industrial land and buildings, "
    "reuse of brownfield sites, digital, industrial ecology, transport and mobility.",
    "operateur-pole-emploi": "The public employment service: the skills that the territories need.",
}
"""What each opérateur undertook to do there, in the same way."""

MOTS = {
    "territoire-d-industrie": "industry territory: intercommunalities, or single communes, that "
    "are members of the programme from a date and until a date",
    "intercommunalite": "a group of communes that run services together; known by its SIREN number",
    "porteur": "who carries a project, most often the firm",
    "filiere": "industry sector of a project, in the words of its source",
    "au-plus-tard": "“at the latest”: true on that day, perhaps before",
    "atteste": "attested: a source states it for that day",
    "possible": "possible: no source puts it on the map that day, none excludes it",
    "non-renseigne": "not stated: nobody told us. It is never zero",
    "sans-objet": "does not apply",
    "secret-statistique": "withheld by the statistical office; it is not zero",
}
"""Words of the glossary that one meets in the pages and files, and what they mean."""

JEUX_CITES = {
    "territoires": "the industry territories",
    "projets": "the projects, with their sector, place, jobs and investment where the source "
    "states them",
    "contrats": "the contracts and protocols that the territories signed",
    "rattachements": "which intercommunality is a member of which territory, from when until when",
    "valeurs": "where each single value comes from",
}

STATUTS = {
    Statut.TENU: "kept",
    Statut.TENU_APRES: "kept after the deadline",
    Statut.EN_COURS: "under way",
    Statut.ECHU: "past the deadline, with no published evidence",
    Statut.SANS_ECHEANCE: "with no deadline",
    Statut.RIEN: "with nothing published",
}
NOT_STATED = "not stated"


@dataclass(frozen=True)
class Figure:
    """A figure, what it counts and what carries it; `url`: the French page where it is cited."""

    value: str
    label: str
    url: str
    note: str = ""


@sans_personne
@require_safe
def anglais(request):
    today = moment.today()
    carte = carte_at(today)
    told = {row.code: row for row in Affirmation.objects.published().filter(code__in=_codes())}
    etapes = [etape for etape in etapes_comptees(today) if etape.jalon.date <= today]
    context = {
        "programme": _translated(PROGRAMME, told),
        "operateurs": _translated(OPERATEURS, told),
        "etapes": [_step(etapes[0]), _step(etapes[-1])] if len(etapes) > 1 else [],
        "figures": _figures(carte, today),
        "regions": _regions(carte),
        "horizon": carte.horizon and Jour(carte.horizon),
        "mots": _words(),
        "jeux": [(JEUX[code], words) for code, words in JEUX_CITES.items()],
        "jour": Jour(today),
        "du_fonds": requete_du_fonds(),
    }
    return render(request, "programme/pages/anglais.html", context)


@dataclass(frozen=True)
class Jour:
    """A day of the page: its words in English, and what a machine may read of it."""

    date: datetime.date
    precision: str = "jour"

    def __str__(self):
        return in_english(self.date, self.precision)

    @property
    def machine(self):
        return connu(self.date, self.precision)


def _codes():
    return [*PROGRAMME, *OPERATEURS]


def _translated(sentences, told):
    """`(sentence, its day, its source)` of the published ones."""
    return [
        (words, Jour(row.date, row.precision_date), row.source)
        for code, words in sentences.items()
        if (row := told.get(code))
    ]


def _step(etape):
    jalon = etape.jalon
    return {
        "nombre": number(jalon.nb_territoires),
        "au": Jour(jalon.date, jalon.precision_date),
        "url": f"{reverse('carte')}{etape.url}",
    }


def _figures(carte, today):
    projets = lignes_du_fonds()
    totaux = projets.totaux()
    found = calculer_avec_le_fonds({"contrats": compte(Contrat.objects.published())})
    announced = _announced()
    liste = f"{reverse('projets')}?{requete_du_fonds()}"
    phase = Phase.objects.at(today).first()
    membres = {
        membre.intercommunalite_id
        for presence in carte.presents
        for membre in presence.membres
        if membre.intercommunalite_id
    }
    on_list = f"last list known, of {in_english(carte.horizon)}" if carte.horizon else "today"
    last = found["etat_des_projets"]
    as_of = f"; source as of {in_english(last)}" if last else ""
    told = totaux["projets"]
    return [
        Figure(
            number(len(carte.presents)),
            f"industry territories{f' of phase {phase.numero}' if phase else ''}",
            reverse("carte"),
            on_list,
        ),
        Figure(number(len(membres)), "intercommunalities in them", reverse("carte"), on_list),
        Figure(
            number(told),
            "projects that the fund paid for, published here one by one",
            liste,
            f"{announced['projets_fonds_acceleration']}{as_of}",
        ),
        Figure(
            _sum(totaux, "investissement_eur", euros),
            "invested by the firms in these projects",
            liste,
            f"{_carried(totaux, 'investissement_eur')}; "
            f"{announced['investissement_fonds_acceleration']}",
        ),
        Figure(
            _sum(totaux, "emplois_crees", number),
            "jobs to be created by these projects",
            liste,
            f"{_carried(totaux, 'emplois_crees')}; {announced['emplois_fonds_acceleration']}",
        ),
        Figure(
            number(found["contrats"]),
            "contracts and protocols published",
            reverse("contrats"),
            "two sources may name the same one: the page says which",
        ),
        _promises(today),
    ]


def _sum(totaux, name, words):
    return words(totaux[name]) if totaux[f"{name}_renseignes"] else NOT_STATED


def _carried(totaux, name):
    if not totaux["projets"]:
        return "no project is published"
    return f"stated by {number(totaux[f'{name}_renseignes'])} of {number(totaux['projets'])}"


def _announced():
    """{indicator: what was announced of it last, with its hedge and its date, in English}."""
    codes = ("projets", "investissement", "emplois")
    wanted = dict.fromkeys((f"{code}_fonds_acceleration" for code in codes), "none announced")
    rows = ChiffreAnnonce.objects.published().filter(indicateur__in=wanted)
    for row in rows.order_by("date", "pk"):
        said = enonces.in_english(row.nature, row.valeur, row.unite.startswith("EUR"))
        day = in_english(row.date, row.precision_date)
        wanted[row.indicateur] = f"{said} announced, {day}"
    return wanted


def _promises(today):
    read = suivis()
    counted = Counter(suivi.statut for suivi in read)
    told = [f"{counted[statut]} {words}" for statut, words in STATUTS.items() if counted[statut]]
    return Figure(
        number(len(read)),
        "promises made by the operators of the programme",
        reverse("operateurs"),
        "; ".join([*told, f"computed on {in_english(today)}"]),
    )


def _regions(carte):
    """`(région, territories that it carries)`, in the order of the names."""
    counted = Counter(presence.territoire.region_porteuse for presence in carte.presents)
    named = Region.objects.order_by(OrdreFrancais("nom"))
    return [(region, counted[region]) for region in named if counted[region]]


def _words():
    rows = {terme.code: terme for terme in Terme.objects.published().filter(code__in=MOTS)}
    return [(rows[code], words) for code, words in MOTS.items() if code in rows]


def number(value):
    """A count: of nothing, none."""
    return f"{value:,}" if value else "none"


def euros(value):
    return f"€{value:,}"
