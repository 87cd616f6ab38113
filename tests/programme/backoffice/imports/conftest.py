"""A région with projects, and who imports what belongs to it."""

import pytest

from programme.models import Publication
from tests import factories as f


@pytest.fixture
def territoire(normandie):
    return f.TerritoireFactory(code="ti-2801", nom="Pays de l’Aigle", region_porteuse=normandie)


@pytest.fixture
def orne(normandie):
    return f.DepartementFactory(code="61", nom="Orne", region=normandie)


@pytest.fixture
def projet(territoire, orne):
    """A draft of Normandie, whose every column has a value."""
    return f.ProjetFactory(
        code="aigle-1",
        beneficiaire="Forges de l’Iton",
        siren="331408336",
        territoire=territoire,
        departement=orne,
        commune=f.CommuneFactory(code="61214", nom="L’Aigle", departement=orne),
        publication=Publication.BROUILLON,
        statut="remonté",
    )


@pytest.fixture
def national_client(national, signed_in):
    return signed_in(national)


@pytest.fixture
def client(secretariat, signed_in):
    return signed_in(secretariat)
