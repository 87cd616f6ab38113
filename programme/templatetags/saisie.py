"""Names the author of a form in the form itself, so that what they typed can be given back."""

from django import template
from django.utils.html import format_html

from programme.backoffice.identite.saisies import CHAMP, sign

register = template.Library()


@register.simple_tag
def auteur_de_la_saisie(request):
    """A hidden field: who opened this page, signed. To put in forms whose text must not be lost."""
    if not request.user.is_authenticated:
        return ""
    return format_html('<input type="hidden" name="{}" value="{}">', CHAMP, sign(request))
