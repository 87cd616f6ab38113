"""How long a session lives: `SESSION_INACTIVITE` without a request, `SESSION_DUREE` in all.

A page that only shows does not need its session to be written: when the database cannot, it is
shown all the same.
"""

import logging
import time

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import Error

from programme.backoffice.identite import appareils
from programme.models import JournalAcces
from programme.pannes.causes import panne_of

logger = logging.getLogger(__name__)

OUVERTE, VUE = "identite_ouverte", "identite_vue"
# Seconds between two notes of what a session last did: one write a minute, not one a request.
RYTHME = 60


def open_now(session):
    session[OUVERTE] = session[VUE] = int(time.time())


def in_words(seconds):
    """« 2 heures », « 45 minutes »."""
    count, word = (seconds // 3600, "heure") if seconds % 3600 == 0 else (seconds // 60, "minute")
    return f"{count} {word}{'s' if count > 1 else ''}"


def why_closed(session, now):
    """The French reason why a session is over; None while it lives."""
    if now - session[OUVERTE] >= settings.SESSION_DUREE:
        return f"elle durait depuis {in_words(settings.SESSION_DUREE)}"
    if now - session[VUE] >= settings.SESSION_INACTIVITE:
        return f"elle est restée {in_words(settings.SESSION_INACTIVITE)} sans activité"
    return None


class Sessions(SessionMiddleware):
    """Django's; what was read is shown even when its session could not be written."""

    def process_response(self, request, response):
        appareils.remember(request, response)
        try:
            return super().process_response(request, response)
        except Error as error:
            if request.method not in ("GET", "HEAD") or not panne_of(error):
                raise
            logger.warning("the session of a page was not written: %s", error)
            return response


class LimitesDeSession:
    """Closes what lasted too long, before any view: the request goes on, signed out.

    Whoever then asks for a page of the back-office is sent to sign in, and comes back to it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            self._check(request)
        return self.get_response(request)

    def _check(self, request):
        session, now = request.session, int(time.time())
        if OUVERTE not in session:
            open_now(session)
        reason = why_closed(session, now)
        if reason:
            request.fin_de_session = JournalAcces.Acte.EXPIRATION
            logout(request)
            messages.info(request, f"Votre session a été fermée : {reason}. Reconnectez-vous.")
        elif now - session[VUE] >= RYTHME and request.user.is_authenticated:
            session[VUE] = now
            self._note(request)

    @staticmethod
    def _note(request):
        """Keep the list of one's sessions up to date, if the database can write."""
        try:
            UserSession.objects.create_from_request(request)
        except Error as error:
            if not panne_of(error):
                raise
            logger.warning("a session was not noted: %s", error)
