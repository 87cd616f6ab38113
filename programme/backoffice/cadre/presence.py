"""Who has a record open now: told to those who may see it, and forgotten after a minute.

Each agent's presence is one key of a memory that the servers share, and that forgets it: nothing
of it is kept in a journal, a history or a session. On SQLite that memory is the process's
own, so that opening a page never waits for the one writer of the base.

A page about many records (a merge, one value for many) is one key too, which names them all.
"""

import logging
from contextlib import suppress
from urllib.parse import urlencode

from django.contrib.admin.utils import unquote
from django.core.cache import caches
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error
from django.http import HttpResponseNotAllowed, JsonResponse
from django.urls import path
from django.utils.text import get_text_list

from programme.backoffice.cadre.composition import Piece
from programme.taches.minuteur import Cadence, tournee
from territoires.models import Agent

DUREE = 60
"""Seconds after which an agent who said nothing more is not there."""
BATTEMENT = 20
"""Seconds between two signs of a page that stays open."""
NOMMES = 5
PLAFOND = 100
"""Records of a page about many, the first ones, that are said to be open, and by whom."""
FICHES = "fiches"
PERSONNE = {"presence": "", "presence_url": "", "battement": BATTEMENT}
"""What a page tells that is about no record."""
SILENCE = "La mémoire partagée ne répond pas : on ne sait pas qui a cette fiche ouverte."
logger = logging.getLogger(__name__)


def _key(record, agent):
    return f"presence:{record._meta.label_lower}:{record.pk}:{agent}"


def battre(record, agent):
    """Say that `agent` has `record` open, for a minute."""
    caches["presence"].set(_key(record, agent.pk), 1, DUREE)


def _key_of_many(model, agent):
    return f"presence:{model._meta.label_lower}:plusieurs:{agent}"


def battre_ensemble(records, agent):
    """Say that `agent` has a page about these records, of one model, open, for a minute."""
    if records:
        told = [str(record.pk) for record in records]
        caches["presence"].set(_key_of_many(type(records[0]), agent.pk), told, DUREE)


@tournee("présences", Cadence.MINUTE)
def oublier(arret=lambda: False):
    """Redis forgets by itself; the table of the base, when it is told to."""
    memory = caches["presence"]
    if not hasattr(memory, "oublier"):
        return "oubliées d’elles-mêmes"
    return f"{memory.oublier()} signe(s) de plus d’une minute effacé(s)"


def presents(record, agent):
    """The names of the other agents who have `record` open; a query, and one of the memory."""
    return presents_ensemble([record], agent).get(record, [])


def presents_ensemble(records, agent):
    """{record: names of the other agents who have it open} of those, of one model, that are; a
    query, and one of the memory.
    """
    if not records:
        return {}
    others = Agent.objects.filter(is_active=True).exclude(pk=agent.pk)
    names = dict(others.order_by("nom").values_list("pk", "nom"))
    many = {pk: _key_of_many(type(records[0]), pk) for pk in names}
    alone = [_key(record, pk) for record in records for pk in names]
    here = caches["presence"].get_many([*alone, *many.values()])
    found = {
        record: [
            nom
            for pk, nom in names.items()
            if _key(record, pk) in here or str(record.pk) in here.get(many[pk], ())
        ]
        for record in records
    }
    return {record: told for record, told in found.items() if told}


def phrase(names):
    """« Ouverte aussi, en ce moment, par Sacha Martin et Nadia Roy. »; empty for nobody."""
    if not names:
        return ""
    more = len(names) - NOMMES
    told = [*names[:NOMMES], *([f"{more} autre{'s' if more > 1 else ''}"] if more > 0 else [])]
    return (
        f"Ouverte aussi, en ce moment, par {get_text_list(told, 'et')}. Ce que chacun enregistre "
        "se fusionne ; une même valeur changée deux fois se choisit."
    )


def phrase_ensemble(found):
    """« Ouverte aussi, en ce moment : « Forges », par Sacha Martin. »; empty for nobody.

    found: {record: names}.
    """
    if not found:
        return ""
    told = [
        f"« {record} », par {get_text_list(names[:NOMMES], 'et')}"
        for record, names in list(found.items())[:NOMMES]
    ]
    if (more := len(found) - NOMMES) > 0:
        told.append(f"et {more} autre{'s' if more > 1 else ''}")
    one = len(found) == 1
    return (
        f"{'Ouverte' if one else 'Ouvertes'} aussi, en ce moment : {' ; '.join(told)}. Ce qui y "
        "est enregistré avant vous n’est pas écrasé : vous le relirez."
    )


class Presence(Piece):
    """Of a record: who has it open, on its page and at its own address; of many, likewise."""

    def urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("presences/", wrap(self.presences_view), name=self.address_name("presences")),
            path(
                "<path:object_id>/presence/",
                wrap(self.presence_view),
                name=self.address_name("presence"),
            ),
        ]

    def context(self, request, obj):
        """The page that is opened counts as a sign of it; one that is sent does not."""
        if obj is None or request.method != "GET":
            said = ""
        else:
            said, _ = self._said(request, obj, beats=not getattr(request, "voir_comme", None))
        url = self.ecran.page_address("presence", obj.pk) if obj is not None else ""
        return {"presence": said, "presence_url": url, "battement": BATTEMENT}

    def presence_view(self, request, object_id):
        """Who else has it open, as JSON; a POST says that one still has it open oneself."""
        if request.method not in ("GET", "POST"):
            return HttpResponseNotAllowed(["GET", "POST"])
        if not self.ecran.has_view_permission(request):
            raise PermissionDenied
        record = self.ecran.get_object(request, unquote(object_id))
        if record is None:
            return self.ecran._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        said, known = self._said(request, record, beats=request.method == "POST")
        return JsonResponse({"phrase": said}, status=200 if known else 503)

    # --- Of many ------------------------------------------------------------------------------

    def context_of_many(self, request, records):
        """What a page about many records tells, and the address where it asks again."""
        records = records[:PLAFOND]
        beats = not getattr(request, "voir_comme", None)
        said, _ = self._said_of_many(request, records, beats=beats)
        told = urlencode({FICHES: ",".join(str(record.pk) for record in records)})
        url = f"{self.ecran.page_address('presences')}?{told}" if records else ""
        return {"presence": said, "presence_url": url, "battement": BATTEMENT}

    def presences_view(self, request):
        """As `presence_view`, of the records whose keys are in `fiches`, at most `PLAFOND`."""
        if request.method not in ("GET", "POST"):
            return HttpResponseNotAllowed(["GET", "POST"])
        if not self.ecran.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get(FICHES, "").split(",")[:PLAFOND]
        keys = []
        for key in asked:
            with suppress(ValidationError):
                keys.append(self.opts.pk.to_python(key))
        records = list(self.ecran.get_queryset(request).filter(pk__in=keys).order_by("pk"))
        said, known = self._said_of_many(request, records, beats=request.method == "POST")
        return JsonResponse({"phrase": said}, status=200 if known else 503)

    def _said_of_many(self, request, records, *, beats):
        def tell():
            if beats:
                battre_ensemble(records, request.user)
            return phrase_ensemble(presents_ensemble(records, request.user))

        return self._or_silence(tell)

    def _said(self, request, record, *, beats):
        """(the sentence, whether the memory answered)."""

        def tell():
            if beats:
                battre(record, request.user)
            return phrase(presents(record, request.user))

        return self._or_silence(tell)

    @staticmethod
    def _or_silence(tell):
        try:
            return tell(), True
        except Error:
            logger.warning("the memory of presences does not answer", exc_info=True)
            return SILENCE, False
