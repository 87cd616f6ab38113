"""On the real data: the counts of the lignées, and nothing of phase 1 that moved."""

import csv
import io
from pathlib import Path

import pytest
from django.conf import settings

from programme.models import Contrat, Projet
from territoires.lignees import Nature, comptes
from territoires.models import Lignee, Territoire
from territoires.moment import today

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


def fixture(name):
    return csv.DictReader(io.StringIO((FIXTURES / name).read_text()))


def test_the_natures_are_those_of_the_two_lists():
    assert {compte.nature: compte.nombre for compte in comptes()} == {
        Nature.IDENTIQUE: 74,
        Nature.ELARGI: 29,
        Nature.REDUIT: 27,
        Nature.RECOMPOSE: 24,
        Nature.NOUVEAU: 29,
        Nature.SORTI: 7,
    }


def test_those_that_are_gone_are_the_seven():
    gone = Lignee.objects.filter(nature=Nature.SORTI).values_list("avant", flat=True)
    assert set(gone) == {
        "ti-0301", "ti-2807", "ti-2808", "ti-5210", "ti-5312", "ti-7510", "ti-8417",
    }  # fmt: skip


def test_an_independent_computation_agrees():
    """By sets of communes read in the files, with no code of the portal."""
    bodies = {}
    communes = {row["code"]: row for row in fixture("communes.csv") if row["intercommunalite"]}
    for row in communes.values():
        for body in filter(None, (row["intercommunalite"], row["ept"])):
            bodies.setdefault(body, set()).add(row["code"])
    lists = {"1": {}, "2": {}}
    phases = {row["code"]: row["phase"] for row in fixture("territoires.csv")}
    for row in fixture("rattachements.csv"):
        phase = phases[row["territoire"]]
        day = {"1": "2023-11-08", "2": "2023-11-09"}[phase]
        if row["debut"] <= day and not (row["fin"] and row["fin"] <= day):
            members = {row["commune"]} if row["commune"] else bodies[row["intercommunalite"]]
            lists[phase].setdefault(row["territoire"], set()).update(members)
    pairs = {
        (one, two): len(mine & theirs)
        for two, theirs in lists["2"].items()
        for one, mine in lists["1"].items()
        if mine & theirs
    }
    alone = {(None, two) for two in lists["2"].keys() - {two for _, two in pairs}}
    alone |= {(one, None) for one in lists["1"].keys() - {one for one, _ in pairs}}
    found = {(row.avant_id, row.apres_id): row.communes for row in Lignee.objects.all()}
    assert found == pairs | dict.fromkeys(alone, 0)


def test_no_address_of_phase_1_moved(client):
    """Each answers where it was, and says first what it is today."""
    ours = Territoire.objects.filter(phase=1)
    assert ours.count() == 152
    for territoire in ours.order_by("code")[::19]:
        address = f"/territoires/{territoire.slug}/"
        assert territoire.get_absolute_url() == address
        page = client.get(address).content.decode()
        assert "Territoire d’industrie de la phase 1" in page
        assert client.get(f"/territoires/{territoire.code}/").status_code == 301


def test_no_project_nor_contract_of_phase_1_moved():
    """Each is of the territory of its file, all of phase 1: none became an heir's."""
    for model, name, key in ((Projet, "projets.csv", "code"), (Contrat, "contrats.csv", "slug")):
        told = {row[key]: row["territoire"] or None for row in fixture(name)}
        stored = dict(model.objects.filter(**{f"{key}__in": told}).values_list(key, "territoire"))
        assert stored == told
        assert not model.objects.filter(territoire__phase=2).exists()


def test_all_of_phase_2_is_told_without_a_zero(client):
    response = client.get("/territoires/", {"phase": "2", "format": "csv"})
    rows = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(rows)))
    assert len(rows) == 183
    assert {row["nb_projets"] for row in rows} == {""}
    assert sum(int(row["projets_phase1_ici"]) for row in rows) == (
        Projet.objects.published().situes(today()).exclude(situation=None).count()
    )
