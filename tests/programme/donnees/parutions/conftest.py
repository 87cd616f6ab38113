from contextlib import contextmanager

import pytest

from programme.donnees.jeux import JEUX
from programme.donnees.parutions import faire

QUELQUES = ("territoires", "projets", "financements", "signataires", "personnes")


@contextmanager
def quelques_jeux():
    """A parution of a few datasets costs little."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faire, "JEUX", {code: JEUX[code] for code in QUELQUES})
        yield


@pytest.fixture(autouse=True)
def _media(tmp_path, settings):
    settings.MEDIA_ROOT = str(tmp_path / "media")


@pytest.fixture(autouse=True)
def _quelques_jeux(request):
    """A test that asks for all of them takes `tous_les_jeux`."""
    if "tous_les_jeux" in request.fixturenames:
        yield
        return
    with quelques_jeux():
        yield


@pytest.fixture
def tous_les_jeux():
    return JEUX
