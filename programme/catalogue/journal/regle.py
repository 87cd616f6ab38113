"""What was public at a moment: the rule, once, read from the histories.

A state of a record was public when the record itself was published and so was each parent that its
`publication_lookups` name, as their own histories say for that moment. Everything the journal tells
comes from here: a value that was never public is not read at all.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from programme.donnees.jeux import JEUX
from programme.donnees.schema import Jeu
from programme.models import Publication
from territoires.historiques import (
    before_the_save,
    chargements,
    fields_of,
    first_of_save,
    previous_of,
)
from territoires.models.modification import sans_erreurs
from territoires.occultes import RAISON

AJOUT, MODIFICATION, PUBLICATION = "ajout", "modification", "publication"
RETRAIT, SUPPRESSION = "retrait", "suppression"
CHARGEMENT, CORRECTION = "chargement", "correction"
"""What a load wrote, read from the sources: a version of the data, no event of that day."""
SANS_NOM = {RETRAIT, SUPPRESSION}
"""Acts after which the record is no longer public: told without its name."""

ECRITS = {
    AJOUT: ("+", False),
    MODIFICATION: ("~", False),
    PUBLICATION: ("~", False),
    RETRAIT: ("~", False),
    SUPPRESSION: ("-", False),
    CHARGEMENT: ("+", True),
    CORRECTION: ("~", True),
}
"""{acte: type of the historical records that can be it, and whether a load wrote them}"""


@dataclass(frozen=True)
class Genre:
    """A kind of record that the journal tells: a published dataset whose model has a history."""

    jeu: Jeu
    fields: tuple[Any, ...]

    @property
    def code(self):
        return self.jeu.code

    @property
    def model(self):
        return self.jeu.modele


@cache
def genres():
    """{code: `Genre`}. Its public fields are those that a column of the dataset reads."""
    found = {}
    for jeu in JEUX.values():
        if not hasattr(jeu.modele, "history"):
            continue
        read = {
            colonne.source.partition("__")[0] if isinstance(colonne.source, str) else colonne.nom
            for colonne in jeu.colonnes
        }
        fields = tuple(field for field in fields_of(jeu.modele) if field.name in read)
        found[jeu.code] = Genre(jeu, fields)
    return found


@cache
def public_acts(genre):
    """{acte: the historical records of a kind that did this to what the public saw}.

    What is no longer public is named nowhere: only its going is told. An act that was corrected as
    a mistake, and its correction, are no change. One queryset an act, each with the few conditions
    of its own: a single one would ask the database all of them, of every record. They are to be
    filtered, not read: what they are made of does not change, and is long to build.
    """
    records, public, was_public = _with_states(genre.model)
    # What was masked is told by its mark.
    records = sans_erreurs(records).exclude(history_change_reason=RAISON)
    loaded, records = records.filter(chargements()), records.exclude(chargements())
    pk = genre.model._meta.pk.attname
    # Asked of each record: a list of all that are there is long to make on SQLite.
    there = Exists(genre.jeu.published().order_by().filter(pk=OuterRef(pk)))
    changed = first_of_save(records.filter(history_type="~"))
    acts = {
        AJOUT: records.filter(public, there, history_type="+"),
        SUPPRESSION: records.filter(public, history_type="-"),
        MODIFICATION: changed.filter(public, there, was_public),
        CHARGEMENT: loaded.filter(public, there, history_type="+"),
        CORRECTION: first_of_save(loaded.filter(history_type="~")).filter(
            public, there, was_public
        ),
    }
    if getattr(genre.model, "publication_lookups", ()):
        acts[PUBLICATION] = changed.filter(public, there, ~was_public)
        acts[RETRAIT] = changed.filter(~public, was_public)
    return acts


def _with_states(model):
    """`(records, public, was_public)`: the history of a model, and the `Q`s of the rule on it.

    Whether the state that a record left was public, and whether the one that it replaced was.
    """
    before = previous_of(model)
    records, public, was_public = model.history.all(), Q(), Q()
    for lookup in getattr(model, "publication_lookups", ()):
        parent = lookup.rpartition("__")[0]
        if not parent:
            records = records.annotate(publication_avant=_text(before.values("publication")))
            public &= Q(publication=Publication.PUBLIE)
            was_public &= Q(publication_avant=Publication.PUBLIE)
            continue
        field = model._meta.get_field(parent)
        now, then = field.attname, f"{parent}_avant"
        records = records.annotate(**{then: Subquery(before.values(now)[:1])})
        records = records.annotate(
            **{
                f"etat_{parent}": _state_at(field.related_model, now),
                f"etat_{then}": _state_at(field.related_model, then),
            }
        )
        public &= _none_or_published(now, f"etat_{parent}", field)
        was_public &= _none_or_published(then, f"etat_{then}", field)
    return records, public, was_public


def _state_at(model, key):
    """The publication of the row of `model` whose key is in the column `key`, before the save."""
    pk = model._meta.pk.attname
    records = sans_erreurs(before_the_save(model.history.filter(**{pk: OuterRef(key)})))
    return _text(records.order_by("-history_date", "-history_id").values("publication"))


def _text(values):
    """The first of `values`, empty when there is none: a null would be neither equal nor not."""
    return Coalesce(Subquery(values[:1]), Value(""))


def _none_or_published(key, state, field):
    published = Q(**{state: Publication.PUBLIE})
    return published | Q(**{f"{key}__isnull": True}) if field.null else published
