"""A record begun from another one: what is known already is not asked again."""

from urllib.parse import parse_qsl

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.http import HttpResponseRedirect
from django.utils.http import urlencode

from programme.backoffice.cadre.composition import Piece
from territoires.dates import iso
from territoires.mots import un

LE_PLUS_LONG = 500
"""Characters of a text that an address may carry."""


class Ajouts(Piece):
    """Of the page of a record: the ways to what may be added to it.

    cibles: pairs (model, its relation to the record).
    """

    def __init__(self, *cibles):
        self.cibles = cibles

    def context(self, request, obj):
        return {"ajouts": [] if obj is None else list(self._offered(request, obj))}

    def _offered(self, request, obj):
        for label, relation in self.cibles:
            screen = self.ecran.beside(apps.get_model(label))
            if screen.has_add_permission(request):
                yield {
                    "titre": f"Ajouter {un(screen.opts.verbose_name)}",
                    "url": f"{screen.page_address('add')}?{urlencode({relation: obj.pk})}",
                }


def suivant(request, response, valeurs):
    """The page of the next record, with what the last one says of the same things.

    valeurs: {name of a field: value}; `response`: Django's own.
    """
    if "_addanother" not in request.POST or response.status_code != 302:
        return response
    said = {}
    for name, value in valeurs.items():
        text = iso(value) if hasattr(value, "isoformat") else str(value)
        if value not in (None, "") and len(text) <= LE_PLUS_LONG:
            said[name] = text
    page, _, query = response.url.partition("?")
    # What the last one was begun from may have been changed in its form.
    others = {name: text for name, text in parse_qsl(query) if name not in valeurs}
    asked = urlencode(others | said)
    return HttpResponseRedirect(f"{page}?{asked}" if asked else page)


def offerts(screen, request, initial):
    """The same first values, without the rows that the agent may not choose."""
    kept = {}
    for name, value in initial.items():
        try:
            field = screen.opts.get_field(name)
        except FieldDoesNotExist:
            continue
        if field.many_to_one and not _is_offered(screen, request, field, value):
            continue
        kept[name] = value
    return kept


def _is_offered(screen, request, field, value):
    try:
        key = field.target_field.to_python(value)
        return screen.choices_for(request, field).filter(pk=key).exists()
    except (ValidationError, OverflowError):
        return False
