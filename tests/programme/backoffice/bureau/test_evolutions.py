"""Records as they were at a moment, and what changed since."""

from datetime import timedelta

import pytest
from django.utils import timezone

from programme.backoffice.bureau.cadre import Cadre
from programme.backoffice.bureau.evolutions import ecarts, etat_au, evolution, fin_du_jour
from programme.models import Contrat, Financement, Projet
from tests import factories as f
from tests.programme.backoffice.bureau.outils import vieillir


@pytest.fixture
def moment():
    return timezone.now() - timedelta(days=30)


@pytest.fixture
def cadre(secretariat):
    return Cadre(secretariat)


def test_a_day_ends_where_the_next_begins_here(aujourd_hui):
    end = timezone.localtime(fin_du_jour(aujourd_hui))
    assert (end.date(), end.hour, end.minute) == (aujourd_hui + timedelta(days=1), 0, 0)


def test_a_state_is_the_newest_row_before_the_moment(db, moment):
    projet = f.ProjetFactory(objet="Premier")
    projet.objet = "Deuxième"
    projet.save()
    vieillir(projet, jours=60)
    projet.objet = "Troisième"
    projet.save()
    assert [row.objet for row in etat_au(Projet, moment)] == ["Deuxième"]
    assert [row.objet for row in etat_au(Projet, timezone.now())] == ["Troisième"]


def test_what_was_deleted_by_then_has_no_state(db, moment):
    projet = f.ProjetFactory()
    history = projet.history.all()
    projet.delete()
    assert not etat_au(Projet, timezone.now()).exists()
    history.filter(history_type="+").update(history_date=moment - timedelta(days=9))
    assert etat_au(Projet, moment).count() == 1


def test_new_changed_and_deleted_are_told_apart(cadre, territoire, moment):
    kept, changed, gone = f.ProjetFactory.create_batch(3, territoire=territoire)
    vieillir(kept, changed, gone)
    new = f.ProjetFactory(territoire=territoire)
    changed.statut = "remonté"
    changed.save()
    gone.delete()
    found = evolution(cadre, Projet, moment)
    assert list(found.nouveaux) == [new]
    assert [(old.statut, row) for old, row in found.modifies] == [("", changed)]
    assert [record.beneficiaire for record in found.supprimes] == [gone.beneficiaire]


def test_what_came_and_went_meanwhile_is_not_told(cadre, territoire, moment):
    f.ProjetFactory(territoire=territoire).delete()
    found = evolution(cadre, Projet, moment)
    assert not found.nouveaux.exists()
    assert not found.supprimes.exists()


def test_a_row_without_history_is_neither_new_nor_changed(cadre, territoire, moment):
    f.ProjetFactory(territoire=territoire).history.all().delete()
    found = evolution(cadre, Projet, moment)
    assert (found.nouveaux.count(), found.modifies) == (0, [])


def test_another_region_s_are_not_told(cadre, bretagne, moment):
    there = f.TerritoireFactory(region_porteuse=bretagne)
    changed, gone = f.ProjetFactory.create_batch(2, territoire=there)
    vieillir(changed, gone)
    changed.statut = "remonté"
    changed.save()
    gone.delete()
    f.ProjetFactory(territoire=there)
    found = evolution(cadre, Projet, moment)
    assert not found.nouveaux.exists()
    assert found.modifies == []
    assert not found.supprimes.exists()


def test_the_rows_of_a_deleted_project_are_told_by_the_project(cadre, territoire, moment):
    projet = f.ProjetFactory(territoire=territoire)
    share = f.FinancementFactory(projet=projet)
    vieillir(projet, share)
    projet.delete()
    assert evolution(cadre, Projet, moment).supprimes.count() == 1
    assert evolution(cadre, Financement, moment).supprimes.count() == 0


def test_a_gap_is_after_minus_before(cadre, territoire, moment):
    contrat = f.ContratFactory(territoire=territoire, montant_eur=100)
    vieillir(contrat)
    contrat.montant_eur = 140
    contrat.save()
    (gap,) = ecarts([evolution(cadre, Contrat, moment)], {Contrat: ["montant_eur"]})
    assert (gap.avant, gap.apres, gap.difference) == (100, 140, 40)


@pytest.mark.parametrize(("avant", "apres"), [(None, 140), (100, None)])
def test_a_gap_with_what_is_not_stated_has_no_difference(cadre, territoire, moment, avant, apres):
    contrat = f.ContratFactory(territoire=territoire, montant_eur=avant)
    vieillir(contrat)
    contrat.montant_eur = apres
    contrat.save()
    (gap,) = ecarts([evolution(cadre, Contrat, moment)], {Contrat: ["montant_eur"]})
    assert gap.difference is None


def test_a_change_and_its_contrary_are_no_gap(cadre, territoire, moment):
    contrat = f.ContratFactory(territoire=territoire, montant_eur=100)
    vieillir(contrat)
    for amount in (140, 100):
        contrat.montant_eur = amount
        contrat.save()
    assert ecarts([evolution(cadre, Contrat, moment)], {Contrat: ["montant_eur"]}) == []


def test_it_costs_the_same_with_one_row_and_with_five(
    cadre, territoire, moment, django_assert_num_queries
):
    for count in (1, 4):
        for share in f.FinancementFactory.create_batch(count, projet__territoire=territoire):
            vieillir(share)
            share.montant_accorde_eur = 200_000
            share.save()
        with django_assert_num_queries(2):
            found = evolution(cadre, Financement, moment)
            assert [str(row) for _, row in found.modifies]
