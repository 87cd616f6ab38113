"""Work shown as it goes: one page, sent line by line, whose end leads to the result.

A stream rather than a record of progress: on SQLite, writing how far one is would wait for the very
transaction that it tells of. And a page that nobody reads any more stops the work: its generator is
closed, and the open transaction goes back.
"""

import logging

from django.core.exceptions import ValidationError
from django.db import Error
from django.http import HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.html import format_html

from programme.backoffice.flux import COUPURE, FAUTES, PANNE, en_flux, ligne
from programme.backoffice.imports.plan import Plan, garder
from programme.models import Import
from territoires.lecture.tables import FichierRefuse

PETIT = 100_000
"""Bytes of a file whose work takes less than the time to read a line of progress."""
logger = logging.getLogger(__name__)


def repondre(request, depot, etapes, *, contexte, adresse):
    """The response that runs `etapes`, a generator of sentences, then leads to `adresse`.

    A small file is done before anything is answered: a redirection, without a page to read.
    """
    steps = _surs(depot, etapes)
    if depot.octets <= PETIT:
        for _ in steps:
            pass
        return HttpResponseRedirect(adresse)
    return en_flux(_page(request, steps, contexte, adresse))


def _page(request, steps, contexte, adresse):
    whole = render_to_string("admin/imports/progression.html", contexte, request)
    head, _, tail = whole.partition(COUPURE)
    yield head
    for step in steps:
        yield ligne(step)
    yield format_html(
        '<li><a class="button" href="{}" data-suite>Voir le résultat</a></li>\n', adresse
    )
    yield tail


def _surs(depot, etapes):
    """The sentences of `etapes`; a refusal of the file is kept, a failure is told."""
    try:
        yield from etapes
    except FichierRefuse as error:
        garder(depot, Plan.illisible(error))
        yield "Le fichier n’a pas pu être lu jusqu’au bout."
    except (ValidationError, *FAUTES):
        logger.exception("import %s failed", depot.pk)
        _noter_la_panne(depot)
        yield PANNE


def _noter_la_panne(depot):
    try:
        Import.objects.filter(pk=depot.pk).update(remarques=[PANNE])
    except Error:
        # The database itself fails. Before anything is answered, a whole page says it better.
        if depot.octets <= PETIT:
            raise
        logger.exception("the failure of import %s was not noted", depot.pk)
