"""The part of a form that merges: what its author typed, with what others saved meanwhile.

Fields that others changed and its author did not take the others' value; a field that both changed
is a conflict, and nothing is saved before its author has chosen.
"""

import hashlib

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst

from programme.backoffice.cadre.champs import RetenuMixin
from programme.backoffice.cadre.fusion import (
    SANS_BASE,
    Conflit,
    Depuis,
    Reprise,
    differs,
    tracked_fields,
    value_in,
)
from programme.backoffice.cadre.historique import who_and_when
from programme.backoffice.cadre.widgets import Autocompletion
from territoires.fusion import INCONNU, Verdict, merge
from territoires.models import Versionne

SANS_VERSION = (
    "Le formulaire reçu ne dit pas quelle version vous aviez sous les yeux : "
    "rouvrez la page, puis enregistrez de nouveau."
)
BASE_PERDUE = (
    "L’historique n’a plus la version que vous aviez ouverte : chaque différence avec ce qui est "
    "enregistré vous est montrée, et rien n’a été enregistré."
)
HORS_CHOIX = "Cette valeur est à présent hors de vos choix : vous ne pouvez plus la changer."
IMPOSSIBLE = "Votre valeur n’est plus possible depuis ce changement."
OCCULTE = "Une donnée personnelle a été occultée dans ce champ depuis que vous l’avez ouvert."
REMEDE = (
    "Votre texte d’avant l’aurait remise : voici ce qui est enregistré. Refaites-y votre "
    "changement sans elle, puis enregistrez de nouveau."
)
AVANT = "un texte d’avant l’occultation"
FICHIER = "Le fichier enregistré est gardé. Pour le remplacer, choisissez de nouveau le vôtre."
# Characters beyond which a field's error does not repeat what the three columns show.
PHRASE = 120
LEUR, MIENNE = "leur", "mienne"


class SansLibelle(forms.HiddenInput):
    """Nobody sees it: no label is for it."""

    def id_for_label(self, id_):
        return ""


class VersionVue(forms.IntegerField):
    """The version that the author of the form saw; never a change by itself."""

    def __init__(self):
        super().__init__(required=False, widget=SansLibelle, label="version vue")

    def has_changed(self, initial, data):
        return False


