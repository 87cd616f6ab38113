"""The list of 183 imported by an administrator, then corrected away. Minutes: `make epreuves`."""

import pytest
from django.test import Client

from programme.models import Decision
from territoires.models import Territoire
from tests import factories as f
from tests.programme.backoffice import liste_183
from tests.public import MOUVANT, gaps

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
    pytest.mark.epreuve,
]


def answers():
    found = {}
    for address in liste_183.addresses():
        response = Client().get(address)
        body = b"".join(response) if response.streaming else response.content
        found[address] = (response.status_code, MOUVANT.sub(b"", body))
    return found


def test_the_list_is_imported_then_corrected_away(client):
    client.force_login(f.NationalFactory())
    day = liste_183.OUVERTURE
    content = liste_183.as_list(day)
    liste_183.without_phase_2()
    seance = f.SeanceFactory(
        comite_regional=None, comite_national=f.ComiteNationalFactory(), date=day
    )
    before = answers()

    shown = liste_183.send(client, seance, content, day)
    assert len(shown.etapes) == 5
    assert liste_183.confirm(client, seance, shown).status_code == 302
    assert Territoire.objects.filter(phase=2).count() == 183

    trace = Decision.objects.get(ajustement__isnull=False).trace
    client.post(f"/admin/territoires/trace/{trace.pk}/corriger/", {"motif": "Une erreur."})
    assert not Territoire.objects.filter(phase=2).exists()
    assert gaps(before, answers()) == {}
