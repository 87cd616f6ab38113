"""« Cet acte n’a pas eu lieu » : a mistaken act is corrected, which is not to decide its contrary.

Every row that the act wrote is given back what it was, and what the act made goes. The histories
keep the mistake and its correction, with who, when and why; whoever tells the past in public reads
it `sans_erreurs`. Nothing is corrected under what came later: the later act is named instead.
"""

from copy import copy
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import groupby
from math import inf
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, router, transaction
from django.db.models import CASCADE, ProtectedError, Q, Subquery
from django.db.models.deletion import Collector
from django.utils.text import Truncator

from territoires import lots
from territoires.carte import code_membre
from territoires.dates import date_in_words, moment_in_words
from territoires.historiques import merged, previous_of, suivis
from territoires.models import (
    AutreNom,
    ConflitDeVersion,
    Modification,
    Rattachement,
    Territoire,
)
from territoires.models.modification import corriger
from territoires.signaux import carte_changee
from territoires.situation import situer

LONGUEUR_RAISON = 100
LOT = 500
ESSAIS = 3
EN_LOT = {Territoire, Rattachement, AutreNom}
"""Written many at a time: what depends on them is told once, by `carte_changee`."""
SANS_TRACE = (
    "Cet acte a été enregistré sans la trace de ce qu’il a écrit : il se défait par l’acte "
    "contraire, daté d’un jour plus tard."
)
ENTRE_TEMPS = "Un des enregistrements a changé entre-temps : rouvrez la page, puis recommencez."


@cache
def deciders():
    """{model: attribute}: whose rows decide an act, and where they name it."""
    relations = (r for r in Modification._meta.related_objects if r.one_to_one)
    return {
        r.related_model: r.field.attname for r in relations if r.related_model is not Modification
    }


@dataclass
class Ligne:
    """One row that an act wrote: the record before it, and the last that the act left.

    `avant` is None for a row that the act made. `rang` orders what is undone. `champs`: the fields
    that the act wrote.
    """

    model: Any
    cle: Any
    avant: Any
    apres: Any
    rang: int
    live: Any = None
    champs: list = field(default_factory=list)

    @property
    def est_nouvelle(self):
        return self.avant is None


@dataclass
class Defaits:
    """What corrections that are only read, and not done, would leave.

    actes: the keys of the acts that they correct. rows: {(model, key): values given back, by the
    attribute of their field; None for a row that goes}.
    """

    actes: set = field(default_factory=set)
    rows: dict = field(default_factory=dict)

    def ajouter(self, correction):
        self.actes.add(correction.acte.pk)
        for line in correction.lignes:
            if line.est_nouvelle:
                self.rows[line.model, line.cle] = None
            elif line.champs:
                self._donner(line.model, line.cle, {n: getattr(line.avant, n) for n in line.champs})
        for label, text, *changes in reversed(correction.acte.references):
            model = apps.get_model(label)
            key = model._meta.pk.to_python(text)
            if not changes:
                self.rows[model, key] = None
            else:
                self._donner(model, key, {name: pair[0] for name, pair in changes[0].items()})

    def _donner(self, model, key, values):
        self.rows[model, key] = {**(self.rows.get((model, key)) or {}), **values}

    def de(self, model):
        """{key: values, or None} of the rows of a model."""
        return {key: values for (m, key), values in self.rows.items() if m is model}

    def vue(self, row):
        """A row of the base as it would be; None when it would be gone."""
        values = self.rows.get((type(row), row.pk), {})
        if not values:
            return row if values is not None else None
        seen = copy(row)
        for name, value in values.items():
            setattr(seen, name, value)
        return seen


