"""A browser in which an agent signed in before is known, and waits for nobody else's failures.

It holds a signed cookie: it opens nothing, and tells apart who types a wrong password there from
who does so elsewhere.
"""

import hashlib
import secrets

from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core import signing

TEMOIN = "__Host-appareil" if settings.HTTPS else "appareil"
DUREE = 180 * 86_400
_CONNECTE = "identite_appareil"
_SEL = "programme.appareils"


def _compte(address):
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:32]


def note(session, agent):
    """The answer to this sign-in will make its browser known."""
    session[_CONNECTE] = _compte(agent.email)


def remember(request, response):
    """Give the cookie, when a sign-in has just ended."""
    session = getattr(request, "session", None)
    if session is None or not session.modified or _CONNECTE not in session:
        return
    known = {"compte": session.pop(_CONNECTE), "appareil": secrets.token_urlsafe(16)}
    response.set_cookie(
        TEMOIN,
        signing.dumps(known, salt=_SEL),
        max_age=DUREE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def known_to(request, address):
    """The name of the browser, when the agent of this address signed in there; None otherwise."""
    try:
        known = signing.loads(request.COOKIES.get(TEMOIN, ""), salt=_SEL, max_age=DUREE)
    except signing.BadSignature:
        return None
    return known["appareil"] if known["compte"] == _compte(address) else None


def whence(request, address):
    """Where an attempt comes from, as failures are counted: a known browser, else a network."""
    known = known_to(request, address)
    return f"appareil:{known}" if known else f"reseau:{get_ip(request)}"
