"""Settings of identity that single tests want otherwise."""

import pytest


@pytest.fixture
def obligatoire(settings):
    """The second factor is required, as in production."""
    settings.SECOND_FACTEUR_OBLIGATOIRE = True
