"""What happened alike on one day, counted: rows `(jour, genre, acte, combien)`, the latest first.

On one day, by kind, the acts that end the life of a record before those that begin it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Case, Count, Q, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from programme.catalogue.journal.regle import ECRITS, genres, public_acts
from territoires.historiques import chargements
from territoires.models.modification import Modification, Porte

LOT = 2_000
"""How many records of a kind are read first; each time that more are wanted, …"""
CROISSANCE = 2
"""… so many times more."""
PLAFOND = 2_000
"""What happened alike on one day is not counted beyond: « plus de 2 000 »."""


def midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))


def jours(debut, fin):
    """The `Q` of the historical records from a day, included, to another, excluded.

    `date.min` and `date.max` bound nothing.
    """
    condition = Q()
    if debut > date.min:
        condition &= Q(history_date__gte=midnight(debut))
    if fin < date.max:
        condition &= Q(history_date__lt=midnight(fin))
    return condition


def groups(conditions, *, sauf=()):
    """Those of `{code: Q}`, all of them, whatever they count. One query.

    `sauf`: acts that are left out.
    """
    parts = [
        _grouped(code, acte, records.filter(condition))
        for code, condition in conditions.items()
        for acte, records in public_acts(genres()[code]).items()
        if acte not in sauf
    ]
    return _union(parts).order_by("-le_jour", "quoi", "-acte") if parts else []


def recents(conditions):
    """The same one after the other, up to `PLAFOND` each: what nobody asks for is not read.

    Each kind is read from its latest record back, cut at midnight: no day is split. The rows of a
    day are counted, and given, once every kind is read back to it.
    """
    lots = [Lot(code, condition) for code, condition in conditions.items()]
    known = []
    while (unread := _unread(lots)) > date.min:
        # The kinds that are read the least far back hold the others.
        _read([lot for lot in lots if lot.avant == unread])
        unread = _unread(lots)
        ready = [lot for lot in lots if date.min < lot.dernier >= unread]
        large = [lot for lot in ready if lot.large]
        known += _counted([lot for lot in ready if not lot.large])
        if large:  # what came later may be all that is asked for
            later = max(lot.dernier for lot in large) + timedelta(days=1)
            yield from _taken(known, max(later, unread))
            known += _counted(large)
        yield from _taken(known, unread)


def derniers_jours(conditions):
    """`{code: day of its latest row}` of those of `{code: Q}` that have any."""
    lots, found = [Lot(code, condition) for code, condition in conditions.items()], {}
    while lots:
        _read(lots)
        for day, code, *_ in _counted(lots):
            found[code] = max(day, found.get(code, day))
        lots = [lot for lot in lots if lot.code not in found and lot.avant > date.min]
    return found


# --- Read some at a time ----------------------------------------------------------------------


@dataclass
class Lot:
    """The records of a kind that were read last, and are to be counted."""

    code: str
    condition: Q
    avant: date = date.max
    """Those of the days before are to be read; `date.min`: there are none."""
    taille: int = field(default_factory=lambda: LOT)
    """How many are read next, at most."""
    fin: date = date.max
    """Those read are of the days before this one, from `avant` on, …"""
    dernier: date = date.min
    """… the last of which has some; `date.min` once they are counted."""
    ecrits: set = field(default_factory=set)
    """What they can be, as in `ECRITS`."""
    large: bool = False
    """Whether they are of one day, and more than were to be read, …"""
    charges: list = field(default_factory=list)
    """… and then the keys of the loads."""

    @property
    def genre(self):
        return genres()[self.code]

    @property
    def records(self):
        return self.genre.model.history.filter(self.condition, jours(self.avant, self.fin))

    def move(self, day):
        """To the next ones, after the day which has some that are too many; None: to all others."""
        self.fin = self.avant
        self.avant = day + timedelta(days=1) if day else date.min
        self.ecrits, self.large = set(), False
        self.taille *= CROISSANCE

    def stop(self, day):
        """On that day, since none came later: they are all of it."""
        self.avant = self.dernier = day
        self.large = True


def _unread(lots):
    """The day before which something is not read yet."""
    return max((lot.avant for lot in lots), default=date.min)


def _taken(known, depuis):
    """The rows from a day on, in order, taken out of `known`."""
    taken = [row for row in known if row[0] >= depuis]
    known[:] = [row for row in known if row[0] < depuis]
    taken.sort(key=lambda row: row[2], reverse=True)
    return sorted(taken, key=lambda row: (-row[0].toordinal(), row[1]))


def _read(lots):
    """Move some kinds to their next records, and find what those can be. Four queries at most."""
    more = {code: timezone.localdate(when) for code, when in _all(_beyond(lot) for lot in lots)}
    for lot in lots:
        lot.move(more.get(lot.code))
    by_code = {lot.code: lot for lot in lots}
    for code, day, *written in _all(_written(lot) for lot in lots):
        by_code[code].dernier = max(day, by_code[code].dernier)
        by_code[code].ecrits.add(tuple(written))
    if not (large := [lot for lot in lots if lot.code in more and not lot.ecrits]):
        return
    loads = Modification.objects.filter(porte=Porte.CHARGEMENT).order_by()
    keys = list(loads.values_list("pk", flat=True))
    for lot in large:
        lot.stop(more[lot.code])
        lot.charges = keys
    types = sorted(set(ECRITS.values()))
    for code, *written in _all(_one(lot, *kind) for lot in large for kind in types):
        by_code[code].ecrits.add(tuple(written))


def _beyond(lot):
    """`(code, moment)` of the first record that a `Lot` of its size has no room for, if any."""
    records = lot.genre.model.history.filter(lot.condition, jours(date.min, lot.avant))
    first = records.order_by("-history_date")[lot.taille : lot.taille + 1]
    return _among(lot.genre, first).values_list(Value(lot.code), "history_date")


def _written(lot):
    """`(code, day, type, whether a load wrote them)` of the records of a `Lot`."""
    load = Case(When(chargements(), then=True), default=False)
    rows = lot.records.order_by().annotate(le_jour=TruncDate("history_date"), charge=load)
    return rows.values_list(Value(lot.code), "le_jour", "history_type", "charge").distinct()


def _one(lot, kind, load):
    """`(code, type, load)`, if a `Lot` has a record of that type, that a load wrote or not."""
    records = lot.records.filter(history_type=kind)
    found = _among(lot.genre, _by_load(records, load, lot.charges).order_by()[:1])
    return found.values_list(Value(lot.code), "history_type", Value(load))


def _by_load(records, load, keys):
    """Those that a load wrote, or the others.

    The keys of the loads are given, so that the database knows how few records each wrote.
    """
    return records.filter(modification__in=keys) if load else records.exclude(modification__in=keys)


def _among(genre, records):
    """The same records, of a slice that a union could not hold on SQLite."""
    return genre.model.history.filter(history_id__in=records.values("history_id")).order_by()


# --- Counted ----------------------------------------------------------------------------------


def _counted(lots):
    """The rows of some `Lot`s. An act that no record of theirs can be is not asked for."""
    parts, large = [], []
    for lot in lots:
        for acte, records in public_acts(lot.genre).items():
            if ECRITS[acte] not in lot.ecrits:
                continue
            told = records.filter(lot.condition, jours(lot.avant, lot.fin))
            if lot.large:
                told = _by_load(told, ECRITS[acte][1], lot.charges)
            (large if lot.large else parts).append((lot.code, acte, told))
        lot.dernier = date.min
    found = _all(_grouped(*part) for part in parts) + _first(large)
    return [(*row, min(count, PLAFOND + 1)) for *row, count in found]


def _first(parts):
    """The rows of days that hold many records: no more of them are read than are told."""
    first = [
        (code, acte, _among(genres()[code], records.order_by()[: PLAFOND + 1]))
        for code, acte, records in parts
    ]
    told, again = [], set()
    for *row, read in _all(_grouped(*part, lues=Count("*")) for part in first):
        if row[3] <= PLAFOND < read:  # records that changed many times hide others
            again.add((row[1], row[2]))
        else:
            told.append(row)
    return told + _all(_grouped(*part) for part in parts if part[:2] in again)


def _grouped(code, acte, records, **others):
    days = records.order_by().annotate(
        le_jour=TruncDate("history_date"), quoi=Value(code), acte=Value(acte)
    )
    pk = genres()[code].model._meta.pk.attname
    rows = days.values_list("le_jour", "quoi", "acte")
    return rows.annotate(combien=Count(pk, distinct=True), **others)


def _all(querysets):
    parts = list(querysets)
    return list(_union(parts)) if parts else []


def _union(parts):
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
