"""The ways from a public page to the report of an error in what it tells."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from programme.catalogue.signaler.fiches import genres
from programme.models import Proposition

register = template.Library()


@register.inclusion_tag("programme/partials/corriger.html")
def corriger(code, record):
    """At the end of the page of a record: where to report, and how many reports are answered."""
    genre = genres()[code]
    key = getattr(record, genre.cle)
    query = urlencode({"genre": code, "fiche": key})
    return {
        "adresse": genre.adresse(record),
        "nombre": Proposition.objects.repondues().about(record).count(),
        "liste": f"{reverse('signaler')}?{query}",
    }


@register.simple_tag
def signaler_liste(code):
    """The link from a list to its records, to say which one is wrong; nothing for what is not."""
    if code not in genres():
        return ""
    return format_html(
        '<li><a class="fr-link" href="{}" rel="nofollow">Signaler une erreur</a></li>',
        reverse("signaler_genre", args=[code]),
    )


@register.simple_tag
def signaler(code, key, nom, champ=""):
    """A small link beside what a page tells in passing. key: the record's, as in its address."""
    address = reverse("signaler_fiche", args=[code, key])
    if champ:
        address = f"{address}?{urlencode({'champ': champ})}"
    return format_html(
        '<a class="mention sans-impression" href="{}" rel="nofollow" '
        'aria-label="Signaler une erreur : {}">Signaler une erreur</a>',
        address,
        nom,
    )
