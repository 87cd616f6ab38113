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
from programme.donnees import modifications
from programme.donnees.jeux import JEUX
from programme.models import Contrat, Parution, Projet, Source
from territoires import moment
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
    "parutions",
    "citer",
    "integrer",
    "api_documentation",
    "journal",
    "signaler",
    "suivre",
    "plan_du_site",
    "accessibilite",
    "mentions_legales",
    "donnees_personnelles",
]


LUES = {
    "territoires": "territoires",
    "projets": "projets",
    "contrats": "contrats",
    "operateurs": "engagements",
    "glossaire": "glossaire",
    "sources": "sources",
    "chiffres": "chiffres",
    "programme": "affirmations",
}
"""Pages that show one dataset above all: they changed when it did, at the latest with the data."""


class Pages(Sitemap):
    def items(self):
        return PAGES

    def location(self, item):
        return reverse(item)

    def lastmod(self, item):
        """Nothing of a page whose text is in the code."""
        return modifications.jour(JEUX[LUES[item]]) if item in LUES else None


class JeuxDeDonnees(Sitemap):
    """The page of each dataset."""

    def items(self):
        return list(JEUX.values())

    def lastmod(self, item):
        return modifications.jour(item)


class Parutions(Sitemap):
    """The page of each parution."""

    def items(self):
        return Parution.objects.order_by("numero")

    def lastmod(self, item):
        return timezone.localdate(item.retiree_le or item.faite_le)


class Fiches(Sitemap):
    """The public records of one model."""

    limit = 10_000

    def __init__(self, rows, *genres):
        self.rows, self.genres = rows, genres

    def items(self):
        return self.rows().order_by("pk")

    def get_urls(self, *args, **kwargs):
        """`genres`: the datasets that its page tells of the record, each with the column of its
        key: without any, nothing is said of when it changed.
        """
        self.changed = modifications.par_fiche(*self.genres) if self.genres else {}
        return super().get_urls(*args, **kwargs)

    def lastmod(self, item):
        return self.changed.get(item.pk)

    def get_latest_lastmod(self):
        """The index says nothing of it: no record is read to make it."""
        return


SITEMAPS = {
    "pages": Pages(),
    "territoires": Fiches(Territoire.objects.all),
    "regions": Fiches(Region.objects.all),
    "contrats": Fiches(
        Contrat.objects.published,
        ("contrats", "id"),
        ("signataires", "contrat_id"),
        ("avenants", "contrat_id"),
    ),
    "projets": Fiches(Projet.objects.published, ("projets", "id"), ("financements", "projet_id")),
    "operateurs": Fiches(
        Operateur.objects.all,
        ("operateurs", "code"),
        ("conventions", "operateur_id"),
        ("engagements", "operateur_id"),
        ("realisations", "operateur_id"),
        ("referents", "operateur_id"),
        ("services", "operateur_id"),
        ("territoires-prioritaires", "operateur_id"),
        ("affirmations", "operateur_id"),
    ),
    "sources": Fiches(Source.objects.published),
    "donnees": JeuxDeDonnees(),
    "parutions": Parutions(),
    "intercommunalites": Fiches(Intercommunalite.objects.all),
    "communes": Fiches(lambda: Commune.objects.existantes(moment.today())),
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
        f"Disallow: {reverse('signaler')}*/",
        "Disallow: /*?*format=",
        f"Disallow: /*?*{PARAMETRE}=",
        f"Disallow: {reverse('suivre')}?",
        f"Sitemap: {settings.SITE['url']}{reverse('sitemap')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@sans_personne
@require_safe
def opensearch(request):
    """How a browser searches here (OpenSearch 1.1)."""
    response = render(request, "programme/recherche/opensearch.xml")
    response["Content-Type"] = "application/opensearchdescription+xml; charset=utf-8"
    return response


SECURITE_JOURS = 180  # RFC 9116 wants an end, less than a year away


@require_safe
def securite(request):
    """Whom to tell about a weakness, see RFC 9116; without a contact there is nobody to name."""
    contact = settings.SITE["contact"]
    if not contact:
        raise Introuvable("Ce site n’a pas d’adresse de contact (réglage SITE_CONTACT).")
    until = moment.today() + timedelta(days=SECURITE_JOURS)
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
