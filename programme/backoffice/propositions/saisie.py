"""The same form, open to who may not change a published record: saving makes a proposal.

And open again, filled with a proposal, to who answers it: saving it is the answer.
"""

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.http import Http404, HttpResponseRedirect

from programme.backoffice.cadre.champs import TexteField
from programme.backoffice.cadre.perimetre import Refus
from programme.backoffice.droits import MODIFIER, permission
from programme.backoffice.propositions import avis
from programme.backoffice.propositions.ecart import (
    as_sent,
    changes_in_words,
    diff_of,
    outcomes,
    record_of,
    snapshot,
)
from programme.backoffice.verrou import lock_on, may_propose, publisher_of
from programme.models import Proposition

BOUTON = "_proposer"
MOTIF, REPONSE = "motif_proposition", "reponse_proposition"
LONGUEUR = 2000
RIEN = (
    "Vous n’avez rien changé : modifiez ce que vous voulez voir changer, puis proposez. Rien n’a "
    "été envoyé."
)
DEVENU_PUBLIC = (
    "Cet enregistrement ne se change plus sans validation : rien n’a été enregistré et votre "
    "saisie est gardée. Dites pourquoi, puis proposez-la."
)
REDEVENU_BROUILLON = (
    "Cet enregistrement n’est plus verrouillé : rien n’a été envoyé et votre saisie est gardée. "
    "Vous pouvez l’enregistrer vous-même."
)


def _text(label, help_text, required):
    return TexteField(
        label=label,
        required=required,
        max_length=LONGUEUR,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=help_text,
        error_messages={
            "required": "Dites pourquoi : qui publie vous répondra.",
            "max_length": f"{LONGUEUR} caractères au plus : gardez l’essentiel.",
        },
    )


CHAMPS = {
    MOTIF: _text(
        "Pourquoi ce changement", "Ce qui le justifie, et d’où vous le tenez.", required=True
    ),
    REPONSE: _text(
        "Votre mot à qui propose", "Facultatif. Il le lira avec votre réponse.", required=False
    ),
}


def may_answer(agent, record):
    """Whether `agent`, who has `record` in their perimeter, may publish it and change it."""
    model = type(record)
    return agent.has_perm(publisher_of(model)) and agent.has_perm(permission(MODIFIER, model))


class Reponse:
    """A proposal being answered through the form of its record."""

    def __init__(self, proposition):
        self.proposition, self.before = proposition, {}

    def close(self, request, obj, form, formsets):
        """Answer with what was saved, in its transaction; of two answers the second is refused."""
        locked = Proposition.objects.select_for_update().get(pk=self.proposition.pk)
        suites = outcomes(locked, obj, self.before, formsets)
        version = type(obj)._base_manager.values_list("version", flat=True).get(pk=obj.pk)
        said = form.cleaned_data.get(REPONSE, "")
        try:
            locked.accepter(request.user, suites, said, version=version)
        except ValidationError as error:
            raise Refus(" ".join(error.messages)) from error
        avis.answered(locked)
        self.proposition = locked


