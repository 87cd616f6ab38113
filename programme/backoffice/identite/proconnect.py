"""ProConnect, the sign-in of public agents: OpenID Connect, switched on by the environment.

What it asks of a service: https://partenaires.proconnect.gouv.fr/docs/fournisseur-service — state
and nonce of 32 characters at least, no parameter beyond its own, user information as a signed JWT,
`acr` and `amr` in the identity token alone.
"""

import json
import logging
import secrets

import jwt
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from requests import RequestException

from programme.backoffice.identite import second_facteur
from programme.backoffice.identite.journal import record
from programme.models import JournalAcces
from territoires.models import Agent

logger = logging.getLogger(__name__)

ID = "proconnect"
SESSION = "proconnect"
SCOPES = ["openid", "given_name", "usual_name", "email", "uid"]
# `acr` is told without being demanded: an agent without a second factor there gives ours.
CLAIMS = {"id_token": {"acr": None, "amr": {"essential": True}}}
SIGNATURES = ["RS256", "ES256"]
DEUX_FACTEURS = {
    "eidas2",
    "eidas3",
    "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
    "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
}
LEEWAY = 30  # seconds between two clocks


def is_configured():
    return all(settings.PROCONNECT.values())


class Fournisseur(OpenIDConnectProvider):
    """The provider as allauth knows one, with this module's checks."""


class Echanges(OpenIDConnectOAuth2Adapter):
    """The exchanges with ProConnect: every token is checked before it is believed."""

    nonce = None

    def __init__(self, request, provider_id=ID):
        super().__init__(request, provider_id)

    def get_provider(self):
        return Fournisseur(self.request, app=get_adapter().get_app(self.request, ID))

    def get_callback_url(self, request, app):
        return request.build_absolute_uri(reverse("proconnect_retour"))

    @property
    def openid_config(self):
        config = super().openid_config
        if config.get("issuer", "").rstrip("/") != settings.PROCONNECT["server_url"]:
            raise OAuth2Error("the issuer is not the configured server")
        return config

    def complete_login(self, request, app, token, response):
        required = ["iss", "aud", "sub", "exp", "iat", "nonce"]
        identity = self._verified(response.get("id_token", ""), required)
        if not self.nonce or not secrets.compare_digest(str(identity["nonce"]), self.nonce):
            raise OAuth2Error("the nonce is not the one that was sent")
        person = self._fetch_user_info(token.token)
        if person["sub"] != identity["sub"]:
            raise OAuth2Error("the user information is about somebody else")
        request.session[SESSION] = {
            "id_token": response["id_token"],
            "fin": self.openid_config.get("end_session_endpoint", ""),
        }
        login = self.get_provider().sociallogin_from_response(
            request, {"userinfo": person, "id_token": identity}
        )
        # allauth would keep all that was told of the person: `sub` is enough to know them again.
        login.dit, login.account.extra_data = login.account.extra_data, {}
        return login

    def _fetch_user_info(self, access_token):
        """A JWT signed by ProConnect, not plain JSON."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(
                self.profile_url, headers={"Authorization": f"Bearer {access_token}"}
            )
            answer.raise_for_status()
        if answer.headers.get("Content-Type", "").split(";")[0] != "application/jwt":
            raise OAuth2Error("the user information is not signed")
        return self._verified(answer.text.strip(), ["iss", "aud", "sub"])

    def _verified(self, token, required):
        """The claims of a token signed by ProConnect for us; raises `OAuth2Error` otherwise."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = next(key for key in self._keys() if key.key_id == kid)
            return jwt.decode(
                token,
                key,
                algorithms=SIGNATURES,
                audience=self.get_provider().app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY,
                options={"require": required},
            )
        except StopIteration as error:
            raise OAuth2Error("signed by an unknown key") from error
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"token refused: {error}") from error

    def _keys(self):
        if not hasattr(self, "_jwks"):
            with get_adapter().get_requests_session() as session:
                answer = session.get(self.openid_config["jwks_uri"])
                answer.raise_for_status()
            self._jwks = jwt.PyJWKSet.from_dict(answer.json()).keys
        return self._jwks


Fournisseur.oauth2_adapter_class = Echanges


