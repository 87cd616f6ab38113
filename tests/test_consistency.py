"""Conventions that no single feature owns. A convention that matters is a test."""

import ast
import re
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command, get_commands, load_command_class
from django.db.models import Model, UniqueConstraint
from django.template.loader import get_template

from programme import settings as project_settings
from tests.programme.test_statiques import SANS_COMPRESSION

ROOT = Path(settings.BASE_DIR)
TEMPLATES = ROOT / "templates"
OUR_APPS = ("territoires", "programme")
OUR_MODELS = [
    model
    for label in OUR_APPS
    for model in apps.get_app_config(label).get_models()
    if not model._meta.model_name.startswith("historical")
]
# No form ever writes these.
WRITTEN_BY_COMMANDS = {"DonneesVersion", "EtatAncien", "LigneChargee"}
# Django looks these up by name.
CONVENTIONAL = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}

template_files = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
pages = [path for path in template_files if path.suffix in {".html", ".svg"}]
python_files = [path for label in OUR_APPS for path in sorted((ROOT / label).rglob("*.py"))]
each_page = pytest.mark.parametrize("path", pages, ids=lambda path: str(path.relative_to(ROOT)))
each_model = pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model.__name__)


# --- Models -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_migrations_were_read_at_the_real_clock():
    """Before any test: those that freeze it would leave their clock in a default, for all after."""
    for label in OUR_APPS:
        folder = ROOT / label / "migrations"
        names = {f"{label}.migrations.{path.stem}" for path in folder.glob("0*.py")}
        assert names
        assert names <= set(sys.modules)


def starts_in_lower_case(text):
    """Whether a label is a common noun; an acronym (SIREN, URL, ÉTAT) may keep its capitals."""
    first = re.split(r"[\s’'(-]", str(text), maxsplit=1)[0]
    return not first[:1].isupper() or (len(first) > 1 and first.isupper())


@each_model
def test_labels_are_in_lower_case(model):
    labels = {"verbose_name": model._meta.verbose_name, "pluriel": model._meta.verbose_name_plural}
    labels |= {
        field.name: field.verbose_name
        for field in model._meta.get_fields()
        if hasattr(field, "verbose_name")
    }
    assert {name: label for name, label in labels.items() if not starts_in_lower_case(label)} == {}


@each_model
def test_plural_is_french(model):
    """Django adds an English « s » to a verbose_name it is given no plural for."""
    singular, plural = str(model._meta.verbose_name), str(model._meta.verbose_name_plural)
    if " " in singular and not singular.endswith(("s", "x")):
        assert plural != f"{singular}s", f"{model.__name__} : verbose_name_plural à écrire"


@pytest.mark.parametrize(
    "model", [model for model in OUR_MODELS if model.__name__ not in WRITTEN_BY_COMMANDS]
)
def test_constraints_speak_to_the_person(model):
    """A condition in SQL has no sentence of its own: Django would name the constraint."""
    silent = [
        constraint.name
        for constraint in model._meta.constraints
        if constraint.violation_error_message == constraint.default_violation_error_message
        and not (isinstance(constraint, UniqueConstraint) and not constraint.condition)
    ]
    assert silent == []


@each_model
def test_objects_have_a_name(model):
    assert model.__str__ is not Model.__str__


# --- Packages ---------------------------------------------------------------------------------


FAITS = re.compile(
    r"\b(?:19|20)\d\d\b"
    r"|\b(?:Insee|INSEE|DGE|DGCL|IGN|ANCT|Urssaf|BMO|France Travail|Pôle emploi|Localtis)\b"
    r"|Direction générale|Agence nationale|Institut national"
)
MOTS = ("code INSEE", "d’avant 2016")
"""What a text may say: the name of a code, of the régions of before."""


def test_no_template_says_several_of_none():
    """Django's `pluralize` writes « 0 lignes » in any language: `accord` is the French one."""
    english = {"programme/pages/anglais.html"}
    ours = [path for path in pages if str(path.relative_to(TEMPLATES)) not in english]
    assert [path for path in ours if "|pluralize" in path.read_text()] == []


