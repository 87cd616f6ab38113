"""The digest of what is kept as long as nothing changes: of a database, its migrations, fixtures
and the code behind them; of what a long run has measured or proved, the whole project."""

import ast
import hashlib
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.utils import timezone

NOTRES = ("programme", "territoires")


def de_fichiers(paths, *textes):
    """Digest of files, by path and content, and of texts."""
    digest = hashlib.sha256("\n".join(textes).encode())
    for path in sorted(paths):
        digest.update(f"\0{path}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def migree():
    """Digest of all migrations, ours and the packages', and of our modules that they name."""
    folders = [Path(app.path) / "migrations" for app in apps.get_app_configs()]
    files = {path for folder in folders for path in folder.glob("*.py")}
    ours = [path for path in files if path.parent.parent.parent == settings.BASE_DIR]
    return de_fichiers(files.union(*map(_modules, ours)), django.get_version())


@cache
def reelle():
    """Digest of the base of the real data: the fixtures, and the code that loads them."""
    commande = settings.BASE_DIR / "programme/management/commands/charger_donnees.py"
    index = settings.BASE_DIR / "programme/catalogue/recherche/signaux.py"
    files = {path for path in settings.FIXTURES_ROOT.rglob("*") if path.is_file()}
    # A history says when a record was loaded: a base that is too old would tell another story.
    week = f"{timezone.localdate():%G-%V}"
    return de_fichiers(files | fermeture([commande, index]), migree(), week)


def fermeture(paths):
    """Files of our modules that `paths` import, directly or not, and `paths` themselves."""
    left, found = [Path(path) for path in paths], set()
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            left += _modules(path)
    return found


def _modules(path):
    """Files of our modules that a file imports."""
    specs = (_spec(name) for name in _imported(path) if name.startswith(NOTRES))
    return {Path(spec.origin) for spec in specs if spec and spec.origin}


def _imported(path):
    """Names of modules that a file imports, and those that it may: `from module import name`."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(path.relative_to(settings.BASE_DIR).parts[: -node.level or None])
            module = f"{package}.{node.module or ''}".strip(".") if node.level else node.module
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


@cache
def _spec(name):
    try:
        return find_spec(name)
    except ModuleNotFoundError:
        return None


def projet(*sauf):
    """Digest of the project as it is: what is committed, and what is not yet but in `sauf`."""
    places = [".", *(f":!{path}" for path in sauf)]
    root = Path(__file__).resolve().parent.parent

    def git(*command):
        return subprocess.run(["git", *command], cwd=root, capture_output=True, check=True).stdout

    digest = hashlib.sha256(git("rev-parse", "HEAD") + git("diff", "HEAD", "--", *places))
    new = git("ls-files", "-z", "--others", "--exclude-standard", "--", *places)
    for name in new.decode().split("\0"):
        if (root / name).is_file():
            digest.update(name.encode() + (root / name).read_bytes())
    return digest.hexdigest()[:16]
