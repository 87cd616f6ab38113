"""The last day on which a source states a fact of a kind: after it, nothing is attested.

Computed from the rows themselves: the documents they cite, the day on which their source states
them, and the days that they tell. Lists, totals, files, feeds and descriptions read it here.
"""

import datetime
from dataclasses import dataclass

from django.core.cache import caches
from django.db.models import F, Max, Min, Q, TextField, Value
from django.db.models.functions import Cast, Concat

from programme.catalogue.version import version_reader
from programme.colonnes import Lignes, lignes
from programme.donnees import provenance
from programme.donnees.jeux import JEUX
from programme.donnees.schema import Type
from programme.models import DonneesVersion, Projet, Source, Terme
from programme.models.sources import Sources
from territoires import moment
from territoires.dates import JOUR, date_in_words, precision_of
from territoires.moment import today

NON_DATEE = "Date de la dernière source : non renseignée"
SANS_SUITE = "rien n’est attesté après cette date"
ATTESTE, CITE, FAIT = "h_atteste", "sources", "h_fait_"


@dataclass(frozen=True, order=True)
class Jour:
    """A day with what is known of it."""

    date: datetime.date
    precision: str = JOUR

    def __str__(self):
        return date_in_words(self.date, self.precision)


@dataclass(frozen=True)
class Horizon:
    """The last dated source of some facts, and their own last day when that is later.

    complet: every source they cite is dated. False when there is no day at all.
    """

    source: Jour | None = None
    fait: Jour | None = None
    complet: bool = True

    @property
    def jour(self):
        """The later of both; None without any."""
        return max(filter(None, (self.source, self.fait)), default=None)

    @property
    def date(self):
        return self.jour and self.jour.date

    def __bool__(self):
        return self.jour is not None

    def __str__(self):
        """« Dernière source : 31 mars 2022 ; rien n’est attesté après cette date »."""
        told = []
        if self.source:
            told.append(f"Dernière source{'' if self.complet else ' datée'} : {self.source}")
        if self.fait and (not self.source or self.fait.date > self.source.date):
            told.append(f"{'d' if told else 'D'}ernier fait daté : {self.fait}")
        return " ; ".join([*told, SANS_SUITE]) if told else NON_DATEE


def connues():
    """Read once for each version: what is known of each source by code, the words of the glossary,
    and the version.
    """
    return caches["memoire"].get_or_set(moment.cle(f"donnees-{version_reader.current()}"), _read)


def _read():
    rows = Source.objects.values_list(
        "code", "titre", "editeur", "date", "precision_date", "remarque"
    )
    return {
        "sources": {code: values for code, *values, _ in rows},
        "remarques": {code: remarque for code, *_, remarque in rows},
        "mots": tuple(Terme.objects.published().values_list("code", "mot", "autres_noms")),
        "version": DonneesVersion.objects.current(),
    }


def titres():
    """The titles of the sources, by code."""
    return {code: titre for code, (titre, *_) in connues()["sources"].items()}


def of_texts(textes, *, attestes=(), faits=(), complet=True, read=None):
    """The `Horizon` of what these `source` texts say; `read`: who read `connues` already.

    attestes: `Jour`s on which sources state the facts; faits: `Jour`s that the facts tell.
    """
    pieces = {piece.strip() for text in textes if text for piece in text.split(" ; ")}
    codes = {piece: provenance.codes(piece) for piece in pieces}
    known = (read or connues)()["sources"] if any(codes.values()) else {}
    days, dated = [*attestes], complet
    for cited in codes.values():
        found = [known[code] for code in cited if code in known]
        own = [Jour(day, precision) for *_, day, precision in found if day]
        days += own
        dated = dated and bool(own)
    limit = today()
    last = max((day for day in days if day.date <= limit), default=None)
    return Horizon(last, max((day for day in faits if day.date <= limit), default=None), dated)


# --- Of the rows of a dataset -----------------------------------------------------------------


def mesures(jeu):
    """What to aggregate over rows of `jeu` to know their horizon: `{name: expression}`.

    Nothing of rows that are only made to be read: they restate those of the other datasets.
    """
    if jeu.nombre:
        return {}
    origine, told = provenance.of_jeu(jeu), {}
    if origine and isinstance(origine.source, str):
        told[CITE] = Sources(origine.source)
    if origine and origine.date:
        told[ATTESTE] = _last(jeu, origine.date)
    if jeu.listee:
        told[f"{ATTESTE}_liste"] = Max(Cast(jeu.listee(), TextField()))
    return told | {f"{FAIT}{name}": _last(jeu, name) for name in _facts(jeu, origine)}


