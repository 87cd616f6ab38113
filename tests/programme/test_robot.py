"""Hostile input, wherever a link leads: never a 5xx, always a sentence (tests/robot.py)."""

import pytest
from django.test import Client
from django.urls import reverse

from programme.models import Publication
from tests import factories as f
from tests.programme.backoffice.monde import rows
from tests.robot import Robot
from tests.test_urls import WITHOUT_ARGUMENT

PUBLIQUES = [reverse(name) for name in WITHOUT_ARGUMENT]
ECHANTILLON = 150
"""Requests of a sample; the whole is in `test_robot_reel.py`."""


def client_of(role, region):
    client = Client()
    if role == "national":
        client.force_login(f.NationalFactory())
    elif role == "rédacteur":
        client.force_login(f.RedacteurFactory(regions=[region]))
    return client


def walk(role, region, graine, demandes):
    robot = Robot(client_of(role, region), graine=graine)
    departs = PUBLIQUES if role == "personne" else ["/admin/"]
    fautes = robot.marcher(departs, demandes=demandes)
    print(role, graine, robot.demandes, dict(robot.statuts), max(robot.durees))
    assert not fautes, "\n".join(map(str, fautes))
    return robot


ROLES = ["personne", "national", "rédacteur"]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_a_sample_of_hostile_requests_is_answered(role):
    region = f.RegionFactory(code="28")
    rows(region, f.OperateurFactory(), Publication.PUBLIE)
    robot = walk(role, region, 1, ECHANTILLON)
    assert robot.demandes >= ECHANTILLON
    assert len(robot.vues) > 15, "it goes everywhere"
