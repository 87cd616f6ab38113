"""The pages of the real data claim nothing after the horizon, today and in two years."""

import datetime
from unittest import mock

import pytest
from django.urls import reverse
from django.utils import timezone

from programme.donnees import horizon
from tests.adresses import NO_ANSWER, texte
from tests.test_urls import MODELS_WITH_PAGE, WITHOUT_ARGUMENT

from .test_apres_horizon import unfounded, words_of_page

pytestmark = [
    pytest.mark.lent,
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
]


@pytest.mark.parametrize("annees", [0, 2])
def test_no_page_of_the_real_data_claims_anything_after_the_horizon(client, annees):
    moment = timezone.now() + datetime.timedelta(days=365 * annees)
    told = {}
    with mock.patch("django.utils.timezone.now", return_value=moment):
        dernier = horizon.whole("rattachements").date
        assert dernier < moment.date()
        for address in _addresses(moment.date()):
            response = client.get(address)
            assert response.status_code == 200, address
            if claims := unfounded(words_of_page(texte(response)), dernier):
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
