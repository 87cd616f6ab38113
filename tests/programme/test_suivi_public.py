"""The version of the data: every model, every field, every state of publication."""

from datetime import timedelta
from unittest import mock

import pytest
from django.db import DatabaseError, models, transaction
from django.db.models import ProtectedError

from programme.models import DonneesVersion, Publication
from programme.suivi_public import BOOKKEEPING, is_public_data, public_rows
from tests import factories
from tests.test_consistency import OUR_MODELS

pytestmark = pytest.mark.django_db
PUBLIC = [model for model in OUR_MODELS if is_public_data(model)]
PUBLISHED = [model for model in PUBLIC if getattr(model, "publication_lookups", ())]
each_public = pytest.mark.parametrize("model", PUBLIC, ids=lambda model: model.__name__)
each_published = pytest.mark.parametrize("model", PUBLISHED, ids=lambda model: model.__name__)


def make(model, publication):
    """A row whose publication, and its parents', is `publication`."""
    factory = getattr(factories, f"{model.__name__}Factory")
    lookups = getattr(model, "publication_lookups", ())
    given = {
        lookup: publication
        for lookup in lookups
        if "__" not in lookup or lookup.partition("__")[0] in factory._meta.declarations
    }
    return factory(**given)


def own_publication(model):
    return "publication" in getattr(model, "publication_lookups", ())


class Bumps:
    """How many versions were made since it was last read."""

    def __init__(self):
        self.seen = DonneesVersion.objects.current().numero

    def read(self):
        before, self.seen = self.seen, DonneesVersion.objects.current().numero
        return self.seen - before


def another(field, value):
    """Another value that `field` may hold; the same one when there is none to choose."""
    if field.choices:
        return next((each for each, _ in field.flatchoices if each != value), value)
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.DateField):
        return value and value - timedelta(days=1)
    if isinstance(field, models.CharField | models.TextField | models.FileField):
        return f"{value}x" if value else "x"
    if isinstance(field, models.IntegerField | models.FloatField | models.DecimalField):
        return value + 1 if value is not None else 1
    return value


def each_change(row):
    """Change the fields of `row` one after the other; yields the name of each that was saved."""
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        changed = another(field, value)
        if field.primary_key or field.is_relation or field.name in {"version", "publication"}:
            continue
        if changed == value:
            continue
        setattr(row, field.attname, changed)
        try:
            with transaction.atomic():
                row.save()
        except DatabaseError:  # a constraint: this value cannot be alone
            setattr(row, field.attname, value)
            continue
        if getattr(row, field.attname) != changed:  # the model keeps it itself: nothing was saved
            continue
        yield field.name


def remake(row, bumps, deletion=1):
    """Delete `row`, which makes `deletion` versions, and save it again; False when it is needed."""
    key = row.pk
    try:
        row.delete()
    except ProtectedError:
        return False
    assert bumps.read() == deletion
    row.pk, row._state.adding = key, True
    row.save()
    return True


@each_public
def test_each_change_of_what_is_public_makes_a_version(model):
    row = make(model, Publication.PUBLIE)
    bumps = Bumps()
    row.save()
    assert bumps.read() == 0, "nothing changed"
    for name in each_change(row):
        assert bumps.read() == (name not in BOOKKEEPING), name
    if not remake(row, bumps):
        return
    assert bumps.read() == 1, "made"


@each_published
@pytest.mark.parametrize(
    "state", [Publication.BROUILLON, Publication.A_VALIDER, Publication.RETIRE]
)
def test_what_is_not_public_makes_none(model, state):
    row = make(model, state)
    bumps = Bumps()
    row.save()
    for name in each_change(row):
        assert bumps.read() == 0, name
    remake(row, bumps, deletion=0)
    assert bumps.read() == 0


@pytest.mark.parametrize("model", [m for m in PUBLISHED if own_publication(m)])
def test_publishing_and_withdrawing_make_one_each(model):
    row = make(model, Publication.PUBLIE)
    model._base_manager.filter(pk=row.pk).update(publication=Publication.BROUILLON)
    row.refresh_from_db()
    bumps = Bumps()
    seen = []
    for state in (Publication.A_VALIDER, Publication.PUBLIE, Publication.RETIRE):
        row.passer_a(state)
        seen.append(bumps.read())
    assert seen == [0, 1, 1]


def test_a_draft_row_of_a_published_parent_makes_none():
    engagement = factories.EngagementFactory(publication=Publication.PUBLIE)
    realisation = factories.RealisationFactory(
        engagement=engagement, operateur=engagement.operateur, publication=Publication.BROUILLON
    )
    bumps = Bumps()
    realisation.valeur += 1
    realisation.save()
    realisation.delete()
    assert bumps.read() == 0


def test_a_list_that_does_not_change_makes_none():
    territoire = factories.TerritoireFactory()
    region = factories.RegionFactory()
    bumps = Bumps()
    territoire.regions.add(region)
    assert bumps.read() == 1
    territoire.regions.add(region)
    assert bumps.read() == 0
    territoire.regions.remove(region)
    assert bumps.read() == 1


def test_what_the_portal_keeps_for_itself_makes_none():
    agent = factories.AgentFactory()
    bumps = Bumps()
    factories.JournalAccesFactory(agent=None, adresse="a@b.fr")
    factories.ImportFactory(agent=agent).delete()
    assert bumps.read() == 0


def test_once_a_version_is_to_be_made_no_row_is_compared():
    territoire = factories.TerritoireFactory()
    region, alone = factories.RegionFactory.create_batch(2)
    bumps = Bumps()
    with mock.patch("programme.suivi_public.public_rows", wraps=public_rows) as asked:
        with transaction.atomic():
            region.nom = "Région refaite"
            region.save()
            known = asked.call_count
            region.save()
            territoire.regions.add(region)
            alone.delete()
        assert asked.call_count == known
    assert bumps.read() == 1
