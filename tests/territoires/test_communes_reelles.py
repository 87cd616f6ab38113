"""Every commune of France is where the files put it, at each milestone of the map.

The expected answers are computed from the CSV files by a few lines of their own, that import
nothing of the project.
"""

import csv
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from territoires.millesimes import Geographies, communes_des_territoires
from territoires.models import Commune, Rattachement, Territoire
from territoires.recherche.commune import Appartenances, commune_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.lent,
    pytest.mark.usefixtures("donnees_reelles"),
]

FICHIERS = Path(__file__).parents[2] / "fixtures"

# Day, territories, communes in one, communes of France that day.
ATTENDUS = [
    ("2018-11-22", 38, 5_913, 34_955),
    ("2019-03-06", 48, 7_358, 34_955),
    ("2019-07-01", 59, 8_771, 34_955),
    ("2019-09-24", 62, 8_917, 34_955),
    ("2019-11-14", 146, 15_694, 34_955),
    ("2020-10-15", 148, 15_738, 34_955),
    ("2021-11-22", 146, 15_984, 34_955),
    ("2022-12-31", 149, 16_186, 34_955),
    ("2023-11-09", 183, 18_726, 34_945),
    ("2024-07-04", 183, 18_658, 34_935),
]


@cache
def lignes(nom):
    with (FICHIERS / f"{nom}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def attendu(jour):
    """{commune: code of its territory or ""} on a day, `2019-11-14`, from the files alone."""
    annee = "2024" if jour >= "2024-07-04" else "2023" if jour >= "2023-11-09" else "2022"
    mouvements = lignes("communes_mouvements")
    tardives = {m["commune"] for m in mouvements if not m["quittee"]}
    lieux = {
        c["code"]: [c["code"], c["ept"], c["intercommunalite"]]
        for c in lignes("communes")
        if c["code"] not in tardives
    }
    for mouvement in sorted(mouvements, key=lambda m: m["date"]):
        if mouvement["date"][:4] > annee:
            continue
        commune = mouvement["commune"]
        if not mouvement["rejointe"]:
            del lieux[commune]
        elif not mouvement["quittee"]:
            lieux[commune] = [commune, "", mouvement["rejointe"]]
        else:
            assert lieux[commune][2] == mouvement["quittee"]
            lieux[commune][2] = mouvement["rejointe"]
    debut = "ti2-" if jour >= "2023-11-09" else "ti-"
    membres = {
        r["intercommunalite"] or r["commune"]: r["territoire"]
        for r in lignes("rattachements")
        if r["territoire"].startswith(debut)
        and r["debut"] <= jour
        and (not r["fin"] or jour < r["fin"])
    }
    return {
        code: next((membres[lieu] for lieu in lui if lieu in membres), "")
        for code, lui in lieux.items()
    }


@pytest.mark.parametrize(("jour", "territoires", "dedans", "communes"), ATTENDUS)
def test_every_commune_is_where_the_files_put_it(jour, territoires, dedans, communes):
    expected, day = attendu(jour), date.fromisoformat(jour)
    inside = {code: territoire for code, territoire in expected.items() if territoire}
    assert (len(set(inside.values())), len(inside), len(expected)) == (
        territoires,
        dedans,
        communes,
    )
    # Computed in SQL, a set a territory…
    found = communes_des_territoires(day)
    assert {code: one for one, codes in found.items() for code in codes} == inside
    rows = Territoire.objects.at(day).with_members(day)
    # Two bodies of 2021 have no commune of 2022 any more: only their own count is known.
    gone = Rattachement.objects.at(day).filter(intercommunalite__in=["200067221", "200071157"])
    own = dict(gone.values_list("territoire", "intercommunalite__nb_communes"))
    assert dict(rows.values_list("pk", "nb_communes")) == {
        code: len(codes) + own.get(code, 0) for code, codes in found.items()
    }
    # … and commune by commune, as the pages do.
    known = Appartenances.at(day)
    answers = {
        commune.pk: rattachement.territoire_id if rattachement else ""
        for commune in Commune.objects.at(day)
        for rattachement in [known.rattachement(commune, day)]
    }
    assert answers == expected


def test_memory_and_sql_know_the_same_communes():
    known, communes = Geographies.toutes(), list(Commune.objects.all())
    for jour, *_ in ATTENDUS:
        day = date.fromisoformat(jour)
        expected = dict(Commune.objects.at(day).values_list("pk", "intercommunalite_alors"))
        assert expected == {
            commune.pk: known.intercommunalite(commune, day)
            for commune in communes
            if known.existe(commune, day)
        }


def test_every_code_of_before_leads_to_a_commune_of_today():
    """Ten communes are gone without a successor that the sources name: they are themselves."""
    today = set(Commune.objects.existantes(date(2026, 11, 1)).values_list("pk", flat=True))
    lost = set()
    for mouvement in lignes("communes_mouvements"):
        found = commune_of(mouvement["commune"])
        assert found is not None
        if found.pk not in today:
            assert found.pk == mouvement["commune"]
            lost.add(found.pk)
    assert len(lost) == 10
    codes = {row["code"] for row in lignes("communes_anciennes") if row["commune"] in today}
    for code in sorted(codes)[::50]:
        assert commune_of(code).pk in today
