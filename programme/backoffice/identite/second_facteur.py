"""The back-office opens to a session that gave its second factor, and to no other."""

from allauth.account.authentication import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
)
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.shortcuts import redirect, render

from programme.backoffice.identite.chiffrement import SecretIllisible
from programme.requetes import ADMINISTRATION

# Where one signs in, gives the second factor or sets it up, and leaves.
OUVERTES = ("/admin/compte/", "/admin/login/", "/admin/logout/", "/admin/jsi18n/")
SUITE = "identite_suite"
METHODE = "mfa"


def was_given(request, agent):
    """Whether this session proved a second factor: here, or at ProConnect."""
    records = get_authentication_records(request, agent)
    return any(record.get("method") == METHODE for record in records)


def forget(request):
    """Ask again: the factor that this session proved is gone."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        record for record in records if record.get("method") != METHODE
    ]


def is_missing(request):
    """Whether an agent is signed in without the second factor that is asked of them."""
    return (
        settings.SECOND_FACTEUR_OBLIGATOIRE
        and settings.SESSION_COOKIE_NAME in request.COOKIES
        and request.user.is_authenticated
        and not was_given(request, request.user)
    )


class DemandeDuSecondFacteur(AuthenticateStage):
    """Not asked of whoever just gave one at ProConnect."""

    def _should_handle(self, request):
        return super()._should_handle(request) and not was_given(request, self.login.user)


class SecondFacteurRequis:
    """Leads an agent without a second factor to set it up; until then they are nobody.

    Costs no query to a session that gave one, and nothing to whoever has no session.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if is_missing(request):
            if not request.path_info.startswith(ADMINISTRATION):
                request.user = AnonymousUser()
            elif not request.path_info.startswith(OUVERTES):
                return self._lead(request)
        return self.get_response(request)

    def process_exception(self, request, exception):
        """Codes that no key of the site reads: the page of new ones, instead of a breakdown."""
        if isinstance(exception, SecretIllisible):
            return render(request, "account/secret_illisible.html", status=409)
        return None

    def _lead(self, request):
        if request.method == "GET":
            request.session[SUITE] = request.get_full_path()
        messages.info(
            request,
            "Activez un second facteur pour entrer : une application sur votre téléphone, ou une "
            "clé d’accès.",
        )
        return redirect("mfa_index")
