"""Two records that are the same thing become one, side by side on a page.

An act, so that it is corrected as one when it was a mistake.
"""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils.http import urlencode
from django.utils.text import capfirst

from programme.backoffice.cadre.champs import RetenuMixin
from programme.backoffice.cadre.composition import Piece
from programme.backoffice.cadre.doublons import FUSIONNER, semblables
from programme.backoffice.cadre.historique.mots import Formateur, visible_keys
from programme.backoffice.cadre.pages import headline
from programme.backoffice.cadre.perimetre import Refus
from programme.backoffice.cadre.presence import PERSONNE
from programme.backoffice.cadre.suppression import fingerprint
from programme.backoffice.droits import MODIFIER, permission
from programme.backoffice.verrou import lock_on, remplace
from programme.lieux import CHAMPS, Lieux
from programme.models import Publication
from programme.models.absorption import ABSORBE, GARDE, VIDES, Absorption
from programme.models.base import Publiable
from programme.templatetags.portail import pluriel
from territoires.models import ConflitDeVersion
from territoires.models.modification import tracer

ACTE = "fusionner"
AVEC = "avec"
TROUVES = 20
CHANGES = (
    "Une des deux fiches, ou une ligne qui en dépend, a changé depuis que vous avez ouvert la "
    "page : rien n’a été fusionné, et vos choix sont gardés. Relisez, puis confirmez de nouveau."
)


class FusionForm(RetenuMixin, forms.Form):
    """One choice for each thing that the two tell otherwise; `absorption` says what they are."""

    empreinte = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, absorption, **kwargs):
        super().__init__(*args, **kwargs)
        for choix in absorption.choix:
            if choix.differe:
                self._ask(choix.nom, choix.titre, choix.defaut)
        for double in absorption.doubles:
            if double.se_contredisent:
                self._ask(double.nom, str(double.garde), GARDE)
        self.vue = fingerprint([*absorption.ensemble, *absorption.propositions])
        self.initial["empreinte"] = self.vue

    def _ask(self, name, title, initial):
        self.fields[name] = forms.ChoiceField(
            label=capfirst(title),
            choices=[(GARDE, "de la fiche gardée"), (ABSORBE, "de l’autre fiche")],
            initial=initial,
            error_messages={
                "required": f"{capfirst(title)} : dites laquelle des deux valeurs est gardée.",
                "invalid_choice": f"{capfirst(title)} : choisissez l’une des deux valeurs.",
            },
        )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("empreinte") != self.vue:
            self.retenu["empreinte"] = self.vue
            raise ValidationError(CHANGES, code="entretemps")
        return cleaned

    @property
    def cotes(self):
        return {name: side for name, side in self.cleaned_data.items() if name != "empreinte"}


def lieu_coherent(projet, changes):
    """Raise a `ValidationError` when the place of a project contradicts itself."""
    if not changes & CHAMPS:
        return
    told = [e.phrase for e in Lieux([projet]).ecarts(projet, changes & CHAMPS) if not e.doute]
    if told:
        raise ValidationError([capfirst(phrase) for phrase in told])


