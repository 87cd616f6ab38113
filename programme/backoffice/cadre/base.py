"""The ModelAdmin and the inlines that every admin screen starts from."""

from functools import partial

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.forms import Textarea
from django.http import Http404
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst

from programme.backoffice.cadre.erreurs import ResumeErreursMixin
from programme.backoffice.cadre.formulaires import FormulaireBackoffice
from programme.backoffice.cadre.historique import HistoriqueMixin
from programme.backoffice.cadre.lignes import LignesBackoffice
from programme.backoffice.cadre.listes import ListeMixin
from programme.backoffice.cadre.pages import PagesMixin, headline
from programme.backoffice.cadre.perimetre import (
    PerimetreAdminMixin,
    PerimetreMixin,
    Refus,
    was_inside,
)
from programme.backoffice.cadre.restitution import SAISIE_RENDUE, RestitutionMixin
from programme.backoffice.cadre.suppression import SuppressionMixin
from programme.backoffice.cadre.tour import Tour
from programme.requetes import request_with
from territoires.models import ConflitDeVersion
from territoires.mots import un

ESSAIS = 3
SANS_CESSE = (
    "D’autres personnes enregistrent en ce moment même : rien n’a été enregistré et votre saisie "
    "est gardée. Enregistrez de nouveau."
)


def with_version(fieldsets, *, edits):
    """The fieldsets, with the version seen among the fields of the last one where one `edits`."""
    if not edits or "version_vue" in flatten_fieldsets(fieldsets):
        return fieldsets
    *first, (name, options) = fieldsets
    return [*first, (name, {**options, "fields": [*options["fields"], "version_vue"]})]


def heading(opts, obj):
    """The title of a record's page: what it is, then its kind."""
    if obj is None:
        return {"title": f"Ajouter {un(opts.verbose_name)}", "subtitle": None}
    return {"title": headline(obj), "subtitle": capfirst(str(opts.verbose_name))}


PARTI = (
    "Enregistrement refusé : un enregistrement que cette page nomme vient d’être supprimé par une "
    "autre personne, ou l’acte qui l’avait fait corrigé. Rien n’a été enregistré ; choisissez-en "
    "un autre."
)


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
        nothing = {"conflits": [], "reprises": [], "fichiers": [], "mode": None}
        nothing |= {"repond_a": None, "propose": ()}
        context |= {"avec_historique": False, "verrou": None, **nothing, **heading(self.opts, obj)}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def history_view(self, request, object_id, extra_context=None):
        raise Http404("Ces données viennent de fichiers publics : elles n’ont pas d’historique.")


