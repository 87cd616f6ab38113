"""What a page weighs, by kind, on the real data: its bytes as sent, its elements, its requests, its
EcoIndex, and its length on a phone. A budget is raised only with a reason in the commit.
"""

import gzip

import pytest

from tests.e2e.conftest import PHONE
from tests.ecoindex import COUNT_ELEMENTS, KILOBYTES, ecoindex, grade, quantile

pytestmark = [
    pytest.mark.rendu,
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
]

# Kilobytes of the page, of its sheets, of its scripts, of its drawings in files; elements, those of
# drawings included; elements without them; requests; EcoIndex; screens of 800 px at 360 px.
BUDGETS = {
    "/": (58, 20, 8, 2, 900, 355, 12, 80, 6.1),
    "/territoires/lacq-pau-tarbes/": (16, 20, 8, 2, 560, 386, 12, 80, 6),
    "/projets/fai-0001-3d-medical/": (8, 20, 4, 2, 255, 255, 13, 85, 4.6),
    "/communes/64445/": (14, 20, 8, 2, 440, 365, 13, 80, 6.1),
    "/territoires/lacq-pau-tarbes/portrait/": (10, 20, 4, 2, 610, 520, 12, 74, 8.4),
    "/projets/": (32, 20, 8, 3, 980, 560, 16, 72, 6.7),
    "/filtrer/projets/": (10, 20, 4, 3, 660, 650, 13, 69, 5.6),
    "/territoires/": (12, 20, 4, 3, 680, 610, 14, 70.5, 6.6),
    "/carte/": (60, 20, 8, 3, 1_000, 520, 15, 73, 5),
    "/operateurs/": (12, 20, 4, 3, 710, 622, 14, 70, 6.6),
    "/fonds/": (12, 20, 4, 2, 900, 590, 11, 71.5, 9.9),
    "/donnees/": (12, 20, 4, 2, 780, 780, 11, 65, 8.2),
    "/regions/": (10, 20, 4, 2, 760, 626, 13, 70, 5.1),
    "/rattachements/": (12, 20, 4, 2, 600, 545, 14, 72, 6.2),
    "/regions/nouvelle-aquitaine/": (26, 20, 8, 2, 600, 460, 13, 77, 5.2),
    "/contrats/": (46, 20, 8, 3, 840, 626, 14, 70, 5.5),
    "/contrats/contrat-ales/": (8, 20, 4, 2, 230, 230, 13, 86, 3.6),
}
MEASURES = [
    "page",
    "feuilles",
    "scripts",
    "dessins",
    "éléments",
    "éléments hors dessins",
    "requêtes",
    "EcoIndex",
    "écrans de téléphone",
]
KINDS = {"document": 0, "stylesheet": 1, "script": 2, "image": 3}
SCREEN = 800


def measured(page, address):
    """The measures of an address, in the order of the budgets; text counts compressed, as sent."""
    answers = []

    def note(answer):
        answers.append(answer)

    page.on("response", note)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    kilobytes, total = [0.0] * 4, 0.0
    for answer in answers:
        body = answer.body()
        kind = answer.request.resource_type
        sent = (len(body) if kind == "font" else len(gzip.compress(body))) / 1_024
        total += sent
        if kind in KINDS:
            kilobytes[KINDS[kind]] += sent
    every, outside = page.evaluate(f"[document.querySelectorAll('*').length, {COUNT_ELEMENTS}]")
    index = ecoindex(outside, len(answers), total)
    page.set_viewport_size({"width": PHONE, "height": SCREEN})
    height = page.evaluate("document.documentElement.scrollHeight") / SCREEN
    return [*kilobytes, every, outside, len(answers), index, height]


@pytest.mark.parametrize("address", BUDGETS)
def test_a_page_keeps_within_its_budget(new_page, address):
    found = measured(new_page(), address)
    told = dict(zip(MEASURES, [round(one, 1) for one in found], strict=True))
    over = {
        name: (value, limit)
        for (name, value), limit in zip(told.items(), BUDGETS[address], strict=True)
        if (value < limit if name == "EcoIndex" else value > limit)
    }
    assert over == {}, f"{told}, {grade(found[7])}"


def test_the_ecoindex_is_that_of_its_published_formula():
    assert [quantile((0, 10, 30), value) for value in (0, 5, 10, 20, 30)] == [0, 0.5, 1, 1.5, 2]
    assert ecoindex(0, 0, 0) == 100
    # The example of the README of cnumr/ecoindex_python: 72.0.
    assert round(ecoindex(100, 100, 100), 1) == 72
    assert (grade(80), grade(79.9), grade(55), grade(0)) == ("A", "B", "C", "G")
    assert len(KILOBYTES) == 21
