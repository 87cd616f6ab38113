"""The real lists of phase 2 imported by an administrator, then corrected away. Minutes."""

import pytest

from tests.programme.backoffice.liste_183 import prouver

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
    pytest.mark.epreuve,
]


def test_the_real_lists_are_imported_then_corrected_away(client):
    prouver(client)
