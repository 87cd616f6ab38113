"""How often the API may be asked, and in which formats: told before any view, without the database.

The counts are those of one process, for a minute: `API_PAR_MINUTE` is what an address is always
granted, whichever process answers it.
"""

from ipaddress import ip_address, ip_network
from threading import Lock
from time import monotonic

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings

from programme.donnees.exports import TYPES
from programme.donnees.problemes import API, probleme

MINUTE = 60  # seconds
ADRESSES = 50_000
"""Of those that one process counts apart in a minute; the next ones share one count."""
RESEAU_IPV6 = 64  # bits: what one subscriber is given
LES_AUTRES = "…"


class Debit:
    """How many requests each address has made in the current minute of this process.

    fenetre: seconds, when not a minute.
    """

    def __init__(self, clock=monotonic, fenetre=MINUTE):
        self.clock, self.fenetre = clock, fenetre
        self._lock = Lock()
        self.forget_all()

    def forget_all(self):
        self._window, self._counts = None, {}

    def count(self, address):
        """`(its requests in this minute, this one included; seconds until the next minute)`."""
        window, elapsed = divmod(self.clock(), self.fenetre)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            if address not in self._counts and len(self._counts) >= ADRESSES:
                address = LES_AUTRES
            self._counts[address] = number = self._counts.get(address, 0) + 1
        return number, int(self.fenetre - elapsed) or 1


debit = Debit()


class PorteDeLApi:
    """429 for who asks too often, 406 for who accepts nothing that the address gives."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path.startswith(API):
            return self.get_response(request)
        most = settings.API_PAR_MINUTE
        number, seconds = debit.count(subscriber(get_client_ip(request)))
        if number > most:
            response = too_many(request, most, seconds)
        else:
            response = not_acceptable(request) or self.get_response(request)
        response["RateLimit-Policy"] = f'"minute";q={most};w={MINUTE}'
        response["RateLimit"] = f'"minute";r={max(0, most - number)};t={seconds}'
        return response


def subscriber(address):
    """An address of IPv4, or the network of one of IPv6: nobody multiplies by having many."""
    try:
        known = ip_address(address)
    except ValueError:
        return str(address)
    if known.version == 4:
        return str(known)
    return str(ip_network((known, RESEAU_IPV6), strict=False))


def too_many(request, most, seconds):
    response = probleme(
        request,
        429,
        f"Plus de {most} demandes en une minute : redemandez dans {seconds} secondes. Un jeu "
        "entier se télécharge en une fois, avec format=csv.",
        anglais=f"More than {most} requests in a minute: ask again in {seconds} seconds. "
        "A whole dataset is one download, with format=csv.",
    )
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response


def not_acceptable(request):
    """406 when `Accept` leaves out the only type of this address; None when it does not."""
    asked = request.GET.get("format") or "json"
    if asked not in TYPES:
        return None  # the view says which formats there are
    kind = TYPES[asked].partition(";")[0]
    if request.accepts(kind):
        return None
    return probleme(
        request,
        406,
        f"Cette adresse répond en {kind}, que l’en-tête Accept n’admet pas : ajoutez-le, ou "
        f"demandez un autre format (format={', '.join(TYPES)}).",
        anglais=f"This address answers in {kind}, which the Accept header leaves out: add it, or "
        f"ask for another format (format={', '.join(TYPES)}).",
    )
