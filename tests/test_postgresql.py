"""The private cluster: what happens without binaries, and that a real one answers and goes away."""

import os
import re
import sys
from pathlib import Path

import pytest

from tests import postgresql


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_absence_is_said_loudly_and_fails_in_ci(monkeypatch, capsys, ci, code):
    monkeypatch.setattr(postgresql, "find_binaries", lambda: None)
    monkeypatch.setenv("CI", ci)
    assert postgresql.main(["--", "false"]) == code
    assert "NOTHING WAS TESTED ON POSTGRESQL" in capsys.readouterr().err


def test_no_command_is_refused():
    with pytest.raises(SystemExit, match="usage"):
        postgresql.main(["--"])


@pytest.mark.skipif(postgresql.find_binaries() is None, reason="PostgreSQL is not installed")
def test_command_runs_on_a_cluster_that_is_removed_afterwards(capfd):
    script = (
        "import os, psycopg; from programme.environnement.valeurs import database;"
        "print(os.environ['DATABASE_URL']); d = database(os.environ['DATABASE_URL']);"
        "c = psycopg.connect(host=d['HOST'], user=d['USER'], dbname=d['NAME']);"
        "c.execute('CREATE EXTENSION pg_trgm'); raise SystemExit(7)"
    )
    assert postgresql.main(["--", sys.executable, "-c", script]) == 7
    url = capfd.readouterr().out.strip()
    directory = re.fullmatch(r"postgres://portail@/(/tmp/pg-\w+)/portail", url)[1]
    assert not Path(directory).exists()
    assert os.environ.get("DATABASE_URL") != url
