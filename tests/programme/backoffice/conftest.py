"""Two régions that do not share a territory, and their officers."""

from types import SimpleNamespace

import pytest
from django.test import Client

from programme.models import Publication
from tests import factories as f


@pytest.fixture
def normandie(db):
    return f.RegionFactory(code="28")


@pytest.fixture
def bretagne(db):
    return f.RegionFactory(code="53")


@pytest.fixture
def signed_in():
    """`signed_in(agent)`: a client with the agent's session."""

    def client_of(agent):
        client = Client()
        client.force_login(agent)
        return client

    return client_of


@pytest.fixture
def national(db):
    return f.NationalFactory(nom="Nadia National")


@pytest.fixture
def secretariat(normandie):
    return f.SecretariatFactory(nom="Sacha Secrétariat", regions=[normandie])


@pytest.fixture
def redacteur(normandie):
    return f.RedacteurFactory(nom="René Rédacteur", regions=[normandie])


@pytest.fixture
def contrats(normandie, bretagne):
    """`.normand` and `.breton`: drafts, each with one signataire and one avenant."""

    def contrat(region, nom):
        territoire = f.TerritoireFactory(nom=f"Vallée {nom}", region_porteuse=region)
        made = f.ContratFactory(
            territoire=territoire,
            intitule=f"Acte {nom}",
            publication=Publication.BROUILLON,
            statut="en préparation",
            date_signature=None,
            precision_signature="",
        )
        f.SignataireFactory(contrat=made, nom=f"Signataire {nom}")
        f.AvenantFactory(contrat=made, objet=f"Objet {nom}")
        return made

    return SimpleNamespace(
        normand=contrat(normandie, "normande"), breton=contrat(bretagne, "bretonne")
    )
