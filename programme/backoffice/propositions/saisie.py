"""The same form, open to who may not change a published record: saving makes a proposal.

And open again, filled with a proposal, to who answers it: saving it is the answer.
"""

from copy import copy

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.http import Http404, HttpResponseRedirect

from programme.backoffice.cadre.champs import TexteField
from programme.backoffice.cadre.composition import Mode, Piece
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
from programme.backoffice.propositions.suivi import answers_for, responsible
from programme.backoffice.verrou import lock_on, may_propose, remplace
from programme.models import Proposition
from programme.requetes import request_with

BOUTON = "_proposer"
MOTIF, REPONSE = "motif_proposition", "reponse_proposition"
TEXTE_PUBLIC = "texte_public"
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
    TEXTE_PUBLIC: _text(
        "Ce que le public lira du motif",
        "Avec votre réponse. Retirez ce qui ne doit pas être public, ou tout.",
        required=False,
    ),
}


def may_answer(agent, record):
    """Whether `agent`, who has `record` in their perimeter, may publish it and change it."""
    return answers_for(agent, type(record)) and responsible(agent, record)


class Proposer(Mode):
    """Saving a record that is locked for its author makes a proposal."""

    saves = False

    def __init__(self, ecran, obj):
        self.ecran, self.record, self.made = ecran, obj, None

    def opens(self, obj):
        """Whether the form of `obj` is open, though it is locked."""
        return obj is not None and (type(obj), obj.pk) == (type(self.record), self.record.pk)

    def readonly(self, obj):
        """A file is never proposed: a new document is, as a draft."""
        files = [f.name for f in self.ecran.opts.fields if isinstance(f, models.FileField)]
        return files if self.opens(obj) else []

    def fields(self, obj):
        return {MOTIF: CHAMPS[MOTIF]} if self.opens(obj) else {}

    def context(self, request, context, obj):
        known = Proposition.objects.visible_to(request.user, type(obj)).about(obj)
        bound = context["adminform"].form[MOTIF]
        return _mode([bound], BOUTON, "Proposer ces modifications", known.en_attente())

    def keep(self, request, form, formsets):
        diff = diff_of(form, formsets)
        if not diff:
            raise Refus(RIEN)
        seen = type(self.record)._base_manager.get(pk=self.record.pk)
        mine = Proposition.objects.about(seen).en_attente().filter(auteur=request.user)
        sent_twice = (same for same in mine if same.changements == diff)
        self.made = next(sent_twice, None) or self._made(request.user, form, seen, diff)

    def _made(self, agent, form, seen, diff):
        said = {"motif": form.cleaned_data[MOTIF], "auteur": agent}
        made = Proposition.objects.deposer(seen, diff, **said)
        avis.ask(made, seen)
        return made

    def response(self, request, usual):
        said = "Votre proposition est envoyée. Vous lirez la réponse ici et sur votre bureau."
        self.ecran.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(self.made.get_absolute_url())


class Repondre(Mode):
    """Saving a record, filled with a proposal, answers the proposal."""

    def __init__(self, ecran, proposition):
        self.ecran, self.proposition, self.seen = ecran, proposition, {}

    @property
    def reason(self):
        return self.proposition.raison

    def fields(self, obj):
        if not self.proposition.est_du_public:
            return {REPONSE: CHAMPS[REPONSE]}
        public = copy(CHAMPS[TEXTE_PUBLIC])
        public.initial = self.proposition.motif
        return {TEXTE_PUBLIC: public, REPONSE: CHAMPS[REPONSE]}

    def context(self, request, context, obj):
        form = context["adminform"].form
        names = self.fields(obj)
        told = _mode([form[n] for n in names], "_save", "Enregistrer, et répondre", [])
        told["repond_a"] = self.proposition
        told["propose"] = changes_in_words(self.proposition, request.user, obj)
        if not self._is_refused(form, context):
            told["errors"] = []  # nothing is wrong: it is filled for the first time
        return told

    def _is_refused(self, form, context):
        """Whether anything but the filling itself kept the form from being saved."""
        rows = [inline.formset for inline in context["inline_admin_formsets"]]
        wrong = any(any(r.errors) or r.non_form_errors() for r in rows)
        return wrong or dict(form.errors) != {NON_FIELD_ERRORS: [self.ecran.tour.raison]}

    def before(self, obj):
        self.seen = snapshot(self.proposition, obj)

    def keep(self, request, form, formsets):
        """Answer with what was saved, in its transaction; of two answers the second is refused."""
        obj = form.instance
        locked = Proposition.objects.select_for_update().get(pk=self.proposition.pk)
        suites = outcomes(locked, obj, self.seen, formsets)
        version = type(obj)._base_manager.values_list("version", flat=True).get(pk=obj.pk)
        said = form.cleaned_data.get(REPONSE, "")
        told = locked.adresse
        public = {}
        if locked.est_du_public:
            public["texte_public"] = form.cleaned_data.get(TEXTE_PUBLIC, "")
        try:
            locked.accepter(request.user, suites, said, version=version, **public)
        except ValidationError as error:
            raise Refus(" ".join(error.messages)) from error
        avis.answered(locked, told)
        self.proposition = locked

    def response(self, request, usual):
        usual()  # what was saved is told
        return HttpResponseRedirect(self.proposition.get_absolute_url())


