"""What the tests of the map share: members whose outline is known, dates, reading a page."""

import re
from datetime import date
from html import unescape

from tests.factories import IntercommunaliteFactory, RattachementFactory

GRAND_ORLY, SACLAY, CERGY = "200058014", "200056232", "249500109"
CAP_EXCELLENCE, PAU = "200018653", "200067254"
LYON, MULHOUSE, LISTE_148 = date(2019, 3, 6), date(2019, 11, 14), date(2020, 10, 15)


def member(territoire, siren, **kwargs):
    """`territoire`, with one more member whose outline is known."""
    RattachementFactory(
        territoire=territoire, intercommunalite=IntercommunaliteFactory(siren=siren), **kwargs
    )
    return territoire


def words(html):
    """The text of a page or of a part of it, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def page(response):
    return words(response.content.decode())
