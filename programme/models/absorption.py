"""Two records that are the same thing become one: what that would do, in memory, then doing it.

One is kept (`garde`) and takes over what is filed under the other (`absorbe`), which stays,
withdrawn, and leads to it. Nothing is deleted: the act is corrected as any other.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import Truncator

from programme.models.base import Absorbable, Publiable, Publication
from programme.models.cycles import LONGUEUR_RAISON
from programme.models.propositions import Proposition
from territoires import lots
from territoires.models.modification import noter_reference

GARDE, ABSORBE = "garde", "absorbe"
VIDES = (None, "")
SANS_EFFET = {"publication", "absorbe_par", "version"}


@dataclass(frozen=True)
class Choix:
    """Fields of which one side is kept, that of `garde` or that of `absorbe`: both as raw values.

    nom: what designates it in a form.
    """

    champs: tuple[Any, ...]
    garde: tuple
    absorbe: tuple

    @property
    def nom(self):
        return self.champs[0].name

    @property
    def titre(self):
        return ", ".join(str(field.verbose_name) for field in self.champs)

    @property
    def differe(self):
        return self.garde != self.absorbe

    @property
    def vide(self):
        return not any(value not in VIDES for value in (*self.garde, *self.absorbe))

    @property
    def defaut(self):
        """The side that tells more; that of `garde` where both tell as much."""
        told = [sum(value not in VIDES for value in side) for side in (self.garde, self.absorbe)]
        return ABSORBE if told[1] > told[0] else GARDE

    def cotes(self):
        """`((side, values), …)`, that of `garde` first."""
        return ((GARDE, self.garde), (ABSORBE, self.absorbe))


@dataclass(frozen=True)
class Double:
    """A row that both have, and that one record may have once: the two become one, of `garde`.

    Each completes the other; where both tell something else, `se_contredisent`, one is chosen.
    """

    garde: Any
    absorbe: Any
    champs: tuple[Any, ...]

    @property
    def nom(self):
        return f"{self.garde._meta.model_name}_{self.garde.pk}"

    @property
    def se_contredisent(self):
        return any(
            _value(self.garde, f) not in VIDES and _value(self.absorbe, f) not in VIDES
            for f in self.champs
        )

    def cotes(self):
        """As those of a `Choix`."""
        sides = ((GARDE, self.garde), (ABSORBE, self.absorbe))
        return [(side, tuple(_value(row, f) for f in self.champs)) for side, row in sides]

    def prendre(self, cote):
        """Give the row of `garde` what both tell, that of `cote` first; returns whether it did."""
        first, second = self.garde, self.absorbe
        if cote == ABSORBE:
            first, second = second, first
        changed = False
        for field in self.champs:
            value = _value(first, field)
            value = _value(second, field) if value in VIDES else value
            changed = changed or value != _value(self.garde, field)
            setattr(self.garde, field.attname, value)
        return changed


class Absorption:
    """What it would be to keep `garde` for `absorbe`, two records of one `Absorbable` model."""

    def __init__(self, garde, absorbe):
        self.garde, self.absorbe = garde, absorbe
        self.model = type(garde)

    # --- What is chosen -----------------------------------------------------------------------

    @cached_property
    def choix(self):
        """The `Choix` of every field that a person tells, in the order of the model."""
        together = {names[0]: names for names in self.model.VONT_ENSEMBLE}
        after = {name for names in self.model.VONT_ENSEMBLE for name in names[1:]}
        found = []
        for field in self._champs():
            if field.name in after:
                continue
            names = together.get(field.name, (field.name,))
            fields = tuple(self.model._meta.get_field(name) for name in names)
            sides = [
                tuple(self._raw(row, field) for field in fields)
                for row in (self.garde, self.absorbe)
            ]
            found.append(Choix(fields, *sides))
        return found

    def _champs(self):
        for field in self.model._meta.concrete_fields:
            own = field.primary_key or field.unique or field.name in SANS_EFFET
            if field.editable and not own:
                yield field

    def _raw(self, row, field):
        value = _value(row, field)
        # What names one of the two as another of its kind would name itself.
        own = field.is_relation and field.related_model is self.model
        return None if own and value in (self.garde.pk, self.absorbe.pk) else value

    # --- What follows -------------------------------------------------------------------------

    @cached_property
    def lignes(self):
        """`[(name of the relation, row)]` of what is filed under `absorbe` and goes to `garde`."""
        taken = {(type(double.absorbe), double.absorbe.pk) for double in self.doubles}
        return [pair for pair in self._filed() if (type(pair[1]), pair[1].pk) not in taken]

    @cached_property
    def doubles(self):
        """The `Double`s: what both have, and that one record may have once."""
        found = []
        for name, row in self._filed():
            if (twin := self._jumelle(name, row)) is not None:
                fields = tuple(
                    f
                    for f in row._meta.concrete_fields
                    if f.editable
                    and not f.primary_key
                    and f.name not in (name, "version")
                    and _value(row, f) != _value(twin, f)
                )
                found.append(Double(twin, row, fields))
        return found

    @cached_property
    def propositions(self):
        """What was proposed on `absorbe`, or reported."""
        return list(Proposition.objects.about(self.absorbe).order_by("pk"))

    def _filed(self):
        for relation in self.model._meta.related_objects:
            related, name = relation.related_model, relation.field.name
            if not hasattr(related, "history"):
                continue
            rows = related._base_manager.filter(**{name: self.absorbe})
            if related is self.model:
                rows = rows.exclude(pk=self.garde.pk)
            for row in rows.order_by("pk"):
                yield name, row

    def _jumelle(self, name, row):
        """The row of `garde` beside which `row` may not be; None when there is none."""
        model = type(row)
        for constraint in model._meta.constraints:
            names = getattr(constraint, "fields", ())
            if name not in names:
                continue
            rows = model._base_manager.all()
            if constraint.condition is not None:
                rows = rows.filter(constraint.condition)
                if not rows.filter(pk=row.pk).exists():
                    continue
            same = {
                other: getattr(row, model._meta.get_field(other).attname)
                for other in names
                if other != name
            }
            if twin := rows.filter(**{name: self.garde}, **same).first():
                return twin
        return None

    @property
    def ensemble(self):
        """Every row that the act would write."""
        rows = [row for _, row in self.lignes]
        for double in self.doubles:
            rows += [double.garde, double.absorbe]
        return [self.garde, self.absorbe, *rows]

    # --- Doing it -----------------------------------------------------------------------------

    def empechement(self):
        """Why the two may not become one, whoever asks, in French; None when they may."""
        garde, absorbe = self.garde, self.absorbe
        if garde.pk == absorbe.pk:
            return "C’est la même fiche : choisissez-en une autre."
        for row in (garde, absorbe):
            if row.absorbe_par_id is not None:
                return f"« {row} » est déjà fusionné dans une autre fiche."
        if not isinstance(garde, Publiable):
            return None
        if absorbe.publication == Publication.PUBLIE and garde.publication != Publication.PUBLIE:
            return (
                f"« {absorbe} » est publié et « {garde} » ne l’est pas : son adresse publique "
                "mènerait à une fiche que personne ne voit. Gardez plutôt la fiche publiée, ou "
                "publiez d’abord l’autre."
            )
        return None

    def faire(self, cotes):
        """Keep one for both, within the act that the caller traces.

        cotes: {name of a `Choix` or of a `Double`: `GARDE` or `ABSORBE`}, by default as they say.
        Returns the names of the fields of `garde` that changed. Raises a `ValidationError` that
        says what is wrong with what was chosen, `ConflitDeVersion` when one changed since.
        """
        if raison := self.empechement():
            raise ValidationError(raison)
        # Both at once and in one order: whoever keeps the other one comes before, or is refused.
        lots.verrouiller(self.model, [self.garde, self.absorbe])
        self._move()
        for double in self.doubles:
            if double.prendre(cotes.get(double.nom, GARDE)):
                self._save(double.garde, f"complété d’après « {self.absorbe} »")
        self.absorbe.absorbe_par = self.garde
        if isinstance(self.absorbe, Publiable):
            self.absorbe.publication = Publication.RETIRE
        self._save(self.absorbe, f"fusionné dans « {self.garde} »", check=False)
        changed = self._keep(cotes)
        self._move_propositions()
        return changed

    def _move(self):
        for name, row in self.lignes:
            setattr(row, name, self.garde)
            for own in getattr(row, "DU_PARENT", ()):
                setattr(row, own, None)
            merged = isinstance(row, Absorbable) and row.absorbe_par_id is not None
            self._save(row, f"repris de « {self.absorbe} »", check=not merged)

    def _keep(self, cotes):
        changed = set()
        for choix in self.choix:
            chosen = dict(choix.cotes())[cotes.get(choix.nom, choix.defaut)]
            for field, value in zip(choix.champs, chosen, strict=True):
                if value != _value(self.garde, field):
                    setattr(self.garde, field.attname, value)
                    changed.add(field.name)
        self._save(self.garde, f"fusionné avec « {self.absorbe} », qu’il remplace")
        return changed

    def _save(self, row, raison, *, check=True):
        row._change_reason = Truncator(raison).chars(LONGUEUR_RAISON)
        if check:
            try:
                row.full_clean()
            except ValidationError as error:
                if row is self.garde:
                    raise
                raise ValidationError(f"« {row} » : {' '.join(error.messages)}") from error
        row.save()

    def _move_propositions(self):
        """They are answered on what is kept, as it is now: their authors saw the other."""
        for row in self.propositions:
            before = {"cle": row.cle, "version_vue": row.version_vue}
            after = {"cle": str(self.garde.pk), "version_vue": self.garde.version}
            Proposition.objects.filter(pk=row.pk).update(**after)
            changes = {name: [before[name], after[name]] for name in after}
            noter_reference(row, changes)


def _value(row, field):
    return getattr(row, field.attname)
