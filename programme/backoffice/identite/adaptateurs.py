"""What allauth asks of the project: its sentences, its e-mails, its doors."""

import logging
import time

import qrcode
from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import parse_rates
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.urls import reverse
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe

from programme.backoffice.identite import appareils, chiffrement
from programme.backoffice.identite.sessions import OUVERTE
from territoires.models import Agent

logger = logging.getLogger(__name__)

ETAPES = {
    "allauth.mfa.stages.AuthenticateStage": (
        "programme.backoffice.identite.second_facteur.DemandeDuSecondFacteur"
    ),
}
CODE_REFUSE = (
    "Ce code n’est pas le bon, ou il a déjà servi. Attendez que l’application en montre un "
    "nouveau, et vérifiez l’heure de votre téléphone."
)


def wait_in_words():
    """The longest wait of those who failed too often: « 10 minutes »."""
    rates = parse_rates(settings.ACCOUNT_RATE_LIMITS["login_failed"])
    minutes = round(max(rate.duration for rate in rates) / 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"


def _too_many():
    return (
        f"Trop d’essais. Attendez {wait_in_words()} avant de recommencer ; si vous avez oublié "
        "votre mot de passe, demandez un lien pour en choisir un autre."
    )


class AdaptateurCompte(DefaultAccountAdapter):
    """Accounts are made by invitation only; mails are plain text, with the site's name."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": (
            "Adresse électronique ou mot de passe inconnu. Vérifiez les deux : les majuscules "
            "comptent dans le mot de passe, pas dans l’adresse."
        ),
        "too_many_login_attempts": lazystr(""),  # said below, from the settings of the moment
        "enter_current_password": "Ce n’est pas votre mot de passe actuel.",
        "incorrect_password": "Ce n’est pas votre mot de passe.",
        "incorrect_code": CODE_REFUSE,
        "rate_limited": lazystr(""),
    }

    def validation_error(self, code, *args):
        if code in {"too_many_login_attempts", "rate_limited"}:
            self.error_messages = {**self.error_messages, code: _too_many()}
        return super().validation_error(code, *args)

    def is_open_for_signup(self, request):
        return False

    def is_reauthentication_required(self, *, app, **kwargs):
        """Not of who signed in within the delay: to set up a second factor at once, notably."""
        opened = context.request.session.get(OUVERTE, 0)
        if time.time() - opened < account_settings.REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def get_login_stages(self):
        return [ETAPES.get(stage, stage) for stage in super().get_login_stages()]

    def pre_authenticate(self, request, **credentials):
        address = credentials.get("email", "")
        known = appareils.known_to(request, address) is not None
        try:
            self._consume(request, "login_failed_appareil" if known else "login_failed", address)
            if not known:
                self._consume(request, "login_failed_compte", address, partout=True)
        except Exception:
            # No line of the journal for each: a flood of attempts must not fill it.
            logger.warning("sign-in throttled")
            raise

    def _consume(self, request, action, address, *, partout=False):
        """Count an attempt where it comes from: a stranger's do not shut an agent out.

        Those of all networks together have a limit too, which a browser known to the agent is
        spared.
        """
        key = f"{address.strip().lower()}|{'' if partout else appareils.whence(request, address)}"
        usage = ratelimit.consume(request, app="allauth.account", action=action, key=key)
        if not usage:
            self._rollback_login_failed_rl_usage()
            raise self.validation_error("too_many_login_attempts")
        self._usages = [*getattr(self, "_usages", []), usage]

    def _rollback_login_failed_rl_usage(self):
        """allauth calls it after a success."""
        for usage in getattr(self, "_usages", []):
            usage.rollback()
        self._usages = []

    def _delete_login_attempts_cached_email(self, request, **credentials):
        """Whoever proved by a link that the address is theirs waits no more where they are."""
        address = credentials.get("email", "").strip().lower()
        key = f"{address}|{appareils.whence(request, address)}"
        for action in ("login_failed", "login_failed_appareil"):
            ratelimit.clear(request, app="allauth.account", action=action, key=key)

    def set_password(self, user, password):
        """A password is no part of the agent's record: no new version, no line of history."""
        user.set_password(password)
        Agent._base_manager.filter(pk=user.pk).update(password=user.password)

    # --- Where to go ------------------------------------------------------------------------------

    def get_password_change_redirect_url(self, request):
        return reverse("usersessions_list")

    def get_reset_password_from_key_url(self, key):
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE["url"] + path.replace("UID-KEY", key)

    # --- Mail -------------------------------------------------------------------------------------

    def format_email_subject(self, subject):
        return f"[{settings.SITE['nom']}] {subject}"

    def send_mail(self, template_prefix, email, context):
        self.render_mail(template_prefix, email, {"SITE": settings.SITE, **context}).send()


class AdaptateurSecondFacteur(DefaultMFAAdapter):
    """Second factors: secrets encrypted, the code to scan drawn without style, French names."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": CODE_REFUSE,
        "cannot_delete_authenticator": (
            "C’est votre seul second facteur, et il est obligatoire : ajoutez-en d’abord un autre."
        ),
        "cannot_generate_recovery_codes": (
            "Les codes de secours remplacent un second facteur égaré : activez d’abord une "
            "application ou une clé d’accès."
        ),
    }

    def encrypt(self, text):
        return chiffrement.encrypt(text)

    def decrypt(self, encrypted_text):
        return chiffrement.decrypt(encrypted_text)

    def build_totp_svg(self, url):
        """An inline `<svg>` of one path, without style or reference: 4 units of quiet zone."""
        code = qrcode.QRCode(border=4)
        code.add_data(url)
        matrix = code.get_matrix()
        squares = "".join(
            f"M{x} {y}h1v1h-1z"
            for y, row in enumerate(matrix)
            for x, dark in enumerate(row)
            if dark
        )
        side = len(matrix)
        return mark_safe(  # noqa: S308 - made of numbers alone
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" '
            'aria-labelledby="titre-code"><title id="titre-code">Code à lire avec votre '
            f'application</title><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
            f'<path d="{squares}"/></svg>'
        )

    def can_delete_authenticator(self, authenticator):
        if not settings.SECOND_FACTEUR_OBLIGATOIRE:
            return True
        others = Authenticator.objects.filter(user_id=authenticator.user_id)
        kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        return others.filter(type__in=kinds).exclude(pk=authenticator.pk).exists()

    def generate_authenticator_name(self, user, type):  # noqa: A002 - allauth's own name
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Clé d’accès {count + 1}"
