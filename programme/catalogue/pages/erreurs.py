"""400, 403, 404, 405, 500 and 503: in French, with the reason written for the person.

Somebody at work sees them in the frame of the back-office, everybody else as a page of the site.
"""

import sys

from django.contrib import admin
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from programme.catalogue.pages.fiche import Introuvable
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
    return page(request, 404, str(exception) if isinstance(exception, Introuvable) else "")


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
        answer = self._answer(request)
        answer["Allow"] = response["Allow"]
        return answer

    @staticmethod
    def _answer(request):
        if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
            sentence = f"{request.method} : cette adresse ne se demande pas ainsi."
            return JsonResponse(
                {"erreur": sentence}, status=405, json_dumps_params={"ensure_ascii": False}
            )
        return page(request, 405)


def panne(request):
    """Without a request's context: whatever broke must not break this page too.

    Django calls it while it holds the exception, from wherever it came: a view, a middleware.
    """
    if found := panne_of(sys.exception()):
        return indisponible(request, found)
    return HttpResponse(render_to_string("500.html"), status=500)
