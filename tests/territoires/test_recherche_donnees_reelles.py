"""Every commune of France gets the answer that the rattachements imply."""

from datetime import date

import pytest
from django.db import connection

from territoires.models import Commune
from territoires.recherche.commune import Appartenances, commune_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.lent,
    pytest.mark.usefixtures("donnees_reelles"),
]

DATES = [
    date(2018, 11, 22),
    date(2019, 11, 14),
    date(2020, 10, 15),
    date(2021, 11, 22),
    date(2026, 1, 1),
]

# The rule said a second time, in SQL: by itself, else by its EPT, else by its intercommunalité.
IMPLIED = """
    SELECT c.code, COALESCE(seule.territoire_id, ept.territoire_id, epci.territoire_id)
    FROM territoires_commune c
    LEFT JOIN territoires_rattachement seule ON seule.commune_id = c.code
        AND seule.phase_id = %(phase)s
        AND seule.debut <= %(jour)s AND (seule.fin IS NULL OR seule.fin > %(jour)s)
    LEFT JOIN territoires_rattachement ept ON ept.intercommunalite_id = c.ept_id
        AND ept.phase_id = %(phase)s
        AND ept.debut <= %(jour)s AND (ept.fin IS NULL OR ept.fin > %(jour)s)
    LEFT JOIN territoires_rattachement epci ON epci.intercommunalite_id = c.intercommunalite_id
        AND epci.phase_id = %(phase)s
        AND epci.debut <= %(jour)s AND (epci.fin IS NULL OR epci.fin > %(jour)s)
"""


@pytest.mark.parametrize("jour", DATES)
def test_all_34_955_communes(jour, django_assert_num_queries):
    with connection.cursor() as cursor:
        cursor.execute(
            IMPLIED, {"jour": jour.isoformat(), "phase": 1 if jour < date(2023, 11, 9) else 2}
        )
        implied = dict(cursor.fetchall())
    assert len(implied) == 34_955
    with django_assert_num_queries(2):
        connues = Appartenances.at(jour)
        found = {
            commune.pk: (r := connues.rattachement(commune, jour)) and r.territoire_id
            for commune in Commune.objects.all()
        }
    assert found == implied
    assert sum(code is not None for code in found.values()) > 5_000


def test_communes_that_are_members_by_themselves():
    rows = Commune.objects.filter(rattachements__isnull=False).distinct()
    assert rows.count() == 51
    connues = Appartenances.of(rows)
    for commune in rows:
        own = commune.rattachements.first()
        assert connues.rattachement(commune, own.debut) == own


def test_greater_paris_answers_by_its_ept():
    argenteuil = Commune.objects.get(pk="95018")
    found = Appartenances.of([argenteuil]).rattachement(argenteuil, DATES[-1])
    assert found.intercommunalite_id == argenteuil.ept_id
    assert found.intercommunalite.nature == "EPT"


@pytest.mark.parametrize(
    ("code", "today"), [("75101", "75056"), ("69383", "69123"), ("13201", "13055")]
)
def test_municipal_arrondissements_are_their_city(code, today):
    assert commune_of(code).pk == today
