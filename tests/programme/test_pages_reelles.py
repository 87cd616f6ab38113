"""What no page, feed or calendar of the real data may print: a figure without its hedge, a day that
no source states, a claim after the horizon, today and in two years.

These tests change nothing: what the site answers is asked once for all of them.
"""

import datetime
import re
from unittest import mock

import pytest
from django.db.models import DateField, DateTimeField
from django.urls import reverse
from django.utils import timezone

from programme.donnees import horizon
from programme.enonces import COLLECTIFS, promesse, quantite
from programme.models import ChiffreAnnonce, Engagement, Fait, Precision
from territoires.dates import date_in_words, iso
from territoires.millesimes import etat
from territoires.models import Certitude
from tests.adresses import NO_ANSWER, echantillon, texte
from tests.programme.catalogue.pages.outils import mots
from tests.test_consistency import OUR_MODELS
from tests.test_urls import MODELS_WITH_PAGE, WITHOUT_ARGUMENT

from .test_apres_horizon import unfounded, words_of_page

pytestmark = [
    pytest.mark.une_base(ensemble=True),
    pytest.mark.lent,
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
]


@pytest.fixture(scope="module")
def lues():
    """{(day of the clock, address): what it answers}."""
    return {}


@pytest.fixture
def lire(client, lues):
    """Function: what the site answers at an address, markup included."""

    def read(address):
        key = timezone.localdate(), address
        if key not in lues:
            response = client.get(address)
            assert response.status_code == 200, address
            lues[key] = texte(response)
        return lues[key]

    return read


# --- Figures ------------------------------------------------------------------------------------

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


def test_nothing_printed_drops_its_hedge(lire, hedged):
    patterns = {
        said: re.compile(rf"(?<![\d,])(?<!\d ){re.escape(said.lower())}") for said in hedged
    }
    bare, seen = [], set()
    for address in echantillon():
        read = " ".join(mots(lire(address)).lower().split())
        for said, pattern in patterns.items():
            if said.lower() not in read:  # much faster than the pattern
                continue
            for found in pattern.finditer(read):
                before = read[max(found.start() - 20, 0) : found.start()].rstrip()
                if before.endswith(tuple(hedged[said])):
                    seen.add(said)
                else:
                    bare.append(f"{address} : …{before} {found[0]}…")
    assert bare == []
    assert seen == set(hedged)


# --- Days ---------------------------------------------------------------------------------------

SURES = {Precision.JOUR, Certitude.EXACTE, ""}
RESERVES = ("au plus tard", "date reconstituée")
EVENEMENT = re.compile(r"BEGIN:VEVENT(?:(?!END:VEVENT).)*END:VEVENT", re.DOTALL)
SANS_JOUR = "TRANSP:TRANSPARENT"  # an event of the whole month or year, which its title says


def _days():
    """`(day, precision)` of every date of the records, "" where nothing says more than a day."""
    for model in (model for model in OUR_MODELS if model._meta.managed):
        precisions = getattr(model, "precisions", {})
        for field in model._meta.get_fields():
            if isinstance(field, DateField) and not isinstance(field, DateTimeField):
                told = precisions.get(field.name)
                rows = model._base_manager.exclude(**{field.name: None})
                found = rows.values_list(field.name, *([told] if told else [])).distinct()
                yield from ((row[0], row[1] if told else "") for row in found)


@pytest.fixture
def vagues():
    """{day: its precisions} of the days that are the day of nothing."""
    found, sure = {}, set()
    for day, precision in _days():
        if precision in SURES:
            sure.add(day)
        else:
            found.setdefault(day, set()).add(str(precision))
    # The geography in force is that of a 1 January, by definition.
    sure |= {etat(day) for day in found}
    return {day: precisions for day, precisions in found.items() if day not in sure}


def test_no_day_is_printed_that_no_source_states(lire, vagues):
    assert len(vagues) > 10
    written = [(date_in_words(day), f"DATE:{iso(day).replace('-', '')}") for day in vagues]
    bare, hedged = [], 0
    for address in echantillon():
        read = mots(lire(address)).replace("\xa0", " ")
        read = EVENEMENT.sub(lambda found: "" if SANS_JOUR in found[0] else found[0], read)
        for words, machine in written:
            if words not in read and machine not in read:  # much faster than the pattern
                continue
            for found in re.finditer(rf"(?<!\d){words}|{machine}", read):
                around = read[max(found.start() - 20, 0) : found.end() + 20]
                if any(reserve in around.lower() for reserve in RESERVES):
                    hedged += 1
                else:
                    bare.append(f"{address} : …{read[max(found.start() - 60, 0) : found.end()]}…")
    assert bare == []
    assert hedged > 20


# --- Claims -------------------------------------------------------------------------------------


@pytest.mark.parametrize("annees", [0, 2])
def test_nothing_is_claimed_after_the_horizon(lire, annees):
    moment = timezone.now() + datetime.timedelta(days=365 * annees)
    told = {}
    with mock.patch("django.utils.timezone.now", return_value=moment):
        dernier = horizon.whole("rattachements").date
        assert dernier < moment.date()
        for address in _addresses(moment.date()):
            if claims := unfounded(words_of_page(lire(address)), dernier):
                told[address] = claims
    assert told == {}


def _addresses(today):
    yield from (reverse(name) for name in WITHOUT_ARGUMENT if name not in NO_ANSWER)
    for model in MODELS_WITH_PAGE:
        rows = model.objects.published() if hasattr(model.objects, "published") else model.objects
        yield from (row.get_absolute_url() for row in rows.order_by("pk")[:1])
    yield from (
        f"{reverse('territoires')}?date={today}",
        f"{reverse('carte')}?date={today}",
        f"{reverse('differences')}?de=2024-07-04&a={today}",
        f"{reverse('recherche')}?q=caen",
        f"{reverse('commune', args=['14118'])}?date={today}",
    )
