"""A national administrator sees the portal as another agent: read-only, for a while, logged.

The session stays the administrator's: its second factor, its limits and its end hold. Only the
`request.user` of a page is the other agent, so that every rule of access answers as for them.
A session that ends without a request leaves no line of its end: `VOIR_COMME_DUREE` bounds it. A
file sent whole leaves its digest as ever (`Preuve`), which names nobody.
"""

import copy
import time
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models import F
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import get_text_list
from django.views.decorators.http import require_POST
from simple_history.models import HistoricalRecords

from programme.backoffice.identite.journal import record
from programme.backoffice.identite.sessions import in_words
from programme.models import JournalAcces
from territoires.models import Agent

CLE = "identite_voir_comme"
SURES = {"GET", "HEAD", "OPTIONS"}
COMPTE = "/admin/compte/"
SORTIES = ("admin:quitter_voir_comme", "admin:logout", "account_logout")
# What tells that somebody is signed in; the rest is what the administrator did.
SIGNATURE = {SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY}


@dataclass(frozen=True)
class Vue:
    """What the banner says: who is seen as whom, where they are at home, seconds left."""

    agent: Agent
    auteur: Agent
    perimetre: str
    reste: int

    @property
    def minutes(self):
        return max(1, -(-self.reste // 60))


def refusal(auteur, agent):
    """Why `auteur` may not see the portal as `agent`, in French; None when they may."""
    if not auteur.est_national:
        return "Seul un administrateur national peut voir le portail comme un autre agent."
    if agent.pk == auteur.pk:
        return "Vous voyez déjà le portail comme vous-même."
    if agent.est_national:
        return f"{agent} est administrateur national, comme vous : il n’y a rien d’autre à voir."
    if not agent.is_active:
        return f"Le compte de {agent} est désactivé : il ne voit rien du portail."
    return None


def start(request, agent, motif):
    """From the next request on, this session sees the portal as `agent`."""
    request.session[CLE] = {
        "agent": agent.pk,
        "auteur": request.user.pk,
        "depuis": int(time.time()),
        "refus": 0,
    }
    record(JournalAcces.Acte.VUE_COMME, agent=agent, request=request, detail=motif)


def close(request, reason):
    """Back to oneself, told in the journal; nothing when nobody else is seen. The agent, or None"""
    kept = request.session.pop(CLE, None)
    request.voir_comme = None
    if kept is None:
        return None
    people = Agent.objects.in_bulk([kept["agent"], kept["auteur"]])
    refused = f" ; écritures refusées : {kept['refus']}" if kept["refus"] else ""
    record(
        JournalAcces.Acte.FIN_VUE_COMME,
        agent=people.get(kept["agent"]),
        auteur=people.get(kept["auteur"]),
        request=request,
        detail=f"{reason}{refused}",
    )
    return people.get(kept["agent"])


@require_POST
def quitter(request):
    agent = close(request, "quittée")
    if agent is None:
        return redirect("admin:index")
    messages.success(request, f"Vous ne voyez plus le portail comme {agent}.")
    return redirect("admin:territoires_agent_change", agent.pk)


def _agent(pk):
    """The agent of that key with `home`, their régions or opérateur in words; None. One query."""
    named = {"region": F("regions__nom"), "maison": F("operateur__nom")}
    rows = list(Agent.objects.filter(pk=pk).annotate(**named).order_by("region"))
    if not rows:
        return None
    agent = rows[0]
    regions = [row.region for row in rows if row.region]
    agent.home = agent.maison or get_text_list(regions, "et") or "aucune région"
    return agent


def _why_over(kept, auteur, agent, now):
    if not auteur.is_authenticated or auteur.pk != kept["auteur"]:
        return "session fermée, ou compte désactivé"
    if agent is None:
        return "le compte vu n’existe plus"
    if now - kept["depuis"] >= settings.VOIR_COMME_DUREE:
        return f"{in_words(settings.VOIR_COMME_DUREE)} écoulées"
    return refusal(auteur, agent)


class VoirComme:
    """After the second factor was checked. One query, to a session that sees as another agent."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.voir_comme = None
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or CLE not in request.session:
            return self.get_response(request)
        kept, auteur, now = request.session[CLE], request.user, int(time.time())
        agent = _agent(kept["agent"])
        reason = _why_over(kept, auteur, agent, now)
        if reason:
            return self._over(request, reason)
        left = kept["depuis"] + settings.VOIR_COMME_DUREE - now
        request.voir_comme = Vue(agent, auteur, agent.home, left)
        if request.path_info in {reverse(name) for name in SORTIES}:
            response = self.get_response(request)
        elif request.path_info.startswith(COMPTE):
            response = self._refuse(request, "compte")
        elif request.method not in SURES:
            request.session[CLE] = {**kept, "refus": kept["refus"] + 1}
            response = self._refuse(request, "ecriture")
        else:
            response = self._as(request, agent)
        response["Cache-Control"] = "private, no-store"
        return response

    def _over(self, request, reason):
        agent = close(request, reason)
        told = f"Vous ne voyez plus le portail comme {agent or 'cet agent'} : {reason}."
        if request.method in SURES:
            messages.info(request, told)
            return self.get_response(request)
        # It was sent from a page that was seen as somebody else: nobody meant it as their own.
        return self._refuse(request, "fin", told)

    def _as(self, request, agent):
        """The page as `agent` gets it: it reads nothing from the session, and leaves nothing."""
        auteur, session = request.user, request.session
        before, modified = copy.deepcopy(dict(session.items())), session.modified
        # Whatever were written all the same would be signed by who is really there.
        HistoricalRecords.context.request = copy.copy(request)
        request.user = agent
        for key in set(before) - SIGNATURE:
            del session[key]
        try:
            return self.get_response(request)
        finally:
            request.user = auteur
            for key in set(session.keys()) - set(before):
                del session[key]
            session.update(before)
            session.modified = modified

    def _refuse(self, request, why, told=""):
        context = {"pourquoi_refus": why, "dit": told, "vue": request.voir_comme}
        return render(request, "voir_comme_refus.html", context, status=403)
