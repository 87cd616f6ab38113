"""What the documents say is so: the drawing of the models, the commands of docs/api.md."""

import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from programme.management.commands import dessiner_modeles
from tests import factories as f

DOCS = Path(settings.BASE_DIR) / "docs"


def test_the_drawing_of_the_models_is_of_today():
    written = dessiner_modeles.FICHIER.read_text(encoding="utf-8")
    assert written == dessiner_modeles.document(), "python manage.py dessiner_modeles"


def test_links_between_documents_lead_somewhere():
    root = Path(settings.BASE_DIR)
    for path in [*root.glob("*.md"), *DOCS.rglob("*.md"), *root.glob("fixtures/*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text()):
            if "://" not in target:
                assert (path.parent / target).exists(), f"{path.name} : {target}"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.django_db(transaction=True)
def test_the_lines_of_the_api_answer(live_server, tmp_path):
    """Each command of docs/api.md, run as written, against the test's own server."""
    departement = f.DepartementFactory(region=f.RegionFactory(code="84"))
    projet = f.ProjetFactory(commune=f.CommuneFactory(departement=departement))
    block = re.search(r"```console\n(.*?)```", (DOCS / "api.md").read_text(), re.DOTALL)[1]
    first, *lines = [line.removeprefix("$ ") for line in block.splitlines()]
    assert first.startswith("PORTAIL=")
    script = "\n".join(["set -eu", f"PORTAIL={live_server.url}", *lines])
    done = subprocess.run(
        ["bash", "-c", script],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    head, row = (tmp_path / "projets.csv").read_text(encoding="utf-8-sig").splitlines()
    assert head.startswith("code,")
    assert row.startswith(projet.code)
    assert json.loads((tmp_path / "territoires.geojson").read_text())["type"] == "FeatureCollection"
    assert json.loads((tmp_path / "openapi.json").read_text())["openapi"]
    answer, proof = done.stdout.rsplit("}", 1)
    assert json.loads(answer + "}")["count"] == 1
    assert re.search(r"/donnees/preuve/[0-9a-f]{64}/", proof)


def test_each_journey_is_driven():
    """docs/parcours.md: four citizens, three journalists, eight officers."""
    rows = re.findall(
        r"^\| (\w+) \| .+ \| `(.+)::(\w+)` \|$", (DOCS / "parcours.md").read_text(), re.MULTILINE
    )
    assert Counter(who for who, _, _ in rows) == {"Citoyen": 4, "Journaliste": 3, "Agent": 8}
    for _, path, name in rows:
        assert path.startswith("tests/e2e/")
        assert f"def {name}(" in (Path(settings.BASE_DIR) / path).read_text(), name
