"""The admin site of the committees: our own models, grouped as an officer thinks of them."""

from functools import wraps

from allauth.account.utils import passthrough_next_redirect_url
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http import HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.views.i18n import JavaScriptCatalog

from programme.backoffice.aides import help_of
from programme.backoffice.avis.vues import AvisMixin
from programme.backoffice.bureau.accueil import bureau
from programme.backoffice.bureau.cadre import nom_du_bureau
from programme.backoffice.bureau.vues import BureauMixin
from programme.backoffice.cadre.champs import GENRES
from programme.backoffice.cadre.composition import at_its_turn
from programme.backoffice.chercher import chercher
from programme.backoffice.identite.voir_comme import quitter
from programme.backoffice.identite.vues import Deconnexion
from programme.backoffice.pourquoi.vues import pourquoi
from programme.lieux import en_mots, proposer
from territoires.lecture import ValeurRefusee
from territoires.models import Commune, ConflitDeVersion
from territoires.reponses import NON_RENSEIGNE

APPLICATIONS = {"territoires", "programme"}

GROUPES = {
    "Contrats et projets": [
        "Contrat", "Signataire", "Avenant", "Projet", "Financement", "Document",
        "Proposition",
    ],
    "Comités": ["ComiteRegional", "ComiteNational", "Seance", "Decision"],
    "Carte": ["Territoire", "Rattachement", "AutreNom"],
    "Opérateurs": [
        "Operateur", "Convention", "Engagement", "Realisation", "Referent", "Service",
        "TerritoirePrioritaire",
    ],
    "Fonds et chiffres": [
        "Enveloppe", "Financeur", "ChiffreAnnonce", "Jalon", "Fait", "Confrontation", "Source",
    ],
    "Présentation du programme": ["Affirmation", "Personne", "Terme"],
    "Géographie et diagnostic": [
        "Region", "Departement", "Intercommunalite", "Commune", "CodePostal", "CommuneAncienne",
        "MouvementCommune", "MesureEmploi", "BassinEmploi", "BassinCommune", "Metier",
        "BesoinMainOeuvre",
    ],
    "Données ouvertes": ["Parution", "FichierParution", "EmpreinteAncienne"],
    "Agents": ["Agent", "JournalAcces"],
    "Traces": ["Modification", "LigneChargee", "EtatAncien", "Preuve", "Tache", "Tournee"],
}  # fmt: skip


def was_trace(request, reste=""):
    """The addresses of the acts, from before every save had one: their keys are the same."""
    query = request.META["QUERY_STRING"]
    page = reverse("admin:territoires_modification_changelist") + reste
    url = f"{page}?{query}" if query else page
    return HttpResponsePermanentRedirect(url, preserve_request=True)


class ScopedAutocomplete(AutocompleteJsonView):
    """Offers only what the form that asks would accept."""

    def get_queryset(self):
        source = self.admin_site.get_model_admin(self.source_field.model)
        choices = source.choices_for(self.request, self.source_field)
        return super().get_queryset().filter(pk__in=choices.values("pk"))

    def has_perm(self, request, obj=None):
        model = self.source_field.model
        if not self.admin_site.is_registered(model):
            return False
        source = self.admin_site.get_model_admin(model)
        return source.has_view_or_change_permission(request) and super().has_perm(request, obj)


