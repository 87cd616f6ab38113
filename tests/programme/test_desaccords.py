"""What the sources of a project say that cannot all be true."""

import pytest
from django.urls import reverse

from programme.models import Desaccord, Projet
from territoires.models import CodePostal, Commune
from tests import factories as f
from tests.programme.backoffice.outils import text_of
from tests.programme.catalogue.listes.outils import read_csv

pytestmark = pytest.mark.django_db


def far_apart(postcode="61300", **fields):
    """A project whose commune is a degree of latitude away from the commune of its postcode."""
    here = f.CommuneFactory(lon=0.62, lat=48.76)
    there = f.CommuneFactory(lon=0.62, lat=49.76)
    CodePostal.objects.create(code=postcode, commune=there)
    return f.ProjetFactory(commune=here, code_postal=postcode, **fields)


def test_a_postcode_that_no_commune_has_says_nothing():
    f.ProjetFactory(commune=f.CommuneFactory(), code_postal="99999")
    f.ProjetFactory(commune=None, code_postal="61300")
    f.ProjetFactory(commune=f.CommuneFactory(), code_postal="")
    assert not Projet.objects.en_desaccord().exists()


def test_near_is_not_far():
    here, there = f.CommuneFactory(lon=0.62, lat=48.76), f.CommuneFactory(lon=0.62, lat=48.84)
    CodePostal.objects.create(code="61310", commune=there)
    f.ProjetFactory(commune=here, code_postal="61310")
    assert not Projet.objects.en_desaccord().exists()
    Commune.objects.filter(pk=there.pk).update(lat=48.86)
    assert Projet.objects.en_desaccord().exists()


def test_several_are_said_together(client):
    projet = far_apart(siren="810565102")
    page = text_of(client.get(projet.get_absolute_url()))
    assert "La clé du SIREN, 810565102, est fausse" in page
    assert "sont à 111 kilomètres l’une de l’autre" in page
    (row,) = read_csv(client.get(reverse("projets"), {"format": "csv"}))
    assert row["desaccords"] == "lieu|siren"


def test_a_draft_repeats_nothing_in_public(client):
    same = {"objet": "Une blanchisserie", "emplois_crees": 35}  # and what the factory gives
    shown = f.ProjetFactory(**same)
    f.ProjetFactory(**same, publication="brouillon")
    assert not Projet.objects.en_desaccord(Desaccord.DOUBLON).exists()
    assert "contradictoire" not in text_of(client.get(shown.get_absolute_url()))
    by_chance = {"objet": "Un atelier", "emplois_maintenus": None, "investissement_eur": None}
    f.ProjetFactory.create_batch(2, **by_chance)
    assert not Projet.objects.en_desaccord(Desaccord.DOUBLON).exists()
