"""Settings of identity that single tests want otherwise."""

import pytest


@pytest.fixture
def obligatoire(settings):
    """The second factor is required, as in production."""
    settings.SECOND_FACTEUR_OBLIGATOIRE = True


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    """`with commits():` what waits for the commit happens at the end of the block."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
