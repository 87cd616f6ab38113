"""What one writes to follow a page: its address, and one's own."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.encoding import punycode

from programme.catalogue.suivre.objets import Refus, lire

LONGUEUR = 254  # characters of an address, RFC 5321
EXEMPLE = "Écrivez-la ainsi : prenom.nom@exemple.fr"


class CourrielField(forms.CharField):
    """An e-mail address as servers write it: a domain with accents as its ASCII name."""

    def __init__(self):
        super().__init__(
            label="Votre adresse électronique",
            max_length=2 * LONGUEUR,
            help_text=EXEMPLE,
            error_messages={
                "required": f"Donnez votre adresse électronique. {EXEMPLE}",
                "max_length": f"Cette adresse dépasse {LONGUEUR} caractères : vérifiez-la.",
                "null_characters_not_allowed": "Cette adresse contient un caractère nul.",
            },
            widget=forms.EmailInput(attrs={"class": "fr-input", "autocomplete": "email"}),
        )

    def clean(self, value):
        text = super().clean(value)
        local, _, domain = text.rpartition("@")
        if not local.isascii():
            raise ValidationError(
                "Nous ne savons pas écrire à une adresse qui a un accent avant « @ » : donnez-en "
                "une autre.",
                "accent",
            )
        try:
            written = f"{local}@{punycode(domain.lower())}"
            EmailValidator(allowlist=[])(written)
        except (UnicodeError, ValidationError):
            raise ValidationError(f"Cette adresse ne se lit pas. {EXEMPLE}", "invalide") from None
        if len(written) > LONGUEUR:
            raise ValidationError(self.error_messages["max_length"], "max_length")
        return written


class PageSuivie(forms.Form):
    """What the address asks: which page to follow, or none yet."""

    adresse = forms.CharField(
        label="Page à suivre",
        required=False,
        max_length=2_000,
        help_text=(
            "L’adresse d’une page de ce site : une liste et ses filtres, un territoire, un "
            "contrat, un projet, un opérateur, une région, une intercommunalité, une commune."
        ),
        error_messages={
            "required": "Donnez l’adresse de la page à suivre.",
            "max_length": "Cette adresse est trop longue : retirez des filtres.",
            "null_characters_not_allowed": "Cette adresse contient un caractère nul.",
        },
        widget=forms.TextInput(attrs={"class": "fr-input"}),
    )

    def clean_adresse(self):
        text = self.cleaned_data["adresse"]
        self.objet = None
        if text.strip():
            try:
                self.objet = lire(text)
            except Refus as why:
                raise ValidationError(str(why), "adresse") from None
        return text


class Demande(PageSuivie):
    """The whole request."""

    courriel = CourrielField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["adresse"].required = True
