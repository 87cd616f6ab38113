"""Totals count every project and euro once; what is not known is never zero."""

import pytest
from django.db.models import Sum

from programme.models import Enveloppe, Projet, Publication
from tests.factories import (
    EnveloppeFactory,
    FinancementFactory,
    ProjetFactory,
    RegionFactory,
    TerritoireFactory,
)

pytestmark = pytest.mark.django_db

MESURES = ("emplois_crees", "emplois_maintenus", "investissement_eur")


def shared_project(**kwargs):
    """A project of a territory that two régions share, and the two régions."""
    one, two = RegionFactory(), RegionFactory()
    territoire = TerritoireFactory(region_porteuse=one, regions=[two])
    return ProjetFactory(territoire=territoire, **kwargs), one, two


def test_a_project_reached_twice_counts_once():
    shared_project(emplois_crees=8, emplois_maintenus=20, investissement_eur=1_000_000)
    joined = Projet.objects.filter(territoire__regions__isnull=False)
    assert joined.count() == 2  # the join doubles the row
    totals = joined.totaux()
    assert (totals["projets"], totals["emplois_crees"]) == (1, 8)
    assert totals["investissement_eur"] == 1_000_000
    assert totals["emplois_crees_renseignes"] == 1


def test_regions_may_exceed_the_nation_by_the_shared_part_only():
    _, one, two = shared_project(emplois_crees=8)
    ProjetFactory(territoire__region_porteuse=one, emplois_crees=2)
    by_region = [
        Projet.objects.filter(territoire__regions=region).totaux()["emplois_crees"]
        for region in (one, two)
    ]
    national = Projet.objects.totaux()["emplois_crees"]
    assert by_region == [10, 8]
    assert (national, sum(by_region) - national) == (10, 8)


def test_two_financings_do_not_double_a_project():
    projet = ProjetFactory(investissement_eur=500_000)
    FinancementFactory.create_batch(2, projet=projet)
    totals = Projet.objects.filter(financements__isnull=False).totaux()
    assert (totals["projets"], totals["investissement_eur"]) == (1, 500_000)


@pytest.mark.parametrize("measure", MESURES)
def test_nothing_stated_is_none_and_a_stated_zero_is_zero(measure):
    ProjetFactory(**{measure: None})
    totals = Projet.objects.totaux()
    assert (totals[measure], totals[f"{measure}_renseignes"]) == (None, 0)
    ProjetFactory(**{measure: 0})
    totals = Projet.objects.totaux()
    assert (totals[measure], totals[f"{measure}_renseignes"]) == (0, 1)
    assert totals["projets"] == 2


def test_no_row_has_no_total():
    totals = Projet.objects.none().totaux()
    assert totals["projets"] == 0
    assert all(totals[measure] is None for measure in MESURES)


@pytest.mark.parametrize("measure", MESURES)
def test_a_filter_on_a_measure_leaves_the_unknown_out(measure):
    """The unknown is neither below nor above: the page says how many it leaves out."""
    ProjetFactory(**{measure: None})
    for lookup in (f"{measure}__gte", f"{measure}__lte"):
        assert not Projet.objects.filter(**{lookup: 0}).exists()
    assert Projet.objects.filter(**{f"{measure}__isnull": True}).count() == 1


def test_unknown_is_a_value_of_its_own_for_text_too():
    ProjetFactory(axe="", statut="", objet="")
    row = Projet.objects.get()
    assert (row.axe, row.statut, row.objet) == ("", "", "")
    assert not Projet.objects.exclude(axe="").exists()


# --- Budgets ----------------------------------------------------------------------------------


def consumption(envelope):
    row = Enveloppe.objects.with_consumption().get(pk=envelope.pk)
    return row.accorde_eur, row.verse_eur, row.nb_projets


def test_consumption_is_computed_from_the_published_financings():
    envelope = EnveloppeFactory()
    projet = ProjetFactory()
    for amount in (300_000, 200_000):
        FinancementFactory(
            projet=projet,
            enveloppe=envelope,
            montant_accorde_eur=amount,
            montant_verse_eur=None,
        )
    draft = ProjetFactory(publication=Publication.BROUILLON)
    FinancementFactory(projet=draft, enveloppe=envelope)
    FinancementFactory(projet=projet)  # on another budget
    assert consumption(envelope) == (500_000, None, 1)


def test_consumption_of_a_budget_without_project_is_unknown_not_zero():
    assert consumption(EnveloppeFactory()) == (None, None, 0)


def test_a_financing_belongs_to_one_budget_so_that_budgets_add_up():
    one, two = EnveloppeFactory(), EnveloppeFactory()
    projet = ProjetFactory()
    for envelope in (one, two):
        FinancementFactory(
            projet=projet, enveloppe=envelope, montant_accorde_eur=1, montant_verse_eur=None
        )
    rows = Enveloppe.objects.with_consumption()
    assert sum(row.accorde_eur for row in rows) == 2
    assert projet.financements.aggregate(total=Sum("montant_accorde_eur"))["total"] == 2
