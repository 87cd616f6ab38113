"""The DSFR cut to what is used: what the repository holds is what is made, nothing is missing."""

import re

import pytest

from programme import dsfr_reduit
from programme.dsfr_reduit import Mots, keep, only, read_variables, rules, split, with_variables

AGAIN = "python manage.py reduire_dsfr"
WORDS = Mots('<p class="fr-btn fr-btn--sm"><a role="x" href="y"><input type="date">')


def test_the_repository_holds_what_the_cut_makes():
    made, held = dsfr_reduit.made(), dsfr_reduit.held()
    assert sorted(made) == sorted(held), AGAIN
    assert [name for name in made if made[name] != held[name]] == [], AGAIN


def classes(css):
    return set(re.findall(r"\.(fr-[a-z0-9-]+)", css))


def icons():
    drawings = (dsfr_reduit.PACKAGE / "icons").rglob("*.svg")
    return {f"fr-icon-{path.stem}" for path in drawings}


def of_the_templates():
    return set(re.findall(r"(?<![\w.-])fr-[a-z0-9-]*", dsfr_reduit.sources()))


def test_no_class_of_a_template_was_dropped():
    """Read apart from the cut: each class that the package styles, or draws, is in our sheets."""
    package = (dsfr_reduit.PACKAGE / dsfr_reduit.SHEET).read_text()
    ours = "".join(body.decode() for name, body in dsfr_reduit.held().items() if "css" in name)
    asked = of_the_templates() & (classes(package) | icons())
    assert len(asked) > 50
    assert asked - classes(ours) == set(), AGAIN


def test_a_class_of_the_dsfr_is_written_whole():
    """« fr-alert--{{ level }} » would hide from the cut which classes are used."""
    assert {name for name in of_the_templates() if name.endswith("-")} == set()


def test_a_class_that_the_dsfr_does_not_know_is_a_mistake():
    package = (dsfr_reduit.PACKAGE / "dsfr.min.css").read_text()
    assert of_the_templates() - classes(package) - icons() == set()


def test_the_cut_is_worth_it():
    whole = (dsfr_reduit.PACKAGE / dsfr_reduit.SHEET).stat().st_size
    assert len(dsfr_reduit.held()["dsfr.css"]) < whole / 8


@pytest.mark.parametrize(
    ("selector", "can"),
    [
        (".fr-btn", True),
        (".fr-btn:hover::before", True),
        (".fr-card", False),
        (".fr-btn.fr-btn--sm", True),
        (".fr-card .fr-btn", False),
        (".fr-btn:not(.fr-card)", True),
        (":is(.fr-card,.fr-btn) a", True),
        (":is(.fr-card,.fr-tile) a", False),
        ("a[href]", True),
        ("a[download]", False),
        ("video", False),
        ("p>a", True),
        ("input[type=date]", True),
        ("input[type=range]", False),
        ("[class*=' fr-btn--']", True),
        ("[class^=fr-icon-]", False),
        (r".fr-col\@md", False),
        ("::selection", True),
        ("", True),
    ],
)
def test_a_selector_that_no_source_can_match(selector, can):
    assert WORDS.can_match(selector) is can


def test_only_what_can_match_is_kept():
    css = """@charset "x";a,.fr-card{b:url("a;}c")}/* { */@font-face{src:x}
    @media (-ms-high-contrast:active),(min-width:9em){.fr-btn{c:d}.fr-card{e:f}}
    @media (-ms-high-contrast:active){a{g:h}}@supports (a:b){.fr-card{i:j}}
    p{font-family:Marianne,arial;k:l}"""
    assert dsfr_reduit.written(keep(rules(css), WORDS)) == (
        'a{b:url("a;}c")}\n@media (min-width:9em){\n.fr-btn{c:d}\n}\np{k:l}\n'
    )


def test_a_variable_is_kept_while_something_reads_it():
    block = rules(":root{--a:var(--b);--b:1;--c:2;--d:3}p{x:var(--a)}i{--e:4}")
    block = [(head, [text for text, _ in body]) for head, body in block]
    read = read_variables(block, "var(--d)")
    assert read == {"--a", "--b", "--d"}
    assert dsfr_reduit.written(with_variables(block, read)) == (
        ":root{--a:var(--b);--b:1;--d:3}\np{x:var(--a)}\n"
    )


def test_marks_go_apart_and_the_rest_stays():
    css = ".fr-btn,.fr-logo:after{x:y}@media print{.fr-logo{x:y}a{z:t}}.fr-connect-group{k:v}"
    words = Mots("fr-btn fr-logo <a fr-connect-group")
    block = keep(rules(css), words)
    marks, rest = (
        dsfr_reduit.written(only(block, is_wanted))
        for is_wanted in (dsfr_reduit.MARK.search, lambda one: not dsfr_reduit.MARK.search(one))
    )
    assert marks == ".fr-logo:after{x:y}\n@media print{\n.fr-logo{x:y}\n}\n"
    assert rest == ".fr-btn{x:y}\n@media print{\na{z:t}\n}\n.fr-connect-group{k:v}\n"


def test_a_drawing_becomes_a_file():
    css, files = dsfr_reduit.with_drawings_in_files(
        """a{b:url("data:image/svg+xml;charset=utf8,%3Csvg fill='red'/>")}"""
    )
    [(name, body)] = files.items()
    assert body == b"<svg fill='red'/>"
    assert css == f'a{{b:url("{name}")}}'


def test_commas_part_what_is_not_within():
    assert split("a,:is(b,c:not(d,e)),[f='g,h'],i") == ["a", ":is(b,c:not(d,e))", "[f='g,h']", "i"]
