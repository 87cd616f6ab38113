"""The 1 158 projects exported, opened and saved by LibreOffice, imported again: no change."""

import os
import shutil
import subprocess

import pytest
from django.test import Client

from programme.models import Projet
from tests import factories as f
from tests.programme.backoffice.imports.outils import dits, exporter, importer

MISSING = "LibreOffice is not installed (apt-get install libreoffice-calc-nogui)"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
    pytest.mark.lent,
    pytest.mark.une_base,
]
# Separator, quote, character set (76: UTF-8, 1: Windows-1252), first line, formats of the columns,
# language (1036: French), quote all, detect special numbers, save cells as shown.
OPEN = "--infilter=Text - txt - csv (StarCalc):{},34,76,1,,1036,false,{}"
SAVE = "csv:Text - txt - csv (StarCalc):{},34,{},1,,1036,false,true,true"
COMMA, SEMICOLON = 44, 59
UTF8, WINDOWS = 76, 1


@pytest.fixture
def client():
    made = Client()
    made.force_login(f.NationalFactory())
    return made


@pytest.fixture
def saved(tmp_path):
    """`saved(contents, extension, target, filters)`: the bytes that LibreOffice saves."""
    if not shutil.which("soffice"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)

    def through(contents, extension, target, opening=()):
        path = tmp_path / f"liste.{extension}"
        path.write_bytes(contents)
        command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profil"]
        command += [*opening, "--convert-to", target, "--outdir", tmp_path / "lu", path]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return (tmp_path / "lu" / f"liste.{target.partition(':')[0]}").read_bytes()

    return through


def assert_no_change(client, contents, name):
    depot = importer(client, "projets", contents, name)
    assert dits(depot)[:5] == []
    assert (depot.lignes.count(), depot.nb_inchanges) == (0, Projet.objects.count())


def test_a_workbook_saved_as_a_workbook(client, saved):
    contents = saved(exporter(client, "projets", "xlsx"), "xlsx", "xlsx")
    assert_no_change(client, contents, "liste.xlsx")


@pytest.mark.parametrize(("separator", "charset"), [(SEMICOLON, UTF8), (SEMICOLON, WINDOWS)])
def test_a_workbook_saved_as_a_french_csv(client, saved, separator, charset):
    target = SAVE.format(separator, charset)
    contents = saved(exporter(client, "projets", "xlsx"), "xlsx", target)
    assert_no_change(client, contents, "liste.csv")


@pytest.mark.parametrize("special", ["false", "true"])
def test_a_csv_saved_as_a_workbook(client, saved, special):
    """Also when it takes codes for numbers: 01004 becomes 1004."""
    opening = [OPEN.format(SEMICOLON, special)]
    contents = saved(exporter(client, "projets", "csv-point-virgule"), "csv", "xlsx", opening)
    assert_no_change(client, contents, "liste.xlsx")


def test_a_csv_saved_as_a_french_csv(client, saved):
    opening = [OPEN.format(COMMA, "true")]
    target = SAVE.format(SEMICOLON, UTF8)
    contents = saved(exporter(client, "projets", "csv"), "csv", target, opening)
    assert_no_change(client, contents, "liste.csv")
