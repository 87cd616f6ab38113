"""No column that may hold words is forgotten: each is swept, or says why it is not."""

import pytest
from django.apps import apps
from django.db import DataError, IntegrityError, models, transaction

from programme.occultation import portee
from programme.occultation.acte import balayer
from programme.occultation.mots import Masque
from tests import factories
from tests.programme.occultation.outils import JOUR, NUMERO
from tests.test_factories import FACTORIES

TEXTE, ADRESSE = "Tel 0612345678", "tel-06-12-34-56-78"


def test_each_reason_is_of_a_column_that_is():
    labels = {model._meta.label: model for model in portee.tables()}
    for table, name in [*portee.EN_COLONNES, *portee.A_PART]:
        if table == "*":
            continue
        assert table in labels, table
        fields = {field.name for field in labels[table]._meta.concrete_fields}
        assert name == "*" or name in fields, (table, name)
    assert {*portee.APPLICATIONS} <= {config.label for config in apps.get_app_configs()}
    assert all([*portee.APPLICATIONS.values(), *portee.EN_COLONNES.values()])


def test_only_what_is_read_from_other_tables_has_none_of_its_own():
    assert {m._meta.label for m in apps.get_models() if not m._meta.managed} == {"programme.Valeur"}


def test_a_new_column_is_swept_unless_it_says_why():
    class Carnet(models.Model):
        nom = models.CharField(max_length=50)
        joint = models.FileField()
        brut = models.BinaryField()
        lu = models.JSONField()
        nombre = models.IntegerField()

        class Meta:
            app_label = "programme"
            managed = False

    try:
        assert [field.name for field in portee.balayees(Carnet)] == ["nom", "joint", "brut", "lu"]
    finally:
        del apps.all_models["programme"]["carnet"]
        apps.clear_cache()


def planted(model, row):
    """The swept columns of a row that took a number."""
    took = []
    for field in portee.balayees(model):
        if field.max_length and field.max_length < len(TEXTE):
            continue
        if isinstance(field, models.BinaryField):
            pytest.fail(f"{model._meta.label}.{field.name} : des octets ne se lisent pas ainsi.")
        text = ADRESSE if field.name in portee.ADRESSES else TEXTE
        value = [text] if isinstance(field, models.JSONField) else text
        try:
            with transaction.atomic():
                model._base_manager.filter(pk=row.pk).update(**{field.attname: value})
        except (IntegrityError, DataError):
            continue  # a rule of the table refuses it
        took.append(field.attname)
    return took


@pytest.mark.django_db
@pytest.mark.parametrize("factory", FACTORIES, ids=lambda factory: factory.__name__)
def test_each_swept_column_is_masked(factory):
    row = factory()
    told = [(type(row), row)]
    if hasattr(row, "history") and (past := row.history.first()):
        told.append((type(past), past))
    for model, each in told:
        took = planted(model, each)
        if model._meta.label == "programme.Parution":
            continue  # its notes are masked with its files
        changed = balayer(model, Masque("06 12 34 56 78", JOUR))
        assert bool(changed) == bool(took), model
        left = str([*model._base_manager.filter(pk=each.pk).values_list(*took)] if took else "")
        assert not NUMERO.search(left.encode()), left


@pytest.mark.django_db
def test_rows_that_only_the_masked_told_apart_stay_two():
    for code in ("camille-martin", "Camille-Martin"):
        factories.PersonneFactory(code=code, nom="Camille Martin", fonction=f"maire ({code[0]})")
    model = type(factories.PersonneFactory(code="zoe"))
    balayer(model, Masque("Camille Martin", JOUR))
    codes = set(model.objects.values_list("code", flat=True))
    assert len(codes) == 3
    assert not any("martin" in code.lower() for code in codes)
