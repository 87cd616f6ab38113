"""The bell of the back-office."""

from django import template

from programme.models import Avis

register = template.Library()


@register.simple_tag
def avis_non_lus(agent):
    """How many notices an agent has not read."""
    return Avis.objects.filter(destinataire=agent).non_lus().count()