class Correction:
    """What correcting an act would do.

    `lignes`: what it wrote by itself. Its `parties`, acts that were done within it, the latest
    first, are corrected before it, all of them or none.
    """

    def __init__(self, acte):
        self.acte = acte
        parts = acte.parties.filter(correction__isnull=True).order_by("-pk")
        self.parties = [Correction(part) for part in parts]
        self.lignes = self._read()
        self.defaits = Defaits()

    @property
    def toutes(self):
        """The `Ligne`s of the whole act, those of its parts first."""
        return [line for part in self.parties for line in part.toutes] + self.lignes

    # --- Reading ------------------------------------------------------------------------------

    def _read(self):
        written, lines = {}, []
        rows = merged([model.history.filter(modification=self.acte) for model in suivis()])
        for rank, (_, index, history_id) in enumerate(reversed(list(rows))):
            written.setdefault(suivis()[index], {})[history_id] = rank
        for model, ranks in written.items():
            lines += self._lines_of(model, ranks)
        return sorted(lines, key=lambda line: -line.rang)

    def _lines_of(self, model, rank_of):
        pk = model._meta.pk.attname
        before = Subquery(previous_of(model).values("history_id")[:1])
        lines, previous = {}, {}
        for record in _by_lots(model.history.annotate(avant_id=before), "history_id", rank_of):
            key, rank = getattr(record, pk), rank_of[record.history_id]
            line = lines.get(key)
            if line is None:
                line = lines[key] = Ligne(model, key, None, record, rank)
                previous[key] = record
            if rank < rank_of[previous[key].history_id]:
                previous[key] = record
            if rank > rank_of[line.apres.history_id]:
                line.apres = record
        for key, line in lines.items():
            first = previous[key]
            line.avant = None if first.history_type == "+" else first.avant_id
            line.rang = rank_of[(first if first.history_type == "+" else line.apres).history_id]
        changed = [line.avant for line in lines.values() if line.avant is not None]
        states = {r.history_id: r for r in _by_lots(model.history.all(), "history_id", changed)}
        live = {row.pk: row for row in _by_lots(model._base_manager.all(), "pk", lines)}
        for key, line in lines.items():
            line.live = live.get(key)
            if line.avant is not None:
                line.avant = states[line.avant]
                line.champs = [
                    name
                    for name in (f.attname for f in model.history.model.tracked_fields)
                    if name != "version" and getattr(line.avant, name) != getattr(line.apres, name)
                ]
            if getattr(line.live or line.apres, deciders().get(model, ""), None) == self.acte.pk:
                # What decided the act goes with it, before all the rest.
                line.avant, line.champs, line.rang = None, [], inf
        return list(lines.values())

    # --- May it be done? ----------------------------------------------------------------------

    def empechement(self, defaits=None):
        """Why the act may not be corrected now, in French; None when it may.

        Nothing is written. Of an act made of others, what the later part gives back frees the one
        before: it is told in `defaits`, to which the act adds what it would give back itself.
        """
        self.defaits = Defaits() if defaits is None else defaits
        if done := self.acte.corrigee:
            day = moment_in_words(done.instant)
            who = f", par {done.auteur}" if done.auteur else ""
            return f"Cet acte est déjà corrigé, depuis le {day}{who}."
        for part in self.parties:
            if raison := part.empechement(self.defaits):
                return _of_part(part, raison)
        if not self.lignes:
            return SANS_TRACE
        for line in self.lignes:
            line.live = line.live and self.defaits.vue(line.live)
        if raison := self._depends() or self._overlaps():
            return raison
        self.defaits.ajouter(self)
        return None

    def _depends(self):
        """What came later and stands on what the act wrote."""
        for line in self.lignes:
            if line.live is None and not line.est_nouvelle:
                return f"« {_name(line.avant)} » a été supprimé depuis : rétablissez-le d’abord."
        made = [line for line in self.lignes if line.est_nouvelle and line.live is not None]
        upset = [line for line in self.lignes if not line.est_nouvelle and _changed(line)]
        if later := self._later([*made, *upset]):
            return _first(later)
        for line in upset:
            return _edited(line)
        return self._dependents(made)

    def _later(self, lines):
        """The latest act after this one that wrote a row of `lines`."""
        keys = {}
        for line in lines:
            keys.setdefault(line.model, []).append(line.cle)
        acts = Modification.objects.actes().filter(pk__gt=self.acte.pk, correction__isnull=True)
        acts = acts.exclude(pk__in=self.defaits.actes)
        found = None
        for model, some in keys.items():
            later = model.history.filter(modification__in=acts.order_by().values("pk"))
            for start in range(0, len(some), LOT):
                rows = later.filter(**{f"{model._meta.pk.attname}__in": some[start : start + LOT]})
                last = rows.select_related("modification").order_by("-modification").first()
                if last and (found is None or last.modification_id > found.pk):
                    found = last.modification
        return found

    def _dependents(self, made):
        """A row that names one that the act made, and was not made by it."""
        ours = {(line.model, line.cle) for line in self.lignes}
        keys = {}
        for line in made:
            keys.setdefault(line.model, []).append(line.cle)
        for label, key, *changes in self.acte.references:
            model = apps.get_model(label)
            ours.add((model, model._meta.pk.to_python(key)))
            if not changes:
                keys.setdefault(model, []).append(model._meta.pk.to_python(key))
        for model, some in keys.items():
            for relation in model._meta.related_objects:
                related, name = relation.related_model, relation.field.name
                derived = relation.on_delete is CASCADE and not hasattr(related, "history")
                if relation.many_to_many or derived or hasattr(related, "history_object"):
                    continue
                rows = related._base_manager.filter(self._naming(relation.field, some))
                known = [cle for m, cle in ours if m is related]
                if row := rows.exclude(pk__in=known).first():
                    noun = related._meta.verbose_name
                    target = getattr(row, name)
                    return (
                        f"« {target} », que cet acte a fait, est nommé par un autre "
                        f"enregistrement ({noun} « {row} ») : corrigez ou supprimez d’abord "
                        "celui-ci."
                    )
        return None

    def _naming(self, fk, keys):
        """The rows that name one of `keys` by a relation, once the corrections are done."""
        given = self.defaits.de(fk.model)
        otherwise = {key for key, values in given.items() if values is None or fk.attname in values}
        again = [key for key, values in given.items() if values and values.get(fk.attname) in keys]
        return Q(**{f"{fk.name}__in": keys}) & ~Q(pk__in=otherwise) | Q(pk__in=again)

    def _overlaps(self):
        """A member that would be back in one territory while it is in another since."""
        back = [line for line in self.lignes if line.model is Rattachement and line.champs]
        if not back:
            return None
        gone = {line.cle for line in self.lignes if line.est_nouvelle}
        codes = {code_membre(line.live) for line in back}
        others = {}
        rows = Rattachement.objects.select_related("territoire", "intercommunalite", "commune")
        for row in rows.filter(Q(intercommunalite__in=codes) | Q(commune__in=codes)):
            seen = self.defaits.vue(row)
            if seen is not None and seen.pk not in gone:
                others.setdefault(code_membre(seen), []).append(seen)
        for line in back:
            restored = (line.avant.debut, line.avant.fin)
            for row in others.get(code_membre(line.live), ()):
                same = row.phase_id == line.live.phase_id and row.pk != line.cle
                if same and _overlap(restored, (row.debut, row.fin)):
                    found = Ligne(Rattachement, row.pk, None, row, 0, live=row)
                    if later := self._later([found]):
                        return _first(later)
                    return (
                        f"« {row.membre} » est depuis membre de « {row.territoire} » : changez "
                        "d’abord ce rattachement."
                    )
        return None

    # --- Doing it -----------------------------------------------------------------------------

    def faire(self, agent, motif):
        """Give back what was, all of it or nothing; raise `ValidationError` when it may not be.

        Whoever wrote meanwhile comes first: what they did is read, then named or left alone.
        """
        if self.parties:
            with transaction.atomic():
                self._faire_parties(agent, motif)
                return Correction(self.acte).faire(agent, motif)
        for _ in range(ESSAIS):
            if raison := self.empechement():
                raise ValidationError(raison)
            try:
                return self._do(agent, motif)
            except (ProtectedError, IntegrityError, ConflitDeVersion):
                # Who says second that an act was a mistake waits, then is refused.
                self.acte = Modification.objects.get(pk=self.acte.pk)
                self.lignes = self._read()
        raise ValidationError(ENTRE_TEMPS)

    def _faire_parties(self, agent, motif):
        for part in self.parties:
            try:
                # Read once what came after it is undone.
                Correction(part.acte).faire(agent, motif)
            except ValidationError as error:
                raise ValidationError(_of_part(part, " ".join(error.messages))) from error

    def _do(self, agent, motif):
        self._reason = Truncator(f"acte corrigé : {motif}").chars(LONGUEUR_RAISON)
        with transaction.atomic(), corriger(self.acte, agent, motif):
            self._lock()
            for (model, new), lines in groupby(
                self.lignes, key=lambda line: (line.model, line.est_nouvelle)
            ):
                if new:
                    self._delete(model, [line.live for line in lines if line.live is not None])
                else:
                    self._restore(model, [line for line in lines if line.champs])
            self._forget_references()
            if codes := self._territoires():
                situer(codes)
                carte_changee.send(sender=type(self), codes=sorted(codes))

    def _lock(self):
        """All the rows at once and in one order, so that two corrections never wait for each other.

        Raises `ConflitDeVersion` when one was changed since it was read.
        """
        rows = {}
        for line in self.lignes:
            if line.live is not None:
                rows.setdefault(line.model, []).append(line.live)
        for model in sorted(rows, key=lambda model: model._meta.label):
            lots.verrouiller(model, rows[model])

    def _forget_references(self):
        """Take away the rows without history that the act made, the last first; undo the others."""
        for label, key, *changes in reversed(self.acte.references):
            rows = apps.get_model(label)._base_manager.filter(pk=key)
            if not changes:
                rows.delete()
                continue
            (pairs,) = changes
            before = {name: pair[0] for name, pair in pairs.items()}
            if rows.filter(**{name: pair[1] for name, pair in pairs.items()}).update(**before):
                continue
            if (row := rows.first()) is not None:  # to what is gone, nothing is given back
                raise ConflitDeVersion(row)

    def _delete(self, model, rows):
        for row in rows:
            row._change_reason = self._reason
        if rows and model in EN_LOT:
            lots.supprimer(model, rows)
        elif rows:
            collector = Collector(using=router.db_for_write(model))
            collector.collect(rows)
            collector.delete()

    def _restore(self, model, lines):
        written = [self._give_back(line) for line in lines]
        if model in EN_LOT:
            self._restore_together(model, lines)
            return
        for line, values in zip(lines, written, strict=True):
            line.live.save()
            line.live.apres_correction(values)

    def _give_back(self, line):
        """Put back the values of before in the row, unsaved; returns those that the act wrote."""
        row = line.live
        row._change_reason = self._reason
        written = {name: getattr(row, name) for name in line.champs}
        for name in line.champs:
            setattr(row, name, getattr(line.avant, name))
        return written

    def _restore_together(self, model, lines):
        if not lines:
            return
        # Two territories may give each other back their codes: all are freed first.
        given = [line.cle for line in lines if "code_anct" in line.champs]
        if given:
            model._base_manager.filter(pk__in=given).update(code_anct="")
        names = sorted({name for line in lines for name in line.champs})
        lots.modifier(model, [line.live for line in lines], names)

    def _territoires(self):
        """The codes of the territories whose members or name changed, and that stay."""
        found = set()
        for line in self.lignes:
            if line.model is Territoire:
                found.add(line.cle)
            elif line.model is Rattachement:
                found.add(line.apres.territoire_id)
        return found


def _by_lots(queryset, name, keys):
    keys = list(keys)
    for start in range(0, len(keys), LOT):
        yield from queryset.filter(**{f"{name}__in": keys[start : start + LOT]})


def _changed(line):
    """Whether a field that the act wrote has changed again since."""
    return any(getattr(line.live, name) != getattr(line.apres, name) for name in line.champs)


def _overlap(one, other):
    last = date.max
    return one[0] < (other[1] or last) and other[0] < (one[1] or last)


def _of_part(part, raison):
    return f"« {part.acte} ». {raison}"


def _name(record):
    return str(record.instance)


def _first(later):
    when = date_in_words(later.instant)
    who = f" par {later.auteur}" if later.auteur else ""
    return (
        f"Un acte fait ensuite en dépend : « {later} » (enregistré le {when}{who}). "
        "Corrigez-le d’abord."
    )


def _edited(line):
    """The field was changed by hand after the act."""
    name = next(n for n in line.champs if getattr(line.live, n) != getattr(line.apres, n))
    label = next(f.verbose_name for f in line.model._meta.fields if f.attname == name)
    return (
        f"« {line.live} » : « {label} » a été modifié après cet acte. Rétablissez d’abord la "
        "valeur que l’acte avait donnée, depuis l’historique."
    )
