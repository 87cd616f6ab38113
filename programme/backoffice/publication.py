"""Who may publish, and who may change what is published: the rule, once.

A record that is published, or was withdrawn, is changed by those who may publish it; others change
drafts and propose them. Rows without a publication of their own (signataires, financements…) follow
the record that they belong to.
"""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.text import slugify

from programme.backoffice.droits import PUBLIER, permission
from programme.models import Publication
from programme.models.base import Publiable
from programme.models.cycles import check_transition
from territoires.administration import BackofficeAdmin, LignesEmpilees, LignesEnTable
from territoires.administration.formulaires import FormulaireBackoffice
from territoires.administration.perimetre import Refus
from territoires.administration.suppression import fingerprint
from territoires.models import ConflitDeVersion

RESERVES = {Publication.PUBLIE, Publication.RETIRE}


def lock_on(agent, instance):
    """Why `agent` may not change `instance`, in French; None when nothing locks it.

    The first of the model's `publication_lookups` says whose publication counts: the record's own,
    or its parent's.
    """
    lookup = next(iter(getattr(instance, "publication_lookups", ())), None)
    if lookup is None:
        return None
    parent = lookup.rpartition("__")[0]
    model = instance._meta.get_field(parent).related_model if parent else type(instance)
    if agent.has_perm(permission(PUBLIER, model)):
        return None
    owner = getattr(instance, parent) if parent else instance
    if owner.publication not in RESERVES:
        return None
    return (
        f"« {owner} » est {owner.publication} : votre rôle ({agent.get_role_display()}) modifie ce "
        "qui est en brouillon ou à valider. Demandez le changement à qui publie."
    )


def states_for(agent, model, before):
    """The publications that `agent` may give to a record of `model`, now `before`."""
    states = {before, *model.PUBLICATION_TRANSITIONS[before]}
    if not agent.has_perm(permission(PUBLIER, model)):
        states -= RESERVES - {before}
    return states


def check_publication(agent, model, before, after):
    """Raise a `ValidationError` unless `agent` may take a record from `before` to `after`."""
    check_transition(model.PUBLICATION_TRANSITIONS, before, after, model._meta.verbose_name)
    if after not in states_for(agent, model, before):
        raise ValidationError(
            f"Votre rôle ({agent.get_role_display()}) ne permet pas de donner l’état « {after} » : "
            "choisissez « à valider », et le secrétariat publiera.",
            code="publication",
        )


class FormulairePubliable(FormulaireBackoffice):
    """Offers the publications that the agent may give, and refuses the others with a reason."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields.get("publication")
        if field is None:
            return
        new = self.instance._state.adding
        self.publication_before = Publication.BROUILLON if new else self.instance.publication
        offered = states_for(self.request.user, self._meta.model, self.publication_before)
        # Only what is shown: a value that was posted all the same is refused with a sentence.
        field.widget.choices = [(v, label) for v, label in Publication.choices if v in offered]

    def clean_publication(self):
        after = self.cleaned_data["publication"]
        check_publication(self.request.user, self._meta.model, self.publication_before, after)
        return after


class VerrouMixin:
    """For the admin of what is published, or belongs to what is."""

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or lock_on(request.user, obj) is None)

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or lock_on(request.user, obj) is None)

    def check_saved(self, request, instances):
        super().check_saved(request, instances)
        for instance in instances:
            # Read again: what counts is the record as it is now, its parent included.
            saved = self.model._base_manager.get(pk=instance.pk)
            if not isinstance(saved, Publiable) and (reason := lock_on(request.user, saved)):
                raise Refus(reason)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["verrou"] = lock_on(request.user, obj) if obj is not None else None
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


class DependanceAdmin(VerrouMixin, BackofficeAdmin):
    """Rows that follow the publication of their parent."""


class PubliableAdmin(VerrouMixin, BackofficeAdmin):
    """Records with a publication of their own, and the acts on many of them at once."""

    form = FormulairePubliable
    actions = ["proposer", "publier", "retirer"]

    def get_list_display(self, request):
        """The column of the publication, as a badge."""
        columns = super().get_list_display(request)
        return ["etat" if column == "publication" else column for column in columns]

    @admin.display(description="publication", ordering="publication")
    def etat(self, obj):
        kind = slugify(obj.publication)
        return format_html('<span class="etat-{}">{}</span>', kind, obj.publication)

    def has_publier_permission(self, request):
        return request.user.has_perm(permission(PUBLIER, self.model))

    @admin.action(permissions=["change"], description="Proposer à la validation")
    def proposer(self, request, queryset):
        return self._move(request, queryset, "proposer", Publication.A_VALIDER)

    @admin.action(permissions=["publier"], description="Publier")
    def publier(self, request, queryset):
        return self._move(request, queryset, "publier", Publication.PUBLIE)

    @admin.action(permissions=["publier"], description="Retirer du site")
    def retirer(self, request, queryset):
        return self._move(request, queryset, "retirer", Publication.RETIRE)

    def _move(self, request, queryset, act, state):
        """Show what will change, then change all of it or nothing."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if self.too_many(request, queryset):
            return None
        rows = list(queryset)
        refusals = {row: self._refusal(request, row, state) for row in rows}
        movable = [row for row in rows if refusals[row] is None]
        seen = fingerprint(rows)
        if request.POST.get("post"):
            if request.POST.get("empreinte") == seen:
                return self._apply(request, movable, state)
            self.message_user(
                request,
                "Un des enregistrements a été modifié depuis : rien n’a changé, relisez la liste.",
                messages.ERROR,
            )
        context = {
            **self.admin_site.each_context(request),
            "title": f"{self.get_actions(request)[act][2]} : confirmer",
            "subtitle": None,
            "opts": self.opts,
            "acte": act,
            "etat": state,
            "lignes": list(refusals.items()),
            "nombre": len(movable),
            "empreinte": seen,
            "selection": [row.pk for row in rows],
            "action_checkbox_name": admin.helpers.ACTION_CHECKBOX_NAME,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/confirmer_acte.html", context)

    def _refusal(self, request, row, state):
        """Why `row`, of the list and so of the perimeter, may not take `state`; None if it may."""
        if row.publication == state:
            return f"est déjà dans l’état « {state} »"
        if reason := lock_on(request.user, row):
            return reason
        try:
            check_publication(request.user, self.model, row.publication, state)
        except ValidationError as error:
            return " ".join(error.messages)
        return None

    def _apply(self, request, rows, state):
        try:
            with transaction.atomic():
                for row in rows:
                    row.publication = state
                    row.save(update_fields=["publication"])
        except ConflitDeVersion as conflict:
            self.message_user(request, str(conflict), messages.ERROR)
        else:
            self.message_user(
                request, f"Enregistrements passés à « {state} » : {len(rows)}.", messages.SUCCESS
            )


class LignesDependantes(LignesEnTable):
    """Rows of a record, under the same lock: without it, Django shows them read-only."""


class LignesDependantesEmpilees(LignesEmpilees):
    """The same, one block per row."""


class LignesConsultees(LignesEnTable):
    """Records with a publication of their own, listed on a related page; edited on theirs."""

    can_delete = False

    def has_add_permission(self, request, obj):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
