"""The workbook and the CSV opened for real, in LibreOffice."""

import csv
import shutil
import subprocess

import pytest

from programme.donnees.jeux import JEUX
from programme.donnees.neutralisation import neutralise
from tests import factories
from tests.programme.donnees.outils import body, export, read_csv
from tests.programme.donnees.test_exports import TEXTS

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.lent,
    pytest.mark.une_base,
    pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed"),
]
# Separator, quote, UTF-8, first line; then, to write: cells as they are shown.
READ = "Text - txt - csv (StarCalc):44,34,76,1"
AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"


def opened(path, folder):
    """The rows of a file as LibreOffice shows them."""
    subprocess.run(
        [
            "soffice",
            "--headless",
            *([f"--infilter={READ}"] if path.suffix == ".csv" else []),
            f"-env:UserInstallation=file://{folder}/profil",
            "--convert-to",
            AS_SHOWN,
            "--outdir",
            folder / "lu",
            path,
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    with (folder / "lu" / f"{path.stem}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def one_line_break(text):
    """LibreOffice has one kind of line break."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_libreoffice_shows_the_workbook_as_the_csv_says(tmp_path):
    region = factories.RegionFactory(code="01")
    for text in TEXTS:
        factories.ProjetFactory(
            objet=text,
            siren="012345678",
            departement=factories.DepartementFactory(code="02", region=region),
        )
    path = tmp_path / "projets.xlsx"
    path.write_bytes(body(export("projets", "xlsx")))
    header, *rows = opened(path, tmp_path)
    assert header == JEUX["projets"].noms
    shown = [dict(zip(header, row, strict=True)) for row in rows]
    expected = read_csv(export("projets", "csv"))
    for row in (*shown, *expected):
        row["objet"] = one_line_break(row["objet"])
    assert shown == expected


def test_libreoffice_runs_no_formula_of_a_csv(tmp_path):
    for text in TEXTS:
        factories.ProjetFactory(objet=text)
    path = tmp_path / "projets.csv"
    path.write_bytes(body(export("projets", "csv")))
    header, *rows = opened(path, tmp_path)
    column = header.index("objet")
    shown = [one_line_break(row[column]) for row in rows]
    assert shown == [one_line_break(neutralise(text)) for text in TEXTS]
