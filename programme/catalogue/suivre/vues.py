"""`/suivre/`: asking, confirming, stopping. No cookie: what a link holds is all that is needed."""

from functools import wraps

from allauth.core.internal import ratelimit
from django import forms
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from programme.catalogue.adresse import AdresseView, lit
from programme.catalogue.pages.fiche import Introuvable
from programme.catalogue.personnes import sans_personne
from programme.catalogue.suivre import abonnes
from programme.catalogue.suivre.envois import etat
from programme.catalogue.suivre.formulaires import Demande, PageSuivie
from programme.catalogue.suivre.objets import Refus
from programme.models.abonnements import JOURS_SANS_REPONSE

DEBITS = {"reseau": "20/h/ip", "adresse": "5/d/key"}
"""Requests of one network in an hour; mails that requests send to one address in a day."""


def _within(request, action, key=None):
    return ratelimit.consume(request, app="suivre", action=action, config=DEBITS, key=key)


@method_decorator([never_cache, csrf_exempt], name="dispatch")
@sans_personne
class SuivreView(AdresseView):
    """The form, empty or about the page that `?adresse=` names. Nobody is signed in: nothing that
    another site's form could do in somebody's name.
    """

    form_class = PageSuivie
    template_name = "programme/suivre/suivre.html"
    refusal_template = ""

    def answer(self):
        asked = self.demande["adresse"]
        return self.page(Demande(initial={"adresse": asked}), self.form.objet)

    def post(self, request):
        form = Demande(request.POST)
        if not form.is_valid():
            return self.page(form, getattr(form, "objet", None), status=400)
        if not _within(request, "reseau"):
            form.add_error(
                None,
                "Trop de demandes depuis votre réseau : recommencez dans une heure. Rien n’a été "
                "envoyé.",
            )
            return self.page(form, form.objet, status=429)
        courriel = form.cleaned_data["courriel"]
        if _within(request, "adresse", key=abonnes.CHIFFRE.empreintes(courriel.lower())[0]):
            abonnes.demander(courriel, form.objet)
        return redirect("suivre_demande")

    def page(self, form, objet, status=200):
        context = {"form": form, "objet": objet, "etat": etat(), "erreurs": []}
        return render(self.request, self.template_name, context, status=status)

    def get_refusal_context(self):
        given = self.requete.data.get("adresse", "")
        known = super().get_refusal_context()
        return {"form": Demande(initial={"adresse": given}), "objet": None, "etat": etat()} | known


@never_cache
@sans_personne
@require_safe
def demande(request):
    """The same for everybody: it says nothing of who follows what."""
    return render(request, "programme/suivre/demande.html", {"jours": JOURS_SANS_REPONSE})


def _of_a_link(view):
    """For the pages that a link of a mail leads to: kept nowhere, and a 404 that says why."""

    @never_cache
    @csrf_exempt
    @lit(forms.Form)
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request, jeton):
        try:
            response = view(request, jeton)
        except abonnes.LienRefuse as why:
            raise Introuvable(str(why)) from None
        response["Referrer-Policy"] = "no-referrer"
        return response

    return guarded


@_of_a_link
def confirmer(request, jeton):
    """A button confirms: programs that open every link of a mail press none."""
    abonnement = abonnes.a_confirmer(jeton)
    try:
        objet = abonnes.relire(abonnement.vue, abonnement.cle)
        if request.method == "POST":
            abonnes.confirmer(abonnement)
    except Refus as why:
        raise abonnes.LienRefuse(f"Cette page ne se suit plus. {why}") from None
    context = {
        "objet": objet,
        "fait": request.method == "POST",
        "gerer": abonnes.jeton(abonnement.abonne),
    }
    return render(request, "programme/suivre/confirmer.html", context)


@_of_a_link
def gerer(request, jeton):
    """What an address follows; a POST stops one of them."""
    abonne = abonnes.abonne_of(jeton)
    arrete = False
    if abonne is not None and request.method == "POST":
        asked = request.POST.get("abonnement", "")
        arrete = asked.isdecimal() and len(asked) < 18
        if arrete:
            abonnes.arreter(abonne, asked)
            abonne = abonnes.abonne_of(jeton)
    context = {
        "suivis": abonnes.suivis(abonne) if abonne else [],
        "jeton": jeton,
        "arrete": arrete,
    }
    return render(request, "programme/suivre/gerer.html", context)


@_of_a_link
def arreter(request, jeton):
    """Stop everything: one POST (RFC 8058); a GET asks first."""
    abonne = abonnes.abonne_of(jeton)
    if abonne is not None and request.method == "POST":
        abonnes.arreter(abonne)
        abonne = None
    context = {"suivis": abonnes.suivis(abonne) if abonne else [], "jeton": jeton}
    return render(request, "programme/suivre/arreter.html", context | {"fait": abonne is None})
