"""The site map, for people and for machines, robots.txt and security.txt."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from programme.catalogue.ordre import OrdreFrancais
from programme.catalogue.pages.fiche import Introuvable
from programme.catalogue.parcours import PARAMETRE
from programme.catalogue.personnes import sans_personne
from programme.donnees.jeux import JEUX
from programme.models import Contrat, Projet, Source
from territoires.dates import iso
from territoires.models import Commune, Intercommunalite, Operateur, Phase, Region, Territoire

PAGES = [
    "accueil",
    "programme",
    "glossaire",
    "carte",
    "lignees",
    "territoires",
    "regions",
    "projets",
    "contrats",
    "operateurs",
    "fonds",
    "chiffres",
    "sources",
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
    "sources": Fiches(Source.objects.published),
    "intercommunalites": Fiches(Intercommunalite.objects.all),
    "communes": Fiches(lambda: Commune.objects.existantes(timezone.localdate())),
}


@sans_personne
@require_safe
def plan_du_site(request):
    context = {
        "regions": Region.objects.order_by(OrdreFrancais("nom")),
        "phases": [
            (phase, Territoire.objects.catalogue(phase.pk).order_by(OrdreFrancais("nom")))
            for phase in Phase.objects.order_by("-numero")
        ],
        "operateurs": Operateur.objects.all(),
    }
    return render(request, "programme/pages/plan_du_site.html", context)


@sans_personne
@require_safe
def robots(request):
    """What the sitemap and the catalogues list is open; files of a selection are not.

    The most precise rule wins (RFC 9309): each whole file is named.
    """
    whole = [url for jeu in JEUX.values() for _, url in jeu.whole_files()]
    lines = [
        "User-agent: *",
        *(f"Allow: {url}$" for url in whole),
        f"Allow: {reverse('api')}*?*format=",
        f"Disallow: {reverse('admin:index')}",
        f"Disallow: {reverse('recherche')}",
        "Disallow: /*?*format=",
        f"Disallow: /*?*{PARAMETRE}=",
        f"Sitemap: {settings.SITE['url']}{reverse('sitemap')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


SECURITE_JOURS = 180  # RFC 9116 wants an end, less than a year away


@require_safe
def securite(request):
    """Whom to tell about a weakness, see RFC 9116; without a contact there is nobody to name."""
    contact = settings.SITE["contact"]
    if not contact:
        raise Introuvable("Ce site n’a pas d’adresse de contact (réglage SITE_CONTACT).")
    until = timezone.localdate() + timedelta(days=SECURITE_JOURS)
    lines = [
        f"Contact: mailto:{contact}",
        f"Expires: {iso(until)}T00:00:00Z",
        "Preferred-Languages: fr, en",
        f"Canonical: {settings.SITE['url']}{reverse('securite')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request):
    """Where browsers and feed readers look without having read a page."""
    folder = "dsfr/dist/favicon" if settings.SITE["officiel"] else "img"
    return redirect(static(f"{folder}/favicon.ico"))