class FusionMixin(RetenuMixin):
    """For a ModelForm with a field `version_vue`, a `request` and its `tour`.

    Once cleaned, `reprises` lists what was taken from others, `conflits` what both changed.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.reprises, self.conflits, self.perdus = [], [], []
        self.depuis = None
        self._put_aside = set()

    @property
    def is_versioned(self):
        """Whether the form changes a row that counts its versions."""
        return isinstance(self.instance, Versionne) and not self.instance._state.adding

    @property
    def was_stale(self):
        """Whether the row was saved since the version seen, in a way that the history can tell."""
        return self.depuis is not None and (self.depuis.base is None or bool(self.depuis.changes))

    @property
    def is_deletion(self):
        return "DELETE" in self.fields and bool(self["DELETE"].data)

    def full_clean(self):
        # Before Django validates, so that its rules are checked on the merged whole.
        if self.is_bound and self.is_versioned and self.depuis is None:
            self._merge()
        super().full_clean()

    def typed_again(self):
        """Show again what was typed where the others' value was chosen: it is not saved yet."""
        for name in self._put_aside:
            self.retenu.pop(name)

    # --- Merging ----------------------------------------------------------------------------------

    def _merge(self):
        seen, choices = self._seen(), self._choices()
        if seen == self.instance.version:
            if choices:
                self._apply(choices)
                self.__dict__.pop("changed_data", None)
            return
        self.depuis = Depuis(self.instance, seen)
        self.retenu["version_vue"] = str(self.instance.version)
        verdicts = {
            field: self._merge_field(name, field, decided=name in choices)
            for name, field in self._model_fields()
        }
        if self.is_deletion:
            # Nothing to choose in a row to delete, but all that others changed in it is told.
            self.conflits, verdicts = [], dict.fromkeys(verdicts, Verdict.REPRIS)
        for field in self.depuis.changes:
            if verdicts.get(field) not in {Verdict.CONFLIT, Verdict.ACCORD}:
                self.reprises.append(self._taken(field, affiche=field not in verdicts))
        shown = [f for f in tracked_fields(self._meta.model) if f not in verdicts]
        self.perdus = [told for field in shown if (told := self._typed_in_vain(field))]
        # Django may have asked already what changed, before the merge.
        self.__dict__.pop("changed_data", None)

    def _seen(self):
        try:
            return self.fields["version_vue"].clean(self["version_vue"].data)
        except ValidationError:
            return None

    def _model_fields(self):
        """(name, field of the model) of what the form lets change."""
        kept = {field.name: field for field in tracked_fields(self._meta.model)}
        return [(name, kept[name]) for name in self.fields if name in kept]

    def _merge_field(self, name, field, *, decided):
        bound, base = self[name], self.depuis.base
        stored = self._within(bound.field, field, self.instance)
        seen = INCONNU if base is None else self._within(bound.field, field, base)
        # A file that is sent, as a choice that was made, is never what its author merely left.
        if seen != stored and (decided or self._is_new_file(bound)):
            seen = INCONNU
        found = merge(seen, stored, bound, same=self._says).verdict
        if not self._says(stored, bound) and self.depuis.remettrait(field, bound.data):
            self._add_conflict(bound, field, seen=base.version, fixed=OCCULTE)
            return Verdict.CONFLIT
        if found is Verdict.CONFLIT:
            self._add_conflict(bound, field, seen=None if base is None else base.version)
        elif found is not Verdict.SAISI and not isinstance(field, models.FileField):
            self._put(bound)
        return found

    def _within(self, form_field, field, record):
        """The value in `record`, without what the agent is not offered: that is kept anyway."""
        value = value_in(record, field)
        if isinstance(form_field, forms.ModelMultipleChoiceField):
            offered = form_field.queryset.filter(pk__in=value)
            return frozenset(offered.values_list("pk", flat=True))
        return value

    def _is_new_file(self, bound):
        return isinstance(bound.field, forms.FileField) and bound.data is not None

    def _says(self, value, bound):
        """Whether what was sent in a field means `value`; what was not sent leaves any as it is."""
        if isinstance(bound.field, forms.FileField):
            return bound.data is None or (bound.data is False and not value)
        sent = f"{bound.html_name}_code" in self.data
        sent = sent or not bound.field.widget.value_omitted_from_data(
            self.data, self.files, bound.html_name
        )
        if not sent:
            return True
        if bound.field.disabled:
            return str(bound.data) == str("" if value is None else value)
        return not differs(bound.field, value, bound.data)

    def _put(self, bound):
        """Put in the form what it shows first: the value that is stored."""
        self.retain(bound, self.get_initial_for_field(bound.field, bound.name))

    # --- Words ------------------------------------------------------------------------------------

    @property
    def _words(self):
        return self.tour.mots(self.request.user)

    @property
    def _row(self):
        """How to name the row of an inline; nothing for the record itself."""
        return f"{self._meta.model._meta.verbose_name} « {self.instance} »" if self.prefix else ""

    def _taken(self, field, *, affiche):
        return Reprise(
            champ=str(field.verbose_name),
            avant=self._words(field, value_in(self.depuis.base, field)),
            apres=self._words(field, value_in(self.instance, field)),
            qui=self.depuis.who(field),
            ligne=self._row,
            affiche=affiche,
        )

    def _typed_in_vain(self, field):
        """The sentence on what was typed in a field that the form no longer lets change."""
        name = self.add_prefix(field.name)
        typed = self.data.get(f"{name}_code", "").strip() or self.data.get(name)
        seen = self.depuis.base or self.instance
        if typed is None or field.many_to_many or typed == str(value_in(seen, field) or ""):
            return ""
        label = capfirst(str(field.verbose_name))
        return (
            f"{label} : ce champ ne se change plus ici, votre saisie n’y est pas enregistrée "
            f"({self._named(field, typed)}). Le reste est gardé : enregistrez de nouveau."
        )

    def _named(self, field, typed):
        """What was typed, by the name of the row if it is the key of one that may be seen."""
        if not field.is_relation:
            return typed
        try:
            key = field.to_python(typed)
        except ValidationError:
            return typed
        rows = field.related_model._default_manager.visible_to(self.request.user)
        return str(rows.filter(pk=key).first() or typed)

    def _stored_words(self, bound, field, record):
        return self._words(field, self._within(bound.field, field, record))

    def _typed_words(self, bound, field):
        data = bound.data
        if isinstance(field, models.FileField):
            return data.name if data else "fichier retiré"
        try:
            value = bound.field.to_python(data)
        except ValidationError:
            return ", ".join(data) if isinstance(data, list) else str(data)
        if field.many_to_many:
            value = frozenset(row.pk for row in value)
        elif isinstance(value, models.Model):
            value = value.pk
        return self._words(field, value)

    # --- Conflicts --------------------------------------------------------------------------------

    def _key(self, seen, bound):
        """What a choice is made on: the version seen, and what was typed."""
        typed = hashlib.sha256(repr(self._raw(bound)).encode()).hexdigest()[:16]
        return f"{'' if seen is None else seen}:{typed}"

    def _raw(self, bound):
        return self.data.getlist(bound.html_name)

    def _add_conflict(self, bound, field, *, seen, choice=MIENNE, settled=False, fixed=""):
        since = Depuis(self.instance, seen)
        base = since.base
        found = Conflit(
            nom=bound.name,
            champ=str(field.verbose_name),
            ligne=self._row,
            ouvert=SANS_BASE if base is None else self._stored_words(bound, field, base),
            leur=self._stored_words(bound, field, self.instance),
            mien=AVANT if fixed else self._typed_words(bound, field),
            qui=since.who(field),
            adresse=bound.html_name,
            cle=self._key(seen, bound),
            choix=choice,
            fixe=fixed or self._why_no_choice(bound),
            tranche=settled,
        )
        if found.fixe and not isinstance(field, models.FileField):
            self._put(bound)
        self.conflits.append(found)

    def _why_no_choice(self, bound):
        field, widget = bound.field, bound.field.widget
        if isinstance(field, forms.FileField):
            return FICHIER
        if field.disabled:
            return HORS_CHOIX
        if isinstance(widget, forms.Select) and not isinstance(
            widget, Autocompletion | forms.SelectMultiple
        ):
            offered = {str(value) for value, _ in widget.choices}
            return "" if str(bound.data) in offered else IMPOSSIBLE
        return ""

    def _choices(self):
        """{name of a field: (« leur » or « mienne », version seen, what was typed)}, as posted."""
        found = {}
        for name in self.fields:
            choice, _, key = self.data.get(f"{self.add_prefix(name)}-choix", "").partition(":")
            seen, _, typed = key.partition(":")
            if choice in {LEUR, MIENNE}:
                found[name] = (choice, int(seen) if seen.isdecimal() else None, typed)
        return found

    def _apply(self, choices):
        """Take the others' value where its author chose it, on the very values they were shown."""
        for name, field in self._model_fields():
            if name not in choices:
                continue
            bound = self[name]
            choice, seen, typed = choices[name]
            as_shown = self._key(seen, bound).rpartition(":")[2] == typed
            same = self._says(self._within(bound.field, field, self.instance), bound)
            settled = choice == MIENNE or as_shown or same
            self._add_conflict(bound, field, seen=seen, choice=choice, settled=settled)
            if choice == LEUR and settled:
                self._put_aside.add(name)
                self._put(bound)

    def tell_conflicts(self):
        """Add an error for each conflict that waits for a choice."""
        waiting = [conflit for conflit in self.conflits if not conflit.tranche]
        for conflit in waiting:
            self.add_error(conflit.nom, ValidationError(self._sentence(conflit), code="conflit"))
        for told in self.perdus:
            self.add_error(None, ValidationError(told, code="conflit"))
        if self.depuis is None:
            return
        untouched = self.prefix and not self.has_changed() and not self.is_deletion
        if self.depuis.seen is None and not untouched:
            self.add_error(None, ValidationError(SANS_VERSION, code="conflit"))
        elif waiting and self.depuis.base is None:
            self.add_error(None, ValidationError(BASE_PERDUE, code="conflit"))
        elif waiting:
            told = (
                f"{who_and_when(self.depuis.records)} a modifié cet enregistrement "
                f"({self._meta.model._meta.verbose_name}) pendant que vous l’aviez ouvert, jusque "
                "dans ce que vous changiez. Rien n’a été enregistré et votre saisie est gardée : "
                "choisissez, puis enregistrez de nouveau."
            )
            self.add_error(None, ValidationError(told, code="conflit"))

    def _sentence(self, conflit):
        if conflit.fixe == OCCULTE:
            return f"{OCCULTE} {REMEDE}"
        if conflit.choix == LEUR:
            return (
                "Vous avez choisi la valeur enregistrée, puis changé ce champ : gardez l’une ou "
                "l’autre."
            )
        said = f"{conflit.ouvert} → {conflit.leur}"
        shown = said if len(said) <= PHRASE else "voyez les trois valeurs en haut du formulaire"
        return f"Changé aussi par {conflit.qui} : {shown}."
