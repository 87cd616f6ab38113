"""The fund of acceleration: its envelopes, and the projects it paid for."""

from django.db.models import F
from django.db.models.functions import ExtractYear
from django.shortcuts import render
from django.views.decorators.http import require_safe

from programme.catalogue.pages.chiffres import comparer
from programme.catalogue.pages.indicateurs import (
    FONDS,
    calculer,
    derniere_date,
    enveloppes_du_fonds,
    projets_du_fonds,
)
from programme.catalogue.personnes import sans_personne
from programme.models import ChiffreAnnonce, Projet
from programme.models.projets import REGION_NOM, REGION_SLUG
from territoires import moment

INDICATEURS_DU_FONDS = [
    "renforcement_fonds",
    "renforcement_fonds_reconversion_collectifs",
    "renforcement_fonds_enveloppes_regionales",
    "projets_fonds_acceleration",
    "emplois_fonds_acceleration",
    "investissement_fonds_acceleration",
]


@sans_personne
@require_safe
def fonds(request):
    projets = projets_du_fonds()
    announced = ChiffreAnnonce.objects.published().filter(indicateur__in=INDICATEURS_DU_FONDS)
    context = {
        "date": moment.today(),
        "fonds": FONDS,
        "comparaisons": comparer(announced),
        "etat": calculer({"projets": derniere_date(projets, "mise_a_jour")})["projets"],
        "enveloppes": enveloppes_du_fonds().with_consumption().select_related("region"),
        "totaux": projets.totaux(),
        "repartitions": [
            ("Par région", "Région", _par_region(projets)),
            ("Par filière", "Filière", _par(projets, libelle=F("filiere"))),
            ("Par année de la liste", "Année", _par_annee(projets)),
        ],
    }
    return render(request, "programme/pages/fonds.html", context)


def _par(projets, *, tri="-projets", **group):
    """Count, sums and how many state them, by one expression; no value is a line of its own."""
    rows = projets.order_by().annotate(**group).values(*group)
    return rows.annotate(**Projet.objects.mesures()).order_by(tri, *group)


def _par_annee(projets):
    """By the year in which the list that names the project was updated."""
    return _par(projets, tri="libelle", libelle=ExtractYear("mise_a_jour"))


def _par_region(projets):
    """By the région of the project's département: each project counts in one only."""
    return _par(
        projets,
        libelle=REGION_NOM,
        region_slug=REGION_SLUG,
    )
