"""Committees, their séances, what they decide."""

from django.contrib import admin
from django.core.exceptions import ValidationError

from programme import models
from programme.backoffice.actes.deposer import Depots
from programme.backoffice.bureau.accueil import adresse_dossier
from programme.backoffice.bureau.dossier import Dossier
from programme.backoffice.cadre import (
    FicheAdmin,
    FiltreDepartement,
    FiltreRegion,
    FiltreRenseigne,
    FiltreTerritoire,
)
from programme.backoffice.cadre.ajouts import Ajouts
from programme.backoffice.cadre.formulaires import FormulaireBackoffice
from programme.backoffice.cadre.lignes import LignesBackoffice
from programme.backoffice.carte.vues import ActesSurLaCarte
from programme.backoffice.imports.vues import Importation
from programme.backoffice.preparation.vues import Preparation
from programme.backoffice.publication import (
    DependanceAdmin,
    LignesConsultees,
    LignesDependantesEmpilees,
    PubliableAdmin,
)
from programme.backoffice.verrou import RESERVEE, may_decide


class SeanceLignes(LignesConsultees):
    model = models.Seance
    fields = readonly_fields = ["date", "lieu", "publication"]


@admin.register(models.ComiteRegional)
class ComiteRegionalAdmin(FicheAdmin):
    dossier = Dossier()
    list_display = ["region", "presidence", "secretariat"]
    list_select_related = ["region"]
    search_fields = ["region__nom", "presidence"]
    choix_propres = {"region": ["pk"]}
    inlines = [SeanceLignes]


@admin.register(models.ComiteNational)
class ComiteNationalAdmin(FicheAdmin):
    dossier = Dossier()
    list_display = ["nom", "presidence"]
    search_fields = ["nom"]
    inlines = [SeanceLignes]


class FormulaireDecision(FormulaireBackoffice):
    """The author of a decision is who records it; who validates alone writes that it validates."""

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        before = "" if self.instance._state.adding else self.initial.get("type", "")
        types = {cleaned.get("type") or before, before}
        if self.has_changed() and not may_decide(self.request.user, types):
            self.add_error("type" if "type" in self.fields else None, RESERVEE)
        return cleaned

    def save(self, commit=True):
        if self.instance._state.adding:
            self.instance.auteur = self.request.user
        return super().save(commit)


SUR_LA_CARTE = (
    "a changé la carte : elle ne se supprime pas. Défaites-la par l’acte contraire ; si elle était "
    "une erreur, un administrateur national la corrige."
)


class LignesDecisions(LignesBackoffice):
    def clean(self):
        super().clean()
        for form in self.initial_forms:
            if not self._should_delete_form(form):
                continue
            if form.instance.change_la_carte:
                raise ValidationError(f"La décision « {form.instance.texte} » {SUR_LA_CARTE}")
            if not may_decide(form.request.user, [form.instance.type]):
                raise ValidationError(f"Décision « {form.instance.texte} » : {RESERVEE}")


class DecisionLignes(LignesDependantesEmpilees):
    model = models.Decision
    form = FormulaireDecision
    formset = LignesDecisions
    fields = ["type", "texte", "territoire", "contrat", "projet", "auteur"]
    readonly_fields = ["auteur"]
    autocomplete_fields = ["territoire", "contrat", "projet"]

    def get_queryset(self, request):
        related = ("seance__comite_regional__region", "seance__comite_national", "auteur")
        return super().get_queryset(request).select_related(*related)


class DecisionsPrises(LignesConsultees):
    """What séances decided about a record, on its page; recorded by its acts or theirs."""

    model = models.Decision
    verbose_name_plural = "décisions des comités"
    fields = readonly_fields = ["seance", "type", "texte", "auteur"]

    def get_queryset(self, request):
        related = ("seance__comite_regional__region", "seance__comite_national", "auteur")
        return super().get_queryset(request).select_related(*related)


@admin.register(models.Seance)
class SeanceAdmin(PubliableAdmin):
    carte = ActesSurLaCarte()
    preparation = Preparation()
    importation = Importation("seances")
    ajouts = Ajouts(("programme.Document", "seance"))
    depots = Depots("seance")
    list_display = ["comite", "date", "lieu", "publication"]
    list_filter = ["publication", ("compte_rendu", FiltreRenseigne), FiltreRegion]
    list_select_related = ["comite_regional__region", "comite_national"]
    search_fields = ["comite_regional__region__nom", "comite_national__nom", "lieu"]
    date_hierarchy = "date"
    inlines = [DecisionLignes]
    fieldsets = [
        (None, {"fields": ["comite_regional", "comite_national", ("date", "precision"), "lieu"]}),
        ("Contenu", {"fields": ["ordre_du_jour", "compte_rendu", "source"]}),
        ("Publication", {"fields": ["publication"]}),
    ]

    def get_changeform_initial_data(self, request):
        """The committee of who has one: neither is required alone, since one of two is."""
        given = super().get_changeform_initial_data(request)
        if request.user.est_national or {"comite_regional", "comite_national"} & set(given):
            return given
        mine = self.choices_for(request, self.opts.get_field("comite_regional"))
        only = list(mine.values_list("pk", flat=True)[:2])
        return given | ({"comite_regional": only[0]} if len(only) == 1 else {})

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        # A form that was sent without a committee empties the record that it shows.
        named = obj is not None and obj.comite is not None
        context["dossier_url"] = adresse_dossier(obj.comite, obj) if named else ""
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description="comité")
    def comite(self, obj):
        return obj.comite


@admin.register(models.Decision)
class DecisionAdmin(DependanceAdmin):
    form = FormulaireDecision
    importation = Importation("decisions")
    list_display = ["type", "seance", "territoire", "contrat", "projet", "auteur"]
    list_filter = [
        "type",
        FiltreRegion,
        FiltreDepartement.par("territoire", "contrat__territoire", places=("projet",)),
        FiltreTerritoire.par("territoire", "contrat__territoire", "projet__territoire"),
    ]
    list_select_related = [
        "seance__comite_regional__region",
        "seance__comite_national",
        "territoire",
        "contrat",
        "projet",
        "auteur",
    ]
    search_fields = ["texte", "territoire__nom", "contrat__intitule", "projet__beneficiaire"]
    historique_dans = ["territoire", "contrat", "projet"]
    autocomplete_fields = ["seance", "territoire", "contrat", "projet"]
    readonly_fields = ["auteur"]
    date_hierarchy = "seance__date"

    def get_readonly_fields(self, request, obj=None):
        """An act on the map stays in the séance with which it is public."""
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "seance", "type"] if obj is not None and obj.ajustement else fields

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        if not allowed or obj is None:
            return allowed
        return not obj.change_la_carte and may_decide(request.user, [obj.type])
