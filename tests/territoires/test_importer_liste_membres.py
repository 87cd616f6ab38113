"""The command that imports a member list: shown first, then all or nothing; on the real map."""

import csv
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from territoires.carte import carte_at, differences
from territoires.liste_membres import COLUMNS
from territoires.models import Intercommunalite, Rattachement, Territoire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]
LE = date(2023, 6, 1)


def current_rows():
    rows = Rattachement.objects.at(LE).select_related("territoire", "intercommunalite", "commune")
    return [
        {
            "id_ti": row.territoire_id,
            "lib_ti": row.territoire.nom,
            "insee_reg": row.territoire.region_porteuse_id,
            "siren_groupement": row.intercommunalite_id or "",
            "lib_groupement": row.membre.nom,
            "type": row.nature,
            "insee_com": row.commune_id or "",
        }
        for row in rows
    ]


@pytest.fixture
def write(tmp_path):
    def write(rows):
        path = tmp_path / "liste.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


def run(path, *options):
    out = StringIO()
    call_command(
        "importer_liste_membres",
        path,
        "--date=2023-06-01",
        "--source=liste de juin 2023",
        *options,
        stdout=out,
    )
    return out.getvalue()


def test_the_map_as_it_stands_changes_nothing(write):
    assert "Aucun changement" in run(write(current_rows()), "--appliquer")


def test_a_later_list_gives_exactly_its_territories_members_and_differences(write):
    rows = current_rows()
    gone = Territoire.objects.get(pk="ti-2807")
    rows = [row for row in rows if row["id_ti"] != gone.pk]
    free = Intercommunalite.objects.exclude(rattachements__isnull=False).exclude(nature="EPT")
    new, gained = free.order_by("pk")[:2]
    rows.append(
        rows[0]
        | {
            "id_ti": "ti-8499",
            "lib_ti": "Nouveau",
            "siren_groupement": new.pk,
            "insee_com": "",
            "insee_reg": "84",
        }
    )
    rows.append(rows[0] | {"siren_groupement": gained.pk, "insee_com": ""})
    path = write(rows)

    shown = run(path)
    assert "Rien n’est importé" in shown
    assert not Territoire.objects.filter(pk="ti-8499").exists()

    assert "Liste importée." in run(path, "--appliquer")
    found = differences(date(2023, 5, 31), LE)
    assert [m.territoire.pk for m in found.entrees] == ["ti-8499"]
    assert [m.territoire.pk for m in found.sorties] == [gone.pk]
    assert [(c.territoire.pk, len(c.gagnes), len(c.perdus)) for c in found.membres] == [
        (rows[0]["id_ti"], 1, 0)
    ]
    assert len(carte_at(LE).attestes) == len({row["id_ti"] for row in rows})
    assert Rattachement.objects.at(LE).count() == len(rows)
    assert "Aucun changement" in run(path)


def test_a_wrong_row_imports_nothing(write):
    rows = current_rows()
    before = Rattachement.objects.count()
    rows[4]["siren_groupement"], rows[4]["insee_com"] = "123456789", ""

    with pytest.raises(CommandError, match="Ligne 6, colonne siren_groupement"):
        run(write(rows[:100]), "--appliquer")

    assert Rattachement.objects.count() == before
    assert Rattachement.objects.at(LE).count() == len(rows)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["absent.csv", "--date=2023-06-01", "--source=x"], "fichier illisible"),
        (["absent.csv", "--date=juin", "--source=x"], "écrivez AAAA-MM-JJ"),
    ],
)
def test_a_wrong_call_says_why(options, message):
    with pytest.raises(CommandError, match=message):
        call_command("importer_liste_membres", *options)