def _facts(jeu, origine):
    """The fields of the days that a row tells of its own fact."""
    days = (colonne for colonne in jeu.colonnes if colonne.type is Type.DATE)
    fields = (provenance.field_of(jeu, colonne) for colonne in days if not colonne.a_venir)
    return sorted({field.name for field in fields if field} - {origine and origine.date})


def _last(jeu, name):
    """The last day of a column up to today, then what it stands for: one text."""
    return _edge(jeu, name, Max)


def _edge(jeu, name, edge):
    precision = getattr(jeu.modele, "precisions", {}).get(name)
    words = F(precision) if precision else Value(JOUR)
    text = Concat(Cast(F(name), TextField()), Value(" "), words, output_field=TextField())
    return edge(text, filter=Q(**{f"{name}__lte": today()}))


def of_rows(jeu, totaux, read=None):
    """The `Horizon` of rows of `jeu` from what `mesures` gave of them; None: it has none.

    Rows that restate the facts of other datasets have the horizon of these.
    """
    if not (jeu.documents or jeu.selon or mesures(jeu)):
        return None
    others = [other for code in jeu.selon if (other := whole(code, read))]
    return of_texts(
        totaux.get(CITE, jeu.documents),
        attestes=[o.source for o in others if o.source] + _days(totaux, ATTESTE),
        faits=[o.fait for o in others if o.fait] + _days(totaux, FAIT),
        complet=all(other.complet for other in others),
        read=read,
    )


def _days(totaux, prefix):
    texts = (text for name, text in totaux.items() if name.startswith(prefix) and text)
    pairs = (text.partition(" ") for text in texts)
    return [Jour(datetime.date.fromisoformat(day), words or JOUR) for day, _, words in pairs]


def of_records(records, read=None):
    """The `Horizon` of records of datasets whose rows cite their source."""
    texts, attested, facts = [], [], []
    for record in records:
        jeu = next(jeu for jeu in JEUX.values() if jeu.modele is type(record))
        origine = provenance.of_jeu(jeu)
        texts.append(getattr(record, origine.source))
        for days, names in ((attested, {origine.date} - {None}), (facts, _facts(jeu, origine))):
            told = ((name, getattr(record, name)) for name in names)
            days += [Jour(day, precision_of(record, name)) for name, day in told if day]
    return of_texts(texts, attestes=attested, faits=facts, read=read)


def of_facts(facts, read=None):
    """The `Horizon` of facts that have a `date`, its `precision` and a `source`."""
    days = [Jour(fact.date, fact.precision) for fact in facts]
    return of_texts([fact.source for fact in facts], faits=days, read=read)


def whole(code, read=None):
    """The `Horizon` of a whole dataset: computed once for each version and each day."""
    known = (read or connues)()
    key = moment.cle(f"horizon-{code}-{known['version'].numero}-{today()}")
    return caches["memoire"].get_or_set(key, lambda: _whole(JEUX[code], lambda: known))


def debut(code, read=None):
    """The first `Jour` that a row of a dataset tells of its own fact; None: it tells none."""
    known = (read or connues)()
    key = moment.cle(f"debut-{code}-{known['version'].numero}")
    return caches["memoire"].get_or_set(key, lambda: _first(JEUX[code]))


def _first(jeu):
    if jeu.nombre or not (names := _facts(jeu, provenance.of_jeu(jeu))):
        return None
    texts = {f"{FAIT}{name}": _edge(jeu, name, Min) for name in names}
    rows = jeu.modele.objects.filter(pk__in=jeu.published().order_by().values("pk"))
    return min(_days(rows.order_by().aggregate(**texts), FAIT), default=None)


def _whole(jeu, read):
    measures = mesures(jeu)
    if jeu.modele is Projet and isinstance(counted := lignes(), Lignes):
        last = {name: one for name, one in measures.items() if name != CITE}
        return of_rows(jeu, counted.totaux(**last), read)
    rows = jeu.modele.objects.filter(pk__in=jeu.published().order_by().values("pk"))
    return of_rows(jeu, rows.order_by().aggregate(**measures) if measures else {}, read)
