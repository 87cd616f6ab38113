"""Records as they were at a moment, and what changed since: in bulk, from the histories.

A state is the newest historical row before the moment. Every function asks a constant number of
queries, whatever the number of records.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from programme.backoffice.bureau.liens import avec_noms
from territoires.dates import JOUR, precision_of
from territoires.historiques import chargements


def fin_du_jour(day):
    """The moment when `day` is over, here: what was saved that day comes before it."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def etat_au(model, moment):
    """The historical rows that tell each record of `model` as it was just before `moment`.

    A record that was deleted by then is left out.
    """
    key = model._meta.pk.attname
    past = model.history.filter(history_date__lt=moment)
    same = past.filter(**{key: OuterRef(key)}).order_by("-history_date", "-history_id")
    newest = Subquery(same.values("history_id")[:1])
    return past.filter(history_id=newest).exclude(history_type="-")


@dataclass(frozen=True)
class Evolution:
    """What happened to the records of one model since `depuis`, inside a frame.

    What a load wrote is no event: it is as old as its source. nouveaux: queryset of the records
    that were made since. modifies: the records that were there
    already and were saved since, each with the historical row of before. supprimes: the historical
    rows of those deleted since.
    """

    model: type[Model]
    nouveaux: QuerySet
    modifies: list[tuple[Model, Model]]
    supprimes: QuerySet


def evolution(cadre, model, depuis):
    """The `Evolution` of `model`, in two queries, plus one for each queryset that is read."""
    key = model._meta.pk.attname
    history = model.history.filter(**{key: OuterRef("pk")})
    before = Exists(history.filter(Q(history_date__lt=depuis) | chargements()))
    since = Exists(history.exclude(chargements()).filter(history_date__gte=depuis))
    rows = avec_noms(cadre.rows(model))
    saved = rows.filter(since, before)
    keys = {f"{key}__in": saved.order_by().values("pk")}
    old = {getattr(row, key): row for row in etat_au(model, depuis).filter(**keys)}
    earlier = model.history.filter(history_date__lt=depuis, **{key: OuterRef(key)})
    gone = cadre.historique(model).filter(history_type="-", history_date__gte=depuis)
    return Evolution(
        model,
        rows.filter(since, ~before),
        [(old[row.pk], row) for row in saved if row.pk in old],
        gone.filter(Exists(earlier)),
    )


@dataclass(frozen=True)
class Ecart:
    """One value of a record that differs: amounts in whole euros, dates, or words."""

    objet: Model
    champ: str
    avant: object
    apres: object
    precision_avant: str = JOUR
    precision_apres: str = JOUR

    @property
    def difference(self):
        """After minus before; None when one of them is not stated."""
        if self.avant is None or self.apres is None:
            return None
        return self.apres - self.avant


def ecarts(evolutions, names):
    """The `Ecart`s of the fields that `names` gives for each model ({model: [field]})."""
    return [
        Ecart(
            row,
            row._meta.get_field(name).verbose_name,
            getattr(old, name),
            getattr(row, name),
            precision_of(old, name),
            precision_of(row, name),
        )
        for found in evolutions
        for old, row in found.modifies
        for name in names.get(found.model, ())
        if getattr(old, name) != getattr(row, name)
    ]
