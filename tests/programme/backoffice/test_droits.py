"""Rights come from the role alone."""

import pytest
from django.apps import apps
from django.contrib import admin

from programme.backoffice.droits import DROITS, permission, permissions_of
from programme.models import Contrat, Realisation
from territoires.models import Agent, Role
from tests import factories as f

SUR_UNE_AUTRE_PAGE = {"programme.DecisionPreparee"}
"""What has no screen: it is prepared on that of its séance."""


def test_every_role_has_rights_on_models_that_exist():
    assert set(DROITS) == set(Role)
    for rights in DROITS.values():
        for label in rights.keys() - SUR_UNE_AUTRE_PAGE:
            assert admin.site.is_registered(apps.get_model(label)), label


def test_every_screen_can_be_seen_by_the_national_administrator():
    seen = permissions_of(Role.NATIONAL)
    for model in admin.site._registry:
        assert permission("view", model) in seen, model


@pytest.mark.parametrize("role", [role for role in Role if role != Role.NATIONAL])
def test_only_national_administrators_know_the_agents(role):
    assert not [name for name in permissions_of(role) if name.endswith("_agent")]


def test_a_reader_only_reads():
    assert {name.split(".")[1].split("_")[0] for name in permissions_of(Role.LECTEUR)} == {"view"}


def test_who_proposes_does_not_publish():
    assert permission("publier", Contrat) in permissions_of(Role.SECRETARIAT)
    assert permission("valider", Contrat) in permissions_of(Role.SECRETARIAT)
    assert permission("publier", Contrat) not in permissions_of(Role.REDACTEUR)
    assert permission("valider", Contrat) not in permissions_of(Role.REDACTEUR)
    # What an operator says it delivered is published by somebody else.
    assert permission("change", Realisation) in permissions_of(Role.REFERENT)
    assert permission("publier", Realisation) not in permissions_of(Role.REFERENT)


def test_nobody_deletes_an_agent():
    for role in Role:
        assert permission("delete", Agent) not in permissions_of(role)


def test_a_permission_costs_no_query(redacteur, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert redacteur.has_perm("programme.change_contrat")
        assert not redacteur.has_perm("programme.publier_contrat")
        assert redacteur.has_module_perms("programme")
        assert not redacteur.has_module_perms("auth")


def test_an_inactive_agent_has_no_right(db):
    agent = f.NationalFactory(is_active=False)
    assert not agent.has_perm("programme.view_contrat")
    assert not agent.has_module_perms("programme")
