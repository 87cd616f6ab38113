"""The two themes: what each collects and serves, and that every reference leads to a file."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from django.test import override_settings

from programme import statiques

CSS = Path(settings.BASE_DIR) / "static/css"
MARKS = re.compile(r"Marianne|Spectral|fr-logo|fr-connect(?!-group)")


class SansCompression(statiques.DsfrAdapte, ManifestStaticFilesStorage):
    """As production's storage, without its slowest part."""


@pytest.fixture(scope="module", params=[False, True], ids=["neutre", "etat"])
def collected(request, tmp_path_factory):
    """(officiel, folder): what production would serve, hashed."""
    folder = tmp_path_factory.mktemp("statiques")
    staticfiles = apps.get_app_config("staticfiles")
    changed = {
        "SITE": settings.SITE | {"officiel": request.param},
        "STATIC_ROOT": str(folder),
        "STORAGES": settings.STORAGES
        | {"staticfiles": {"BACKEND": f"{__name__}.{SansCompression.__name__}"}},
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
        assert {"Marianne-Regular", "theme-etat"} <= names
        assert ".fr-logo" in told
    else:
        assert not [name for name in names if MARKS.search(name) or name == "theme-etat"]
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


def test_dsfr_keeps_what_is_not_a_mark():
    css = (
        ".a,.fr-logo:after{x:y}@media print{.fr-logo{x:y}.b{z:t}}.fr-connect-group,.fr-connect{k:v}"
    )
    assert statiques.without_marks(css) == ".a{x:y}@media print{.b{z:t}}.fr-connect-group{k:v}"


def test_a_drawing_becomes_a_file():
    css, files = statiques.with_drawings_in_files(
        """a{b:url("data:image/svg+xml;charset=utf8,%3Csvg fill='red'/>")}"""
    )
    [(name, body)] = files.items()
    assert body == "<svg fill='red'/>"
    assert css == f'a{{b:url("{name}")}}'


@pytest.mark.parametrize("officiel", [False, True])
def test_each_page_loads_one_theme(client, db, settings, officiel):
    settings.SITE = settings.SITE | {"officiel": officiel}
    for url in ("/mentions-legales/", "/admin/compte/connexion/", "/carte/integrer/"):
        page = client.get(f"{url}?{officiel}", follow=True).content.decode()
        assert ("css/theme-etat.css" in page) is officiel, url
        assert ("css/theme-neutre.css" in page) is not officiel, url
        assert "figtree" not in page or not officiel, url


def colours(text):
    return re.findall(r"#[0-9a-fA-F]{3,8}\b(?!\")|rgba?\([^)]*\)", text)


@pytest.mark.parametrize("name", ["portail", "carte", "admin"])
def test_colours_are_the_themes(name):
    """A colour written elsewhere would stay light on a dark page, or the État's on ours."""
    assert colours((CSS / f"{name}.css").read_text()) == []


def test_themes_declare_the_same_names():
    declared = [
        set(re.findall(r"^  (--(?!blue-france|info-\d)[\w-]+):", text, re.MULTILINE))
        for text in ((CSS / f"theme-{name}.css").read_text() for name in ("neutre", "etat"))
    ]
    assert declared[0] == declared[1]
