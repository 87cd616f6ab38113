"""What the pages of officers say: the author of a form, the codes left, the names of things."""

import json

from django import template
from django.utils.html import format_html

from programme.backoffice.bureau.cadre import nom_du_bureau
from programme.backoffice.identite.chiffrement import SecretIllisible
from programme.backoffice.identite.saisies import CHAMP, sign
from territoires.mots import un

register = template.Library()
register.filter(un)
register.filter(nom_du_bureau)


@register.filter
def lignes_a_ajouter(inline_admin_formset):
    """What Django's script needs of a set of rows, where « ajouter » names what is added."""
    data = json.loads(inline_admin_formset.inline_formset_data())
    data["options"]["addText"] = f"Ajouter {un(inline_admin_formset.opts.verbose_name)}"
    return json.dumps(data)


@register.filter
def colonnes(inline_admin_formset):
    """How many columns a set of rows has, after that of their names."""
    return sum(1 for _ in inline_admin_formset.fields()) + 1


@register.filter
def cache(field):
    """A field that is sent again, unseen: without a help that nobody would hear."""
    return field.field.hidden_widget().render(field.html_name, field.value())


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
