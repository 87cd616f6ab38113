"""The sample of the assessment of accessibility, read on the real data."""

import pytest

from programme import accessibilite

from .test_accessibilite import faults

pytestmark = [
    pytest.mark.une_base(ensemble=True),
    pytest.mark.lent,
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
]
D_AGENT = ("Connexion", "Administration : une liste", "Administration : un formulaire")


def test_the_sample_follows_what_can_be_read_in_the_markup(client):
    found = {}
    for name, address in accessibilite.ECHANTILLON.items():
        if name in D_AGENT:
            continue  # axe reads every screen of the back-office
        response = client.get(address)
        assert response.status_code == 200, name
        if told := list(faults(response.text)):
            found[name] = told
    assert found == {}
