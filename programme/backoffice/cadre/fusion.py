"""What the history says of the changes since the version of a record that somebody saw."""

from dataclasses import dataclass
from itertools import pairwise

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.functional import cached_property
from django.utils.text import get_text_list

from programme.backoffice.cadre.historique import who_and_when
from territoires.occultes import RAISON, remettrait

SANS_BASE = "version inconnue"


def plain(text):
    """`text` with the line ends of Python: a browser sends others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def differs(field, initial, data):
    """Whether what a form sends changes `initial`; line ends and outer spaces are no change."""
    if isinstance(initial, str) and isinstance(data, str):
        initial, data = plain(initial), plain(data)
        if getattr(field, "strip", False):
            initial = initial.strip()
    return field.has_changed(initial, data)


def value_in(record, field):
    """A field's value, comparable: of a row or of a historical record.

    The key of a foreign key, the set of keys of a many-to-many.
    """
    if field.many_to_many:
        rows = getattr(record, field.name)
        if not hasattr(record, "history_id"):
            return frozenset(rows.values_list("pk", flat=True))
        target = f"{field.m2m_reverse_field_name()}_id"
        return frozenset(rows.values_list(target, flat=True))
    value = getattr(record, field.attname)
    if isinstance(field, models.FileField):
        return str(value or "")
    return plain(value) if isinstance(value, str) else value


def name_of(record):
    """The name of what a historical record describes, though what it refers to may be gone."""
    try:
        return str(record.instance)
    except ObjectDoesNotExist:
        return f"n° {getattr(record, record.instance_type._meta.pk.attname)}"


def tracked_fields(model):
    """The fields whose changes the history tells, `version` left out."""
    fields = [f for f in model.history.model.tracked_fields if f.editable and f.name != "id"]
    kept = {field.name for field in model.history.model._history_m2m_fields}
    return [*fields, *(field for field in model._meta.many_to_many if field.name in kept)]


class Depuis:
    """What was done to `instance` since the version `seen`; a query or two, when first asked."""

    def __init__(self, instance, seen):
        self.instance, self.seen = instance, seen

    @cached_property
    def _history(self):
        model = type(self.instance)
        rows = model.history.filter(**{model._meta.pk.attname: self.instance.pk})
        return rows.select_related("history_user")

    @cached_property
    def base(self):
        """The historical record of what was seen; None when the history has it no more."""
        if self.seen is None:
            return None
        return self._history.filter(version=self.seen).first()

    @cached_property
    def records(self):
        """Newest first."""
        return [] if self.base is None else list(self._history.filter(version__gt=self.seen))

    def who(self, field):
        """« Camille Martin (le 3 mai 2022 à 14:05) », who gave `field` its present value."""
        for new, old in pairwise([*self.records, self.base]):
            if value_in(new, field) != value_in(old, field):
                return who_and_when([new])
        return who_and_when([])

    @cached_property
    def occultation(self):
        """The record that masked a personal datum of the row since; None when nobody did."""
        masked = (one for one in self.records if one.history_change_reason == RAISON)
        return next(masked, None)

    def remettrait(self, field, typed):
        """Whether what is typed in `field` may put back what was masked since."""
        if self.occultation is None:
            return False
        told = (value_in(record, field) for record in (self.base, self.instance))
        return any(remettrait(value, typed) for value in told)

    @cached_property
    def reason(self):
        """What the history keeps of a save merged with these changes: 100 characters at most."""
        authors = {str(record.history_user or "une commande"): None for record in self.records}
        said = get_text_list(list(authors), "et") or "quelqu’un"
        return f"fusionné avec la modification de {said}"[:100]

    @cached_property
    def changes(self):
        """The fields of the model that others changed."""
        return [
            field
            for field in tracked_fields(type(self.instance))
            if self.base is not None
            and value_in(self.base, field) != value_in(self.instance, field)
        ]


@dataclass(frozen=True)
class Reprise:
    """A change of others that goes with what the author typed."""

    champ: str
    avant: str
    apres: str
    qui: str
    ligne: str = ""
    affiche: bool = False
    """Whether the form shows the field without letting it change: an act changed it."""

    def __str__(self):
        place = f"{self.ligne}, " if self.ligne else ""
        if self.affiche:
            place = f"Changé entre-temps : {place}"
        return f"{place}{self.champ} : {self.avant} → {self.apres}, par {self.qui}."


@dataclass
class Conflit:
    """A field that its author and others changed: three values, in words.

    `adresse` is the field's name in the form, `cle` names the version seen and what was typed, so
    that a choice is applied to what it was made on. `fixe` says why there is no choice.
    """

    nom: str
    champ: str
    ligne: str
    ouvert: str
    leur: str
    mien: str
    qui: str
    adresse: str
    cle: str
    choix: str = "mienne"
    fixe: str = ""
    tranche: bool = False
