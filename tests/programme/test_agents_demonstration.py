"""Officers of the demonstration: one per role, only when asked for, only once."""

import io

import pytest
from django.core.management import CommandError, call_command

from territoires.models import Agent, Role, Territoire
from tests.factories import OperateurFactory, RegionFactory, TerritoireFactory

pytestmark = pytest.mark.django_db


def create():
    out = io.StringIO()
    call_command("creer_agents_demonstration", stdout=out)
    return out.getvalue()


@pytest.fixture
def places(settings):
    settings.DEMONSTRATION = True
    OperateurFactory(code="bpifrance", nom="Bpifrance")
    return {code: RegionFactory(code=code) for code in ("28", "53", "75", "76")}


def test_refuses_unless_it_is_a_demonstration(places, settings):
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError, match="DEMONSTRATION=True"):
        create()
    assert not Agent.objects.exists()


def test_says_what_is_missing(settings):
    settings.DEMONSTRATION = True
    with pytest.raises(CommandError, match="lancez d’abord charger_donnees"):
        create()
    assert not Agent.objects.exists()


def test_every_role_signs_in_with_the_printed_password(places):
    printed = dict(line.split()[:2] for line in create().splitlines() if "@" in line)
    agents = Agent.objects.all()
    assert {agent.role for agent in agents} == set(Role.values)
    assert {agent.email for agent in agents} == printed.keys()
    for agent in agents:
        assert agent.check_password(printed[agent.email])
        agent.full_clean()
    assert len(set(printed.values())) == len(printed)


def test_a_second_call_creates_nothing(places):
    create()
    before = dict(Agent.objects.values_list("email", "password"))
    assert create() == "Aucun changement : les agents de démonstration existent déjà.\n"
    assert dict(Agent.objects.values_list("email", "password")) == before


def test_a_shared_territory_has_its_two_secretariats(places):
    create()
    shared = TerritoireFactory(region_porteuse=places["75"], regions=[places["76"]])
    secretariats = Agent.objects.filter(role=Role.SECRETARIAT)
    seeing = [a for a in secretariats if Territoire.objects.visible_to(a).filter(pk=shared.pk)]
    assert {r.code for agent in seeing for r in agent.regions.all()} == {"75", "76"}
