"""400, 404, 500 and 503: in French, with the reason when it was written for the person."""

import sys

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from programme.catalogue.pages.fiche import Introuvable
from programme.pannes.causes import panne_of
from programme.pannes.reponses import indisponible


def requete_invalide(request, exception):
    """A `BadRequest` carries its sentence; Django's own suspicions are not told."""
    told = type(exception).__name__ == "BadRequest" and str(exception)
    return render(request, "400.html", {"raison": told or ""}, status=400)


def introuvable(request, exception):
    told = str(exception) if isinstance(exception, Introuvable) else ""
    context = {"raison": told, "espace": in_the_back_office(request)}
    return render(request, "404.html", context, status=404)


def in_the_back_office(request):
    """Whether an agent who is signed in asked for a page of the back-office."""
    user = getattr(request, "user", None)
    return request.path.startswith("/admin/") and user is not None and user.is_authenticated


def panne(request):
    """Without a request's context: whatever broke must not break this page too.

    Django calls it while it holds the exception, from wherever it came: a view, a middleware.
    """
    if found := panne_of(sys.exception()):
        return indisponible(request, found)
    return HttpResponse(render_to_string("500.html"), status=500)