class AdaptateurProConnect(DefaultSocialAccountAdapter):
    """Lets in active agents that exist; nobody gets an account by coming from elsewhere."""

    def list_apps(self, request, provider=None, client_id=None):
        """The one application of the settings; the database holds none."""
        if not is_configured() or provider not in {None, ID, "openid_connect"}:
            return []
        return [
            SocialApp(
                provider="openid_connect",
                provider_id=ID,
                name="ProConnect",
                client_id=settings.PROCONNECT["client_id"],
                secret=settings.PROCONNECT["secret"],
                settings={
                    "server_url": settings.PROCONNECT["server_url"],
                    "token_auth_method": "client_secret_post",
                },
            )
        ]

    def generate_state_param(self, state):
        return secrets.token_urlsafe(32)

    def get_requests_session(self):
        """Its addresses are those that it declares: an answer that leads elsewhere is refused."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def is_open_for_signup(self, request, sociallogin):
        return False

    def pre_social_login(self, request, sociallogin):
        """Whom `sub` names; the first time, whom the address does, which it then names for good."""
        person, identity = sociallogin.dit["userinfo"], sociallogin.dit["id_token"]
        address = person.get("email", "")
        if sociallogin.is_existing:
            agent = sociallogin.user
        # ProConnect vouches for its addresses, and sends this claim to deny one only.
        elif not address or person.get("email_verified") is False:
            raise self._refuse(request, "", address)
        else:
            agent = Agent.objects.with_email(address).first()
        if agent is None or not agent.is_active:
            raise self._refuse(request, "désactivé" if agent else "inconnu", address, agent)
        if not sociallogin.is_existing and not self._keep(sociallogin.account, agent):
            raise self._refuse(request, "tenu par une autre identité", address, agent)
        sociallogin.user = agent
        if identity.get("acr") in DEUX_FACTEURS or "mfa" in (identity.get("amr") or []):
            record_authentication(request, agent, second_facteur.METHODE, type=ID)

    @staticmethod
    def _keep(account, agent):
        """Give the agent this identity; whether they had no other."""
        with transaction.atomic():
            agent = Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
            if SocialAccount.objects.filter(user=agent, provider=account.provider).exists():
                return False
            account.user = agent
            account.save()
        return True

    def _refuse(self, request, compte, address, agent=None):
        record(
            JournalAcces.Acte.REFUS,
            request=request,
            agent=agent,
            adresse=address[:254],
            detail=f"ProConnect : compte {compte}"
            if compte
            else "ProConnect : adresse non vérifiée",
        )
        request.session.pop(SESSION, None)
        context = {"compte": compte, "adresse": address}
        return ImmediateHttpResponse(
            render(request, "socialaccount/refus.html", context, status=403)
        )

    def on_authentication_error(
        self, request, provider, error=None, exception=None, extra_context=None
    ):
        if error == AuthError.CANCELLED:
            messages.info(request, "Vous avez quitté ProConnect sans vous identifier.")
            raise ImmediateHttpResponse(redirect("account_login"))
        logger.warning("ProConnect sign-in refused: %s", exception or error)
        record(JournalAcces.Acte.REFUS, request=request, detail="ProConnect : réponse refusée")


# --- Views --------------------------------------------------------------------------------------


@never_cache
@require_GET
def entree(request):
    """Sends to ProConnect. A link, not a form: `form-action 'self'` would stop its redirect."""
    exchanges = _exchanges(request)
    nonce = secrets.token_urlsafe(32)
    provider = exchanges.get_provider()
    try:
        return provider.redirect(
            request,
            AuthProcess.LOGIN,
            next_url=get_next_redirect_url(request),
            scope=SCOPES,
            auth_params={"nonce": nonce, "claims": json.dumps(CLAIMS, separators=(",", ":"))},
            nonce=nonce,
        )
    except (OAuth2Error, RequestException, ValueError, KeyError) as error:
        return render_authentication_error(request, provider, exception=error)


class _Retour(OAuth2CallbackView):
    def _get_state(self, request, provider):
        state, response = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce")
        return state, response


@never_cache
@require_GET
def retour(request):
    """Where ProConnect sends back, with a code and our own state."""
    exchanges = _exchanges(request)
    try:
        return _Retour.adapter_view(exchanges)(request)
    except (ValueError, KeyError) as error:  # an answer that is no OpenID Connect at all
        return render_authentication_error(request, exchanges.get_provider(), exception=error)


def _exchanges(request):
    if not is_configured():
        raise Http404("ProConnect n’est pas configuré.")
    return Echanges(request)


def end_of_session(request):
    """The address that closes the session at ProConnect too; None for who came otherwise."""
    kept = request.session.get(SESSION)
    if not kept or not kept["fin"]:
        return None
    back = request.build_absolute_uri(reverse("account_login"))
    sent = {
        "id_token_hint": kept["id_token"],
        "state": secrets.token_urlsafe(32),
        "post_logout_redirect_uri": back,
    }
    return f"{kept['fin']}?{urlencode(sent)}"
