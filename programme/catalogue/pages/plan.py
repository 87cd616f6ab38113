"""The site map, for people and for machines, and robots.txt."""

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from programme.catalogue.ordre import OrdreFrancais
from programme.catalogue.personnes import sans_personne
from programme.models import Contrat, Projet
from territoires.models import Commune, Intercommunalite, Operateur, Region, Territoire

PAGES = [
    "accueil",
    "carte",
    "territoires",
    "regions",
    "projets",
    "contrats",
    "operateurs",
    "fonds",
    "chiffres",
    "actualites",
    "agenda",
    "donnees",
    "journal",
    "plan_du_site",
    "accessibilite",
    "mentions_legales",
    "donnees_personnelles",
]


class Pages(Sitemap):
    def items(self):
        return PAGES

    def location(self, item):
        return reverse(item)


class Fiches(Sitemap):
    """The public records of one model."""

    limit = 10_000

    def __init__(self, rows):
        self.rows = rows

    def items(self):
        return self.rows().order_by("pk")


SITEMAPS = {
    "pages": Pages(),
    "territoires": Fiches(Territoire.objects.all),
    "regions": Fiches(Region.objects.all),
    "contrats": Fiches(Contrat.objects.published),
    "projets": Fiches(Projet.objects.published),
    "operateurs": Fiches(Operateur.objects.all),
    "intercommunalites": Fiches(Intercommunalite.objects.all),
    "communes": Fiches(Commune.objects.all),
}


@sans_personne
@require_safe
def plan_du_site(request):
    context = {
        "regions": Region.objects.order_by(OrdreFrancais("nom")),
        "territoires": Territoire.objects.at(timezone.localdate()).order_by(OrdreFrancais("nom")),
        "operateurs": Operateur.objects.all(),
    }
    return render(request, "programme/pages/plan_du_site.html", context)


@sans_personne
@require_safe
def robots(request):
    """Lists answer any filter: only their first address is worth a robot's visit."""
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('admin:index')}",
        f"Disallow: {reverse('recherche')}",
        "Disallow: /*?*format=",
        f"Sitemap: {settings.SITE['url']}{reverse('sitemap')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