class BackofficeAdmin(
    ListeMixin,
    ResumeErreursMixin,
    Annee,
    SuppressionMixin,
    HistoriqueMixin,
    RestitutionMixin,
    PagesMixin,
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
        edits = obj is not None and self.has_change_permission(request, obj)
        return with_version(super().get_fieldsets(request, obj), edits=edits)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.request, form.tour = request, self.tour or Tour.of(request)
        return form

    def get_inline_instances(self, request, obj=None):
        inlines = super().get_inline_instances(request, obj)
        for inline in inlines:
            inline.tour = self.tour
        return inlines

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context = {"verrou": None, "mode": None, "repond_a": None, "propose": (), **context}
        context |= {"avec_historique": True, **heading(self.opts, obj)}
        context |= self._merge_told(request, context)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def _merge_told(self, request, context):
        """What the page of a form that was not saved says of the others' changes."""
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        forms = [context["adminform"].form, *(form for rows in formsets for form in rows.forms)]
        forms = [form for form in forms if form.is_bound and hasattr(form, "conflits")]
        for form in forms:
            form.typed_again()
        files = {name: file.name for name, file in request.FILES.items()}
        return {
            "conflits": [conflit for form in forms for conflit in form.conflits],
            "reprises": self._told(forms, formsets),
            "fichiers": list((files | self.tour.fichiers).values()),
        }

    def _told(self, forms, formsets):
        """The sentences on what others changed, rows that they added and deleted included."""
        merged = [str(reprise) for form in forms for reprise in getattr(form, "reprises", ())]
        return merged + [told for rows in formsets for told in getattr(rows, "mouvements", ())]

    # --- Saving -----------------------------------------------------------------------------------

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        view = partial(super().changeform_view, request, object_id, form_url, extra_context)
        if request.method == "GET" and self.tour.rendue is not None:
            return self._show_again(request, object_id, form_url, extra_context)
        try:
            return self._save_or_say_why(request, view)
        except PermissionDenied:
            # Locked, or another role, since the form was opened.
            given_back = self.give_back(request, object_id)
            if given_back is None:
                raise
            return given_back

    def _show_again(self, request, object_id, form_url, extra_context):
        """The form as it was sent without a session, or as it is proposed: refused, never saved."""
        typed = {"POST": self.tour.rendue, "_files": MultiValueDict()}
        request = request_with(request, method="POST", **typed)
        self.tour.refus = self.tour.raison or SAISIE_RENDUE
        try:
            with transaction.atomic():
                response = super().changeform_view(request, object_id, form_url, extra_context)
                transaction.set_rollback(True)
        except PermissionDenied:
            response = self.give_back(request, object_id)
            if response is None:
                raise
        return response

    def _save_or_say_why(self, request, view):
        for _ in range(ESSAIS):
            try:
                return view()
            except ConflitDeVersion:
                # Somebody saved between our reading and our writing: merge with that too.
                self.tour.refuse("")
            except Refus as refus:
                self.tour.refuse(str(refus), **refus.fautes)
            except IntegrityError as error:
                self.tour.refuse(self._explain(error))
            if self.tour.refus:
                break
        else:
            self.tour.refuse(SANS_CESSE)
        return view()

    def _explain(self, error):
        """The sentence of the database constraint that refused the save."""
        told = str(error)
        if "foreign key" in told.lower():
            return PARTI
        for model in [self.model, *(inline.model for inline in self.inlines)]:
            for constraint in model._meta.constraints:
                # SQLite names the columns of a unique constraint, PostgreSQL the constraint.
                columns = ", ".join(
                    f"{model._meta.db_table}.{model._meta.get_field(name).column}"
                    for name in getattr(constraint, "fields", ())
                )
                if constraint.name in told or (columns and told.endswith(f": {columns}")):
                    return str(constraint.violation_error_message)
        return (
            "Enregistrement refusé : deux lignes se contredisent, ou une autre personne vient "
            "d’enregistrer la même chose. Rien n’a été enregistré ; vérifiez, puis recommencez."
        )

    def save_model(self, request, obj, form, change):
        if change and not form.changed_data:
            return  # no new version, and no line in the history, for a save that changes nothing
        self._note_merge(form)
        super().save_model(request, obj, form, change)

    def _note_merge(self, form):
        if getattr(form, "reprises", None):
            form.instance._change_reason = form.depuis.reason

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        self.check_saved(request, [form.instance])
        rows = [row for formset in formsets for row in formset.forms]
        if told := self._told([form, *rows], formsets):
            lines = format_html_join("", "<li>{}</li>", ((line,) for line in told))
            said = format_html("Fusionné avec ce qui a été enregistré depuis : <ul>{}</ul>", lines)
            self.tour.dits.append((said, messages.INFO))

    def tell(self, request):
        """Say what saving had to say, now that it is done."""
        for said, level in self.tour.dits:
            self.message_user(request, said, level)
        self.tour.dits.clear()

    def response_add(self, request, obj, post_url_continue=None):
        self.tell(request)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        self.tell(request)
        return super().response_change(request, obj)

    def save_formset(self, request, form, formset, change):
        for row in formset.initial_forms:
            self._note_merge(row)
        super().save_formset(request, form, formset, change)
        rows = [*formset.new_objects, *(row for row, _ in formset.changed_objects)]
        if rows and self.admin_site.is_registered(formset.model):
            self.admin_site.get_model_admin(formset.model).check_saved(request, rows)

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Deleted, or out of reach, while its form was open: give back what was typed."""
        if request.method == "POST" and self.has_change_permission(request):
            gone = self._gone(request, object_id)
            given_back = self.give_back_gone(request, object_id, gone)
            if given_back is not None:
                return given_back
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
