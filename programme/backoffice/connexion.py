"""Sign-in by e-mail, with sentences that say what to do."""

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from territoires.models import Agent


class FormulaireConnexion(AdminAuthenticationForm):
    """The account's state is told only to whoever knows its password."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": (
            "Adresse électronique ou mot de passe inconnu. Vérifiez les deux : les majuscules "
            "comptent dans le mot de passe, pas dans l’adresse."
        ),
        "inactive": (
            "Ce compte est désactivé. Demandez à l’administrateur national du programme de le "
            "rouvrir."
        ),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Adresse électronique"
        self.fields["username"].widget.attrs |= {"autocomplete": "username", "inputmode": "email"}
        self.fields["username"].error_messages["required"] = (
            "Donnez l’adresse électronique de votre compte."
        )
        self.fields["password"].error_messages["required"] = "Donnez votre mot de passe."

    def get_invalid_login_error(self):
        closed = Agent.objects.filter(
            email__iexact=self.cleaned_data["username"].strip(), is_active=False
        ).first()
        if closed and closed.check_password(self.cleaned_data["password"]):
            return ValidationError(self.error_messages["inactive"], code="inactive")
        return super().get_invalid_login_error()
