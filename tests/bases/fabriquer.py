"""Make the base of the version that stands here, once, on the day it is released.

    python -m tests.bases.fabriquer
    python -m tests.postgresql -- python -m tests.bases.fabriquer

On SQLite it writes the base, its files and its facts; on PostgreSQL the base alone, made by the
same acts. Nothing is ever made again for a version that was released.
"""

import gzip
import json
import os
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path

BASES = Path(__file__).parent
RACINE = BASES.parent.parent
VERSION = tomllib.loads((RACINE / "pyproject.toml").read_text())["project"]["version"]
PROPRES_A_DJANGO = "django.contrib.auth.hashers.PBKDF2PasswordHasher"


def main():
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    with tempfile.TemporaryDirectory() as temporaire:
        dossier = Path(temporaire)
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{dossier / 'base.sqlite3'}")
        import django

        django.setup()
        from django.db import connection
        from django.test import override_settings
        from django.test.utils import setup_test_environment

        setup_test_environment()
        from tests.bases.histoire import SECRET_KEY

        fichiers = dossier / "fichiers"
        with override_settings(
            SECRET_KEY=SECRET_KEY,
            PASSWORD_HASHERS=[PROPRES_A_DJANGO],
            MEDIA_ROOT=str(fichiers),
            STORAGES={
                "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
                "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
            },
        ):
            faits = _vivre(dossier)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA journal_mode=DELETE")
        connection.close()
        cible = BASES / VERSION
        cible.mkdir(exist_ok=True)
        dits = json.dumps(faits, ensure_ascii=False, indent=2) + "\n"
        if connection.vendor == "postgresql":
            assert dits == (cible / "faits.json").read_text(), "SQLite first: the same facts."
            _ecrire(cible / "postgresql.sql.gz", _dump(connection.settings_dict))
        else:
            _ecrire(cible / "sqlite.sqlite3.gz", (dossier / "base.sqlite3").read_bytes())
            shutil.copytree(fichiers, cible / "fichiers", dirs_exist_ok=True)
            (cible / "faits.json").write_text(dits)


def _vivre(dossier):
    """Migrate, load the cut, let the officers work; the facts."""
    from django.core.management import call_command

    from tests.bases.coupe import couper
    from tests.bases.histoire import raconter

    coupe = dossier / "coupe"
    coupe.mkdir()
    couper(coupe)
    call_command("migrate", verbosity=0)
    call_command("charger_donnees", dossier=coupe, verbosity=0)
    return raconter()


def _dump(reglages):
    """Plain SQL, of inserts alone: any client that speaks to PostgreSQL 14 or later can run it."""
    from tests.postgresql import find_binaries

    command = [
        find_binaries("pg_dump") / "pg_dump", "--no-owner", "--no-privileges", "--no-comments",
        "--rows-per-insert=500", "-h", reglages["HOST"], "-U", reglages["USER"], reglages["NAME"],
    ]  # fmt: skip
    text = subprocess.run(list(map(str, command)), check=True, capture_output=True).stdout
    # \restrict is a word of psql's, not of SQL.
    return b"".join(ln for ln in text.splitlines(keepends=True) if not ln.startswith(b"\\"))


def _ecrire(path, octets):
    path.write_bytes(gzip.compress(octets, mtime=0))
    print(f"{path.relative_to(RACINE)} : {path.stat().st_size // 1000} ko")


if __name__ == "__main__":
    main()
