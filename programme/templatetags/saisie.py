"""What the pages of identity say: the author of a form, in the form itself; codes that are left."""

from django import template
from django.utils.html import format_html

from programme.backoffice.identite.chiffrement import SecretIllisible
from programme.backoffice.identite.saisies import CHAMP, sign

register = template.Library()


@register.simple_tag
def auteur_de_la_saisie(request):
    """A hidden field: who opened this page, signed. To put in forms whose text must not be lost."""
    if not request.user.is_authenticated:
        return ""
    return format_html('<input type="hidden" name="{}" value="{}">', CHAMP, sign(request))


@register.simple_tag
def codes_restants(codes):
    """How many emergency codes are left; None when no key of the site reads them any more."""
    try:
        return len(codes.get_unused_codes())
    except SecretIllisible:
        return None
