"""Over the real data: what the pages link of the glossary, and how they say that they are read."""

import re

import pytest

from programme.catalogue.glossaire import COURANTS
from programme.catalogue.lire import LECTURES
from programme.models import Terme
from tests.adresses import echantillon
from tests.chiffres_des_pages import lue

pytestmark = [
    pytest.mark.une_base,
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
]


def test_how_a_page_is_read_is_a_rule_and_short():
    for sentences in LECTURES.values():
        assert len(sentences) <= 4
        assert not re.search(r"\d", " ".join(sentences))


def test_every_page_links_each_word_once_and_to_an_entry(client):
    entries = set(Terme.objects.published().values_list("code", flat=True))
    assert not COURANTS - entries
    linking = set()
    for address in echantillon(de_chaque=1):
        response = client.get(address)
        if response.status_code != 200 or "html" not in response["Content-Type"]:
            continue
        main = lue(response.text)
        links = [
            (one.attributs["href"].split("#")[1], one)
            for one in main.tous()
            if one.nom == "a" and (one.attributs.get("href") or "").startswith("/glossaire/#")
        ]
        codes = [code for code, _ in links]
        assert set(codes) <= entries, address
        if response.resolver_match.url_name in UNE_FOIS:
            assert len(codes) == len(set(codes)), address
        for _, one in links:
            assert one.autour("a") is None, address
        if codes:
            linking.add(response.resolver_match.url_name)
    assert not UNE_FOIS - linking


UNE_FOIS = {"contrats", "territoire", "projet", "fonds", "chiffres", "commune", "operateurs"}
"""Kinds of pages that say such words, each linked once."""
