"""allauth's forms in the portal's words and classes."""

from allauth.account import forms as compte
from allauth.mfa.base import forms as facteur
from allauth.mfa.totp import forms as application
from allauth.mfa.webauthn import forms as cle
from django import forms

from programme.backoffice.identite import liens
from programme.backoffice.identite.mots_de_passe import AIDE


class Presentation:
    """Labels, helps and what to say of an empty field: `{name: (label, help, empty)}`."""

    dits = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, (label, help_text, empty) in self.dits.items():
            field = self.fields[name]
            field.label, field.help_text = label, help_text
            field.error_messages["required"] = empty
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            if not isinstance(field.widget, forms.HiddenInput | forms.CheckboxInput):
                field.widget.attrs["class"] = "fr-input"


ADRESSE = (
    "Adresse électronique",
    "Exemple : prenom.nom@region.fr",
    "Donnez l’adresse électronique de votre compte.",
)
NOUVEAU = {
    "password1": ("Nouveau mot de passe", AIDE, "Choisissez un mot de passe."),
    "password2": (
        "Le même mot de passe, une seconde fois",
        "",
        "Tapez une seconde fois le même mot de passe.",
    ),
}
CODE = (
    "Code à six chiffres",
    "Celui que montre votre application, ou l’un de vos codes de secours à huit chiffres.",
    "Donnez le code.",
)


class Connexion(Presentation, compte.LoginForm):
    dits = {
        "login": ADRESSE,
        "password": ("Mot de passe", "", "Donnez votre mot de passe."),
    }


class Confirmation(Presentation, compte.ReauthenticateForm):
    dits = {"password": ("Votre mot de passe", "", "Donnez votre mot de passe.")}


class MotsDePasseEgaux:
    def clean(self):
        cleaned = super().clean()
        if "password2" in self._errors and self.data.get("password2"):
            self._errors["password2"] = self.error_class(
                ["Les deux mots de passe ne sont pas les mêmes : tapez-les de nouveau."]
            )
        return cleaned


class ChangementMotDePasse(MotsDePasseEgaux, Presentation, compte.ChangePasswordForm):
    dits = {
        "oldpassword": (
            "Mot de passe actuel",
            "",
            "Donnez votre mot de passe actuel.",
        ),
        **NOUVEAU,
    }


class PremierMotDePasse(MotsDePasseEgaux, Presentation, compte.SetPasswordForm):
    dits = NOUVEAU


class NouveauMotDePasse(MotsDePasseEgaux, Presentation, compte.ResetPasswordKeyForm):
    dits = NOUVEAU


class MotDePasseOublie(Presentation, compte.ResetPasswordForm):
    """Answers alike, and as fast, whether the address is known or not."""

    dits = {"email": ADRESSE}

    def clean_email(self):
        return self.cleaned_data["email"]

    def save(self, request, **kwargs):
        liens.ask(self.cleaned_data["email"])


class Code(Presentation, facteur.AuthenticateForm):
    dits = {"code": CODE}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class CodeDeConfirmation(Code, facteur.ReauthenticateForm):
    pass


class ActivationApplication(Presentation, application.ActivateTOTPForm):
    dits = {
        "code": (
            "Code à six chiffres que montre maintenant l’application",
            "",
            "Donnez le code que montre l’application.",
        )
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class NomDeCle(Presentation, cle.EditWebAuthnForm):
    dits = {
        "name": (
            "Nom de la clé",
            "Pour la reconnaître : « téléphone », « ordinateur du bureau »…",
            "Donnez un nom à la clé.",
        )
    }


class AjoutCle(Presentation, cle.AddWebAuthnForm):
    dits = {
        "name": NomDeCle.dits["name"],
        "passwordless": (
            "Se connecter avec cette clé seule, sans mot de passe",
            "La clé demande alors elle-même un code ou une empreinte.",
            "",
        ),
    }