class Propositions(Piece):
    """Of what may be locked: its form makes a proposal, or answers one."""

    def open(self, request, object_id):
        """Set what saving does in this turn; a response where `?proposition=` has no answer."""
        if object_id is not None and may_propose(request.user, self.model):
            self._open_to_proposals(request, object_id)
        elif BOUTON in request.POST:
            self.ecran.tour.refus = REDEVENU_BROUILLON
        if "proposition" in request.GET and not isinstance(self.ecran.mode, Repondre):
            return self._open_answer(request, object_id)
        return None

    def _open_to_proposals(self, request, object_id):
        obj = record_of(self.ecran, request, object_id)
        may = request.user.has_perm(permission(MODIFIER, self.model))
        if obj is not None and may and lock_on(request.user, obj) and remplace(obj) is None:
            self.ecran.tour.mode = Proposer(self.ecran, obj)
            if request.method == "POST" and BOUTON not in request.POST:
                self.ecran.tour.refus = DEVENU_PUBLIC
        elif BOUTON in request.POST:
            self.ecran.tour.refus = REDEVENU_BROUILLON

    def _open_answer(self, request, object_id):
        obj = record_of(self.ecran, request, object_id)
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
                self.ecran.tour.refus = found.deja_dit
        if may_answer(request.user, obj):
            self.ecran.tour.mode = Repondre(self.ecran, found)
        if request.method == "GET" and self.ecran.tour.rendue is None:
            self.ecran.tour.rendue = as_sent(self.ecran, request, found, obj)
            if found.est_du_public:
                self.ecran.tour.rendue[TEXTE_PUBLIC] = found.motif
            self.ecran.tour.raison = (
                f"Voici le formulaire avec ce que propose {found.qui}. Rien n’est enregistré : "
                "relisez, amendez s’il le faut, puis enregistrez."
            )
        return None

    def accept(self, request, proposition, obj, taken, said, **public):
        """Save the changes whose keys are in `taken`, through the record's own form.

        A redirection once it is done; else the form, which says why it was refused.
        """
        screen = self.ecran.at(request)
        screen.tour.mode = Repondre(screen, proposition)
        data = as_sent(screen, request, proposition, obj, taken)
        data[REPONSE] = said
        data.update(public)
        data["_save"] = "on"
        page = screen.page_address("change", obj.pk)
        return screen.changeform_view(
            request_with(request, POST=data),
            str(obj.pk),
            form_url=f"{page}?proposition={proposition.pk}",
        )

    def told(self, request, response, object_id):
        """The history of the record, `response`, tells its proposals and their answers too."""
        context = getattr(response, "context_data", None)
        if context is not None and "filtre" in context:
            key = str(context["object"].pk) if context["object"] else object_id
            rows = Proposition.objects.filter(genre=self.opts.label_lower, cle=key)
            if context["object"] is not None or request.user.est_referent:
                rows = rows.visible_to(request.user, self.model)
            context["propositions"] = rows.select_related("auteur", "repondant")
        return response


def _mode(bounds, name, button, waiting):
    return {
        "mode": {"champs": bounds, "nom": name, "bouton": button},
        "attendent": waiting,
        "show_save": False,
        "show_save_and_continue": False,
        "show_save_and_add_another": False,
        "show_delete": False,
    }
