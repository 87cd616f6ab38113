"""Names the author of a form in the form itself, so that what they typed can be given back."""

import json

from django import template
from django.utils.html import format_html

from programme.backoffice.bureau.cadre import nom_du_bureau
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


@register.simple_tag
def auteur_de_la_saisie(request):
    """A hidden field: who opened this page, signed. To put in forms whose text must not be lost."""
    if not request.user.is_authenticated:
        return ""
    return format_html('<input type="hidden" name="{}" value="{}">', CHAMP, sign(request))
