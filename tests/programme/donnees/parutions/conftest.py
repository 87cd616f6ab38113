from contextlib import contextmanager

import pytest
from django.conf import settings
from django.test import override_settings

from programme.donnees.jeux import JEUX
from programme.donnees.parutions import faire

QUELQUES = ("territoires", "projets", "financements", "signataires", "personnes")


@contextmanager
def quelques_jeux():
    """A parution of a few datasets costs little."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faire, "JEUX", {code: JEUX[code] for code in QUELQUES})
        yield


def sur_disque(folder):
    """Files are kept in `folder`, as they are in service."""
    disque = {"default": {"BACKEND": "programme.stockage.StockageEntier"}}
    return override_settings(MEDIA_ROOT=str(folder), STORAGES=settings.STORAGES | disque)


@pytest.fixture(autouse=True)
def _media(tmp_path):
    with sur_disque(tmp_path / "media"):
        yield


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
