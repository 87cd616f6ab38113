"""What the journal listens to: Django's and allauth's signals, and changes of an agent's rights."""

from allauth.account import signals as compte
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as facteurs
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import signals as auth
from django.db.models.signals import m2m_changed, post_save, pre_save

from programme.backoffice.identite import (
    appareils,
    chiffrement,
    droits_donnes,
    second_facteur,
    sessions,
    voir_comme,
)
from programme.backoffice.identite.journal import record
from programme.models import JournalAcces
from territoires.models import Agent

Acte = JournalAcces.Acte
FACTEURS = {
    Authenticator.Type.TOTP: "application d’authentification",
    Authenticator.Type.WEBAUTHN: "clé d’accès",
    Authenticator.Type.RECOVERY_CODES: "codes de secours",
}
METHODES = {
    "password": "mot de passe",
    "password_reset": "lien reçu par courriel",
    "socialaccount": "ProConnect",
    "mfa": "second facteur",
}


def connect():
    for signal, receiver in (
        (auth.user_logged_in, on_login),
        (auth.user_login_failed, on_failure),
        (auth.user_logged_out, on_logout),
        (compte.password_changed, on_password),
        (compte.password_set, on_password),
        (compte.password_reset, on_password),
        (facteurs.authenticator_added, on_factor_added),
        (facteurs.authenticator_removed, on_factor_removed),
        (facteurs.authenticator_reset, on_codes),
        (facteurs.authentication_failed, on_code_refused),
    ):
        signal.connect(receiver, dispatch_uid=f"identite.{receiver.__name__}")
    pre_save.connect(droits_donnes.before_save, Agent, dispatch_uid="identite.before_save")
    post_save.connect(droits_donnes.after_save, Agent, dispatch_uid="identite.after_save")
    m2m_changed.connect(
        droits_donnes.on_regions, Agent.regions.through, dispatch_uid="identite.on_regions"
    )


# --- Signing in and out -------------------------------------------------------------------------


def on_login(sender, request, user, **kwargs):
    sessions.open_now(request.session)
    appareils.note(request.session, user)
    if settings.SECRET_KEY_FALLBACKS:
        chiffrement.reencrypt(Authenticator.objects.filter(user=user))
    used = []
    for proof in get_authentication_records(request, user):
        name = FACTEURS.get(proof.get("type")) or METHODES.get(proof["method"], proof["method"])
        if name not in used:
            used.append(name)
    record(Acte.CONNEXION, agent=user, auteur=user, request=request, detail=" + ".join(used))


def on_failure(sender, credentials, request=None, **kwargs):
    address = credentials.get("email") or credentials.get("username") or ""
    record(
        Acte.REFUS,
        agent=Agent.objects.with_email(address).first(),
        adresse=address[:254],
        request=request,
        detail="adresse ou mot de passe",
    )


def on_logout(sender, request, user, **kwargs):
    voir_comme.close(request, "session fermée")
    if user is not None:
        acte = getattr(request, "fin_de_session", Acte.DECONNEXION)
        record(acte, agent=user, auteur=user, request=request)


def on_password(sender, request, user, **kwargs):
    record(Acte.MOT_DE_PASSE, agent=user, auteur=user, request=request)


# --- Second factors -----------------------------------------------------------------------------


def on_factor_added(sender, request, user, authenticator, **kwargs):
    record(Acte.FACTEUR_AJOUTE, agent=user, request=request, detail=_name(authenticator))
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        # To add a factor is to prove it.
        record_authentication(request, user, second_facteur.METHODE, type=authenticator.type)


def on_factor_removed(sender, request, user, authenticator, **kwargs):
    record(Acte.FACTEUR_RETIRE, agent=user, request=request, detail=_name(authenticator))
    if not Authenticator.objects.filter(user=user).exists():
        second_facteur.forget(request)


def on_codes(sender, request, user, authenticator, **kwargs):
    record(Acte.CODES, agent=user, request=request)


def on_code_refused(sender, request, user, authenticator, **kwargs):
    record(Acte.REFUS, agent=user, request=request, detail="code du second facteur")


def _name(authenticator):
    return FACTEURS[authenticator.type]
