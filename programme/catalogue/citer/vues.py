"""Citing a figure: the registry, the act that keeps one, and the page of what was kept."""

from functools import cached_property

from allauth.core.internal.httpkit import get_client_ip
from django import forms
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from programme.catalogue import moments
from programme.catalogue.adresse import AdresseView, Erreur
from programme.catalogue.citer import image
from programme.catalogue.citer.citables import CITABLES
from programme.catalogue.citer.lecture import (
    Illisible,
    Mouvant,
    citer,
    mesure_of,
    nombres,
    of_citation,
    relire,
)
from programme.catalogue.citer.textes import Enonces
from programme.catalogue.pages.fiche import Introuvable
from programme.catalogue.personnes import sans_personne
from programme.catalogue.vues import CatalogueView
from programme.donnees.debit import MINUTE, Debit, subscriber
from programme.donnees.views import json_response
from programme.models import Citation
from programme.models.citations import PAR_JOUR
from territoires import moment
from territoires.dates import iso

PAR_MINUTE = 30
"""Citations that one address may ask of one process in a minute."""
AILLEURS = "cross-site"
ABSENTE = "Aucune citation n’a cette adresse : vérifiez-la caractère par caractère."

demandes = Debit()


class ChiffreForm(forms.Form):
    """A figure, and the query that chooses its rows: after the code, or in `requete`."""

    chiffre = forms.CharField(required=False)
    requete = forms.CharField(required=False, strip=False)
    au = forms.CharField(required=False)

    def __init__(self, data):
        code, asked, query = data.get("chiffre", "").partition("?")
        super().__init__(data | {"chiffre": code, "requete": query} if asked else data)

    def clean_chiffre(self):
        code = self.cleaned_data["chiffre"]
        if code not in CITABLES:
            raise forms.ValidationError(
                f"« {code[:60]} » n’est pas un chiffre que ce site sait citer. Partez du bouton "
                "« Citer » d’une page."
            )
        return code

    def clean_au(self):
        """The moment at which the page was read; None for now."""
        asked = self.cleaned_data["au"]
        return moments.lire(asked).instant if asked else None


class Refus(Exception):
    """Why nothing was kept, in `Erreur`s, and the status of the answer."""

    def __init__(self, sentence="", status=400, erreurs=()):
        super().__init__(sentence)
        self.erreurs = erreurs or [Erreur("chiffre", "Citer", sentence)]
        self.status = status


# No cookie, so no token: the act is nobody's, the same twice is one row, and other sites' pages
# are refused by what the browser says of them.
@method_decorator(csrf_exempt, "dispatch")
class CiterView(AdresseView):
    """`/citer/`: what can be cited. A POST keeps a citation and leads to it."""

    template_name = "programme/citer/citer.html"

    def answer(self):
        return render(self.request, self.template_name, {"citables": CITABLES.values()})

    def post(self, request):
        number, seconds = demandes.count(subscriber(get_client_ip(request)))
        if number > PAR_MINUTE:
            return too_many(request, seconds)
        try:
            kept = self._kept(request)
        except Refus as refused:
            context = {"citables": CITABLES.values(), "erreurs": refused.erreurs}
            return render(request, self.template_name, context, status=refused.status)
        return HttpResponse(status=303, headers={"Location": kept.get_absolute_url()})

    @staticmethod
    def _kept(request):
        """The citation asked for, kept. Raises `Refus`."""
        if request.headers.get("Sec-Fetch-Site") == AILLEURS:
            raise Refus("La demande vient d’un autre site. Citez depuis ce portail.", 403)
        form = ChiffreForm(request.POST.dict())
        if not form.is_valid():
            raise Refus(" ".join(m for errors in form.errors.values() for m in errors))
        asked = form.cleaned_data
        try:
            with moment.a(asked["au"]):
                citation = citer(request, CITABLES[asked["chiffre"]], asked["requete"])
        except Illisible as refused:
            raise Refus(erreurs=refused.erreurs) from refused
        except Mouvant as moving:
            raise Refus("Les données changent en ce moment. Recommencez.", 503) from moving
        known = Citation.objects.filter(pk=citation.pk)
        if not known.exists() and not Citation.objects.room():
            raise Refus(
                f"Déjà {PAR_JOUR} citations nouvelles ce jour. Revenez demain, ou citez "
                "l’adresse de la page et sa date.",
                429,
            )
        return Citation.objects.keep(citation)


