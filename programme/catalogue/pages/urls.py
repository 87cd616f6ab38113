"""Addresses of the home page, of the pages of one record, and of what every site owes."""

from django import forms
from django.conf import settings
from django.contrib.sitemaps import views as sitemaps
from django.urls import path, register_converter
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from programme.catalogue.adresse import lit
from programme.catalogue.journal import vues as journal
from programme.catalogue.pages import (
    accessibilite,
    accueil,
    actualites,
    anglais,
    chiffres,
    contrats,
    documents,
    fonds,
    operateurs,
    plan,
    presentation,
    projets,
    regions,
    sources,
    territoires,
)
from programme.models import avis, propositions
from programme.models.abonnements import JOURS_SANS_REPONSE


class AdresseDeTerritoire:
    """A slug, after the segment of its phase but for the first’s: see `Territoire.adresse`."""

    regex = "(?:(?:[0-9]{4}|phase-[0-9]+)/)?[-a-zA-Z0-9_]+"

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


class PlanForm(forms.Form):
    """A part of a sitemap, as Django numbers them."""

    p = forms.IntegerField(required=False)


register_converter(AdresseDeTerritoire, "territoire")

urlpatterns = [
    path("", accueil.accueil, name="accueil"),
    path("programme/", presentation.programme, name="programme"),
    path("en/", anglais.anglais, name="anglais"),
    path("glossaire/", presentation.glossaire, name="glossaire"),
    path("territoires/<territoire:slug>/", territoires.TerritoireView.as_view(), name="territoire"),
    path(
        "territoires/<territoire:slug>/portrait/",
        territoires.PortraitView.as_view(),
        name="portrait",
    ),
    path("regions/<slug:slug>/", regions.RegionView.as_view(), name="region"),
    path("contrats/<slug:slug>/", contrats.ContratView.as_view(), name="contrat"),
    path("projets/<slug:slug>/", projets.ProjetView.as_view(), name="projet"),
    path("operateurs/<slug:slug>/", operateurs.OperateurView.as_view(), name="operateur"),
    path("fonds/", fonds.fonds, name="fonds"),
    path("chiffres/", chiffres.chiffres, name="chiffres"),
    path("sources/", sources.SourcesView.as_view(), name="sources"),
    path("sources/<slug:code>/", sources.SourceView.as_view(), name="source"),
    path("actualites/", actualites.ActualitesView.as_view(), name="actualites"),
    path("actualites/flux.atom", require_safe(actualites.Flux()), name="actualites_flux"),
    path("journal/", journal.JournalView.as_view(), name="journal"),
    path("journal/flux.atom", journal.FluxJournalView.as_view(), name="journal_flux"),
    path("agenda/", actualites.agenda, name="agenda"),
    path("agenda/agenda.ics", actualites.CalendrierView.as_view(), name="agenda_ics"),
    path("documents/<int:pk>/", documents.document, name="document"),
    path("accessibilite/", accessibilite.declaration, name="accessibilite"),
    path(
        "mentions-legales/",
        TemplateView.as_view(template_name="programme/pages/mentions_legales.html"),
        name="mentions_legales",
    ),
    path(
        "donnees-personnelles/",
        TemplateView.as_view(
            template_name="programme/pages/donnees_personnelles.html",
            extra_context={
                "journal_jours": settings.JOURNAL_ACCES_JOURS,
                "avis_jours": avis.JOURS_GARDES,
                "signalement_jours": propositions.JOURS_GARDES,
                "suivi_jours": JOURS_SANS_REPONSE,
            },
        ),
        name="donnees_personnelles",
    ),
    path("plan-du-site/", plan.plan_du_site, name="plan_du_site"),
    path(
        "sitemap.xml",
        lit(PlanForm)(require_safe(sitemaps.index)),
        {"sitemaps": plan.SITEMAPS, "template_name": "programme/pages/sitemap_index.xml"},
        name="sitemap",
    ),
    path(
        "sitemap-<section>.xml",
        lit(PlanForm)(require_safe(sitemaps.sitemap)),
        {"sitemaps": plan.SITEMAPS, "template_name": "programme/pages/sitemap.xml"},
        name="django.contrib.sitemaps.views.sitemap",
    ),
    path("opensearch.xml", plan.opensearch, name="opensearch"),
    path("robots.txt", plan.robots, name="robots"),
    path(".well-known/security.txt", plan.securite, name="securite"),
    path("security.txt", plan.securite_ailleurs, name="securite_ailleurs"),
    path("favicon.ico", plan.favicon, name="favicon"),
]
