"""What anybody reads of the portal, to compare two moments of it byte for byte."""

import json
import re

from django.test import Client

from territoires.models import Intercommunalite, Territoire

JOURS = ("2022-01-09", "2022-01-10", "2022-06-01")
PAGES = (
    "/",
    "/carte/differences/?de=2022-01-09&a=2022-06-01",
    "/rattachements/?format=csv",
    "/contrats/?format=csv",
    "/journal/flux.atom",
    "/actualites/flux.atom",
    "/recherche/suggestions/?q=boc",
    "/sitemap.xml",
)
# The number and the moment of the version of the data: a change and its correction are two. And the
# key of a member, by which one reports it: that of a decision published anew is another row.
MOUVANT = re.compile(
    rb'"version": ?"?\d+"?|<updated>[^<]*</updated>|version \d+ des donn[^,<]*|-version-\d+'
    rb"|/signaler/rattachements/\d+/"
)


def answers(*more):
    """{address: what anybody is answered there}."""
    client = Client()
    days = [f"/carte/?date={day}&format=json" for day in JOURS]
    days += [f"/territoires/?date={day}&format=json" for day in JOURS]
    pages = [territoire.get_absolute_url() for territoire in Territoire.objects.order_by("pk")[:2]]
    pages += [f"/intercommunalites/{siren}/" for siren in _sirens()]
    found = {}
    for address in (*PAGES, *days, *pages, *more):
        response = client.get(address)
        body = b"".join(response) if response.streaming else response.content
        found[address] = (response.status_code, MOUVANT.sub(b"", body))
    return found


def _sirens():
    return Intercommunalite.objects.order_by("pk").values_list("pk", flat=True)[:2]


def gaps(before, after):
    """The addresses that do not answer the same, with the first bytes that differ."""
    told = {}
    for address in before.keys() | after.keys():
        one, other = before.get(address), after.get(address)
        if one != other:
            told[address] = _first(one, other)
    return told


def _first(one, other):
    if one is None or other is None or one[0] != other[0]:
        return json.dumps([one and one[0], other and other[0]])
    rank = next((i for i, (a, b) in enumerate(zip(one[1], other[1], strict=False)) if a != b), 0)
    return (one[1][max(rank - 80, 0) : rank + 80], other[1][max(rank - 80, 0) : rank + 80])
