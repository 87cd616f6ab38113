"""What the forms say beside each field: what it is for, and who will see what is typed there."""

from functools import cache

from django.utils.html import format_html

from programme.backoffice.aides.phrases import PHRASES
from programme.backoffice.aides.visibilite import is_public, who_sees
from programme.donnees.jeux import JEUX


@cache
def declared():
    """{(label of a model, name of a field): sentence} of the columns that committees write."""
    return {
        (jeu.modele._meta.label, column.champ): column.ecrit.aide
        for jeu in JEUX.values()
        for column in jeu.colonnes
        if column.ecrit and column.ecrit.aide
    }


def purpose_of(field):
    """What to write in `field`, a model field: our sentence, else the model's own."""
    label, name = field.model._meta.label, field.name
    said = PHRASES.get(label, {}).get(name) or declared().get((label, name))
    return said or str(field.help_text)


def help_of(field):
    """The help of a form field, as safe HTML: its purpose, then who sees it."""
    seen = who_sees(field)
    if not seen:
        return purpose_of(field)
    kind = "public" if is_public(field) else "interne"
    return format_html('{} <span class="vu-par {}">{}</span>', purpose_of(field), kind, seen)


__all__ = ["help_of", "purpose_of", "who_sees"]
