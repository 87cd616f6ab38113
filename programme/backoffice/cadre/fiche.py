"""The screen of a record that has versions: it is saved with its merge, told, given back."""

from functools import partial

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html, format_html_join

from programme.backoffice.cadre.adresses import free_slug
from programme.backoffice.cadre.ajouts import offerts, suivant
from programme.backoffice.cadre.base import EcranAdmin, with_version
from programme.backoffice.cadre.composition import Mode, Tour
from programme.backoffice.cadre.doublons import PAS_UN_DOUBLON
from programme.backoffice.cadre.formulaires import FormulaireBackoffice
from programme.backoffice.cadre.historique import HistoriqueMixin
from programme.backoffice.cadre.perimetre import Refus, was_inside
from programme.backoffice.cadre.presence import Presence
from programme.backoffice.cadre.restitution import SAISIE_RENDUE, Restitution, Saisie
from programme.backoffice.cadre.suppression import Suppression, delete_listed
from programme.requetes import request_with
from territoires.models import ConflitDeVersion

ESSAIS = 3
SANS_CESSE = (
    "D’autres personnes enregistrent en ce moment même : rien n’a été enregistré et votre saisie "
    "est gardée. Enregistrez de nouveau."
)
PARTI = (
    "Enregistrement refusé : un enregistrement que cette page nomme vient d’être supprimé par une "
    "autre personne, ou l’acte qui l’avait fait corrigé. Rien n’a été enregistré ; choisissez-en "
    "un autre."
)


