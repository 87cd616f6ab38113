"""The screen that every other starts from, and the rows of an inline."""

from copy import copy
from functools import partial

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import flatten_fieldsets, quote
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.db.models import Q
from django.forms import Textarea
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse

from programme.backoffice.cadre.composition import Tour, pieces_of
from programme.backoffice.cadre.filtres import is_useful
from programme.backoffice.cadre.formulaires import FormulaireBackoffice
from programme.backoffice.cadre.lignes import LignesBackoffice
from programme.backoffice.cadre.listes import (
    Liste,
    VueGardee,
    entitle,
    is_selection,
    with_precisions,
)
from programme.backoffice.cadre.masques import hide_in_form, hide_names, own_words, silent_rows
from programme.backoffice.cadre.pages import heading, summary_of
from programme.backoffice.cadre.perimetre import PerimetreMixin, compares, is_inside
from programme.backoffice.cadre.presence import PERSONNE
from programme.backoffice.cadre.recherche import folded
from programme.backoffice.cadre.vues import VuesNommees


def with_version(fieldsets, *, edits):
    """The fieldsets, with the version seen among the fields of the last one where one `edits`."""
    if not edits or "version_vue" in flatten_fieldsets(fieldsets):
        return fieldsets
    *first, (name, options) = fieldsets
    return [*first, (name, {**options, "fields": [*options["fields"], "version_vue"]})]


@admin.display(description="année", ordering="annee")
def annee(screen, obj):
    """A column for a year: Django would write it as a number, « 2 021 »."""
    return str(obj.annee)


