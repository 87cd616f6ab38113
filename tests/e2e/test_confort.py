"""Whoever enlarges a page four times reads it whole, without scrolling sideways."""

import pytest

from tests import factories as f

pytestmark = [pytest.mark.une_base, pytest.mark.django_db]

# 1 280 px enlarged four times.
ENLARGED = {"width": 320, "height": 256}


def test_enlarged_four_times_nothing_is_off_the_side(page):
    f.ProjetFactory()
    page.set_viewport_size(ENLARGED)
    for url in ("/", "/projets/", "/admin/compte/connexion/"):
        page.goto(url)
        wide, seen = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= seen, url
