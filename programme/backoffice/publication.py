"""The screens of what is published: new records, the lock, and the acts on many at once."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.html import format_html
from django.utils.text import slugify

from programme.backoffice.actes.registre import PUBLICATION
from programme.backoffice.actes.vues import Actes
from programme.backoffice.avis import en_un, prevenir_ensemble
from programme.backoffice.cadre import FicheAdmin, LignesEmpilees, LignesEnTable
from programme.backoffice.cadre.formulaires import FormulaireBackoffice
from programme.backoffice.cadre.perimetre import Refus
from programme.backoffice.cadre.suppression import fingerprint
from programme.backoffice.demandes import Demandes
from programme.backoffice.droits import PUBLIER, permission
from programme.backoffice.propositions.saisie import Propositions
from programme.backoffice.verrou import check_publication, lock_on, states_for, undelegated
from programme.models import Avis, Publication
from programme.models.base import Publiable
from territoires.models import ConflitDeVersion
from territoires.models.modification import tracer


class FormulairePubliable(FormulaireBackoffice):
    """For a new record, offers the publications that the agent may give; an act changes it then."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields.get("publication")
        if field is None:
            return
        offered = states_for(self.request.user, self._meta.model, Publication.BROUILLON)
        # Only what is shown: a value that was posted all the same is refused with a sentence.
        field.widget.choices = [(v, label) for v, label in Publication.choices if v in offered]

    def clean_publication(self):
        after = self.cleaned_data["publication"]
        check_publication(self.request.user, self._meta.model, Publication.BROUILLON, after)
        return after


class DependanceAdmin(FicheAdmin):
    """Rows under the lock of what is published: their own publication, or their parent's.

    Who may not change them proposes.
    """

    propositions = Propositions()
    demandes = Demandes()

    def has_change_permission(self, request, obj=None):
        if not super().has_change_permission(request, obj):
            return False
        # Open, where saving only proposes.
        return obj is None or self.mode.opens(obj) or lock_on(request.user, obj) is None

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or lock_on(request.user, obj) is None)

    def why_refused(self, request, obj):
        reason = lock_on(request.user, obj) if obj is not None else None
        return reason or super().why_refused(request, obj)

    def why_locked(self, request, obj):
        return lock_on(request.user, obj) or ""

    def request_address(self, obj):
        return self.page_address("demander", obj.pk) if obj is not None else ""

    def check_saved(self, request, instances):
        super().check_saved(request, instances)
        for instance in instances:
            # Read again: what counts is the record as it is now, its parent included.
            saved = self.model._base_manager.get(pk=instance.pk)
            own = isinstance(saved, Publiable)
            if reason := (undelegated if own else lock_on)(request.user, saved):
                raise Refus(reason)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["verrou"] = lock_on(request.user, obj) if obj is not None else None
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        answered = self.propositions.open(request, object_id)
        return answered or super().changeform_view(request, object_id, form_url, extra_context)

    def history_view(self, request, object_id, extra_context=None):
        response = super().history_view(request, object_id, extra_context)
        return self.propositions.told(request, response, object_id)


class PubliableAdmin(DependanceAdmin):
    """Records with a publication of their own, and the acts on many of them at once."""

    change_form_template = "admin/actes/fiche.html"
    actes = Actes()
    form = FormulairePubliable
    actions = ["proposer", "publier", "retirer"]

    def get_list_display(self, request):
        """The column of the publication, as a badge."""
        columns = super().get_list_display(request)
        return ["etat" if column == "publication" else column for column in columns]

    @admin.display(description="publication", ordering="publication")
    def etat(self, obj):
        merged = getattr(obj, "absorbe_par_id", None) is not None
        told = "fusionné" if merged else obj.publication
        return format_html('<span class="etat-{}">{}</span>', slugify(obj.publication), told)

    def typed_groups(self, request, base=None):
        """On the page of an act, what its own form held."""
        typed = self.actes.typed(request)
        return super().typed_groups(request, base) if typed is None else typed

    def has_publier_permission(self, request):
        return request.user.has_perm(permission(PUBLIER, self.model))

    def recreated(self, request, instance):
        """As it was for who may give that state to a new record; else a draft, as any other."""
        if instance.publication not in states_for(request.user, self.model, Publication.BROUILLON):
            instance.publication = Publication.BROUILLON

    @admin.action(permissions=["change"], description="Proposer à la validation")
    def proposer(self, request, queryset):
        return self._move(request, queryset, "proposer")

    @admin.action(permissions=["publier"], description="Publier")
    def publier(self, request, queryset):
        return self._move(request, queryset, "publier")

    @admin.action(permissions=["publier"], description="Retirer du site")
    def retirer(self, request, queryset):
        return self._move(request, queryset, "retirer")

    def _move(self, request, queryset, nom):
        """Show what the act `nom` will change, then change all of it or nothing."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if self.suppression.too_many(request, queryset):
            return None
        rows = list(queryset)
        acte = PUBLICATION.acte(nom)
        refusals = {row: acte.empechement(request.user, row) for row in rows}
        movable = [row for row in rows if refusals[row] is None]
        seen = fingerprint(rows)
        if request.POST.get("post"):
            if request.POST.get("empreinte") == seen:
                return self._apply(request, movable, acte)
            self.message_user(
                request,
                "Un des enregistrements a été modifié depuis : rien n’a changé, relisez la liste.",
                messages.ERROR,
            )
        context = {
            "title": f"{acte.titre} : confirmer",
            "subtitle": None,
            "acte": nom,
            "etat": acte.vers,
            "lignes": list(refusals.items()),
            "nombre": len(movable),
            "empreinte": seen,
            "selection": [row.pk for row in rows],
            "action_checkbox_name": admin.helpers.ACTION_CHECKBOX_NAME,
        }
        return self.render_page(request, "admin/confirmer_acte.html", context)

    def _apply(self, request, rows, acte):
        nom, state = acte.nom, acte.vers
        try:
            with transaction.atomic(), en_un() as told:
                for row in rows:
                    with tracer(nom, row, request.user) as trace:
                        row.passer_a(state)
                        trace.texte = f"{row} : {row._change_reason}"
                if not told:  # nobody is to answer, or asked: those who may change them are told
                    self._prevenir(request, rows, state)
        except ConflitDeVersion as conflict:
            self.message_user(request, str(conflict), messages.ERROR)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        else:
            self.message_user(
                request, f"Enregistrements passés à « {state} » : {len(rows)}.", messages.SUCCESS
            )

    def _prevenir(self, request, rows, state):
        said = f"{len(rows)} enregistrement(s) passé(s) à « {state} »"
        keys = [row.pk for row in rows]
        prevenir_ensemble(
            Avis.Genre.ENSEMBLE, self.model, keys, auteur=request.user, precision=said
        )


class LignesDependantes(LignesEnTable):
    """Rows of a record, under the same lock: without it, Django shows them read-only."""


class LignesDependantesEmpilees(LignesEmpilees):
    """The same, one block per row."""


class LignesConsultees(LignesEnTable):
    """Records with a publication of their own, listed on a related page; edited on theirs."""

    can_delete = False
    view_on_site = False

    def has_add_permission(self, request, obj):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
