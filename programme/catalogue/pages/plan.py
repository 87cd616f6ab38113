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
from programme.models import (
    ComiteRegional,
    Contrat,
    Decision,
    Parution,
    Projet,
    Seance,
    Source,
)
from territoires import moment
from territoires.dates import iso
from territoires.models import (
    Commune,
    Intercommunalite,
    Operateur,
    Phase,
    Rattachement,
    Region,
    Territoire,
)

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
    "anglais",
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
        self.changed = self.read_changes()
        return super().get_urls(*args, **kwargs)

    def read_changes(self):
        return modifications.par_fiche(*self.genres) if self.genres else {}

    def lastmod(self, item):
        return self.changed.get(item.pk)

    def get_latest_lastmod(self):
        """The index says nothing of it: no record is read to make it."""
        return


class Portraits(Fiches):
    """The second page of each territory."""

    def location(self, item):
        return item.get_portrait_url()


TERRITOIRE = (
    ("territoires", "code"),
    ("rattachements", "territoire_id"),
    ("contrats", "territoire_id"),
    ("signataires", "contrat__territoire_id"),
    ("avenants", "contrat__territoire_id"),
    ("projets", "territoire_id"),
    ("financements", "projet__territoire_id"),
    ("referents", "territoire_id"),
    ("territoires-prioritaires", "territoire_id"),
)
"""What the page of a territory tells of it."""


def _communes_des_territoires():
    """The communes of each territory: members, or those of its members."""
    rows = Rattachement.objects.order_by()
    members = rows.filter(commune__isnull=False)
    theirs = rows.filter(intercommunalite__isnull=False)
    return members.values_list("commune", "territoire").union(
        theirs.values_list("intercommunalite__communes", "territoire")
    )


class Lieux(Fiches):
    """Places: what is theirs, and what is told of the territories that they are in.

    liens: function of the queryset of the pairs `(place, territory)`. autres: `(model without a
    dataset, column of its history that holds the place)`.
    """

    def __init__(self, rows, genres, liens, autres=()):
        super().__init__(rows, *genres)
        self.liens, self.autres = liens, autres

    def read_changes(self):
        territoires = modifications.par_fiche(*TERRITOIRE)
        own = [super().read_changes()]
        own += [modifications.hors_jeux(model, column) for model, column in self.autres]
        days = ({key: territoires[code]} for key, code in self.liens() if code in territoires)
        return modifications.derniers(*own, *days)


SITEMAPS = {
    "pages": Pages(),
    "territoires": Fiches(Territoire.objects.all, *TERRITOIRE),
    "portraits": Portraits(Territoire.objects.all, ("rattachements", "territoire_id")),
    "regions": Lieux(
        Region.objects.all,
        [
            ("enveloppes", "region_id"),
            ("projets", "commune__departement__region_id"),
            ("projets", "departement__region_id"),
        ],
        lambda: Territoire.regions.through.objects.values_list("region", "territoire"),
        [
            (ComiteRegional, "region_id"),
            (Seance, "comite_regional__region_id"),
            (Decision, "seance__comite_regional__region_id"),
        ],
    ),
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
    "intercommunalites": Lieux(
        Intercommunalite.objects.all,
        [("rattachements", "intercommunalite_id"), ("projets", "commune__intercommunalite_id")],
        lambda: Rattachement.objects.values_list("intercommunalite", "territoire"),
    ),
    "communes": Lieux(
        lambda: Commune.objects.existantes(moment.today()),
        [("rattachements", "commune_id"), ("projets", "commune_id")],
        _communes_des_territoires,
    ),
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
        f"Policy: {settings.SITE['url']}{reverse('mentions_legales')}#faille",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def securite_ailleurs(request):
    """Where it was looked for before RFC 9116."""
    return redirect("securite", permanent=True)


@require_safe
def favicon(request):
    """Where browsers and feed readers look without having read a page."""
    folder = "dsfr/dist/favicon" if settings.SITE["officiel"] else "img"
    return redirect(static(f"{folder}/favicon.ico"))
