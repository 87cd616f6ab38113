"""The ModelAdmin and the inlines that every admin screen starts from."""

import re

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.forms import Textarea
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils.text import capfirst

from territoires.administration.erreurs import ResumeErreursMixin
from territoires.administration.formulaires import FormulaireBackoffice, LignesBackoffice
from territoires.administration.historique import HistoriqueMixin, who_and_when
from territoires.administration.listes import ListeMixin
from territoires.administration.perimetre import (
    PerimetreAdminMixin,
    PerimetreMixin,
    Refus,
    was_inside,
)
from territoires.administration.suppression import SuppressionMixin
from territoires.models import ConflitDeVersion

NOT_TYPED = re.compile(r"^(csrfmiddlewaretoken|_.*|version_vue|.*-(TOTAL|INITIAL|M..)_.*)$")


def with_version(fieldsets):
    """The fieldsets, with the version seen among the fields of the last one."""
    *first, (name, options) = fieldsets
    return [*first, (name, {**options, "fields": [*options["fields"], "version_vue"]})]


def heading(opts, obj):
    """The title of a record's page: what it is, then its kind."""
    if obj is None:
        return {"title": f"Ajouter : {opts.verbose_name}", "subtitle": None}
    return {"title": str(obj), "subtitle": capfirst(str(opts.verbose_name))}


class Annee:
    """A column for a year: Django would write it as a number, « 2 021 »."""

    @admin.display(description="année", ordering="annee")
    def an(self, obj):
        return str(obj.annee)


class LectureSeuleAdmin(
    ListeMixin, ResumeErreursMixin, Annee, PerimetreAdminMixin, admin.ModelAdmin
):
    """What commands load: anybody with the right may look, nobody edits."""

    list_per_page = 50
    view_on_site = False
    avec_historique = False

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context |= {"avec_historique": False, "verrou": None, **heading(self.opts, obj)}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def history_view(self, request, object_id, extra_context=None):
        raise Http404("Ces données viennent de fichiers publics : elles n’ont pas d’historique.")


class BackofficeAdmin(
    ListeMixin,
    ResumeErreursMixin,
    Annee,
    SuppressionMixin,
    HistoriqueMixin,
    PerimetreAdminMixin,
    admin.ModelAdmin,
):
    """Scoped, versioned, with a history. For models that inherit `Versionne`."""

    form = FormulaireBackoffice
    list_per_page = 50
    avec_historique = True

    def view_on_site(self, obj):
        """The public page of a row that the public can see, if it has one."""
        if not hasattr(obj, "get_absolute_url") or not getattr(obj, "est_publie", True):
            return None
        return obj.get_absolute_url()

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        if "version_vue" in flatten_fieldsets(fieldsets):
            return fieldsets
        return with_version(fieldsets)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.request = request
        return form

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context = {"verrou": None, **context, "avec_historique": True, **heading(self.opts, obj)}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    # --- Saving -----------------------------------------------------------------------------------

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ConflitDeVersion:
            # Somebody saved between our reading and our writing: the form will tell it.
            pass
        except Refus as refus:
            request.refus = str(refus)
        except IntegrityError as error:
            request.refus = self._explain(error)
        request.__dict__.pop("_rows_inside", None)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _explain(self, error):
        """The sentence of the database constraint that refused the save."""
        models = [self.model, *(inline.model for inline in self.inlines)]
        for constraint in (rule for model in models for rule in model._meta.constraints):
            if constraint.name in str(error):
                return str(constraint.violation_error_message)
        return (
            "Enregistrement refusé : deux lignes se contredisent, ou une autre personne vient "
            "d’enregistrer la même chose. Rien n’a été enregistré ; vérifiez, puis recommencez."
        )

    def save_model(self, request, obj, form, change):
        if change and not form.changed_data:
            return  # no new version, and no line in the history, for a save that changes nothing
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        self.check_saved(request, [form.instance])

    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        rows = [*formset.new_objects, *(row for row, _ in formset.changed_objects)]
        if rows and self.admin_site.is_registered(formset.model):
            self.admin_site.get_model_admin(formset.model).check_saved(request, rows)

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Somebody deleted the row while its form was open: give back what was typed."""
        if request.method == "POST" and self.has_change_permission(request):
            gone = self._gone(request, object_id)
            if gone is not None:
                typed = [(k, v) for k, v in request.POST.items() if v and not NOT_TYPED.match(k)]
                context = {
                    **self.admin_site.each_context(request),
                    "title": "Enregistrement supprimé entre-temps",
                    "opts": self.opts,
                    "object_id": object_id,
                    "qui": who_and_when([gone]),
                    "nom": str(gone.instance),
                    "saisie": typed,
                }
                request.current_app = self.admin_site.name
                return TemplateResponse(request, "admin/supprime.html", context, status=409)
        return super()._get_obj_does_not_exist_redirect(request, opts, object_id)

    def _gone(self, request, object_id):
        pk = self.opts.pk
        try:
            key = pk.to_python(unquote(object_id))
        except ValidationError:
            return None
        records = self.model.history.filter(history_type="-", **{pk.attname: key})
        gone = records.select_related("history_user").first()
        if gone is None or not was_inside(request.user, gone):
            return None
        return None if self.model._base_manager.filter(pk=key).exists() else gone


class _Lignes(Annee, PerimetreMixin):
    """Rows of a related model inside the page of their parent."""

    form = FormulaireBackoffice
    formset = LignesBackoffice
    extra = 1  # a blank row to add one without JavaScript
    show_change_link = True

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        if "version_vue" in flatten_fieldsets(fieldsets):
            return fieldsets
        return with_version(fieldsets)

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.request = request
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
