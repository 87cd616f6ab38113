"""The projects of a contract's territory that no contract takes: attached to it in one act.

An act, so that it is corrected as one when it was a mistake.
"""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.urls import path

from programme.backoffice.cadre.champs import RetenuMixin
from programme.backoffice.cadre.composition import Piece
from programme.backoffice.cadre.pages import headline
from programme.backoffice.cadre.suppression import fingerprint
from programme.backoffice.cadre.widgets import CasesACocher
from programme.backoffice.droits import MODIFIER, permission
from programme.backoffice.verrou import lock_on
from programme.models import Projet
from programme.templatetags.portail import pluriel
from territoires.models import ConflitDeVersion
from territoires.models.modification import tracer

ACTE = "rattacher"
AU_PLUS = 200
"""Projects that one act takes."""
CHANGES = (
    "Un des projets a été modifié, rattaché ou supprimé depuis que vous avez ouvert la page : rien "
    "n’a été rattaché, et votre choix est gardé. Relisez la liste, puis confirmez de nouveau."
)


class RattacherForm(RetenuMixin, forms.Form):
    """Which projects; `offerts` are those that may be."""

    projets = forms.ModelMultipleChoiceField(
        Projet.objects.none(),
        label="Projets",
        widget=CasesACocher(groupe="Projets"),
        error_messages={
            "required": "Cochez au moins un projet.",
            "invalid_choice": CHANGES,
            "invalid_pk_value": CHANGES,
        },
    )
    empreinte = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, offerts, **kwargs):
        super().__init__(*args, **kwargs)
        self.offerts = offerts
        field = self.fields["projets"]
        field.queryset = Projet.objects.filter(pk__in=[row.pk for row in offerts])
        field.label_from_instance = lambda row: f"{row} ({row.statut or 'sans statut'})"
        self.vue = fingerprint(offerts)
        self.initial["empreinte"] = self.vue

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("empreinte") != self.vue:
            self.retenu["empreinte"] = self.vue
            raise ValidationError(CHANGES, code="entretemps")
        return cleaned


def offerts(agent, contrat):
    """(projects that `agent` may attach, how many others of the territory are locked for them)."""
    if not agent.has_perm(permission(MODIFIER, Projet)):
        return [], 0
    rows = Projet.objects.visible_to(agent).filter(
        territoire=contrat.territoire_id, contrat__isnull=True, absorbe_par__isnull=True
    )
    rows = list(rows.select_related("territoire").order_by("beneficiaire", "pk")[:AU_PLUS])
    free = [row for row in rows if lock_on(agent, row) is None]
    return free, len(rows) - len(free)


class Rattachement(Piece):
    """Of contracts: the page that attaches the projects of their territory."""

    def urls(self):
        view = self.admin_site.admin_view(self.rattacher_view)
        return [path("<path:object_id>/rattacher/", view, name=self.address_name("rattacher"))]

    def context(self, request, obj):
        may = obj is not None and offerts(request.user, obj)[0]
        return {"rattacher_url": self.ecran.page_address("rattacher", obj.pk) if may else ""}

    def rattacher_view(self, request, object_id):
        """The projects to choose among (GET); they are attached, all or none (POST)."""
        if not self.ecran.has_view_permission(request):
            raise PermissionDenied
        contrat = self.ecran.get_object(request, unquote(object_id))
        if contrat is None:
            return self.ecran._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not request.user.has_perm(permission(MODIFIER, Projet)):
            raise PermissionDenied
        free, locked = offerts(request.user, contrat)
        sent = request.POST if request.method == "POST" else self.ecran.tour.rendue
        form = RattacherForm(sent, offerts=free)
        status = 200
        if request.method == "POST":
            if form.is_valid() and self._attach(request.user, contrat, form):
                told = pluriel(
                    len(form.cleaned_data["projets"]), "projet rattaché,projets rattachés"
                )
                self.ecran.message_user(request, f"« {contrat} » : {told}.", messages.SUCCESS)
                return HttpResponseRedirect(self.ecran.page_address("change", contrat.pk))
            status = 409 if form.has_error("__all__", "entretemps") else 400
        context = {
            "title": "Rattacher des projets",
            "subtitle": headline(contrat),
            "form": form if free else None,
            "verrouilles": locked,
            "retour": self.ecran.page_address("change", contrat.pk),
        }
        return self.ecran.render_page(request, "admin/actes/rattacher.html", context, status)

    @staticmethod
    def _attach(agent, contrat, form):
        """Attach them in one act; False when somebody wrote one meanwhile, and the form says so."""
        rows = list(form.cleaned_data["projets"])
        try:
            with tracer(ACTE, contrat, agent) as trace:
                for row in rows:
                    row.contrat = contrat
                    row._change_reason = f"rattaché à « {contrat} »"[:100]
                    row.full_clean()
                    row.save()
                told = pluriel(len(rows), "projet rattaché,projets rattachés")
                trace.texte = f"{contrat} : {told}"
        except ConflitDeVersion:
            form.add_error(None, ValidationError(CHANGES, code="entretemps"))
            return False
        except ValidationError as error:
            form.add_error(None, f"{row} : {' '.join(error.messages)}")
            return False
        return True
