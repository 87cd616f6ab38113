"""The fund of acceleration: its envelopes, and the projects it paid for."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from programme.catalogue.graphiques import fonds as dessins
from programme.catalogue.pages.chiffres import comparer
from programme.catalogue.pages.indicateurs import (
    FONDS,
    enveloppes_du_fonds,
    requete_du_fonds,
)
from programme.catalogue.personnes import sans_personne
from programme.models import ChiffreAnnonce
from territoires import moment

INDICATEURS_DU_FONDS = [
    "renforcement_fonds",
    "renforcement_fonds_reconversion_collectifs",
    "renforcement_fonds_enveloppes_regionales",
    "projets_fonds_acceleration",
    "emplois_fonds_acceleration",
    "investissement_fonds_acceleration",
]
GRAPHIQUES = {
    "renseignements": dessins.renseignements,
    "investissements": dessins.investissements,
    "par_region": dessins.par_region,
    "par_filiere": dessins.par_filiere,
    "par_taille": dessins.par_taille,
    "par_annee": dessins.par_annee,
}


@sans_personne
@require_safe
def fonds(request):
    read = dessins.fonds()
    announced = ChiffreAnnonce.objects.published().filter(indicateur__in=INDICATEURS_DU_FONDS)
    context = {
        "date": moment.today(),
        "fonds": FONDS,
        "comparaisons": comparer(announced),
        "etat": read.renseignes["dernier_jour"],
        "enveloppes": enveloppes_du_fonds().with_consumption().select_related("region"),
        "totaux": read.sommes,
        "repartitions": read.projets.repartitions(read.sommes),
        "du_fonds": requete_du_fonds(),
        "graphiques": {name: draw(read) for name, draw in GRAPHIQUES.items()},
    }
    return render(request, "programme/pages/fonds.html", context)
