"""On the real data, no page, feed or calendar prints a day that no source states."""

import re

import pytest
from django.db.models import DateField, DateTimeField

from programme.models import Precision
from territoires.dates import date_in_words, iso
from territoires.millesimes import etat
from territoires.models import Certitude
from tests.adresses import echantillon
from tests.programme.catalogue.pages.outils import texte
from tests.test_consistency import OUR_MODELS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]

SURES = {Precision.JOUR, Certitude.EXACTE, ""}
RESERVES = ("au plus tard", "date reconstituée")


def _days():
    """`(day, precision)` of every date of the records, "" where nothing says more than a day."""
    for model in (model for model in OUR_MODELS if model._meta.managed):
        precisions = getattr(model, "precisions", {})
        for field in model._meta.get_fields():
            if isinstance(field, DateField) and not isinstance(field, DateTimeField):
                told = precisions.get(field.name)
                rows = model._base_manager.exclude(**{field.name: None})
                found = rows.values_list(field.name, *([told] if told else [])).distinct()
                yield from ((row[0], row[1] if told else "") for row in found)


@pytest.fixture
def vagues():
    """{day: its precisions} of the days that are the day of nothing."""
    found, sure = {}, set()
    for day, precision in _days():
        if precision in SURES:
            sure.add(day)
        else:
            found.setdefault(day, set()).add(str(precision))
    # The geography in force is that of a 1 January, by definition.
    sure |= {etat(day) for day in found}
    return {day: precisions for day, precisions in found.items() if day not in sure}


def test_no_day_is_printed_that_no_source_states(client, vagues):
    assert len(vagues) > 10
    written = {
        day: re.compile(rf"(?<!\d){date_in_words(day)}|DATE:{iso(day).replace('-', '')}")
        for day in vagues
    }
    bare, hedged = [], 0
    for address in echantillon():
        read = texte(client.get(address)).replace("\xa0", " ")
        for pattern in written.values():
            for found in pattern.finditer(read):
                around = read[max(found.start() - 20, 0) : found.end() + 20]
                if any(reserve in around for reserve in RESERVES):
                    hedged += 1
                else:
                    bare.append(f"{address} : …{read[max(found.start() - 60, 0) : found.end()]}…")
    assert bare == []
    assert hedged > 20
