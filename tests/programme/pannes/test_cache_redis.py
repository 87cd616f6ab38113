"""The shared memory in a real Redis: what it counts, and what is said when it is gone."""

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest
from django.core.cache import caches
from django.test import Client

from programme.environnement.valeurs import Faute, shared_cache
from programme.pannes.cache_redis import CacheRedis, MemoireAbsente
from programme.pannes.causes import Panne, panne_of
from tests import factories as f
from tests.programme.backoffice.identite.outils import CONNEXION, sign_in, words_of

pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="redis-server is not installed"
)


def _cache(port):
    given = shared_cache(f"redis://127.0.0.1:{port}/0")
    return CacheRedis(given["LOCATION"], {"OPTIONS": given["OPTIONS"]})


@contextmanager
def served():
    """A Redis of its own, for as long as this lasts; yields the cache that it holds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.05)
        yield _cache(port)
    finally:
        server.terminate()
        server.wait()


def test_it_counts_and_forgets_as_the_base_does():
    with served() as cache:
        assert cache.get("essais") is None
        assert cache.add("essais", 1)
        assert not cache.add("essais", 1)
        assert cache.incr("essais") == 2
        cache.set("instants", [1.5, 2.5], 60)
        assert cache.get("instants") == [1.5, 2.5]
        cache.set("code", "y")
        assert cache.get_many(["code", "rien"]) == {"code": "y"}
        cache.delete("code")
        assert not cache.has_key("code")


@pytest.mark.django_db
def test_nobody_signs_in_without_it_and_all_the_rest_is_served(monkeypatch):
    agent, client = f.AgentFactory(), Client(raise_request_exception=False)
    with served() as cache:
        caches["default"]  # made, before another takes its place
        monkeypatch.setattr(caches._connections, "default", cache)
        assert sign_in(client, agent.email, "faux", follow=False).status_code == 200
    response = sign_in(client, agent.email, follow=False)
    assert response.status_code == 503
    assert "personne ne peut se connecter en ce moment" in words_of(response)
    assert client.get(CONNEXION).status_code == 200
    assert client.get("/territoires/").status_code == 200


def test_its_silence_has_its_own_words():
    with served() as cache:
        pass
    with pytest.raises(MemoireAbsente) as raised:
        cache.incr("essais")
    assert panne_of(raised.value) is Panne.MEMOIRE


@pytest.mark.parametrize("value", ["memcached://hote", "redis://", "hote:6379"])
def test_another_address_is_refused(value):
    with pytest.raises(Faute, match="ce n’est pas l’adresse d’un Redis ou d’un Valkey"):
        shared_cache(value)
