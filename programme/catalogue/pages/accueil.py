"""Home: the question a citizen comes with, the map, four figures, the last events, three doors."""

from dataclasses import dataclass

from django.shortcuts import render
from django.views.decorators.http import require_safe

from programme.catalogue.carte.themes import Theme, carte_de_france
from programme.catalogue.pages.indicateurs import (
    calculer,
    compte,
    derniere_date,
    projets_du_fonds,
    requete_du_fonds,
    somme,
)
from programme.catalogue.personnes import sans_personne
from programme.models import ChiffreAnnonce, Convention, Engagement, Jalon, Realisation
from territoires import moment
from territoires.carte import carte_at
from territoires.models import Operateur, Phase

EXEMPLES = ["Châtellerault", "76200", "CC de Lacq-Orthez"]
ANNONCES = ["territoires", "projets_fonds_acceleration", "emplois_fonds_acceleration"]
JALONS_LUS = 60
DERNIERS_JALONS = 4


@dataclass(frozen=True)
class Etape:
    """A step of the map's timeline: the announced number of territories at a date."""

    jalon: Jalon
    courante: bool


@sans_personne
@require_safe
def accueil(request):
    today = moment.today()
    jalons = list(Jalon.objects.published().filter(date__lte=today).order_by("-date")[:JALONS_LUS])
    carte = carte_at(today)
    context = {
        "exemples": EXEMPLES,
        "carte": carte_de_france(carte, Theme.PROJETS),
        "nb_territoires": len(carte.presents),
        "nb_regions": len({p.territoire.region_porteuse_id for p in carte.presents}),
        "horizon": carte.horizon,
        "phase": Phase.objects.at(today).first(),
        "etapes": _etapes(jalons),
        "jalons": jalons[:DERNIERS_JALONS],
        "annonces": _derniers_annonces(),
        "calculs": calculer(_wanted()),
        "date": today,
        "du_fonds": requete_du_fonds(),
    }
    return render(request, "programme/pages/accueil.html", context)


def _etapes(jalons):
    steps = [jalon for jalon in reversed(jalons) if jalon.nb_territoires]
    return [Etape(jalon, jalon is steps[-1]) for jalon in steps]


def _derniers_annonces():
    """The latest announced figure of each indicator of the page, by code."""
    published = ChiffreAnnonce.objects.published().filter(indicateur__in=ANNONCES)
    latest = dict.fromkeys(ANNONCES)
    for chiffre in published.order_by("date", "pk"):
        latest[chiffre.indicateur] = chiffre
    return latest


def _wanted():
    projets = projets_du_fonds()
    fulfilled = Realisation.objects.published().filter(valeur__isnull=False)
    return {
        "projets": compte(projets),
        "emplois": somme(projets, "emplois_crees"),
        "emplois_renseignes": compte(projets.filter(emplois_crees__isnull=False)),
        "etat_des_projets": derniere_date(projets, "mise_a_jour"),
        "conventions": derniere_date(Convention.objects.published(), "signee_le"),
        "engagements": compte(Engagement.objects.published()),
        "operateurs": compte(Operateur.objects.all()),
        "engagements_suivis": compte(
            Engagement.objects.published().filter(pk__in=fulfilled.values("engagement"))
        ),
    }
