"""The lines of the journal: one per change, or one for a day when many records change alike."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.http import urlencode

from programme.backoffice.cadre.historique import Formateur
from programme.catalogue.journal.groupes import PLAFOND, groups, jours
from programme.catalogue.journal.regle import (
    CHARGEMENT,
    CORRECTION,
    MODIFICATION,
    SANS_NOM,
    genres,
    public_acts,
)
from programme.models import Contrat, Engagement, Projet
from territoires.dates import iso
from territoires.historiques import differences
from territoires.models import Commune, Intercommunalite, Operateur, Territoire

SEUIL = 10
"""How many records of one kind may change alike on one day before one line tells them all."""
SEUIL_DETAIL = 200
"""The same, when that day and that kind were asked for."""
SUR_UNE_FICHE = 30
FEMININS = {"affirmations", "conventions", "enveloppes", "personnes", "realisations", "sources"}
ACTES = {
    "ajout": ("ajouté", ""),
    "modification": ("modifié", ""),
    "publication": ("publié", ""),
    "retrait": ("retiré", " du site"),
    "suppression": ("supprimé", ""),
    "chargement": ("chargé", " d’après les sources ; les faits ont leur propre date"),
    "correction": ("corrigé", " d’après les sources, par un chargement"),
}


CHANGES = {MODIFICATION, CORRECTION}
"""Acts that are told field by field."""


@dataclass(frozen=True)
class Groupe:
    """What happened alike on one day: so many records of a kind."""

    jour: date
    genre: str
    acte: str
    combien: int

    @property
    def url(self):
        """The address that tells this day and this kind, whatever is added to the journal."""
        query = urlencode({"genre": self.genre, "du": self.jour, "au": self.jour})
        return f"{reverse('journal')}?{query}"

    @property
    def phrase(self):
        """« 12 projets ajoutés », « 1 enveloppe retirée du site »."""
        model = genres()[self.genre].model._meta
        noun = model.verbose_name if self.combien == 1 else model.verbose_name_plural
        count = number_format(min(self.combien, PLAFOND), force_grouping=True)
        told = f"{count} {noun} {_participle(self.genre, self.acte, self.combien)}"
        return f"plus de {told}" if self.combien > PLAFOND else told


def _participle(genre, acte, count):
    word, rest = ACTES[acte]
    return f"{word}{'e' if genre in FEMININS else ''}{'s' if count > 1 else ''}{rest}"


@dataclass(frozen=True)
class Ligne:
    """One line. `nom` is empty for a group, and for what is no longer public; `moment` and `fiche`
    (its primary key): of the record, when the line tells one.
    """

    jour: date
    genre: str
    phrase: str
    cle: str
    lien: str
    nom: str = ""
    url: str = ""
    changements: list = field(default_factory=list)
    moment: datetime | None = None
    fiche: Any = None


class FormateurPublic(Formateur):
    """Values in words; a row that is not published is not named."""

    masque = "non publié"

    def __init__(self):
        super().__init__(agent=None)

    def visible(self, model, keys):
        if not getattr(model, "publication_lookups", ()):
            return set(keys)
        rows = model.objects.published().filter(pk__in=keys)
        return set(rows.values_list("pk", flat=True))


# --- Which changes ----------------------------------------------------------------------------


def within(genre, *, region=None, territoire=None, du=None, au=None):
    """The `Q` of the historical records of a kind in a région, a territory, a period.

    None when the kind has nothing to do with any région, or any territory.
    """
    condition = jours(du or date.min, au + timedelta(days=1) if au else date.max)
    asked = ((region, _region_paths(genre), True), (territoire, _territoire_paths(genre), False))
    pk = genre.model._meta.pk.attname
    for wanted, paths, many in asked:
        if wanted is None:
            continue
        if not paths:
            return None
        rows = genre.model._base_manager.filter(_any(paths, wanted))
        # SQLite does what it is told: ask each of many, or look for the few.
        there = Exists(rows.filter(pk=OuterRef(pk))) if many else (f"{pk}__in", rows.values("pk"))
        condition &= Q(there)
    return condition


def _any(paths, value):
    condition = Q()
    for path in paths:
        condition |= Q(**{path: value})
    return condition


def _region_paths(genre):
    return [path for path in genre.model.perimetre.regions if path != "*"]


def _territoire_paths(genre):
    """The paths to a territory: those that go through one on their way to a région."""
    found = (path.removesuffix("regions") for path in _region_paths(genre) if "regions" in path)
    return [path.removesuffix("__") or "pk" for path in found]


# --- Their lines ------------------------------------------------------------------------------


def lines(rows, conditions, *, seuil=SEUIL, named=lambda acte: acte not in SANS_NOM):
    """The `Ligne`s of some rows of `groups`: a few queries for each kind that is told in detail.

    `named(acte)` says which acts are told record by record, when they are `seuil` at most.
    """
    found = [Groupe(*row) for row in rows]
    detailed = [g for g in found if g.combien <= seuil and named(g.acte)]
    by_group = {}
    for code in {g.genre for g in detailed}:
        wanted = [g for g in detailed if g.genre == code]
        by_group |= _details(genres()[code], wanted, conditions[code])
    told = []
    for groupe in found:
        if groupe in detailed:
            told += by_group[groupe]
        else:
            key = f"{groupe.genre}-{groupe.acte}-{iso(groupe.jour)}"
            told.append(Ligne(groupe.jour, groupe.genre, groupe.phrase, key, groupe.url))
    return told


def _details(genre, wanted, condition):
    """{`Groupe`: its lines, the latest first}.

    One query for each act, two more, and two for each kind of row that the changes cite.
    """
    pk = genre.model._meta.pk.attname
    by_group = _records(genre, wanted, condition)
    records = [record for some in by_group.values() for record in some]
    modified = [r for g, some in by_group.items() if g.acte in CHANGES for r in some]
    pairs = _states(genre, modified)
    gaps = dict(zip(pairs, differences(list(pairs.values()), genre.fields), strict=True))
    words = FormateurPublic()
    words.learn([gap for some in gaps.values() for gap in some])
    related = [f.name for f in genre.model._meta.fields if f.is_relation]
    rows = genre.jeu.published().select_related(*related).order_by()
    rows = rows.in_bulk([getattr(record, pk) for record in records])
    found = {groupe: [] for groupe in by_group}
    for groupe, some in by_group.items():
        for record in some:
            row, changes = rows.get(getattr(record, pk)), gaps.get(record.history_id)
            if row is None or changes == []:
                continue  # published no more, or nothing public in what changed
            told = words.told(changes or [])
            found[groupe].append(_line(genre, record, row, groupe, told))
    return found


def _records(genre, wanted, condition):
    """{`Groupe`: its historical records, the latest first}: one query for each act."""
    found = {groupe: [] for groupe in wanted}
    groupes = {(groupe.jour, groupe.acte): groupe for groupe in wanted}
    for acte, records in public_acts(genre).items():
        days = [jour for jour, other in groupes if other == acte]
        if not days:
            continue
        those_days = reduce(or_, (jours(day, day + timedelta(days=1)) for day in days))
        told = records.filter(condition, those_days).order_by("-history_date", "-history_id")
        for record in told:
            day = timezone.localdate(record.history_date)
            found[groupes[day, acte]].append(record)
    return found


def _states(genre, records):
    """{history_id: (record of the save with its links, record before it)}: one query."""
    pk = genre.model._meta.pk.attname
    keys = {getattr(record, pk) for record in records}
    past = {}
    for one in genre.model.history.filter(**{f"{pk}__in": keys}).order_by(
        "history_date", "history_id"
    ):
        past.setdefault(getattr(one, pk), []).append(one)
    found = {}
    for record in records:
        states = past[getattr(record, pk)]
        index = next(i for i, one in enumerate(states) if one.history_id == record.history_id)
        last = index
        while last + 1 < len(states) and _is_same_save(record, states[last + 1]):
            last += 1
        found[record.history_id] = (states[last], states[index - 1])
    return found


def _is_same_save(record, later):
    return (
        later.history_type == "~"
        and later.version == record.version
        and later.modification_id == record.modification_id
    )


def _line(genre, record, row, groupe, changes):
    noun = str(genre.model._meta.verbose_name)
    key = f"{genre.code}-{record.history_id}"
    return Ligne(
        groupe.jour,
        genre.code,
        f"{noun} {_participle(genre.code, groupe.acte, 1)}",
        key,
        f"{groupe.url}#{key}",
        str(row),
        address_of(row),
        changes,
        record.history_date,
        row.pk,
    )


def address_of(row):
    """The page of the row, or of the first record that it belongs to and that has one."""
    if hasattr(row, "get_absolute_url"):
        return row.get_absolute_url()
    for name in ("contrat", "projet", "territoire", "operateur", "region"):
        parent = getattr(row, name, None)
        if hasattr(parent, "get_absolute_url"):
            return parent.get_absolute_url()
    return ""


def modifications(genre, versions):
    """{(key, version): the address of the line that tells this save}, of the public ones.

    versions: `(key of a record, version that the save made)`.
    """
    pk = genre.model._meta.pk.attname
    wanted = Q(history_id__in=[])
    for key, version in versions:
        wanted |= Q(**{pk: key, "version": version})
    found = {}
    for record in public_acts(genre)[MODIFICATION].filter(wanted).order_by("-history_id"):
        day = timezone.localtime(record.history_date).date()
        groupe = Groupe(day, genre.code, MODIFICATION, 1)
        key = f"{genre.code}-{record.history_id}"
        found[str(getattr(record, pk)), record.version] = f"{groupe.url}#{key}"
    return found


# --- On the page of a record ------------------------------------------------------------------


def of_territoire(territoire):
    """The latest changes of a territory: what was modified in detail, the rest in numbers."""
    return _of_record(conditions_of(territoire), named=lambda acte: acte == MODIFICATION)


def of_record(record):
    """The latest changes of a record and of what is its own."""
    return _of_record(conditions_of(record))


CONTENU = ("territoires", "contrats", "avenants", "projets", "realisations")
"""The kinds whose changes the home page tells."""
DERNIERS = 3


def dernieres(depuis):
    """The last `Groupe`s that changed since a day, the loads left out. One query."""
    conditions = {code: within(genres()[code], du=depuis) for code in CONTENU}
    rows = groups(conditions, sauf=(CHARGEMENT, CORRECTION))
    return [Groupe(*row) for row in rows[:DERNIERS]]


def _of_record(conditions, **options):
    """What happened to a record: a load did not happen to it."""
    rows = groups(conditions, sauf=(CHARGEMENT, CORRECTION))
    return lines(rows[:SUR_UNE_FICHE], conditions, **options)


def conditions_of(record):
    """{code: `Q`} of the histories that tell what happened to a record and to what is its own."""
    return CONDITIONS[type(record)](record)


def _territoire(territoire):
    here = Q(territoire_id=territoire.pk)
    codes = ("rattachements", "contrats", "projets", "referents", "territoires-prioritaires")
    return {"territoires": Q(code=territoire.pk), **dict.fromkeys(codes, here)}


def _contrat(contrat):
    rows = dict.fromkeys(("signataires", "avenants"), Q(contrat_id=contrat.pk))
    return {"contrats": Q(id=contrat.pk), **rows}


def _projet(projet):
    return {"projets": Q(id=projet.pk), "financements": Q(projet_id=projet.pk)}


def _operateur(operateur):
    codes = ("conventions", "engagements", "realisations", "services", "territoires-prioritaires")
    own = dict.fromkeys((*codes, "referents"), Q(operateur_id=operateur.pk))
    return {"operateurs": Q(code=operateur.pk), **own}


def _engagement(engagement):
    return {"engagements": Q(id=engagement.pk), "realisations": Q(engagement_id=engagement.pk)}


def _commune(commune):
    member = Q(commune_id=commune.pk)
    if commune.intercommunalite_id:
        member |= Q(intercommunalite_id=commune.intercommunalite_id)
    return {"rattachements": member, "projets": Q(commune_id=commune.pk)}


def _intercommunalite(intercommunalite):
    return {"rattachements": Q(intercommunalite_id=intercommunalite.pk)}


CONDITIONS = {
    Territoire: _territoire,
    Contrat: _contrat,
    Projet: _projet,
    Operateur: _operateur,
    Engagement: _engagement,
    Commune: _commune,
    Intercommunalite: _intercommunalite,
}
"""The records whose journal is told."""


# --- Between two moments ----------------------------------------------------------------------


def between(conditions, debut, fin, *, sauf=()):
    """What changed after `debut`, until `fin`: one `Ligne` a record, from what it was to what it
    became; the latest first. Nothing of one that is what it was. Groups stay groups.
    """
    inside = Q(history_date__gt=debut, history_date__lte=fin)
    conditions = {code: condition & inside for code, condition in conditions.items()}
    told, of_one = [], {}
    for ligne in lines(list(groups(conditions, sauf=sauf)), conditions):
        if ligne.fiche is None:
            told.append(ligne)
        else:
            # Of one moment, the last is told first.
            of_one.setdefault((ligne.genre, ligne.fiche), []).insert(0, ligne)
    nets = (_net(sorted(some, key=lambda one: one.moment)) for some in of_one.values())
    return [*(ligne for ligne in nets if ligne), *told]


def _net(lignes):
    """The lines of one record, the oldest first, as one; None when they left it what it was."""
    first, last = lignes[0], lignes[-1]
    if not first.changements:  # it was not there before: what it became is told by its page
        return replace(last, phrase=first.phrase, changements=[])
    found = {}
    for change in (change for ligne in lignes for change in ligne.changements):
        before = found.get(change.nom, change).avant
        found[change.nom] = replace(change, avant=before)
    changes = [change for change in found.values() if change.avant != change.apres]
    return replace(last, changements=changes) if changes else None
