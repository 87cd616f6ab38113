"""A published contract and project of Normandie, who proposes and who answers."""

from types import SimpleNamespace

import pytest

from programme.models import Proposition
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data, messages_of


@pytest.fixture
def contrat(normandie):
    made = f.ContratFactory(
        territoire__region_porteuse=normandie, intitule="Acte de L’Aigle", lieu="Alençon"
    )
    f.SignataireFactory(contrat=made, organisme="Région", nom="Ada Région")
    f.SignataireFactory(contrat=made, organisme="État", nom="Émile État")
    return made


@pytest.fixture
def projet(contrat):
    return f.ProjetFactory(territoire=contrat.territoire, statut="engagé")


@pytest.fixture
def editor(signed_in, redacteur):
    return signed_in(redacteur)


@pytest.fixture
def publisher(signed_in, secretariat):
    return signed_in(secretariat)


@pytest.fixture
def stranger(signed_in, bretagne):
    return signed_in(f.SecretariatFactory(regions=[bretagne], nom="Breizh Secrétariat"))


@pytest.fixture
def other(signed_in, normandie):
    """A second secretariat of the same région."""
    return signed_in(f.SecretariatFactory(regions=[normandie], nom="Olga Secrétariat"))


@pytest.fixture
def colleague(signed_in, normandie):
    """A second rédactrice of the same région."""
    return signed_in(f.RedacteurFactory(regions=[normandie], nom="Rose Rédactrice"))


@pytest.fixture
def ways():
    """How one proposes and answers: `.propose(client, record, motif, **values)`, the `Proposition`
    that the form makes; `.answer(client, proposition, acte, retenir, **values)`, all being ticked
    by default.
    """
    return SimpleNamespace(propose=_propose, answer=_answer)


def _propose(client, record, motif="Vu au Journal officiel", **values):
    page = address(type(record), "change", record.pk)
    data = {**form_data(client.get(page)), **values, "motif_proposition": motif}
    known = set(Proposition.objects.values_list("pk", flat=True))
    response = client.post(page, {**data, "_proposer": "on"})
    assert response.status_code == 302, messages_of(response)
    found = Proposition.objects.exclude(pk__in=known).get()
    assert response.url == found.get_absolute_url()
    return found


def _answer(client, proposition, acte, retenir=None, **values):
    page = proposition.get_absolute_url()
    context = client.get(page).context
    offered = [c.cle for c, ticked in context["changements"] if ticked]
    data = {
        "acte": acte,
        "version_vue": context["version_vue"],
        "retenir": offered if retenir is None else retenir,
        **values,
    }
    response = client.post(page, data)
    proposition.refresh_from_db()
    return response