class Fusion(Piece):
    """Of what may be recorded twice: the page that makes one record of two.

    verifier: function of the record that is kept and of the names of the fields that changed, which
    raises a `ValidationError` when they disagree.
    """

    def __init__(self, verifier=lambda record, changes: None):
        self.verifier = verifier

    def urls(self):
        view = self.admin_site.admin_view(self.fusionner_view)
        return [path("<path:object_id>/fusionner/", view, name=self.address_name(ACTE))]

    def context(self, request, obj):
        if obj is None:
            return {}
        told = {"remplacee_par": self._kept(request, obj)}
        if self.ecran.has_change_permission(request, obj):
            told["fusion_url"] = self.ecran.page_address(ACTE, obj.pk)
        return told

    def _kept(self, request, obj):
        """The record that replaces `obj`, if the agent may see it."""
        kept = self.ecran.get_queryset(request).filter(pk=obj.absorbe_par_id).first()
        if kept is None:
            return None
        return {"nom": str(kept), "url": self.ecran.page_address("change", kept.pk)}

    def added(self, request, obj, response):
        """To the page that merges it, when its author said which other one it is."""
        wanted = request.POST.get(FUSIONNER)
        if not wanted or response.status_code != 302:
            return response
        other = self._find(request, wanted)
        if other is None:
            return response
        return HttpResponseRedirect(self._address(*in_order(other, obj)))

    def _address(self, garde, absorbe):
        return f"{self.ecran.page_address(ACTE, garde.pk)}?{urlencode({AVEC: absorbe.pk})}"

    # --- The page -----------------------------------------------------------------------------

    def fusionner_view(self, request, object_id):
        """Which other record it is; then the two side by side (GET), made one (POST)."""
        if not request.user.has_perm(permission(MODIFIER, self.model)):
            raise PermissionDenied
        garde = self.ecran.get_object(request, unquote(object_id))
        if garde is None:
            return self.ecran._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.ecran.has_change_permission(request, garde):
            why = self.ecran.why_refused(request, garde)
            return self._page(request, garde, 403, empechement=why)
        wanted = request.GET.get(AVEC, "")
        if not wanted:
            return self._choose(request, garde)
        absorbe = self._find(request, wanted)
        if absorbe is None:
            told = "Aucune fiche de votre périmètre à cette adresse : choisissez-en une ici."
            return self._choose(request, garde, told, status=404)
        return self._merge(request, Absorption(garde, absorbe))

    def _find(self, request, key):
        if not (key.isdecimal() and key.isascii() and len(key) < 10):
            return None
        return self.ecran.get_queryset(request).filter(pk=key).first()

    def _choose(self, request, garde, told="", status=200):
        """Those that look like it, and those that a search finds."""
        rows = self.ecran.get_queryset(request).exclude(pk=garde.pk)
        said = {field.name: getattr(garde, field.attname) for field in self.opts.concrete_fields}
        alike = semblables(self.ecran.form.ressemblants, rows, said)
        asked = request.GET.get("q", "").strip()
        found = []
        if asked:
            free = rows.filter(absorbe_par__isnull=True)
            found, _ = self.ecran.get_search_results(request, free, asked[:200])
            found = found[:TROUVES]
        known = {str(row.pk): row for row in rows.filter(pk__in=[one.cle for one in alike])}
        return self._page(
            request,
            garde,
            status,
            faute=told,
            demande=asked,
            semblables=[(one, self._link(garde, known[one.cle])) for one in alike],
            trouves=[(str(row), self._link(garde, row)) for row in found],
        )

    def _link(self, garde, other):
        return self._address(*in_order(garde, other))

    def _merge(self, request, absorption):
        garde, absorbe = absorption.garde, absorption.absorbe
        if reason := self._refused(request, absorption):
            return self._page(request, garde, 403, empechement=reason, absorbe=absorbe)
        sent = request.POST if request.method == "POST" else self.ecran.tour.rendue
        form = FusionForm(sent, absorption=absorption)
        status = 200
        if request.method == "POST":
            if form.is_valid() and self._do(request, garde.pk, absorbe.pk, form):
                told = f"« {absorbe} » est fusionné dans « {garde} »."
                self.ecran.message_user(request, told, messages.SUCCESS)
                return HttpResponseRedirect(self.ecran.page_address("change", garde.pk))
            status = 409 if form.has_error("__all__", "entretemps") else 400
        context = {
            "form": form,
            "absorbe": absorbe,
            "absorbe_url": self.ecran.page_address("change", absorbe.pk),
            "inverse_url": self._address(absorbe, garde),
            "rangs": self._rows(request, absorption, form),
            "suivent": self._following(absorption),
            "completes": [d.garde for d in absorption.doubles if not d.se_contredisent],
            "etats": (garde.publication, absorbe.publication)
            if isinstance(garde, Publiable)
            else (),
            "publique": is_published(absorbe),
            **self.ecran.presence.context_of_many(request, [garde, absorbe]),
        }
        return self._page(request, garde, status, **context)

    def _refused(self, request, absorption):
        """Why the agent may not make one of the two, in French; None when they may."""
        if not self.ecran.has_change_permission(request, absorption.absorbe):
            why = self.ecran.why_refused(request, absorption.absorbe)
            return absorption.empechement() or why
        return absorption.empechement() or self._locked(request.user, absorption)

    @staticmethod
    def _locked(agent, absorption):
        """Why the rows that follow may not be changed by the agent; None when they may."""
        rows = {}
        moved = [row for _, row in absorption.lignes if remplace(row) is None]
        for row in [*moved, *(double.garde for double in absorption.doubles)]:
            rows.setdefault(type(row), []).append(row)
        for model, some in rows.items():
            noun = model._meta.verbose_name_plural
            inside = visible_keys(agent, model, {row.pk for row in some})
            if not agent.has_perm(permission(MODIFIER, model)) or len(inside) < len(some):
                return (
                    f"Des lignes qui dépendent de ces fiches ({noun}) sont hors de ce que vous "
                    "pouvez modifier : demandez la fusion à l’administration nationale."
                )
            for row in some:
                if reason := lock_on(agent, row):
                    return reason
        return None

    def _do(self, request, garde, absorbe, form):
        """Make one of the two; False when it was refused, and the form says why."""
        rows = self.ecran.get_queryset(request)
        try:
            with tracer(ACTE, rows.get(pk=garde), request.user) as trace:
                # Read again: what the page shows stays as it was, should this be refused.
                done = Absorption(rows.get(pk=garde), rows.get(pk=absorbe))
                changed = done.faire(form.cotes)
                self.verifier(done.garde, changed)
                self.ecran.check_saved(request, [done.garde])
                trace.texte = f"{done.garde} : {done.garde._change_reason}"
        except (ConflitDeVersion, ObjectDoesNotExist):
            form.add_error(None, ValidationError(CHANGES, code="entretemps"))
        except IntegrityError as error:
            form.add_error(None, self.ecran._explain(error))
        except ValidationError as error:
            form.add_error(None, error.messages)
        except Refus as refus:
            form.add_error(None, str(refus))
        else:
            return True
        return False

    # --- In words -----------------------------------------------------------------------------

    def _rows(self, request, absorption, form):
        """What the table shows: a dict for each thing that one of the two tells."""
        words = Formateur(request.user)
        told = []
        for choix in absorption.choix:
            if choix.vide:
                continue
            told.append(self._row(form, choix.nom, *self._told(words, choix.champs, choix.cotes())))
        for double in absorption.doubles:
            if double.se_contredisent:
                names, sides = self._told(words, double.champs, double.cotes())
                told.append(self._row(form, double.nom, f"{double.garde} : {names}", sides))
        return told

    @staticmethod
    def _told(words, champs, cotes):
        """The names of the fields that one of the two tells, and what each side says of them."""
        shown = [
            (field, pair)
            for field, *pair in zip(champs, *(side for _, side in cotes), strict=True)
            if any(value not in VIDES for value in pair)
        ]
        names = [str(field.verbose_name) for field, _ in shown]
        sides = [[words.value(field, pair[rank]) for field, pair in shown] for rank in (0, 1)]
        if len(shown) > 1:
            sides = [
                [f"{name} : {value}" for name, value in zip(names, side, strict=True)]
                for side in sides
            ]
        return ", ".join(names), sides

    @staticmethod
    def _row(form, name, title, sides):
        bound = form[name] if name in form.fields else None
        chosen = bound.value() if bound else ""
        values = [
            {"cote": side, "valeurs": words, "garde": chosen == side}
            for side, words in zip((GARDE, ABSORBE), sides, strict=True)
        ]
        return {"nom": name, "titre": capfirst(title), "cotes": values, "champ": bound}

    @staticmethod
    def _following(absorption):
        """« 2 financements », « 1 document »: what is filed under the kept record from then on."""
        counts = {}
        for row in [*(row for _, row in absorption.lignes), *absorption.propositions]:
            counts[type(row)] = counts.get(type(row), 0) + 1
        return [
            pluriel(count, f"{model._meta.verbose_name},{model._meta.verbose_name_plural}")
            for model, count in counts.items()
        ]

    def _page(self, request, garde, status, **context):
        nothing = dict.fromkeys(
            ("form", "absorbe", "empechement", "faute", "demande", "absorbe_url", "inverse_url"), ""
        )
        nothing |= PERSONNE
        nothing |= dict.fromkeys(
            ("etats", "semblables", "trouves", "rangs", "suivent", "completes"), ()
        )
        context = {
            **nothing,
            "publique": False,
            "title": "Fusionner avec un doublon",
            "subtitle": headline(garde),
            "garde": garde,
            "retour": self.ecran.page_address("change", garde.pk),
            "page": self.ecran.page_address(ACTE, garde.pk),
            "corrigeable": request.user.est_national,
            **context,
        }
        return self.ecran.render_page(request, "admin/actes/fusionner.html", context, status)


def in_order(one, other):
    """The two, the one to keep first: what is published, else the first of the two."""
    return (other, one) if is_published(other) and not is_published(one) else (one, other)


def is_published(record):
    """Whether a record has a publication of its own, and is public."""
    return getattr(record, "publication", "") == Publication.PUBLIE
