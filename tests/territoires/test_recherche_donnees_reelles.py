"""Places that answer in their own way; `test_communes_reelles` has every commune of France."""

from datetime import date

import pytest

from territoires.models import Commune
from territoires.recherche.commune import Appartenances, commune_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.lent,
    pytest.mark.usefixtures("donnees_reelles"),
]


def test_communes_that_are_members_by_themselves():
    rows = Commune.objects.filter(rattachements__isnull=False).distinct()
    assert rows.count() == 51
    connues = Appartenances.of(rows)
    for commune in rows:
        own = commune.rattachements.first()
        assert connues.rattachement(commune, own.debut) == own


def test_greater_paris_answers_by_its_ept():
    argenteuil = Commune.objects.get(pk="95018")
    found = Appartenances.of([argenteuil]).rattachement(argenteuil, date(2021, 11, 22))
    assert found.intercommunalite_id == argenteuil.ept_id
    assert found.intercommunalite.nature == "EPT"


@pytest.mark.parametrize(
    ("code", "today"), [("75101", "75056"), ("69383", "69123"), ("13201", "13055")]
)
def test_municipal_arrondissements_are_their_city(code, today):
    assert commune_of(code).pk == today
