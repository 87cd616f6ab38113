"""On the real data, no page, feed or calendar prints a hedged figure of the register bare."""

import re

import pytest

from programme.enonces import COLLECTIFS, promesse, quantite
from programme.models import ChiffreAnnonce, Engagement, Fait
from tests.adresses import echantillon
from tests.programme.catalogue.pages.outils import texte

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]

DE_HASARD = 110
"""Below, a count of the site may come to the same number by chance."""


def _stated():
    """`(hedge, value, unit)` of all that is stated in public, « exact » where there is none."""
    for model in (ChiffreAnnonce, Fait):
        for row in model.objects.published():
            yield row.nature, row.valeur, row.unite
    for row in Engagement.objects.published().filter(cible__isnull=False):
        hedge = promesse(row.cible, "", row.approximatif, row.echeance_mots).rpartition("\xa0")[0]
        yield hedge or "exact", row.cible, row.unite


def _written(valeur, unite):
    """How a page may write it: with its unit cut to a stem, for « emplois » and « emploi »."""
    first = unite.split(" ")[0]
    said = quantite(valeur, "EUR") if first == "EUR" else f"{quantite(valeur)} {first[:5]}"
    return " ".join(said.split())


@pytest.fixture
def hedged():
    """{what a page may write: its hedges}, but for what somebody states without hedge too."""
    rows = list(_stated())
    bare = {_written(valeur, unite) for nature, valeur, unite in rows if nature == "exact"}
    found = {}
    for nature, valeur, unite in rows:
        said = _written(valeur, unite)
        if nature != "exact" and nature not in COLLECTIFS and valeur >= DE_HASARD:
            found.setdefault(said, set()).add(nature)
    return {said: hedges for said, hedges in found.items() if said not in bare}


def test_nothing_printed_drops_its_hedge(client, hedged):
    patterns = {
        said: re.compile(rf"(?<![\d,])(?<!\d ){re.escape(said.lower())}") for said in hedged
    }
    bare, seen = [], set()
    for address in echantillon():
        read = " ".join(texte(client.get(address)).lower().split())
        for said, pattern in patterns.items():
            for found in pattern.finditer(read):
                before = read[max(found.start() - 20, 0) : found.start()].rstrip()
                if before.endswith(tuple(hedged[said])):
                    seen.add(said)
                else:
                    bare.append(f"{address} : …{before} {found[0]}…")
    assert bare == []
    assert seen == set(hedged)
