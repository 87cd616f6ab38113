"""The loaded facts agree with each other and with what the sources announce."""

import csv
from collections import defaultdict
from datetime import date

import pytest
from django.conf import settings
from django.db.models import Sum

from territoires.models import Commune, Departement, Rattachement, Territoire

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.lent,
    pytest.mark.usefixtures("donnees_reelles"),
]

BILAN = date(2021, 11, 22)


def rows(name):
    with (settings.FIXTURES_ROOT / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_counts():
    assert Territoire.objects.count() == 149
    assert Rattachement.objects.count() == 596
    assert Commune.objects.count() == 34_955