class EcranAdmin(PerimetreMixin, admin.ModelAdmin):
    """What an agent looks at: the rows of their perimeter, a list, a page for each.

    A screen declares its `Piece`s. Each request is served by a copy of it, which holds a `Tour`.
    """

    list_per_page = 50
    view_on_site = False
    avec_historique = False
    an = annee
    vue = VueGardee()
    vues = VuesNommees()

    @property
    def pieces(self):
        return pieces_of(self)

    def at(self, request):
        """This screen, to serve one request."""
        screen = copy(self)
        screen.tour = Tour.of(request)
        return screen

    def beside(self, model):
        """The screen of another model, in the same turn."""
        screen = copy(self.admin_site.get_model_admin(model))
        screen.tour = self.tour
        return screen

    # --- Pages ------------------------------------------------------------------------------------

    def get_urls(self):
        ours = [address for piece in self.pieces for address in piece.urls()]
        return [*ours, *super().get_urls()]

    def page_address(self, page, *args):
        """The address of `page` (« change », « importer »…) of this model."""
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=[quote(arg) for arg in args])

    def render_page(self, request, template, context, status=200):
        """`template` in the admin's frame, with the model's `opts`."""
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, template, context, status=status)

    def get_readonly_fields(self, request, obj=None):
        added = [name for piece in self.pieces for name in piece.readonly(request, obj)]
        return [*super().get_readonly_fields(request, obj), *added]

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        nothing = {"conflits": [], "reprises": [], "fichiers": [], "mode": None, "verrou": None}
        nothing |= {
            "demande_url": "",
            "rattacher_url": "",
            "fusion_url": "",
            "depots_url": "",
            "remplacee_par": None,
            **PERSONNE,
            "ajouts": [],
            "doublons": (),
            "pas_un_doublon": False,
        }
        nothing |= {"repond_a": None, "propose": (), "avec_historique": self.avec_historique}
        context |= {**nothing, **context, **heading(self.opts, obj)}
        for piece in self.pieces:
            context |= piece.context(request, obj)
        wrong = context.get("errors")
        shown = context["adminform"], context["inline_admin_formsets"]
        context["resume_erreurs"] = summary_of(*shown) if wrong else []
        if obj is not None:
            hide_in_form(request, self, obj, context)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    # --- The perimeter: a row outside answers 404, as if it did not exist -------------------------

    def _is_inside(self, request, obj):
        # Asked many times while one page is built, about rows that do not change meanwhile.
        memo = {} if self.tour is None else self.tour.dedans
        key = (self.model, obj.pk)
        if key not in memo:
            memo[key] = is_inside(request.user, obj)
        return memo[key]

    def has_view_permission(self, request, obj=None):
        allowed = super().has_view_permission(request, obj)
        return allowed and (obj is None or self._is_inside(request, obj))

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or self._is_inside(request, obj))

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or self._is_inside(request, obj))

    def lookup_allowed(self, lookup, value, request=None):
        """Only the filters of the list: by a related row's fields one could guess what it hides."""
        if lookup in self._parameters(request):
            return True
        first = lookup.split("__")[0]
        try:
            relation = self.opts.get_field(first).is_relation
        except FieldDoesNotExist:
            relation = False  # a filter's own parameter
        if not relation:
            return super().lookup_allowed(lookup, value, request)
        filters = [item[0] if isinstance(item, tuple) else item for item in self._filters(request)]
        return any(
            lookup == name or (lookup.startswith(f"{name}__") and compares(lookup, name))
            for name in filters
        )

    def _parameters(self, request):
        """The parameters that filters of the list read themselves, some named as a relation."""
        filters = self.get_list_filter(request)
        return {getattr(one, "parameter_name", None) for one in filters if isinstance(one, type)}

    def _filters(self, request):
        filters = [f for f in self.get_list_filter(request) if isinstance(f, str | tuple)]
        return [*filters, self.date_hierarchy] if self.date_hierarchy else filters

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        raise Http404(f"Aucun enregistrement « {opts.verbose_name} » à cette adresse.")

    # --- The list ---------------------------------------------------------------------------------

    def get_changelist(self, request, **kwargs):
        return Liste

    def get_list_display(self, request):
        return with_precisions(self.model, super().get_list_display(request))

    def get_list_filter(self, request):
        """Without those that the agent has no use for."""
        filters = super().get_list_filter(request)
        return [one for one in filters if is_useful(one, request.user)]

    def changelist_view(self, request, extra_context=None):
        extra = extra_context or {}
        for piece in self.pieces:
            extra = piece.list_context(request) | extra
        return self.vue.shown(request, partial(super().changelist_view, extra_context=extra))

    def get_changelist_instance(self, request):
        liste = super().get_changelist_instance(request)
        if request.method == "GET":
            hide_names(request.user, liste.result_list)
        entitle(liste)
        return liste

    def get_actions(self, request):
        found = super().get_actions(request)
        if IS_POPUP_VAR in request.GET:
            return found
        added = {name: act for piece in self.pieces for name, act in piece.actions(request).items()}
        return found | {name: (do, name, words) for name, (do, words) in added.items()}

    def response_action(self, request, queryset):
        """The act on the selection; nothing when none of it is there for the agent to choose."""
        if not is_selection(queryset, request.POST.getlist(ACTION_CHECKBOX_NAME)):
            self.message_user(
                request,
                "Aucune des lignes choisies n’est dans votre liste : elles ont pu être supprimées, "
                "ou filtrées. Rien n’a changé ; choisissez de nouveau.",
                messages.WARNING,
            )
            return None
        return super().response_action(request, queryset)

    def get_action_choices(self, request, default_choices=(("", "choisissez un acte"),)):
        return super().get_action_choices(request, list(default_choices))

    def get_search_fields(self, request):
        return folded(super().get_search_fields(request))

    def get_search_results(self, request, queryset, search_term):
        """As Django's; a row that names what may not be known is found by its own words alone."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        fields = self.get_search_fields(request)
        silent = silent_rows(request.user, self.model, fields) if search_term else None
        if not silent:
            return found, duplicates
        quiet = copy(self)
        quiet.search_fields = own_words(self.model, self.search_fields)
        own, _ = super(EcranAdmin, quiet).get_search_results(
            request, queryset.filter(silent), search_term
        )
        found = Q(pk__in=found.filter(~silent).order_by().values("pk"))
        return queryset.filter(found | Q(pk__in=own.order_by().values("pk"))), False


class LectureSeuleAdmin(EcranAdmin):
    """What commands load: anybody with the right may look, nobody edits."""

    def history_view(self, request, object_id, extra_context=None):
        raise Http404("Ces données viennent de fichiers publics : elles n’ont pas d’historique.")


class _Lignes(PerimetreMixin):
    """Rows of a related model inside the page of their parent."""

    form = FormulaireBackoffice
    formset = LignesBackoffice
    extra = 1  # a blank row to add one without JavaScript
    show_change_link = True
    an = annee

    def get_fieldsets(self, request, obj=None):
        edits = obj is not None and self.has_change_permission(request, obj)
        return with_version(super().get_fieldsets(request, obj), edits=edits)

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.request, formset.form.tour = request, self.tour or Tour.of(request)
        return formset


class _FormsetEnTable(LignesBackoffice):
    en_table = True


class LignesEnTable(_Lignes, admin.TabularInline):
    formset = _FormsetEnTable
    formfield_overrides = {
        **_Lignes.formfield_overrides,
        models.TextField: {"widget": Textarea(attrs={"rows": 2, "cols": 24})},
    }


class LignesEmpilees(_Lignes, admin.StackedInline):
    """One block per row, for rows of many fields."""
