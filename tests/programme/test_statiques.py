"""The two themes: what each collects and serves, and that every reference leads to a file."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings

from programme import statiques

CSS = Path(settings.BASE_DIR) / "static/css"
# As production's storage, without its slowest part.
SANS_COMPRESSION = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
MARKS = re.compile(r"Marianne|Spectral|fr-logo|fr-connect(?!-group)")


@pytest.fixture(scope="module", params=[False, True], ids=["neutre", "etat"])
def collected(request, tmp_path_factory):
    """(officiel, folder): what production would serve, hashed."""
    folder = tmp_path_factory.mktemp("statiques")
    staticfiles = apps.get_app_config("staticfiles")
    changed = {
        "SITE": settings.SITE | {"officiel": request.param},
        "STATIC_ROOT": str(folder),
        "STORAGES": settings.STORAGES | {"staticfiles": {"BACKEND": SANS_COMPRESSION}},
    }
    with override_settings(**changed), pytest.MonkeyPatch.context() as patch:
        patch.setattr(staticfiles, "ignore_patterns", statiques.left_out())
        call_command("collectstatic", interactive=False, verbosity=0)
    return request.param, folder


def sheets(folder):
    return {path: path.read_text() for path in folder.rglob("*.css")}


def test_marks_of_the_etat_are_only_on_its_own_sites(collected):
    officiel, folder = collected
    names = {path.name.split(".")[0] for path in folder.rglob("*") if path.is_file()}
    told = "".join(text for path, text in sheets(folder).items() if "theme" not in path.name)
    if officiel:
        assert {"Marianne-Regular", "theme-etat", "site-etat"} <= names
        assert ".fr-logo" in told
    else:
        assert not [name for name in names if MARKS.search(name) or name.endswith("-etat")]
        assert not MARKS.search(told)
        assert not (folder / "dsfr/dist/favicon").exists() or not any(
            (folder / "dsfr/dist/favicon").iterdir()
        )


def test_no_sheet_leads_nowhere(collected):
    _, folder = collected
    for path, text in sheets(folder).items():
        if "select2" in path.name:
            continue
        for target in re.findall(r"url\([\"']?([^\"')#]+)", text):
            assert not target.startswith("data:") or "dsfr" not in path.parts, path
            if not target.startswith("data:"):
                assert (path.parent / target).resolve().is_file(), f"{path.name}: {target}"


@pytest.mark.parametrize("officiel", [False, True])
def test_each_page_loads_one_theme(client, db, settings, officiel):
    settings.SITE = settings.SITE | {"officiel": officiel}
    for url in ("/mentions-legales/", "/admin/compte/connexion/", "/carte/integrer/"):
        page = client.get(f"{url}?{officiel}", follow=True).content.decode()
        assert ("css/site-etat.css" in page or "css/theme-etat.css" in page) is officiel, url
        assert ("css/site-neutre.css" in page or "css/theme-neutre.css" in page) is not officiel
        assert "figtree" not in page or not officiel, url


@pytest.mark.parametrize("name", statiques.PAQUETS)
def test_the_sheet_of_the_public_pages_is_all_of_its_parts(name):
    """Each rule, in order, paper's apart, with addresses that hold."""
    told = Path(finders.find(name)).read_text()
    assert finders.find(name, find_all=True) == [finders.find(name)]
    assert told == statiques.paquet(name)
    assert "/*" not in told
    signs = (".fr-btn", "--encre:", ".fiche {", ".menu {", ".carte {")
    places = [told.index(sign) for sign in signs]
    assert places == sorted(places)
    assert told.index("@media print {\n@page {") > told.index(".carte {")
    assert told.count("{") == told.count("}")
    for target in re.findall(r"""url\(["']?([^"')#]+)""", told):
        if "dsfr/dist" not in target:
            assert (CSS / target).resolve().is_file(), target


LITERAL = re.compile(
    r"#[0-9a-fA-F]{3,8}\b(?!\")|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\("
    r"|(?<=[:\s(,])(?:white|black|gr[ae]y|silver|red|green|blue|navy|orange|yellow)(?=[;,)\s])"
)
THEME = {
    name: (CSS / f"{name}.css").read_text() for name in ("theme", "theme-neutre", "theme-etat")
}
OTHERS = sorted(path.name for path in CSS.glob("*.css") if path.stem not in THEME)


def without_comments(css):
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


@pytest.mark.parametrize("rule", ["a { color: #fff; }", "a { border: 1px solid red; }"])
def test_a_literal_colour_is_seen(rule):
    assert LITERAL.search(rule)


@pytest.mark.parametrize("name", OTHERS)
def test_colours_are_the_themes(name):
    """A colour written elsewhere would stay light on a dark page, or the État's on ours."""
    assert LITERAL.findall(without_comments((CSS / name).read_text())) == []


def test_no_template_and_no_script_has_a_colour():
    base = Path(settings.BASE_DIR)
    files = [*(base / "templates").rglob("*.html"), *(base / "static/js").glob("*.js")]
    colour = re.compile(
        r"""(?:fill|stroke|color)=["'](?!none|currentcolor|url\(#)|style\.\w*[cC]olor"""
    )
    assert [str(path) for path in files if colour.search(path.read_text())] == []


def declared(css):
    return set(re.findall(r"^\s+(--[\w-]+):", without_comments(css), re.MULTILINE))


def test_themes_declare_the_same_names():
    assert declared(THEME["theme-neutre"]) == declared(THEME["theme-etat"])
    assert not declared(THEME["theme"]) & declared(THEME["theme-neutre"])


def test_every_colour_of_a_theme_has_its_night():
    for name, css in THEME.items():
        lines = [line for line in without_comments(css).splitlines() if LITERAL.search(line)]
        assert [line for line in lines if "light-dark(" not in line] == [], name


def test_every_variable_used_is_declared_and_every_one_declared_used():
    ours = "".join(path.read_text() for path in CSS.glob("*.css"))
    packages = [finders.find("dsfr-reduit/dsfr.css"), finders.find("admin/css/base.css")]
    theirs = "".join(Path(path).read_text() for path in packages)
    used = set(re.findall(r"var\((--[\w-]+)", ours))
    assert used - declared(ours) - set(re.findall(r"(--[\w-]+):", theirs)) == set()
    assert declared(ours) - used - set(re.findall(r"(--[\w-]+)", theirs)) == set()
