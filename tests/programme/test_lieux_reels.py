"""Over the real data: the place of every record is one, whatever is changed in it."""

import random
from datetime import date

import pytest
from django.db.models import F, Q

from programme.lieux import Lieux, controler
from programme.models import Projet
from territoires.models import Commune, Departement, Rattachement, Territoire

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.lent,
    pytest.mark.usefixtures("donnees_reelles"),
]

REFERENCE = date(2021, 11, 22)


def test_the_territory_of_every_laureate_is_that_of_its_commune():
    """On the map of 22 November 2021: 760 in a territory, 398 in none."""
    projets = list(Projet.objects.all())
    lieux = Lieux(projets)
    deduced = {
        projet.code: lieux.territoire_at(lieux.communes[projet.commune_id], REFERENCE)
        for projet in projets
        if projet.commune_id
    }
    for projet in projets:
        territoire = deduced.get(projet.code)
        assert projet.territoire_id == (territoire and territoire.pk), projet.code
    inside = sum(projet.territoire_id is not None for projet in projets)
    assert (inside, len(projets) - inside) == (760, 398)
    assert list(controler(projets)) == []


def test_every_laureate_lies_in_its_departement_and_region():
    agree = Q(departement=F("commune__departement"), _region=F("departement__region"))
    placed = Projet.objects.exclude(commune=None)
    for region in Projet.objects.values_list("departement__region", flat=True).distinct():
        rows = placed.in_region(region)
        assert rows.filter(agree).count() == rows.count()


def coherent(projet):
    """Said a second time, without the rule: whether the place of a record agrees with itself."""
    commune = Commune.objects.get(pk=projet.commune_id) if projet.commune_id else None
    if commune is not None and projet.departement_id != commune.departement_id:
        return False
    if projet.territoire_id is None:
        return True
    members = Rattachement.objects.filter(territoire=projet.territoire_id)
    if commune is None:
        touched = Territoire.objects.filter(
            pk=projet.territoire_id, departements=projet.departement_id
        )
        return projet.departement_id is None or touched.exists()
    moved = commune.mouvements.values_list("quittee", "rejointe")
    bodies = {commune.ept_id, commune.intercommunalite_id}.union(*moved) - {None}
    return members.filter(Q(commune=commune) | Q(intercommunalite__in=bodies)).exists()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_changed_is_refused_or_coherent(seed):
    """A hundred changes of commune, département and territory, alone and together."""
    draw = random.Random(seed)
    communes = list(Commune.objects.order_by("code").values_list("pk", flat=True))
    departements = list(Departement.objects.values_list("pk", flat=True))
    territoires = list(Territoire.objects.order_by("code").values_list("pk", flat=True))
    choices = {"commune": communes, "departement": departements, "territoire": territoires}
    kept = 0
    projets = draw.sample(list(Projet.objects.order_by("code")), 100)
    changes = []
    for projet in projets:
        names = set(draw.sample(sorted(choices), draw.randint(1, 3)))
        for name in names:
            setattr(projet, f"{name}_id", draw.choice([None, *draw.choices(choices[name], k=3)]))
        projet.lon = projet.lat = None
        projet.code_postal = ""
        changes.append(names)
    lieux = Lieux(projets)
    for projet, names in zip(projets, changes, strict=True):
        given = lieux.completer(projet, names)
        told = [*lieux.perdus(given), *lieux.ecarts(projet, names)]
        if not [ecart for ecart in told if not ecart.doute]:
            kept += 1
            assert coherent(projet), (projet.code, names)
    assert 0 < kept < 100
