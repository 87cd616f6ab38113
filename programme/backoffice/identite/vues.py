"""allauth's views, with what our pages say besides."""

from allauth.account import views as compte
from allauth.account.decorators import reauthentication_required
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import views as facteurs
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.webauthn import views as cles
from allauth.usersessions import views as sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator

from programme.backoffice.identite import proconnect, second_facteur
from programme.backoffice.identite.journal import record
from programme.backoffice.identite.navigateurs import name_of
from programme.backoffice.identite.sessions import in_words
from programme.models import JournalAcces

ATTENTE = 60  # seconds before an address that asked too much may ask again


class Connexion(compte.LoginView):
    def get_context_data(self, **kwargs):
        return super().get_context_data(
            sans_second_facteur=settings.DEMONSTRATION and not settings.SECOND_FACTEUR_OBLIGATOIRE,
            proconnect=proconnect.is_configured(),
            **kwargs,
        )


class Deconnexion(compte.LogoutView):
    """Whoever came by ProConnect is told that its session stays open, and how to close it."""

    def post(self, *args, **kwargs):
        elsewhere = proconnect.end_of_session(self.request)
        if elsewhere:
            self.logout()
            page = "account/deconnexion_proconnect.html"
            response = render(self.request, page, {"url": elsewhere})
        else:
            response = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'
        return response


class _Suite:
    """Where an agent was going when the second factor was asked for."""

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            suite=self.request.session.get(second_facteur.SUITE) or reverse("admin:index"),
            obligatoire=settings.SECOND_FACTEUR_OBLIGATOIRE,
            **kwargs,
        )


class SecondFacteur(_Suite, facteurs.IndexView):
    pass


class CodesDeSecours(_Suite, codes.ViewRecoveryCodesView):
    pass


class RetraitDeCle(cles.RemoveWebAuthnView):
    """allauth asks whether an application may be removed; of a key too, we do."""

    def form_valid(self, form):
        adapter = get_mfa_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_list_webauthn")
        return super().form_valid(form)


class Sessions(sessions.ListUserSessionsView):
    """One's open sessions; « Fermer les autres sessions », of who proved anew who they are."""

    def get_context_data(self, **kwargs):
        UserSession.objects.create_from_request(self.request)
        context = super().get_context_data(**kwargs)
        for session in context["sessions"]:
            session.nom = name_of(session.user_agent)
        return context | {
            "inactivite": in_words(settings.SESSION_INACTIVITE),
            "duree": in_words(settings.SESSION_DUREE),
        }

    # A browser left open must not shut its owner out of the others.
    @method_decorator(reauthentication_required)
    def post(self, request, *args, **kwargs):
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        response = super().form_valid(form)
        record(JournalAcces.Acte.SESSIONS, agent=self.request.user, request=self.request)
        return response


def trop_de_demandes(request):
    """429: allauth calls it for an address that asks too often."""
    response = render(request, "429.html", {"attente": ATTENTE}, status=429)
    response["Retry-After"] = str(ATTENTE)
    return response