def too_many(request, seconds):
    response = render(request, "429.html", {"attente": seconds}, status=429)
    response["Retry-After"] = str(seconds)
    response["RateLimit-Policy"] = f'"minute";q={PAR_MINUTE};w={MINUTE}'
    response["Cache-Control"] = "no-store"
    return response


class CitationVue(AdresseView):
    """What was cited, by its code. A subclass answers with what `enonces` says of it."""

    def answer(self, code):
        self.citation = Citation.objects.filter(pk=code).first()
        if self.citation is None:
            raise Introuvable(ABSENTE)
        self.citable = CITABLES.get(self.citation.citable)
        if self.citable is None:
            raise BadRequest("Ce chiffre n’est plus calculé par ce site.")
        response = self.show()
        response["X-Robots-Tag"] = "noindex"
        return response

    @cached_property
    def aujourdhui(self):
        """The `Lecture` of its query now; None when it reads no more."""
        return relire(self.request, self.citable, self.citation, None)

    @cached_property
    def alors(self):
        """The same at its moment, as the histories tell it."""
        return relire(self.request, self.citable, self.citation, self.citation.moment)

    @cached_property
    def page_du_jour(self):
        return self.citable.lien(self.request, self.enonces.lecture.requete)

    @cached_property
    def enonces(self):
        return Enonces(self.citation, self.citable, of_citation(self.citation, self.alors))


@sans_personne
class CitationView(CitationVue):
    """`/citer/<code>/`: the value cited, today's beside it, and the words to quote."""

    @property
    def pourquoi(self):
        """The address of what changed since in the rows that it counts; "" where none tells it."""
        if not isinstance(self.vue, CatalogueView) or self.vue.erreurs:
            return ""
        since = self.citation.moment.astimezone(moments.PARIS)
        asked = f"{iso(since)}{moments.ENTRE}{iso(timezone.localtime())}"
        return moments.avec(self.page_du_jour.partition("#")[0], asked)

    @cached_property
    def vue(self):
        """What reads its rows now."""
        return self.citable.vue(self.request, self.enonces.lecture.requete)

    def show(self):
        now, kept = self.aujourdhui, mesure_of(self.citation)
        context = {
            "e": self.enonces,
            "aujourdhui": now and self.citable.dire(now.mesure),
            "retenus": now and self.citable.retenus(now.mesure),
            "change": now and nombres(now.mesure) != nombres(kept),
            "ecart": now and ecart(kept.valeur, now.mesure.valeur),
            "concorde": self.alors and nombres(self.alors.mesure) == nombres(kept),
            "relu": self.alors and self.citable.dire(self.alors.mesure),
            "page": moments.avec(
                self.page_du_jour,
                iso(self.citation.moment.astimezone(moments.PARIS)),
            ),
            "page_du_jour": self.page_du_jour,
            "pourquoi": self.pourquoi,
        }
        return render(self.request, "programme/citer/citation.html", context)


def ecart(then, now):
    """The gap between two values, when both are told."""
    return None if then is None or now is None else now - then


@sans_personne
class CitationBibView(CitationVue):
    machine = "bib"

    def show(self):
        kind = "application/x-bibtex; charset=utf-8"
        response = HttpResponse(self.enonces.bibtex, content_type=kind)
        response["Content-Disposition"] = f'attachment; filename="{self.citation.code}.bib"'
        return response


@sans_personne
class CitationJsonView(CitationVue):
    machine = "json"

    def show(self):
        return json_response(self.enonces.as_json(self.aujourdhui and self.aujourdhui.mesure))


@sans_personne
class CitationImageView(CitationVue):
    machine = "png"

    def show(self):
        return HttpResponse(image.dessiner(self.enonces), content_type="image/png")
