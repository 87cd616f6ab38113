"""What was public at a moment: the rule, once, read from the histories.

A state of a record was public when the record itself was published and so was each parent that its
`publication_lookups` name, as their own histories say for that moment. Everything the journal tells
comes from here: a value that was never public is not read at all.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)

from programme.donnees.jeux import JEUX
from programme.donnees.schema import Jeu
from programme.models import Publication
from territoires.historiques import fields_of, previous_of

UN_ENREGISTREMENT = timedelta(minutes=1)
"""One form saves a record, then its rows and its links, in a transaction whose middle nobody sees:
the parents of a row count as they were this much before it."""

AJOUT, MODIFICATION, PUBLICATION = "ajout", "modification", "publication"
RETRAIT, SUPPRESSION = "retrait", "suppression"
SANS_NOM = {RETRAIT, SUPPRESSION}
"""Acts after which the record is no longer public: told without its name."""


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


def _state_at(model, key):
    """The publication of the row of `model` whose key is in the column `key`, at `moment`."""
    pk = model._meta.pk.attname
    records = model.history.filter(history_date__lte=OuterRef("moment"), **{pk: OuterRef(key)})
    return Subquery(records.order_by("-history_date", "-history_id").values("publication")[:1])


def public_acts(genre):
    """The historical records of a kind, with `acte`: what each did to what the public saw.

    Empty where it did nothing: a draft, a save that only writes the links of the one before.
    """
    model = genre.model
    lookups = getattr(model, "publication_lookups", ())
    before = previous_of(model)
    annotations = {
        "moment": ExpressionWrapper(
            F("history_date") - Value(UN_ENREGISTREMENT), output_field=DateTimeField()
        ),
        "version_avant": Subquery(before.values("version")[:1]),
        "date_avant": Subquery(before.values("history_date")[:1]),
    }
    public = was_public = Q(history_id__isnull=False)  # always: a model without publication
    for lookup in lookups:
        parent = lookup.rpartition("__")[0]
        if not parent:
            annotations["publication_avant"] = Subquery(before.values("publication")[:1])
            public &= Q(publication=Publication.PUBLIE)
            was_public &= Q(publication_avant=Publication.PUBLIE)
            continue
        field = model._meta.get_field(parent)
        now, then = field.attname, f"{parent}_avant"
        annotations[then] = Subquery(before.values(now)[:1])
        annotations[f"etat_{parent}"] = _state_at(field.related_model, now)
        annotations[f"etat_{then}"] = _state_at(field.related_model, then)
        public &= Q(**{f"{now}__isnull": True}) | Q(**{f"etat_{parent}": Publication.PUBLIE})
        was_public &= Q(**{f"{then}__isnull": True}) | Q(**{f"etat_{then}": Publication.PUBLIE})
    same_save = Q(version=F("version_avant"), date_avant__gte=F("moment"))
    acte = Case(
        When(Q(history_type="+") & public, then=Value(AJOUT)),
        When(Q(history_type="-") & public, then=Value(SUPPRESSION)),
        When(~Q(history_type="~") | same_save, then=Value("")),
        When(public & was_public, then=Value(MODIFICATION)),
        When(public, then=Value(PUBLICATION)),
        When(was_public, then=Value(RETRAIT)),
        default=Value(""),
        output_field=CharField(),
    )
    # One after the other: an annotation reads those before it.
    records = model.history.all()
    for name, expression in annotations.items():
        records = records.annotate(**{name: expression})
    return records.annotate(acte=acte).filter(_told(genre))


def _told(genre):
    """What is no longer public is named nowhere: only its going is told."""
    pk = genre.model._meta.pk.attname
    there = Q(**{f"{pk}__in": genre.jeu.published().order_by().values("pk")})
    return ~Q(acte="") & (Q(acte__in=SANS_NOM) | there)
