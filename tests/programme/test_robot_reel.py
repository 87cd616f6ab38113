"""The same robot over the real data, whole: `make epreuves ARGS=essais`."""

import pytest

from territoires.models import Region
from tests.programme.test_robot import ROLES, walk

pytestmark = [
    pytest.mark.epreuve,
    pytest.mark.lent,
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
]
ENTIER = 4_000


@pytest.mark.parametrize("graine", [1, 2, 3])
@pytest.mark.parametrize("role", ROLES)
def test_hostile_requests_are_answered(role, graine):
    walk(role, Region.objects.get(code="28"), graine, ENTIER)