class PropositionMixin:
    """For the admin of what may be locked. Two modes of its form, each set for one request:

    `request.propose_sur` is the (model, key) of the record that a proposal is made on;
    `request.reponse` is the `Reponse` that a proposal is given.
    """

    def proposes(self, request, obj):
        return obj is not None and getattr(request, "propose_sur", None) == (type(obj), obj.pk)

    def answers(self, request, obj=None):
        """The `Reponse` that the form of this record gives, if any."""
        reponse = getattr(request, "reponse", None)
        return reponse if reponse and reponse.proposition.modele is self.model else None

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if object_id is not None and may_propose(request.user, self.model):
            self._open_to_proposals(request, object_id)
        elif BOUTON in request.POST:
            request.refus = REDEVENU_BROUILLON
        if "proposition" in request.GET and not hasattr(request, "reponse"):
            answered = self._open_answer(request, object_id)
            if answered is not None:
                return answered
        return super().changeform_view(request, object_id, form_url, extra_context)

    # --- Proposing ----------------------------------------------------------------------------

    def _open_to_proposals(self, request, object_id):
        obj = record_of(self, request, object_id)
        may = request.user.has_perm(permission(MODIFIER, self.model))
        if obj is not None and may and lock_on(request.user, obj):
            request.propose_sur = (type(obj), obj.pk)
            if request.method == "POST" and BOUTON not in request.POST:
                request.refus = DEVENU_PUBLIC
        elif BOUTON in request.POST:
            request.refus = REDEVENU_BROUILLON

    def get_readonly_fields(self, request, obj=None):
        """A file is never proposed: a new document is, as a draft."""
        fields = list(super().get_readonly_fields(request, obj))
        if self.proposes(request, obj):
            fields += [f.name for f in self.opts.fields if isinstance(f, models.FileField)]
        return fields

    def get_form(self, request, obj=None, change=False, **kwargs):
        name = MOTIF if self.proposes(request, obj) else REPONSE if self.answers(request) else ""
        if name:
            base = kwargs.get("form", self.form)
            kwargs["form"] = type(base)(base.__name__, (base,), {name: CHAMPS[name]})
        return super().get_form(request, obj, change=change, **kwargs)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        form = context["adminform"].form
        if self.proposes(request, obj):
            known = Proposition.objects.visible_to(request.user, self.model).about(obj)
            context |= _mode(form[MOTIF], BOUTON, "Proposer ces modifications", known.en_attente())
        elif reponse := self.answers(request):
            context |= _mode(form[REPONSE], "_save", "Enregistrer, et répondre", [])
            context["repond_a"] = reponse.proposition
            context["propose"] = changes_in_words(reponse.proposition, request.user, obj)
            if not self._is_refused(request, form, context):
                context["errors"] = []  # nothing is wrong: it is filled for the first time
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def _is_refused(self, request, form, context):
        """Whether anything but the filling itself kept the form from being saved."""
        filled = getattr(request, "raison_rendue", None)
        rows = [inline.formset for inline in context["inline_admin_formsets"]]
        wrong = any(any(r.errors) or r.non_form_errors() for r in rows)
        return wrong or dict(form.errors) != {NON_FIELD_ERRORS: [filled]}

    def save_model(self, request, obj, form, change):
        if self.proposes(request, obj):
            return
        if reponse := self.answers(request):
            reponse.before = snapshot(reponse.proposition, obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        obj = form.instance
        if self.proposes(request, obj):
            request.deposee = self._propose(request, form, formsets)
            return
        super().save_related(request, form, formsets, change)
        if reponse := self.answers(request):
            reponse.close(request, obj, form, formsets)

    def _propose(self, request, form, formsets):
        diff = diff_of(form, formsets)
        if not diff:
            raise Refus(RIEN)
        seen = self.model._base_manager.get(pk=form.instance.pk)
        mine = Proposition.objects.about(seen).en_attente().filter(auteur=request.user)
        for same in mine:
            if same.changements == diff:
                return same  # sent twice
        made = Proposition(
            genre=self.opts.label_lower,
            cle=str(seen.pk),
            nom=str(seen)[:400],
            version_vue=seen.version,
            changements=diff,
            motif=form.cleaned_data[MOTIF],
            auteur=request.user,
        )
        made.full_clean()
        made.save()
        avis.ask(made, seen)
        return made

    def construct_change_message(self, request, form, formsets, add=False):
        if self.proposes(request, form.instance):
            return []  # nothing was saved
        return super().construct_change_message(request, form, formsets, add)

    def log_change(self, request, obj, message):
        if not self.proposes(request, obj):
            super().log_change(request, obj, message)

    def response_change(self, request, obj):
        if self.proposes(request, obj):
            made = request.deposee
            said = "Votre proposition est envoyée. Vous lirez la réponse ici et sur votre bureau."
            self.message_user(request, said, messages.SUCCESS)
            return HttpResponseRedirect(made.get_absolute_url())
        if reponse := self.answers(request):
            super().response_change(request, obj)  # what was merged is told
            return HttpResponseRedirect(reponse.proposition.get_absolute_url())
        return super().response_change(request, obj)

    # --- Answering ----------------------------------------------------------------------------

    def _open_answer(self, request, object_id):
        """Set the mode that answers `?proposition=`; a response where it cannot be answered."""
        obj = record_of(self, request, object_id)
        number = request.GET["proposition"]
        found = None
        if obj is not None and number.isdecimal() and len(number) < 10:
            mine = Proposition.objects.visible_to(request.user).about(obj)
            found = mine.filter(pk=number).select_related("auteur", "repondant").first()
        if found is None:
            raise Http404("Aucune proposition à cette adresse.")
        if not may_answer(request.user, obj) or not found.est_en_attente:
            if request.method != "POST":
                return HttpResponseRedirect(found.get_absolute_url())
            if may_answer(request.user, obj):
                request.refus = found.deja_dit
        request.reponse = Reponse(found)
        if request.method == "GET" and getattr(request, "saisie_rendue", None) is None:
            request.saisie_rendue = as_sent(self, request, found, obj)
            request.raison_rendue = (
                f"Voici le formulaire avec ce que propose {found.qui}. Rien n’est enregistré : "
                "relisez, amendez s’il le faut, puis enregistrez."
            )
        return None

    def accept(self, request, proposition, obj, taken, said):
        """Save the changes whose keys are in `taken`, through the record's own form.

        A redirection once it is done; else the form, which says why it was refused.
        """
        request.reponse = Reponse(proposition)
        data = as_sent(self, request, proposition, obj, taken)
        data[REPONSE] = said
        data["_save"] = "on"
        request.POST = data
        page = self.page_address("change", obj.pk)
        return self.changeform_view(
            request, str(obj.pk), form_url=f"{page}?proposition={proposition.pk}"
        )

    def _note_merge(self, form):
        if reponse := getattr(form.request, "reponse", None):
            form.instance._change_reason = reponse.proposition.raison
        else:
            super()._note_merge(form)

    def save_formset(self, request, form, formset, change):
        if reponse := self.answers(request):
            for row in formset.forms:
                row.instance._change_reason = reponse.proposition.raison
        super().save_formset(request, form, formset, change)

    # --- Telling ------------------------------------------------------------------------------

    def history_view(self, request, object_id, extra_context=None):
        """The record's history tells its proposals and their answers too."""
        response = super().history_view(request, object_id, extra_context)
        context = getattr(response, "context_data", None)
        if context is not None and "filtre" in context:
            key = str(context["object"].pk) if context["object"] else object_id
            rows = Proposition.objects.filter(genre=self.opts.label_lower, cle=key)
            if context["object"] is not None or request.user.est_referent:
                rows = rows.visible_to(request.user, self.model)
            context["propositions"] = rows.select_related("auteur", "repondant")
        return response


def _mode(bound, name, button, waiting):
    return {
        "mode": {"champ": bound, "nom": name, "bouton": button},
        "attendent": waiting,
        "show_save": False,
        "show_save_and_continue": False,
        "show_save_and_add_another": False,
        "show_delete": False,
    }
