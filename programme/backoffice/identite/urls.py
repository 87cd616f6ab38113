"""Signing in, and one's own account. Names are allauth's, which looks its addresses up by them.

There is no address to sign up, to change one's address or to link another account.
"""

from allauth.account import views as compte
from allauth.mfa.base import views as facteurs
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as application
from allauth.mfa.webauthn import views as cles
from django.contrib.auth.decorators import login_required
from django.urls import path, re_path
from django.views.decorators.cache import never_cache

from programme.backoffice.identite import proconnect, vues

MOT_DE_PASSE = [
    path("mot-de-passe/", compte.password_change, name="account_change_password"),
    path("mot-de-passe/premier/", compte.password_set, name="account_set_password"),
    path("mot-de-passe/oublie/", compte.password_reset, name="account_reset_password"),
    path(
        "mot-de-passe/oublie/envoye/",
        compte.password_reset_done,
        name="account_reset_password_done",
    ),
    path(
        "mot-de-passe/lien/fait/",
        compte.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^mot-de-passe/lien/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        compte.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]

SECOND_FACTEUR = [
    path("second-facteur/", never_cache(vues.SecondFacteur.as_view()), name="mfa_index"),
    path("second-facteur/demande/", facteurs.authenticate, name="mfa_authenticate"),
    path("second-facteur/confirmation/", facteurs.reauthenticate, name="mfa_reauthenticate"),
    path("application/activer/", application.activate_totp, name="mfa_activate_totp"),
    path("application/retirer/", application.deactivate_totp, name="mfa_deactivate_totp"),
    path("codes/", never_cache(vues.CodesDeSecours.as_view()), name="mfa_view_recovery_codes"),
    path("codes/renouveler/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("codes/telecharger/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("cles/", login_required(cles.list_webauthn), name="mfa_list_webauthn"),
    path("cles/ajouter/", cles.add_webauthn, name="mfa_add_webauthn"),
    path("cles/connexion/", cles.login_webauthn, name="mfa_login_webauthn"),
    path("cles/confirmation/", cles.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("cles/<int:pk>/retirer/", vues.RetraitDeCle.as_view(), name="mfa_remove_webauthn"),
    path("cles/<int:pk>/renommer/", cles.edit_webauthn, name="mfa_edit_webauthn"),
]

urlpatterns = [
    path("connexion/", vues.Connexion.as_view(), name="account_login"),
    path("deconnexion/", vues.Deconnexion.as_view(), name="account_logout"),
    path("desactive/", compte.account_inactive, name="account_inactive"),
    path("confirmation/", compte.reauthenticate, name="account_reauthenticate"),
    path("sessions/", never_cache(vues.Sessions.as_view()), name="usersessions_list"),
    path("proconnect/", proconnect.entree, name="proconnect_entree"),
    path("proconnect/retour/", proconnect.retour, name="proconnect_retour"),
    *MOT_DE_PASSE,
    *SECOND_FACTEUR,
]
