"""What reference rows said before they changed, read at a moment."""

from datetime import date

import pytest
from django.utils import timezone

from territoires import moment
from territoires.models import EtatAncien, LigneChargee, Liste, Phase
from tests.factories import LigneChargeeFactory

pytestmark = pytest.mark.django_db

GARDES = (LigneChargee, Phase, Liste)


@pytest.fixture
def ligne():
    return LigneChargeeFactory(cle="ti-1", valeurs={"nom": "Pays d’Ouche", "nb": 3})


@pytest.fixture
def liste():
    phase = Phase.objects.get(pk=1)
    return Liste.objects.create(date=date(2018, 12, 1), phase=phase, nombre=124, source="liste-124")


def by_save(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def by_update(row, **values):
    type(row).objects.filter(pk=row.pk).update(**values)


def by_base_manager(row, **values):
    type(row)._base_manager.filter(pk=row.pk).update(**values)


def by_bulk_update(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    type(row).objects.bulk_update([row], list(values))


def by_bulk_create(row, **values):
    """As a load rewrites what the file changed."""
    for name, value in values.items():
        setattr(row, name, value)
    type(row)._base_manager.bulk_create(
        [row], update_conflicts=True, unique_fields=["pk"], update_fields=list(values)
    )


WAYS = (by_save, by_update, by_base_manager, by_bulk_update, by_bulk_create)


@pytest.mark.parametrize("write", WAYS)
def test_a_row_reads_as_it_was_however_it_was_changed(write, ligne):
    before = timezone.now()
    write(ligne, valeurs={"nom": "L’Aigle"})
    between = timezone.now()
    write(ligne, valeurs={"nom": "Vire"})
    with moment.a(before):
        assert LigneChargee.objects.get().valeurs == {"nom": "Pays d’Ouche", "nb": 3}
        assert LigneChargee.objects.filter(valeurs__nom="Pays d’Ouche").count() == 1
        assert not LigneChargee.objects.filter(valeurs__nom="Vire").exists()
    with moment.a(between):
        assert LigneChargee.objects.get().valeurs == {"nom": "L’Aigle"}
    assert LigneChargee.objects.get().valeurs == {"nom": "Vire"}


@pytest.mark.parametrize("write", WAYS)
def test_dates_and_numbers_stay_dates_and_numbers(write, liste):
    before = timezone.now()
    write(liste, nombre=125, source="liste-125")
    with moment.a(before):
        then = Liste.objects.get(date=date(2018, 12, 1))
        assert (then.date, then.nombre, then.phase_id) == (date(2018, 12, 1), 124, 1)
        assert Liste.objects.filter(date__lte=date(2018, 12, 1), nombre__lt=125).count() == 1
    assert Liste.objects.get(date=date(2018, 12, 1)).nombre == 125


@pytest.mark.parametrize("made_by", ["save", "bulk_create", "upsert"])
def test_what_was_not_there_yet_is_not(made_by):
    before = timezone.now()
    row = LigneChargee(pk=7, fichier="a.csv", cle="x", objet="x", valeurs={})
    if made_by == "save":
        row.save()
    elif made_by == "bulk_create":
        LigneChargee.objects.bulk_create([row])
    else:
        by_bulk_create(row, objet="y")
    with moment.a(before):
        assert not LigneChargee.objects.exists()
    assert LigneChargee.objects.exists()


@pytest.mark.parametrize("rows", [False, True])
def test_what_went_since_is_there(ligne, rows):
    before, key = timezone.now(), ligne.pk
    if rows:
        LigneChargee.objects.all().delete()
    else:
        ligne.delete()
    after = timezone.now()
    with moment.a(before):
        assert [row.pk for row in LigneChargee.objects.all()] == [key]
    with moment.a(after):
        assert not LigneChargee.objects.exists()
    assert not LigneChargee.objects.exists()


def test_a_phase_has_the_name_that_it_had():
    phase = Phase.objects.get(pk=2)
    name, before = phase.nom, timezone.now()
    phase.nom = "deuxième époque"
    phase.save()
    opened = Phase.objects.create(
        numero=3, nom="phase 3", debut="2028-01-01", reference="2028-01-01"
    )
    with moment.a(before):
        assert list(Phase.objects.values_list("numero", "nom"))[1:] == [(2, name)]
        assert Phase.objects.at(date(2030, 1, 1)).get().numero == 2
    assert opened in Phase.objects.all()


def test_the_present_read_as_the_past_is_the_present(ligne, liste):
    by_save(ligne, valeurs={"nom": "Vire"})
    by_update(liste, nombre=1)
    for model in GARDES:
        rows = sorted(map(repr, model.objects.values_list()))
        with moment.a(timezone.now()):
            assert sorted(map(repr, model.objects.values_list())) == rows


def test_nothing_is_known_of_a_row_older_than_its_states(ligne):
    EtatAncien.objects.all().delete()
    with moment.a(timezone.now().replace(year=2019)):
        assert LigneChargee.objects.get() == ligne


@pytest.mark.parametrize("number", [10, 600])
def test_many_rows_are_kept_in_a_few_statements(number, django_assert_max_num_queries):
    rows = [LigneChargee(fichier="a.csv", cle=str(n), objet="x", valeurs={}) for n in range(number)]
    # The rows and their states by batches that the database bounds, within savepoints.
    with django_assert_max_num_queries(12):
        LigneChargee.objects.bulk_create(rows)
    assert EtatAncien.objects.count() == number
    with django_assert_max_num_queries(8):
        LigneChargee.objects.update(objet="y")


def test_rows_that_may_be_there_already_are_to_be_compared_first():
    with pytest.raises(ValueError, match="compare them first"):
        LigneChargee.objects.bulk_create([LigneChargee()], ignore_conflicts=True)
