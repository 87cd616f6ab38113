"""The links that let somebody choose a password: an invitation, or a forgotten password."""

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int


class Liens(PasswordResetTokenGenerator):
    """One kind of token, two lives: an invitation's days, one hour for a forgotten password.

    A token dies when the password, the address or the last sign-in changes: it is used once.
    """

    def check_token(self, user, token):
        if not super().check_token(user, token):  # refuses beyond the longer of the two lives
            return False
        age = self._num_seconds(self._now()) - base36_to_int(token.split("-")[0])
        return user.invitation_en_attente or age <= settings.REINITIALISATION_DUREE