class BackofficeSite(AvisMixin, BureauMixin, admin.AdminSite):
    site_header = "Espace des comités"
    site_title = "Territoires d’industrie"
    index_title = "Le bureau du comité"
    site_url = "/"
    empty_value_display = format_html('<span class="vide">{}</span>', NON_RENSEIGNE)
    enable_nav_sidebar = False
    help_of = staticmethod(help_of)

    def register(self, model_or_iterable, admin_class=None, **options):
        """Ours only: what packages register (groups, a design system's settings) is of no use."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        ours = [model for model in models if model._meta.app_label in APPLICATIONS]
        super().register(ours, admin_class, **options)

    def get_urls(self):
        # Django's « view on site » redirects to the address of any row: a door without a lock.
        kept = [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]
        return [
            path("chercher/", self.admin_view(self.chercher_view), name="chercher"),
            path("lire/", self.admin_view(self.lire_view), name="lire"),
            path("lieu/", self.admin_view(self.lieu_view), name="lieu"),
            path("pourquoi/", self.admin_view(self.pourquoi_view), name="pourquoi"),
            path("territoires/trace/", was_trace),
            path("territoires/trace/<path:reste>", was_trace),
            path("voir-comme/quitter/", self.admin_view(quitter), name="quitter_voir_comme"),
            *kept,
        ]

    def admin_view(self, view, cacheable=False):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            try:
                return at_its_turn(view, request)(request, *args, **kwargs)
            except ConflitDeVersion as conflict:
                context = {
                    **self.each_context(request),
                    "title": "Enregistrement modifié entre-temps",
                    "message": str(conflict),
                }
                return TemplateResponse(request, "admin/conflit.html", context, status=409)

        return super().admin_view(guarded, cacheable)

    def i18n_javascript(self, request, extra_context=None):
        packages = ["django.contrib.admin", "programme"]  # our words after Django's
        return JavaScriptCatalog.as_view(packages=packages)(request)

    def autocomplete_view(self, request):
        return ScopedAutocomplete.as_view(admin_site=self)(request)

    def lire_view(self, request):
        """What a text typed in a field is understood as: the very reading that saving does."""
        genre, text = GENRES.get(request.GET.get("genre")), request.GET.get("texte", "")
        if genre is None:
            return JsonResponse({"refus": "Ce genre de valeur n’existe pas."}, status=400)
        try:
            if text.strip():
                genre.lire(text)
        except ValeurRefusee as error:
            return JsonResponse({"lu": "", "refus": str(error)})
        return JsonResponse({"lu": genre.echo(text), "refus": ""})

    def lieu_view(self, request):
        """What a commune gives to the place of a record: the very rule that saving follows."""
        commune = Commune.objects.designee(request.GET.get("commune", ""))
        if commune is None:
            return JsonResponse({"refus": "Cette commune n’existe pas."}, status=400)
        given = proposer(commune)
        return JsonResponse(given | {"mots": en_mots(given)})

    def chercher_view(self, request):
        return chercher(request, self)

    def pourquoi_view(self, request):
        return pourquoi(request, self)

    def app_index(self, request, app_label, extra_context=None):
        """An application is nothing to an officer: the desk shows everything by subject."""
        return redirect(f"{self.name}:index")

    def get_app_list(self, request, app_label=None):
        """By subject, whatever the application; computed by the one page that shows it."""
        return SimpleLazyObject(lambda: self._by_subject(request))

    def _by_subject(self, request):
        models = {
            entry["object_name"]: entry
            for app in super().get_app_list(request)
            for entry in app["models"]
        }
        for entry in models.values():
            importation = getattr(self.get_model_admin(entry["model"]), "importation", None)
            entry["importer_url"] = importation.address(request) if importation else ""
        return [
            {
                "name": name,
                "app_label": f"groupe-{rank}",
                "app_url": "",
                "has_module_perms": True,
                "models": [models[member] for member in members if member in models],
            }
            for rank, (name, members) in enumerate(GROUPES.items())
            if any(member in models for member in members)
        ]

    # Signing in, leaving and one's password are allauth's: throttled, told in the journal.

    def login(self, request, extra_context=None):
        return redirect(passthrough_next_redirect_url(request, reverse("account_login"), "next"))

    def logout(self, request, extra_context=None):
        return Deconnexion.as_view()(request)

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def index(self, request, extra_context=None):
        context = {"title": nom_du_bureau(request.user)} | bureau(self, request)
        return super().index(request, context | (extra_context or {}))
