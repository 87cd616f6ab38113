"""Whoever enlarges a page four times, asks for less motion or for forced colours, or has a large
finger, reads it whole and uses it.
"""

import pytest

from tests import factories as f
from tests.e2e.outils import signed_in

pytestmark = [pytest.mark.une_base, pytest.mark.django_db]

SAMPLE = (
    "/",
    "/projets/",
    "/territoires/",
    "/carte/",
    "/operateurs/",
    "/fonds/",
    "/donnees/",
    "/recherche/?q=pau",
    "/admin/compte/connexion/",
)
# 1 280 px enlarged four times.
ENLARGED = {"width": 320, "height": 256}


def test_enlarged_four_times_nothing_is_off_the_side(page):
    f.ProjetFactory()
    page.set_viewport_size(ENLARGED)
    for url in SAMPLE:
        page.goto(url)
        wide, seen = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= seen, url


def test_each_target_is_large_enough(page_phone, axe_script):
    """24 px, or as much room around: axe's own rule, which it does not run unasked."""
    f.ProjetFactory()
    found = {}
    for url in SAMPLE:
        page_phone.goto(url)
        page_phone.evaluate(axe_script)
        answer = page_phone.evaluate(
            "axe.run({runOnly: ['target-size'], rules: {'target-size': {enabled: true}}})"
        )
        assert [one["id"] for one in answer["passes"] + answer["violations"]] == ["target-size"], (
            url
        )
        nodes = [node["html"][:150] for one in answer["violations"] for node in one["nodes"]]
        found |= {url: nodes} if nodes else {}
    assert found == {}


def test_nothing_moves_for_whoever_asks_for_no_motion(page):
    page.emulate_media(reduced_motion="reduce")
    for url in SAMPLE:
        page.goto(url)
        moving = page.evaluate(
            """[...document.querySelectorAll("body *")].filter((one) => {
              const {animationName, transitionDuration, scrollBehavior} = getComputedStyle(one);
              return animationName !== "none" || scrollBehavior === "smooth"
                || transitionDuration.split(", ").some((time) => parseFloat(time) > 0);
            }).map((one) => one.outerHTML.slice(0, 120))"""
        )
        assert moving == [], url


def test_with_forced_colours_a_button_keeps_an_edge(page):
    f.ProjetFactory()
    page.emulate_media(forced_colors="active")
    for url in SAMPLE:
        page.goto(url)
        bare = page.evaluate(
            """[...document.querySelectorAll(".fr-btn, .fr-tag, .fr-badge, .fr-input, .fr-select")]
              .filter((one) => one.checkVisibility())
              .filter((one) => parseFloat(getComputedStyle(one).borderBottomWidth) < 1)
              .map((one) => one.outerHTML.slice(0, 120))"""
        )
        assert bare == [], url


def test_on_a_phone_each_button_keeps_within_its_row(page_phone):
    one, other = f.ProjetFactory.create_batch(2)
    signed_in(page_phone, f.NationalFactory())
    page_phone.goto(f"/admin/programme/projet/{one.pk}/fusionner/?avec={other.pk}")
    out = page_phone.evaluate(
        """[...document.querySelectorAll(".submit-row > *")].filter((one) => {
          const row = one.parentElement.getBoundingClientRect(), box = one.getBoundingClientRect();
          return box.width > 0 && (box.right > row.right + 1 || box.left < row.left - 1);
        }).map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert out == []
