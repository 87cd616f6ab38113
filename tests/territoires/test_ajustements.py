"""Acts on the map: what they change from a date, what they refuse, their contrary."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from territoires.ajustements import Ajustement, members_at
from territoires.carte_a_venir import CarteAVenir
from territoires.models import AutreNom, Rattachement, Territoire
from tests.factories import (
    CommuneFactory,
    DepartementFactory,
    IntercommunaliteFactory,
    RattachementFactory,
    RegionFactory,
    TerritoireFactory,
)

pytestmark = pytest.mark.django_db
LE = date(2022, 1, 10)
PLUS_TARD = date(2022, 6, 1)
VEILLE = date(2022, 1, 9)


@pytest.fixture
def brest():
    return TerritoireFactory(nom="Brest")


@pytest.fixture
def morlaix():
    return TerritoireFactory(nom="Morlaix")


def on_map(day):
    return set(Territoire.objects.at(day).values_list("pk", flat=True))


def test_ajouter_puts_a_new_territory_on_the_map_from_its_date():
    bretagne = RegionFactory(code="53")
    finistere = DepartementFactory(region=bretagne)
    member = IntercommunaliteFactory(departements=[finistere])

    Ajustement.ajouter(
        "ti-5399", "Finistère", "53", [member.pk], le=LE, source="comité du 10 janvier 2022"
    ).appliquer()

    new = Territoire.objects.get(pk="ti-5399")
    assert new.slug == "finistere"
    assert list(new.regions.all()) == [bretagne]
    assert list(new.departements.all()) == [finistere]
    assert "ti-5399" in on_map(LE)
    assert "ti-5399" not in on_map(VEILLE)


def test_a_new_territory_never_takes_the_address_of_another():
    TerritoireFactory(slug="finistere")
    member = IntercommunaliteFactory()
    region = RegionFactory()

    Ajustement.ajouter("ti-5398", "Finistère", region.pk, [member.pk], le=LE).appliquer()

    assert Territoire.objects.get(pk="ti-5398").slug == "finistere-ti-5398"


def test_retirer_closes_every_membership(brest):
    Ajustement.retirer(brest, LE, source="comité").appliquer()

    assert brest.pk in on_map(VEILLE)
    assert brest.pk not in on_map(LE)
    assert Territoire.objects.get(pk=brest.pk).source_sortie == "comité"


def test_rattacher_a_commune_by_itself_opens_the_other_regions_perimeter(brest):
    occitanie = RegionFactory(code="76")
    commune = CommuneFactory(departement=DepartementFactory(region=occitanie))

    Ajustement.rattacher(brest, [commune.pk], le=LE).appliquer()

    assert commune.pk in members_at(brest, LE)
    assert commune.pk not in members_at(brest, VEILLE)
    assert occitanie in brest.regions.all()
    assert brest.region_porteuse in brest.regions.all()


def test_detacher_leaves_the_past_alone(brest):
    extra = RattachementFactory(territoire=brest)
    code = extra.intercommunalite_id

    Ajustement.detacher(brest, [code], le=LE).appliquer()

    assert code in members_at(brest, VEILLE)
    assert code not in members_at(brest, LE)
    assert Rattachement.objects.filter(pk=extra.pk, fin=LE).exists()


def test_renommer_keeps_the_name_of_each_date(brest):
    Ajustement.renommer(brest, "Pays de Brest", le=LE).appliquer()

    assert Territoire.objects.get(pk=brest.pk).nom == "Pays de Brest"
    assert list(AutreNom.objects.values_list("territoire", "nom", "fin")) == [
        (brest.pk, "Brest", LE)
    ]


def test_reunir_moves_the_members_and_names_the_successor(brest, morlaix):
    before = {*members_at(brest, LE), *members_at(morlaix, LE)}
    region = brest.region_porteuse_id

    Ajustement.reunir(
        [brest, morlaix],
        "ti-5399",
        LE,
        creations={"ti-5399": {"nom": "Finistère", "region_porteuse": region}},
    ).appliquer()

    assert on_map(VEILLE) == {brest.pk, morlaix.pk}
    assert on_map(LE) == {"ti-5399"}
    finistere = Territoire.objects.get(pk="ti-5399")
    assert set(members_at(finistere, LE)) == before
    assert set(finistere.predecesseurs.all()) == {brest, morlaix}


def test_the_contrary_undoes_from_its_own_date_and_keeps_the_past(brest, morlaix):
    act = Ajustement.reunir([brest, morlaix], morlaix.pk, LE)
    act.appliquer()

    act.contraire(PLUS_TARD).appliquer()

    assert on_map(LE) == {morlaix.pk}
    assert on_map(PLUS_TARD) == {brest.pk, morlaix.pk}
    brest.refresh_from_db()
    assert brest.successeur is None
    assert Rattachement.objects.filter(territoire=brest).count() == 2
    assert Rattachement.objects.filter(territoire=morlaix, fin__isnull=True).count() == 1


def test_the_contrary_comes_later(brest):
    act = Ajustement.retirer(brest, LE)

    with pytest.raises(ValidationError, match="daté d’un jour plus tard"):
        act.contraire(LE)


def test_json_gives_the_same_act_back(brest):
    act = Ajustement.retirer(brest, LE, source="comité")

    assert Ajustement.from_json(act.to_json()) == act


def test_a_member_of_another_territory_is_refused_and_nothing_changes(brest, morlaix):
    free = IntercommunaliteFactory()
    (taken,) = members_at(morlaix, LE)

    with pytest.raises(ValidationError, match="est déjà membre de « Morlaix » depuis le"):
        Ajustement.rattacher(brest, [free.pk, taken], le=LE).appliquer()

    assert len(members_at(brest, LE)) == 1


def test_who_is_not_a_member_cannot_leave(brest, morlaix):
    (other,) = members_at(morlaix, LE)

    with pytest.raises(ValidationError, match="n’est pas membre de « Brest » le 10 janvier 2022"):
        Ajustement.detacher(brest, [other], le=LE).appliquer()


def test_nobody_leaves_on_the_day_of_entry(brest):
    debut = brest.rattachements.get().debut

    with pytest.raises(ValidationError, match="datez la sortie d’un jour plus tard"):
        Ajustement.retirer(brest, debut).appliquer()


@pytest.mark.parametrize("code", ["000000000", "99ZZZ", "", "'; DROP TABLE"])
def test_an_unknown_member_is_named(brest, code):
    with pytest.raises(ValidationError, match="n’est ni le SIREN"):
        Ajustement.rattacher(brest, [code], le=LE).appliquer()


def test_an_empty_act_is_refused():
    with pytest.raises(ValidationError, match="ne change rien"):
        Ajustement(acte="rattacher", le=LE).appliquer()


def test_a_wrong_code_is_refused():
    member = IntercommunaliteFactory()

    with pytest.raises(ValidationError, match="la forme ti-7505"):
        Ajustement.ajouter("7505", "Forges", RegionFactory().pk, [member.pk], le=LE).appliquer()

    assert not Territoire.objects.filter(nom="Forges").exists()


def test_an_act_is_shown_without_writing_anything(brest, django_assert_num_queries):
    carte = CarteAVenir.lire()
    with django_assert_num_queries(3):
        carte.faire(Ajustement.retirer(brest, LE))

    assert carte.carte_at(LE, [brest.pk]).attestes == []
    assert brest.pk in on_map(LE)
    assert brest.rattachements.get().fin is None