def test_no_template_states_a_year_or_a_producer():
    """Years, vintages and producers are read from the rows that a page shows."""
    told, code = {}, re.compile(r"(?s){% comment %}.*?{% endcomment %}|{%.*?%}|{{.*?}}|<[^>]*>")
    for path in TEMPLATES.rglob("*.html"):
        text = code.sub(" ", path.read_text(encoding="utf-8"))
        for word in MOTS:
            text = text.replace(word, " ")
        if found := FAITS.findall(text):
            told[path.name] = found
    assert not told


CODE = re.compile(r"[a-z0-9_./|-]+|https?://\S+|<svg .*", re.DOTALL)
"""Not said to a person: codes, addresses, pictures."""
DANS_LE_CODE = {
    "Sur quatre chiffres. Exemple : 2021.": "example to type",
    "Sur quatre chiffres. Exemple : 2019.": "example to type",
    "« budget-2025-05-27 »": "example to type",
    "« budget-2025 »": "example to type",
    "« jacqueline-gourault-2019 »": "example to type",
    "« d’ici à 2022 »": "example to type",
    "« Phase 3 (depuis 2027) »": "example to type",
    "Écrivez-la année-mois-jour : 2019-03-06": "example to type",
    "ainsi : 06/03/2019": "example to type",
    "ainsi : 2021": "example to type",
    "à partir de 2018": "the bound that the check itself holds",
    "territoires 2023": "words that people search with",
    "Contours dérivés d’IGN Admin Express": "the attribution that a command writes in its file",
}
"""What the texts of our code may say, with the reason; the words of `MOTS` too."""


