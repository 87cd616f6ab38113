"""A page sent as its work goes: its head, a line a step, then what the work came to.

No lock is held while a line is sent: a reader may take their time.
"""

import logging

from django.db import Error
from django.http import StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html

COUPURE = "<!-- étapes -->"
"""Where the lines of progress go in a template; nothing but they differs before it."""
FAUTES = (Error, RuntimeError, ValueError, TypeError, LookupError)
PANNE = (
    "Le travail s’est arrêté sur une panne : rien n’a été enregistré. Recommencez ; si la panne se "
    "répète, prévenez l’administrateur du site."
)
logger = logging.getLogger(__name__)


def en_flux(blocks):
    """The response that sends `blocks` one by one, as they come."""
    response = StreamingHttpResponse(blocks)
    # Neither the compression of our own middleware nor a proxy may hold the lines back.
    response["Content-Encoding"] = "identity"
    response["X-Accel-Buffering"] = "no"
    response["Cache-Control"] = "no-store"
    return response


def ligne(phrase):
    """One step of the list of steps."""
    return format_html("<li>{}</li>\n", phrase)


def au_bout(etapes):
    """Do the steps of a generator, unseen, and return what it returns."""
    while True:
        try:
            next(etapes)
        except StopIteration as end:
            return end.value


def page(request, gabarit, contexte, etapes):
    """The blocks of a page in `gabarit`, whose steps return the response that ends it.

    That response is a template with the same frame: what stands after its `COUPURE` is sent.
    """
    head, _, tail = render_to_string(gabarit, contexte, request).partition(COUPURE)
    return _blocs(head, tail, etapes)


def _blocs(head, tail, etapes):
    yield head
    found = []

    def steps():
        found.append((yield from etapes))

    try:
        for phrase in steps():
            yield ligne(phrase)
        tail = "</ol>\n" + found[0].render().content.decode().partition(COUPURE)[2]
    except FAUTES:
        logger.exception("a page stopped on its way")
        yield ligne(PANNE)
    yield tail