class FicheAdmin(HistoriqueMixin, EcranAdmin):
    """Scoped, versioned, with a history. For models that inherit `Versionne`.

    `adresse_depuis` names the fields that the public address of a new record is composed from,
    where the model has a `slug`; `garde_en_ajoutant`, those that the next one keeps. What saving
    does in a turn, its `Mode` says.
    """

    form = FormulaireBackoffice
    avec_historique = True
    adresse_depuis = ()
    garde_en_ajoutant = ()
    presence = Presence()
    suppression = Suppression()
    restitution = Restitution()

    @property
    def mode(self):
        return Mode() if self.tour is None else self.tour.mode

    def view_on_site(self, obj):
        """The public page of a row that the public can see, if it has one."""
        if not hasattr(obj, "get_absolute_url") or not getattr(obj, "est_publie", True):
            return None
        return obj.get_absolute_url()

    def get_fields(self, request, obj=None):
        """Where a screen declares no fieldset: those of its mode are shown beside its button."""
        added = self.mode.fields(obj)
        return [name for name in super().get_fields(request, obj) if name not in added]

    def get_fieldsets(self, request, obj=None):
        edits = obj is not None and self.has_change_permission(request, obj)
        return with_version(super().get_fieldsets(request, obj), edits=edits)

    def get_readonly_fields(self, request, obj=None):
        fields = [*super().get_readonly_fields(request, obj), *self.mode.readonly(obj)]
        return [*fields, "slug"] if self.adresse_depuis else fields

    def get_form(self, request, obj=None, change=False, **kwargs):
        if added := self.mode.fields(obj):
            base = kwargs.get("form", self.form)
            kwargs["form"] = type(base)(base.__name__, (base,), added)
        form = super().get_form(request, obj, change=change, **kwargs)
        form.request, form.tour = request, self.tour or Tour.of(request)
        return form

    def get_inline_instances(self, request, obj=None):
        inlines = super().get_inline_instances(request, obj)
        for inline in inlines:
            inline.tour = self.tour
        return inlines

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context |= self._merge_told(request, context)
        context["doublons"] = getattr(context["adminform"].form, "doublons", ())
        context["pas_un_doublon"] = PAS_UN_DOUBLON in request.POST
        context |= self.mode.context(request, context, obj)
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
            given_back = self.restitution.give_back(request, object_id)
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
            response = self.restitution.give_back(request, object_id)
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
        self.mode.before(obj)
        if not self.mode.saves or (change and not form.changed_data):
            return  # no new version, and no line in the history, for a save that changes nothing
        self._note_merge(form)
        if self.adresse_depuis and not obj.slug:
            obj.slug = free_slug(self.model, [str(getattr(obj, f)) for f in self.adresse_depuis])
        super().save_model(request, obj, form, change)

    def _note_merge(self, form):
        if reason := self.mode.reason:
            form.instance._change_reason = reason
        elif getattr(form, "reprises", None):
            form.instance._change_reason = form.depuis.reason

    def save_related(self, request, form, formsets, change):
        if not self.mode.saves:
            self.mode.keep(request, form, formsets)
            return
        super().save_related(request, form, formsets, change)
        self.check_saved(request, [form.instance])
        rows = [row for formset in formsets for row in formset.forms]
        if told := self._told([form, *rows], formsets):
            lines = format_html_join("", "<li>{}</li>", ((line,) for line in told))
            said = format_html("Fusionné avec ce qui a été enregistré depuis : <ul>{}</ul>", lines)
            self.tour.dits.append((said, messages.INFO))
        self.mode.keep(request, form, formsets)

    def tell(self, request):
        """Say what saving had to say, now that it is done."""
        for said, level in self.tour.dits:
            self.message_user(request, said, level)
        self.tour.dits.clear()

    def response_add(self, request, obj, post_url_continue=None):
        self.tell(request)
        response = super().response_add(request, obj, post_url_continue)
        for piece in self.pieces:
            response = piece.added(request, obj, response)
        return suivant(request, response, self.gardes(obj))

    def response_change(self, request, obj):
        self.tell(request)
        response = self.mode.response(request, partial(super().response_change, request, obj))
        return suivant(request, response, self.gardes(obj))

    def gardes(self, obj):
        """{name: value} of what the next record begins with, when it is added after `obj`."""
        fields = [self.opts.get_field(name) for name in self.garde_en_ajoutant]
        return {field.name: getattr(obj, field.attname) for field in fields}

    def get_changeform_initial_data(self, request):
        return offerts(self, request, super().get_changeform_initial_data(request))

    def construct_change_message(self, request, form, formsets, add=False):
        if not self.mode.saves:
            return []
        return super().construct_change_message(request, form, formsets, add)

    def log_change(self, request, obj, message):
        if self.mode.saves:
            super().log_change(request, obj, message)

    def save_formset(self, request, form, formset, change):
        for row in formset.forms if self.mode.reason else formset.initial_forms:
            self._note_merge(row)
        super().save_formset(request, form, formset, change)
        rows = [*formset.new_objects, *(row for row, _ in formset.changed_objects)]
        if rows and self.admin_site.is_registered(formset.model):
            self.admin_site.get_model_admin(formset.model).check_saved(request, rows)

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Deleted, or out of reach, while its form was open: give back what was typed."""
        if request.method == "POST" and self.has_change_permission(request):
            gone = self._gone(request, object_id)
            given_back = self.restitution.give_back_gone(request, object_id, gone)
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

    def request_address(self, obj):
        """The page that asks a colleague for what the agent may not do on `obj`; "" for none."""
        return ""

    # --- What cannot be saved, or restored --------------------------------------------------------

    def why_refused(self, request, obj):
        """Why the agent may not change `obj`, or add anything when it is None."""
        name = self.opts.verbose_name
        return (
            f"Votre rôle ({request.user.get_role_display()}) ne permet plus d’enregistrer ici "
            f"({name})."
        )

    def typed_groups(self, request, base=None):
        """The `Groupe`s of what was posted; `base` is the historical record that was seen."""
        return Saisie(self, request, base).groups

    # --- Deletion ---------------------------------------------------------------------------------

    def get_deleted_objects(self, objs, request):
        return self.suppression.listed(request, objs)

    def delete_model(self, request, obj):
        self.suppression.check_one(request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        self.suppression.check_seen(request, queryset[0])
        with transaction.atomic():
            super().delete_queryset(request, queryset)

    def get_actions(self, request):
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            _, name, description = actions["delete_selected"]
            actions["delete_selected"] = (delete_listed, name, description)
        return actions

    def render_delete_form(self, request, context):
        if not (context["protected"] or context["perms_lacking"]):
            context["title"] = f"Supprimer : {context['object']}"
        context["empreinte"] = self.tour.empreinte
        return super().render_delete_form(request, context)

    def delete_view(self, request, object_id, extra_context=None):
        view = partial(super().delete_view, request, object_id, extra_context)
        return self.suppression.tried(request, view)

    def changelist_view(self, request, extra_context=None):
        view = partial(super().changelist_view, request, extra_context)
        return self.suppression.tried(request, view)
