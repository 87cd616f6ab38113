"""Dates what a test made, and reads a page as text."""

import re
from datetime import timedelta
from html import unescape

from django.utils import timezone


def vieillir(*rows, jours=60):
    """As if the rows had last been saved `jours` days ago, at this hour of the clock in Paris.

    The instant `jours` × 24 hours ago is on another day there, when summer time lies between.
    """
    for row in rows:
        row.history.update(history_date=timezone.localtime() - timedelta(days=jours))


def texte(response):
    """The words of a page, without its tags."""
    assert response.status_code == 200, response
    body = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def entre(words, start, end):
    """What a page says between two of its headings."""
    return words.partition(start)[2].partition(end)[0]
