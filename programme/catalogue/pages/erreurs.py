"""400, 403, 404, 405, 500 and 503: in French, with the reason written for the person.

Somebody at work sees them in the frame of the back-office, everybody else as a page of the site.
"""

import sys

from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from programme.catalogue.pages.fiche import Introuvable
from programme.donnees import problemes
from programme.exploitation.journal import demande
from programme.pannes.causes import panne_of
from programme.pannes.reponses import indisponible

PAGES = {
    400: ("400.html", "admin/erreurs/400.html", "Cette demande n’est pas comprise"),
    403: ("403.html", "admin/erreurs/403.html", "Vous n’avez pas accès à cette page"),
    404: ("404.html", "admin/erreurs/404.html", "Page introuvable"),
    405: ("405.html", "admin/erreurs/405.html", "Cette page ne se demande pas ainsi"),
}
"""By status: the template of the site, that of the back-office, its title there."""


def requete_invalide(request, exception):
    """A `BadRequest` carries its sentence; Django's own suspicions are not told."""
    told = type(exception).__name__ == "BadRequest" and str(exception)
    return page(request, 400, told or "")


def introuvable(request, exception):
    told = str(exception) if isinstance(exception, Introuvable) else ""
    return problemes.absent(request, told) if wants_json(request) else page(request, 404, told)


def wants_json(request):
    """Whether a program asked: at an address of the API, or for a format of its own."""
    asked = request.GET.get("format") == "json" and not request.path.startswith("/admin/")
    return asked or request.path.startswith(problemes.API)


def page(request, status, raison=""):
    """The page of an error, in the frame of who asked for it."""
    public, framed, title = PAGES[status]
    context = {"raison": raison}
    if not in_the_back_office(request):
        return render(request, public, context, status=status)
    context |= admin.site.each_context(request) | {"title": title}
    return render(request, framed, context, status=status)


def in_the_back_office(request):
    """Whether an agent who is signed in asked for a page of the back-office."""
    user = getattr(request, "user", None)
    return request.path.startswith("/admin/") and user is not None and user.is_authenticated


class MethodeRefusee:
    """A 405 has a page too: Django's own is empty."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != 405 or response.streaming or response.content:
            return response
        kinds = ["text/html", "application/json"]
        asked = request.get_preferred_type(kinds) == "application/json"
        if asked or request.path.startswith(problemes.API):
            return problemes.methode(request, response["Allow"])
        answer = page(request, 405)
        answer["Allow"] = response["Allow"]
        return answer


def panne(request):
    """Without a request's context: whatever broke must not break this page too.

    Django calls it while it holds the exception, from wherever it came: a view, a middleware.
    """
    if found := panne_of(sys.exception()):
        return indisponible(request, found)
    if wants_json(request):
        sentence = "Le portail n’a pas pu répondre : la panne est de notre côté."
        english = "The portal could not answer: the fault is ours."
        return problemes.probleme(request, 500, sentence, anglais=english)
    return HttpResponse(render_to_string("500.html", {"demande": demande.get()}), status=500)