def _said(path):
    """`(line, text)` of the texts of a module, but for docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value


def test_no_text_of_our_code_states_a_year_or_a_producer():
    """Facts are read from the rows shown, in Python as in templates."""
    told, used = [], set()
    for path in python_files:
        if {"migrations", "tests", "bench"} & set(path.relative_to(ROOT).parts):
            continue
        for line, text in _said(path):
            if CODE.fullmatch(text):
                continue
            left = re.sub("(?i)codes? insee", " ", text)
            for word in (*MOTS, *DANS_LE_CODE):
                if word in left:
                    used.add(word)
                    left = left.replace(word, " ")
            if FAITS.search(left):
                told.append(f"{path.relative_to(ROOT)}:{line} {text[:80]}")
    assert told == []
    assert set(DANS_LE_CODE) - used == set(), "exceptions that serve no more"


def test_territoires_is_no_site():
    """The map has no view, URL, template or admin; the arrow is held by import-linter."""
    package = ROOT / "territoires"
    names = {path.relative_to(package).parts[0] for path in package.rglob("*.py")}
    assert not names & {"views.py", "views", "urls.py", "templates", "templatetags", "admin.py"}
    assert not (TEMPLATES / "territoires").exists()


LECTURES = {
    "int", "float", "Decimal", "fromisoformat", "strptime", "normalize", "reader", "DictReader",
    "IntegerField", "FloatField", "DecimalField", "DateField", "DateTimeField",
}  # fmt: skip
"""Calls that make a value of a text, or a form field that would."""
LIT_AUSSI = {
    "programme/environnement/valeurs.py": "variables of the environment, before Django is there",
    "programme/settings.py": "a number already, in another base",
    "programme/colonnes.py": "a number of an array",
    "programme/models/repartition.py": "a sum, that PostgreSQL gives as a decimal",
    "programme/enonces.py": "a number, divided",
    "programme/templatetags/portail.py": "a number, rounded",
    "programme/backoffice/cadre/champs.py": "the fields that read; a number written in full",
    "programme/backoffice/cadre/recherche.py": "letters and their bases, of our own",
    "programme/backoffice/cadre/restitution.py": "the rank of a row in the name of a field",
    "programme/backoffice/cadre/fusion_formulaire.py": "a version, of a hidden field of ours",
    "programme/backoffice/bureau/dossier.py": "the key of a row, of a list of ours",
    "programme/backoffice/imports/colonnes.py": "the rank of a column, of a choice of ours",
    "programme/backoffice/imports/ensemble.py": "a file that we wrote ourselves",
    "programme/backoffice/imports/suite.py": "the number of a code that was kept",
    "programme/backoffice/imports/vues.py": "the key of a row or a page, of a page of ours",
    "programme/backoffice/identite/sessions.py": "the clock",
    "programme/backoffice/identite/saisies.py": "the clock",
    "programme/backoffice/identite/voir_comme.py": "the clock",
    "programme/catalogue/controles.py": "the number of rows of a page of ours",
    "programme/catalogue/carte/dessin.py": "a place on a grid",
    "territoires/management/commands/construire_geometrie.py": "a file of ours, loaded elsewhere",
    "programme/accessibilite/__init__.py": "the assessment, a file of ours",
    "programme/bases/sqlite3/base.py": "a moment of the base, as SQLite keeps it",
    "programme/catalogue/citer/citable.py": "a number of a column",
    "programme/catalogue/citer/lecture.py": "a number that we wrote in a citation",
    "programme/occultation/pdf.py": "the numbers of a PDF, in its own grammar",
    "programme/catalogue/graphiques/dessin.py": "a place in a drawing",
    "programme/catalogue/graphiques/fonds.py": "a sum",
    "programme/catalogue/graphiques/formes.py": "a place in a drawing",
    "programme/catalogue/graphiques/regions.py": "a sum",
    "programme/management/commands/restaurer.py": "a moment that we wrote in a manifest",
    "programme/donnees/parutions/formes.py": "files of our own, not what somebody sent",
    "programme/donnees/parutions/scripts/appliquer.py": "a script that has nothing of ours at hand",
    "programme/donnees/parutions/servir.py": "the range of bytes that a header asks for",
    "programme/catalogue/listes/filters.py": "a value that a filter has read",
    "programme/catalogue/pages/portrait.py": "a number of a column",
    "programme/catalogue/pages/registre.py": "a sum",
    "programme/catalogue/pages/urls.py": "the number of a page of ours",
    "programme/donnees/debit.py": "seconds of a clock",
    "programme/donnees/horizon.py": "a day that a database wrote",
    "programme/donnees/xlsx.py": "the same",
    "programme/donnees/valeurs.py": "a condition, as a number",
    "programme/models/fichiers.py": "the name of a file",
    "programme/models/presentation.py": "the initial of a word",
    "territoires/ajustements.py": "an act that was kept as JSON",
    "territoires/chargement/lecture.py": "files of ours: the one reader, exactly as written",
    "territoires/geometrie/trace.py": "the rank of an arc",
    "territoires/liste_membres.py": "the digits of a code that was read",
    "territoires/models/personnes.py": "looks for a coordinate in a text",
    "territoires/recherche/texte.py": "the one folding of a text",
}
"""Who makes a value of a text besides the one reader, and of what."""


def _readings(path):
    """The names of `LECTURES` that a module calls on something that is no constant."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = getattr(called, "attr", getattr(called, "id", ""))
        of_form = getattr(getattr(called, "value", None), "id", "") == "forms"
        constant = node.args and all(isinstance(arg, ast.Constant) for arg in node.args)
        if name in LECTURES and not constant and (of_form or not name.endswith("Field")):
            yield name


def test_one_reader_makes_values_of_texts():
    """What a person writes is read by `territoires.lecture`, by every door: nobody else does."""
    reading = {}
    for path in python_files:
        name = str(path.relative_to(ROOT))
        if "/migrations/" in name or name.startswith("territoires/lecture/"):
            continue
        if found := sorted(set(_readings(path))):
            reading[name] = found
    assert {name: found for name, found in reading.items() if name not in LIT_AUSSI} == {}
    assert set(LIT_AUSSI) - set(reading) == set(), "exceptions that serve no more"


def our_commands():
    return sorted(name for name, app in get_commands().items() if app in OUR_APPS)


@pytest.mark.parametrize("name", our_commands())
def test_commands_say_what_they_do(name):
    assert load_command_class(get_commands()[name], name).help


