"""The acts that were done, and the page that corrects one: « cet acte n’a pas eu lieu »."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, path, reverse

from programme.backoffice.cadre import LectureSeuleAdmin
from programme.backoffice.cadre.champs import TexteField
from programme.backoffice.cadre.filtres import FiltreValeurs
from programme.backoffice.cadre.historique import lignes_en_mots
from programme.backoffice.droits import may_correct
from programme.backoffice.preparation.essai import ACTE as SEANCE_APPLIQUEE
from programme.models import Tache, Tournee
from territoires.corrections import Correction
from territoires.dates import moment_in_words
from territoires.models import Modification

MONTREES = 40
"""Rows that the page names one by one; the others are counted."""


class CorrigerForm(forms.Form):
    """Why the act was a mistake."""

    required_css_class = "required"
    motif = TexteField(
        label="Motif",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Dites pourquoi cet acte était une erreur."},
        help_text="Gardé avec l’acte, pour les agents. Le public n’en voit rien.",
    )


class ActeFilter(FiltreValeurs):
    vide = "aucun"  # a save that is no act lacks nothing


class CorrigeeFilter(admin.SimpleListFilter):
    title = "corrigé comme une erreur"
    parameter_name = "erreur"

    def lookups(self, request, model_admin):
        return [("oui", "oui"), ("non", "non")]

    def queryset(self, request, queryset):
        asked = {"oui": False, "non": True}.get(self.value())
        return queryset if asked is None else queryset.filter(correction__isnull=asked)


@admin.register(Modification)
class ModificationAdmin(LectureSeuleAdmin):
    """Every save; national administrators correct those that are acts."""

    list_display = ["__str__", "auteur", "instant", "porte", "corrigee"]
    list_filter = ["porte", ("acte", ActeFilter), CorrigeeFilter]
    list_select_related = ["auteur", "correction__auteur"]
    search_fields = ["texte", "raison", "correction__raison"]
    readonly_fields = ["corrigee"]
    date_hierarchy = "instant"
    change_form_template = "admin/traces/fiche.html"

    @admin.display(description="corrigé comme une erreur", ordering="correction__instant")
    def corrigee(self, obj):
        """« le 3 mai 2022 à 14:05, par Camille Martin : jamais décidé », or « non »."""
        done = obj.corrigee
        if done is None:
            return "non"
        who = f", par {done.auteur}" if done.auteur else ""
        return f"le {moment_in_words(done.instant)}{who} : {done.raison}"

    def get_urls(self):
        view = self.admin_site.admin_view(self.corriger_view)
        ours = [path("<int:pk>/corriger/", view, name="territoires_modification_corriger")]
        return [*ours, *super().get_urls()]

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["corriger_url"] = ""
        if obj is not None and obj.est_corrigible and may_correct(request.user):
            context["corriger_url"] = self.page_address("corriger", obj.pk)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def corriger_view(self, request, pk):
        """What would be given back (GET), then that (POST); or what must be corrected first."""
        if not may_correct(request.user):
            raise PermissionDenied
        trace = get_object_or_404(Modification.objects.actes().visible_to(request.user), pk=pk)
        correction = Correction(trace)
        lines = correction.toutes
        refus = correction.empechement()
        form = CorrigerForm(request.POST if request.method == "POST" else self.tour.rendue)
        if request.method == "POST" and not refus and form.is_valid():
            try:
                correction.faire(request.user, form.cleaned_data["motif"])
            except ValidationError as error:  # somebody else wrote meanwhile
                refus = " ".join(error.messages)
            else:
                told = f"Corrigé : cet acte n’a pas eu lieu. {trace}"
                self.message_user(request, told, messages.SUCCESS)
                return HttpResponseRedirect(self._home(trace))
        status = 409 if refus and request.method == "POST" else 200
        context = {
            "title": "Corriger : cet acte n’a pas eu lieu",
            "subtitle": str(trace),
            "trace": trace,
            "retour": self._home(trace),
            "refus": refus,
            "form": form,
            "lignes": []
            if refus
            else lignes_en_mots(request.user, lines[:MONTREES], defaites=True),
            "reste": max(len(lines) - MONTREES, 0),
        }
        return self.render_page(request, "admin/traces/corriger.html", context, status)

    def _home(self, trace):
        """The page of what the act was done to; of the act, when that is gone."""
        app, model = trace.modele.lower().split(".")
        name = f"admin:{app}_{model}_change"
        if trace.modele == "programme.Seance":
            # What a séance applied waits there again; an act on the map is among the others.
            page = "preparer" if trace.acte == SEANCE_APPLIQUEE else "carte"
            name = f"admin:programme_seance_{page}"
        try:
            return reverse(name, args=[trace.objet])
        except NoReverseMatch:
            return self.page_address("change", trace.pk)


@admin.register(Tache)
class TacheAdmin(LectureSeuleAdmin):
    """What waits, and what became of the rest; never what a mail says, nor to whom it goes."""

    list_display = ["genre", "agent", "demandee_le", "etat", "essais", "sort"]
    list_filter = ["etat", "genre"]
    list_select_related = ["agent"]
    search_fields = ["agent__nom", "erreur"]
    date_hierarchy = "demandee_le"
    exclude = ["charge"]

    @admin.display(description="ce qu’elle est devenue")
    def sort(self, obj):
        return obj.sort


@admin.register(Tournee)
class TourneeAdmin(LectureSeuleAdmin):
    """What the clock did, and when."""

    list_display = ["nom", "commencee_le", "reussie_le", "son_erreur"]
    search_fields = ["nom", "dit"]

    @admin.display(description="erreur", empty_value="aucune")
    def son_erreur(self, obj):
        return obj.erreur
