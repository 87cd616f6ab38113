"""How the projects of a selection divide: by région, by filière, by year; each counts once."""

from django.db.models import F
from django.db.models.functions import ExtractYear

from programme.models import Projet
from programme.models.projets import REGION_NOM, REGION_SLUG


def _par(projets, *, tri="-projets", **group):
    """Count, sums and how many state them, by one expression; no value is a line of its own."""
    rows = projets.order_by().annotate(**group).values(*group)
    return rows.annotate(**Projet.objects.mesures()).order_by(tri, *group)


def par_filiere(projets):
    return _par(projets, libelle=F("filiere"))


def par_annee(projets):
    """By the year in which the list that names the project was updated."""
    return _par(projets, tri="libelle", libelle=ExtractYear("mise_a_jour"))


def par_region(projets):
    """By the région of the project's département: each project counts in one only."""
    return _par(projets, libelle=REGION_NOM, region_slug=REGION_SLUG)