@pytest.mark.parametrize("path", python_files, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_have_a_docstring(path):
    tree = ast.parse(path.read_text())
    if tree.body and path.name != "__init__.py" and "migrations" not in path.parts:
        assert ast.get_docstring(tree), f"{path.relative_to(ROOT)} : que fait ce module ?"


def test_every_variable_is_explained():
    """`.env.example` names what the settings read, and nothing else."""
    read = project_settings.env.known
    explained = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(explained) == sorted(read)


def test_only_the_settings_read_the_environment():
    """Elsewhere a variable would have no type, and a fault no sentence."""
    # The two next name the settings' module; the last hands the environment over to pg_dump.
    allowed = {"lecteur.py", "wsgi.py", "gunicorn.py", "sauvegarde.py"}
    readers = [path for path in python_files if "os.environ" in path.read_text()]
    assert [str(path) for path in readers if path.name not in allowed] == []


def test_static_files_are_those_that_pages_load(tmp_path, settings):
    """Every reference of our CSS is kept (the manifest refuses a broken one), little else is."""
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": SANS_COMPRESSION}}
    call_command("collectstatic", interactive=False, verbosity=0)
    used = {
        name
        for path in template_files
        for name in re.findall(r"{%\s*static\s+[\"']([^\"']+)", path.read_text())
    } - {
        *("css/site-etat.css", "css/theme-etat.css", "dsfr-reduit/etat.css"),
        "dsfr/dist/favicon/favicon.svg",
    }
    assert used
    assert {name for name in used if not staticfiles_storage.stored_name(name)} == set()
    collected = sum(path.is_file() for path in tmp_path.rglob("*"))
    assert collected < 500, "see programme/statiques.py"


@pytest.mark.parametrize("name", ["commun", "portail", "carte", "admin"])
def test_a_narrow_sheet_of_paper_is_no_phone(name):
    """Chromium lays paper out at 718 px: only a screen writes a row as lines."""
    text = (ROOT / f"static/css/{name}.css").read_text()
    assert not re.findall(r"@media \(max-width[^{]*", text)
    assert "@media print" not in text, "see papier.css"


# --- Templates --------------------------------------------------------------------------------


def test_no_template_is_unused():
    """Each template is named in code or in another template, or replaces one of a package."""
    sources = [path.read_text() for path in [*python_files, *template_files]]
    packages = [
        Path(config.path) / "templates" for config in apps.get_app_configs() if config.path
    ] + [Path(import_path("django.forms")) / "templates"]
    unused = [
        name
        for name in (str(path.relative_to(TEMPLATES)) for path in template_files)
        if name not in CONVENTIONAL
        and not any(f'"{name}"' in source or f"'{name}'" in source for source in sources)
        and not any((directory / _replaced(name)).exists() for directory in packages)
    ]
    assert unused == []


def _replaced(name):
    """The template of a package that `name` replaces: the admin looks for one per model first."""
    return re.sub(r"^admin/\w+/\w+/(?=\w+\.html$)", "admin/", name)


def import_path(module):
    return Path(__import__(module, fromlist=["_"]).__file__).parent


@each_page
def test_templates_compile(path):
    get_template(str(path.relative_to(TEMPLATES)))


@each_page
def test_templates_hold_no_inline_style_or_script(path):
    """The Content Security Policy would ignore them."""
    source = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert re.findall(r"\sstyle\s*=", source) == []
    assert re.findall(r"<style\b", source) == []
    assert re.findall(r"\son[a-z]+\s*=\s*[\"']", source) == []
    assert re.findall(r"javascript:", source) == []
    scripts = re.findall(r"<script\b([^>]*)>", source)
    data = ("application/json", "application/ld+json")
    assert [tag for tag in scripts if "src=" not in tag and not any(x in tag for x in data)] == []


@each_page
def test_templates_load_nothing_from_elsewhere(path):
    """Links may leave the site; scripts, styles, images, fonts and frames may not."""
    loads = re.findall(
        r"<(?:script|img|iframe|source|video|audio|embed|object|use|image)\b[^>]*"
        r"(?:src|href|srcset|data)\s*=\s*[\"'](?:https?:)?//[^>]*>"
        r"|<link\b[^>]*rel=[\"'](?:stylesheet|preload|icon|preconnect|dns-prefetch)[\"'][^>]*"
        r"href=[\"'](?:https?:)?//[^>]*>|@import\s",
        path.read_text(),
    )
    assert loads == []


@each_page
def test_partials_are_included_with_explicit_arguments(path):
    includes = re.findall(r"{%\s*include\s[^%]*%}", path.read_text())
    assert [tag for tag in includes if not re.search(r"\bonly\s*%}$", tag)] == []
