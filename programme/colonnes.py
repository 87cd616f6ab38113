"""The rangements laid out in memory, a column each: what a long list counts without reading rows.

A list counts its rows a dozen times, by every filter, adds up three figures and looks for their
middles: as many readings of a table, five seconds at a million projects. Here each is one pass over
an array, and a filter is an array of booleans. The conditions are those of the queries themselves,
read where they say what a column holds and asked of the database otherwise.

A process has one copy, from `BEAUCOUP` rows on; after a change it reads again the projects that
changed (`Retouche`), and no other. Without a copy (a short list, a moment, a process that starts)
the queries answer, and say the same: `lignes` gives either.
"""

import datetime
import logging
import operator
from functools import cached_property, partial, reduce
from itertools import islice
from threading import Event, Lock, Thread

import numpy as np
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import BooleanField, Count, Expression, ExpressionWrapper, F, Model, Q, Value
from django.db.models.lookups import Exact, In, IsNull

from programme.models import Financement, Financeur, Projet, Rangement, Retouche
from programme.models.desaccords import CHIFFRES
from programme.models.repartition import DITS, GRANDS, Grand, Repartition, moyenne
from programme.pannes import limites
from programme.retenues import ARGUMENT, Retenues, lues_par, une_fois
from territoires import moment
from territoires.models import Commune, Departement
from territoires.moment import today

logger = logging.getLogger(__name__)

BEAUCOUP = 20_000
"""From how many rows on a copy is worth its memory: 110 bytes a row."""
TROP = 5_000
"""Beyond so many projects changed since, the whole copy is made anew, aside."""
VEILLE = 60
"""Seconds after which it is looked at again whether rows are many, and what changed."""
LIGNES_RETENUES, COMPTES_RETENUS = 16, 256
"""How many answers are kept of what takes a megabyte (which rows words find), and of counts."""
LOT = 20_000
RIEN = np.iinfo(np.int64).min
"""What stands for a figure or a day that nobody told."""
JAMAIS = (1 << 22) - 1
"""The same, after the ordinals of all days."""
MOTS = {
    name: name
    for name in (
        "region", "departement", "commune", "territoire", "situation", "axe", "thematique",
        "filiere", "categorie", "statut", "localisation",
    )
} | {"source": "projet__source", "region_citee": "projet__departement__region"}  # fmt: skip
"""{column: what it reads}: a few words, each kept once."""
PAR_CHEMIN = {path: name for name, path in MOTS.items()}
NOMBRES = (*CHIFFRES, "mise_a_jour")
OUI = {
    "lieu": "lieu",
    "siren": "siren",
    "objet_dit": ExpressionWrapper(~Q(projet__objet=""), BooleanField()),
}
REELS = ("lon", "lat")
LUES = ("pk", "pareil", "projet__siren", *MOTS.values(), *NOMBRES, *OUI.values(), *REELS)
TABLEAUX = ("pk", "pareil", "entreprise", *MOTS, *NOMBRES, *OUI, *REELS)
"""What each of them is called here; `entreprise`: its SIREN, 0 when it is not told."""
FINANCES = "financeurs"
"""What says that rows are told apart by who pays them, not by a column."""
SIMPLES = (str, int, type(None))
COMPARER = {"gte": operator.ge, "lte": operator.le, "gt": operator.gt}


class Colonnes:
    """The rangements after the change `retouche`; never changed: `suivre` makes the next.

    cles: their primary keys, in order. mots: {column: {value: its number}}, shared by those that
    follow each other. tableaux: {column: array}, of numbers of values, of figures, of days by their
    ordinal, of booleans. liens: the (project, financeur) of the financements, each once, and how
    many of theirs state what is granted.
    """

    def __init__(self, retouche, mots, tableaux, liens):
        self.retouche, self.mots = retouche, mots
        self.tableaux, self.liens = tableaux, liens
        self.cles = tableaux["pk"]
        self.lignes, self.comptes = Retenues(LIGNES_RETENUES), Retenues(COMPTES_RETENUS)
        self.mots_cherches = Retenues(LIGNES_RETENUES)
        self.mots_d_avant = {}

    def __len__(self):
        return len(self.cles)

    @classmethod
    def lire(cls):
        """All of them, now."""
        # First: what changes meanwhile is read again.
        last = Retouche.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        mots = {name: {} for name in MOTS}
        read = cls._etaler(Rangement.objects.all(), mots)
        return cls(last, mots, read, cls._liens(Financement.objects.all()))

    def suivre(self, retouche, changed):
        """The next, of which the projects of these keys are read again."""
        mine = {"pk__in": changed}
        read = self._etaler(Rangement.objects.filter(**mine), self.mots)
        theirs = self._liens(Financement.objects.filter(projet__in=changed))
        paid = np.isin(self.liens[:, 0], changed)
        same = np.array_equal(_ordonnes(self.liens[paid]), _ordonnes(theirs))
        liens = self.liens if same else np.concatenate([self.liens[~paid], theirs])
        places = np.flatnonzero(np.isin(self.cles, changed))
        if edited := np.array_equal(self.cles[places], read["pk"]):
            tableaux = {
                name: _remplaces(column, places, read[name])
                for name, column in self.tableaux.items()
            }
        else:
            joined = {
                name: np.concatenate([np.delete(column, places), read[name]])
                for name, column in self.tableaux.items()
            }
            order = np.argsort(joined["pk"], kind="stable")
            tableaux = {name: column[order] for name, column in joined.items()}
        then = Colonnes(retouche, self.mots, tableaux, liens)
        then.mots_d_avant = self._mots_suivis(changed)
        if edited and same:
            then.finances = self.finances
            then._garder(self)
        if edited:
            then.repetes = self._repetes_suivis(tableaux["pareil"], places)
        return then

    def _garder(self, before):
        """What was counted of rows that are the same, in columns that are."""
        for asked, kept in before.lignes.items():
            self.lignes.lire(asked, lambda kept=kept: kept)
        for asked, found in before.comptes.items():
            payers = all(name == FINANCES for name, *_ in asked[1])
            if payers and all(
                self.tableaux[name] is before.tableaux[name] for name in lues_par(asked)
            ):
                self.comptes.lire(asked, lambda found=found: found)

    def _repetes_suivis(self, alike, places):
        """`repetes` once the rows at these places are as in this column: they alone, and those that
        were or are alike, are counted again.
        """
        before = self.tableaux["pareil"]
        changed = places[before[places] != alike[places]]
        if not len(changed):
            return self.repetes
        told = np.concatenate([before[changed], alike[changed]])
        touched = np.flatnonzero(np.isin(alike, told[told != 0]))
        _, whose, counts = np.unique(alike[touched], return_inverse=True, return_counts=True)
        found = self.repetes.copy()
        found[changed] = False
        found[touched] = counts[whose] > 1
        return found

    def chercher(self, words, read):
        """What `read` finds by words, an object whose `cles` are an array of primary keys. It is
        given what was found before, and the projects to read again, when it has not to read all.
        """
        return self.mots_cherches.lire(
            words, lambda: read(avant=self.mots_d_avant.pop(words, None))
        )

    def _mots_suivis(self, changed):
        """{words: (keys found, keys of the projects that changed since)} for those who follow."""
        before = {words: (found.cles, ()) for words, found in self.mots_cherches.items()}
        return {
            words: (keys[~np.isin(keys, changed)], tuple({*since, *changed}))
            for words, (keys, since) in [*self.mots_d_avant.copy().items(), *before.items()]
            if len(since) < TROP
        }

    @staticmethod
    def _liens(rows):
        rows = rows.order_by().values_list("projet", "financeur")
        found = rows.annotate(Count("montant_accorde_eur"))
        liens = np.array(list(found), dtype=np.int64).reshape(-1, 3)
        # In the order of the projects, each is looked for near the one before.
        return liens[np.argsort(liens[:, 0], kind="stable")]

    @staticmethod
    def _etaler(queryset, mots):
        rows = queryset.order_by("pk").values_list(*LUES).iterator(LOT)
        parts = {name: [] for name in TABLEAUX}
        while lot := list(islice(rows, LOT)):
            for (name, part), values in zip(parts.items(), zip(*lot, strict=True), strict=True):
                part.append(_tableau(name, values, mots))
        empty = {name: _tableau(name, (), mots) for name in parts}
        return {name: np.concatenate([empty[name], *part]) for name, part in parts.items()}

    @cached_property
    def repetes(self):
        """Which have what another has alike."""
        # Of the text of a digest, its first half: two that differ have it alike once in 10^19.
        alike = self.tableaux["pareil"]
        told = np.sort(alike[alike != 0])
        return _parmi(alike, told[1:][told[1:] == told[:-1]])

    def places(self, keys):
        """Which rows have these primary keys: an array of booleans."""
        found = np.zeros(len(self), dtype=bool)
        if len(self) and len(keys):
            where = np.searchsorted(self.cles, keys).clip(max=len(self) - 1)
            found[where[self.cles[where] == keys]] = True
        return found

    @cached_property
    def finances(self):
        """Of each of the `liens` of public projects: the row of its project, its financeur, how
        many of them state what is granted.
        """
        projets, payers, told = self.liens.T
        if not len(self):
            return (projets[:0],) * 3
        where = np.searchsorted(self.cles, projets).clip(max=len(self) - 1)
        known = self.cles[where] == projets
        return where[known], payers[known], told[known]


def _ordonnes(liens):
    return liens[np.lexsort(liens.T)]


def _remplaces(column, places, values):
    """A column with these values at these places: itself when it has them."""
    if np.array_equal(column[places], values, equal_nan=column.dtype.kind == "f"):
        return column
    column = column.copy()
    column[places] = values
    return column


def _parmi(column, values):
    """Which of a column are among sorted values."""
    if not len(values):
        return np.zeros(len(column), dtype=bool)
    return values[np.searchsorted(values, column).clip(max=len(values) - 1)] == column


def _tableau(name, values, mots):
    if name in MOTS:
        known = mots[name]
        return np.array([known.setdefault(v, len(known)) for v in values], dtype=np.int32)
    if name == "entreprise":
        return np.array([int(v or 0) for v in values], dtype=np.int32)
    if name == "pareil":
        return np.array([int(v[:16] or "0", 16) for v in values], dtype=np.uint64)
    if name in OUI:
        return np.array(values, dtype=bool)
    if name in REELS:
        return np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    return np.array([_nombre(v) for v in values], dtype=np.int64)


def _nombre(value):
    if value is None:
        return RIEN
    return value.toordinal() if isinstance(value, datetime.date) else int(value)


class Lignes:
    """Some of the rows of `Colonnes`: what counts ask of a `RangementQuerySet`."""

    def __init__(self, colonnes, tenues=None, sorte=None):
        self.colonnes = colonnes
        self.tenues = tenues
        """Which are kept: an array of booleans; None: all."""
        self.sorte = () if tenues is None else sorte
        """By what they are kept, when others will ask for the same; else None."""
        self._lues = {}

    # --- As a queryset ------------------------------------------------------------------------

    def all(self):
        return self

    def order_by(self, *names):
        return self

    def filter(self, *conditions, **named):
        simple = not conditions and all(isinstance(value, SIMPLES) for value in named.values())
        return self.parmi(self._tient(Q(*conditions, **named)), *(named.items() if simple else ()))

    def exclude(self, *conditions, **named):
        return self.parmi(~self._tient(Q(*conditions, **named)))

    def count(self):
        return len(self.colonnes) if self.tenues is None else int(np.count_nonzero(self.tenues))

    # --- The conditions -----------------------------------------------------------------------

    def parmi(self, those, *sorte):
        """Of these rows, `those`: an array of booleans over all; `sorte`: what tells them apart."""
        kept = those if self.tenues is None else self.tenues & those
        known = sorte and self.sorte is not None
        return Lignes(self.colonnes, kept, (*self.sorte, *sorte) if known else None)

    def _tient(self, condition):
        """Which of all rows meet a condition."""
        if isinstance(condition, tuple):
            return self._compare(*condition)
        if isinstance(condition, Q):
            join = operator.and_ if condition.connector == Q.AND else operator.or_
            parts = [self._tient(child) for child in condition.children]
            found = reduce(join, parts) if parts else np.ones(len(self.colonnes), dtype=bool)
            return ~found if condition.negated else found
        if isinstance(condition, In | IsNull | Exact) and isinstance(condition.lhs, F):
            asked = condition.rhs.value if isinstance(condition.rhs, Value) else condition.rhs
            return self._compare(f"{condition.lhs.name}__{condition.lookup_name}", asked)
        if isinstance(condition, Exact) and isinstance(condition.lhs, ExpressionWrapper):
            return self._tient(condition.lhs.expression)
        return self._demandee(Q(condition))

    def _demandee(self, condition):
        """What no column of ours tells is asked of the database."""
        rows = Rangement.objects.filter(condition).order_by()
        return self.colonnes.places(_cles(rows.values_list("pk", flat=True)))

    def _compare(self, path, value):
        name, _, kind = PAR_CHEMIN.get(path, path).partition("__")
        if name == "pk" and kind == "in":
            return self.colonnes.places(_cles(value))
        if name == "pareil" and kind == "in":
            return self.colonnes.repetes  # the only ones that are asked for: `Rangement.repetes`
        for names, read in ((MOTS, self._mots), (NOMBRES, self._nombres), (OUI, self._oui)):
            if name in names and (found := read(name, kind, value)) is not None:
                return found
        return self._demandee(Q(**{path: value}))

    def _mots(self, name, kind, value):
        known, column = self.colonnes.mots[name], self.colonnes.tableaux[name]
        if kind == "isnull" or value is None:
            return (column == known.get(None, -1)) == (value is None or value)
        if kind not in ("in", "exact", ""):
            return None
        asked = map(_une, value if kind == "in" else [value])
        numbers = [known[key] for key in asked if key in known]
        return column == numbers[0] if len(numbers) == 1 else np.isin(column, numbers)

    def _nombres(self, name, kind, value):
        column = self.colonnes.tableaux[name]
        if kind == "isnull":
            return (column == RIEN) == value
        if kind not in COMPARER:
            return None
        return (column != RIEN) & COMPARER[kind](column, _nombre(value))

    def _oui(self, name, kind, value):
        return self.colonnes.tableaux[name] == value if kind in ("exact", "") else None

    def finances(self, slugs, *, absent=False, present=False, dits=False):
        """Those that one of these financeurs pays; that none pays; that any pays.

        dits: of the financeurs, those alone that state what they grant.
        """
        keys = Financeur.objects.filter(slug__in=slugs).order_by("pk").values_list("pk", flat=True)
        asked = (tuple(keys) if slugs else (), absent, present, dits)
        kept = self.colonnes.lignes.lire(asked, partial(self._finances, *asked))
        return self.parmi(kept, (FINANCES, *asked))

    def _finances(self, keys, absent, present, dits):
        rows, payers, told = self.colonnes.finances
        kept = np.zeros(len(self.colonnes), dtype=bool)
        for key in keys:
            kept[rows[(payers == key) & ((told > 0) | (not dits))]] = True
        if absent or present:
            paid = np.zeros(len(self.colonnes), dtype=bool)
            paid[rows] = True
            kept |= (paid | absent) if present else ~paid
        return kept

    # --- The counts ---------------------------------------------------------------------------

    @cached_property
    def rangs(self):
        """The ranks of the rows that are kept."""
        return slice(None) if self.tenues is None else np.flatnonzero(self.tenues)

    @cached_property
    def cles(self):
        """The primary keys of the rows that are kept: an array, sorted."""
        return self.colonnes.cles[self.rangs]

    def parmi_cles(self, keys):
        """Of these primary keys, in their order, those of the rows that are kept."""
        keys = np.array(keys, dtype=np.int64)
        where = np.searchsorted(self.colonnes.cles, keys).clip(max=len(self.colonnes) - 1)
        kept = self.colonnes.cles[where] == keys
        return keys[kept if self.tenues is None else kept & self.tenues[where]].tolist()

    def rangees(self, name, *, descending):
        """Their primary keys in the order of a figure or a day: a page takes a slice of them."""
        column = self._colonne(name)
        order = np.where(column == RIEN, np.iinfo(np.int64).max, -column if descending else column)
        return Rangees(self.cles, order)

    def _colonne(self, name):
        if name not in self._lues:
            self._lues[name] = self.colonnes.tableaux[name][self.rangs]
        return self._lues[name]

    def _chiffres(self, name):
        """(the ranks, among these rows, of those that tell a figure; those figures)."""
        if (name, DITS) not in self._lues:
            column = self._colonne(name)
            told = np.flatnonzero(column != RIEN)
            self._lues[name, DITS] = told, column[told]
        return self._lues[name, DITS]

    def _dits(self, name):
        """The figures that are told."""
        return self._chiffres(name)[1]

    @une_fois(ARGUMENT)
    def nombres(self, name):
        """As `RangementQuerySet.nombres`."""
        known = self.colonnes.mots[name]
        counts = np.bincount(self._colonne(name), minlength=len(known))
        # What others add meanwhile to the words that are shared, no row of ours has.
        return {value: int(n) for value, n in zip(list(known), counts, strict=False) if n}

    def facette(self, critere, valeur):
        """As `criteres.facette`: rows of a filter, a value, a number."""
        if isinstance(valeur, F):
            return [(critere, value, n) for value, n in self.nombres(valeur.name).items()]
        number = self.count()
        return [(critere, valeur.value, number)] if number else []

    def facette_finances(self, critere, absent):
        rows, payers, _ = self.colonnes.finances
        if self.tenues is not None:
            payers = payers[self.tenues[rows]]
        slugs = dict(Financeur.objects.values_list("pk", "slug"))
        keys, counts = np.unique(payers, return_counts=True)
        told = [(critere, slugs[int(k)], int(n)) for k, n in zip(keys, counts, strict=True)]
        return told + ([(critere, "", self.finances((), absent=True).count())] if absent else [])

    def valeurs(self, name):
        """The values that rows have, empty ones left out."""
        return [value for value in self.nombres(name) if value]

    @une_fois(*CHIFFRES)
    def _comptes(self):
        """As `ProjetQuerySet.comptes`."""
        told = {"projets": self.count()}
        for name in CHIFFRES:
            figures = self._dits(name)
            told[f"{name}{DITS}"] = len(figures)
            told[name] = int(figures.sum()) if len(figures) else None
        return told

    def totaux(self, **mesures):
        """As `RangementQuerySet.totaux`. mesures: `Max`es of the last day that rows state."""
        return self._comptes() | {"repetes": self._nombre_repetes()} | self.cites(**mesures)

    @une_fois("pareil")
    def _nombre_repetes(self):
        return self.parmi(self.colonnes.repetes).count()

    def cites(self, **mesures):
        """As `RangementQuerySet.cites`."""
        last = self._dernieres(today())
        told = Projet.objects.filter(pk__in=last).order_by().aggregate(**mesures)
        return told | {"sources": sorted(self.valeurs("source"))}

    @une_fois("mise_a_jour")
    def _dernieres(self, day):
        """The keys of one of those whose last day is the last before this one, included."""
        days = self._colonne("mise_a_jour")
        past = np.where(days <= day.toordinal(), days, RIEN)
        return [int(self.cles[past.argmax()])] if len(past) and past.max() > RIEN else []

    @une_fois("emplois_crees", "mise_a_jour")
    def sommaire(self):
        """As `indicateurs.sommaire`."""
        jobs = self._dits("emplois_crees")
        return {
            "projets": self.count(),
            "emplois": int(jobs.sum()) if len(jobs) else None,
            "emplois_renseignes": len(jobs),
            "etat_des_projets": self._dernier_jour(),
        }

    def _dernier_jour(self):
        days = self._dits("mise_a_jour")
        return datetime.date.fromordinal(int(days.max())) if len(days) else None

    def renseignements(self, financeur):
        """As `RangementQuerySet.renseignements`."""
        return {
            "filiere": self.exclude(filiere="").count(),
            "commune": self.filter(commune__isnull=False).count(),
            "objet": self.filter(objet_dit=True).count(),
            "aide": self.finances([financeur], dits=True).count(),
            "dernier_jour": self._dernier_jour(),
        }

    def entreprises(self):
        """As `RangementQuerySet.entreprises`."""
        sirens, days = self._colonne("entreprise"), self._colonne("mise_a_jour")
        told = sirens != 0
        days = np.where(days[told] == RIEN, JAMAIS, days[told])
        # Each SIREN with its days after it: sorted, its first one begins it.
        both = np.sort(sirens[told].astype(np.int64) * (JAMAIS + 1) + days)
        first = np.diff(both // (JAMAIS + 1), prepend=0) != 0
        days, counts = np.unique(both[first] % (JAMAIS + 1), return_counts=True)
        found = {
            None if day == JAMAIS else datetime.date.fromordinal(int(day)): int(n)
            for day, n in zip(days, counts, strict=True)
        }
        return found, int(np.count_nonzero(~told))

    def _groupes(self, nom):
        """(values of a column, last days or their years, the rank of that of each row)."""
        if nom not in ("annee", "mise_a_jour"):
            return list(self.colonnes.mots[nom]), self._colonne(nom)
        days = self._colonne("mise_a_jour")
        told = days != RIEN
        before = int(days.min(where=told, initial=JAMAIS)) - 1
        days = np.where(told, days - before, 0)
        seen = np.flatnonzero(np.bincount(days))
        values = [datetime.date.fromordinal(before + int(day)) if day else None for day in seen]
        if nom == "annee":
            values = [day and day.year for day in values]
        known = {value: rank for rank, value in enumerate(dict.fromkeys(values))}
        ranks = np.zeros(seen.max(initial=0) + 1, dtype=np.int64)
        ranks[seen] = [known[value] for value in values]
        return list(known), ranks[days]

    @une_fois(ARGUMENT, *CHIFFRES)
    def par(self, nom):
        """As `RangementQuerySet.par`."""
        values, groups = self._groupes(nom)
        size, groups = len(values), groups.astype(np.intp)
        found = {"projets": np.bincount(groups, minlength=size)}
        for name in CHIFFRES:
            told, figures = self._chiffres(name)
            whose = groups[told]
            found[f"{name}{DITS}"] = np.bincount(whose, minlength=size)
            found[name] = np.zeros(size, dtype=np.int64)
            np.add.at(found[name], whose, figures)
            if name == "investissement_eur":
                found["plus_grand"] = np.full(size, RIEN)
                np.maximum.at(found["plus_grand"], whose, figures)
        for name in CHIFFRES:
            found[name][found[f"{name}{DITS}"] == 0] = RIEN
        return [
            {"cle": value}
            | {name: None if n[rank] == RIEN else int(n[rank]) for name, n in found.items()}
            for rank, value in enumerate(values)
            if found["projets"][rank]
        ]

    @une_fois(ARGUMENT, "investissement_eur")
    def medianes(self, nom):
        """As `RangementQuerySet.medianes`."""
        found = {}
        for value in self.nombres(nom):
            figures = self.filter(Q((nom, value)))._dits("investissement_eur")
            if len(figures):
                middle = [(len(figures) - 1) // 2, len(figures) // 2]
                parted = np.partition(figures, middle)
                found[value] = moyenne([int(parted[rank]) for rank in dict.fromkeys(middle)])
        return found

    def repartitions(self, totaux):
        """As `RangementQuerySet.repartitions`."""
        found = {name: self._milieu(name) for name in CHIFFRES if name in totaux}
        named = {key for _, _, grands in found.values() for key, _ in grands}
        rows = Projet.objects.filter(pk__in=named).order_by()
        names = {key: told for key, *told in rows.values_list("pk", "beneficiaire", "slug")}
        return {
            name: Repartition(
                dits,
                moyenne(values),
                tuple(Grand(*names[key], value) for key, value in grands if key in names),
                totaux[name] or 0,
            )
            for name, (dits, values, grands) in found.items()
        }

    @une_fois(ARGUMENT)
    def _milieu(self, name):
        """(how many tell a figure, the one or two in the middle, (key, value) of the largest)."""
        told, figures = self._chiffres(name)
        dits = len(figures)
        if not dits:
            return 0, [], []
        middle = [(dits - 1) // 2, dits // 2]
        # One value may be that of many: all that reach the third are told apart by their key.
        few = min(GRANDS, dits)
        parted = np.partition(figures, [*middle, dits - few])
        high = np.flatnonzero(figures >= parted[dits - few])
        keys, high = self.cles[told[high]], figures[high]
        order = np.lexsort((keys, -high))[:few]
        grands = [(int(keys[rank]), int(high[rank])) for rank in order]
        return dits, [int(parted[rank]) for rank in dict.fromkeys(middle)], grands

    def classes(self, bornes):
        """As `RangementQuerySet.classes`."""
        figures = self._dits("investissement_eur")
        ranks = np.searchsorted(np.array(bornes), figures, side="right")
        counts = np.bincount(ranks, minlength=len(bornes) + 1)
        sums = np.zeros(len(bornes) + 1, dtype=np.int64)
        np.add.at(sums, ranks, figures)
        return {rank: (int(n), int(sums[rank])) for rank, n in enumerate(counts) if n}

    def _moyennes(self, groups, size):
        """(how many have a point, mean longitude, mean latitude) of each group, by its number."""
        lon, lat = self._colonne("lon"), self._colonne("lat")
        told = ~np.isnan(lon)
        groups = groups[told]
        situated = np.bincount(groups, minlength=size)
        with np.errstate(invalid="ignore"):
            return situated, *(
                np.bincount(groups, weights=axis[told], minlength=size) / situated
                for axis in (lon, lat)
            )

    def points(self):
        """As `RangementQuerySet.points`."""
        codes = list(self.colonnes.mots["departement"])
        names = dict(Departement.objects.values_list("pk", "nom"))
        situated, lon, lat = self._moyennes(self._colonne("departement"), len(codes))
        found = [
            (code, names.get(code), int(situated[k]), float(lon[k]), float(lat[k]))
            for k, code in enumerate(codes)
            if code and situated[k]
        ]
        # As `rang_du_departement`.
        return sorted(found, key=lambda row: row[0].replace("2A", "20A").replace("2B", "20B"))

    @une_fois("departement", "commune", "localisation", *REELS)
    def lieux(self, ecartee):
        """As `RangementQuerySet.lieux`."""
        codes = {name: list(self.colonnes.mots[name]) for name in ("departement", "commune")}
        size = len(codes["commune"]) or 1
        pairs = self._colonne("departement").astype(np.int64) * size + self._colonne("commune")
        # A few million cells at most: to sort the rows would take five times as long.
        counts = np.bincount(pairs)
        found = np.flatnonzero(counts)
        cells = np.zeros(len(counts), dtype=np.intp)
        cells[found] = np.arange(len(found))
        groups, counts = cells[pairs], counts[found]
        situated, lon, lat = self._moyennes(groups, len(found))
        away = self._colonne("localisation") == self.colonnes.mots["localisation"].get(ecartee, -1)
        away = np.bincount(groups[away], minlength=len(found))
        departements = dict(Departement.objects.order_by().values_list("pk", "nom"))
        communes = dict(Commune.objects.order_by().values_list("pk", "nom"))
        rows = []
        for k, pair in enumerate(found):
            where = codes["departement"][pair // size]
            commune = codes["commune"][pair % size]
            n = int(situated[k])
            middle = (float(lon[k]), float(lat[k])) if n else (None, None)
            rows.append((
                where, departements.get(where), commune, communes.get(commune),
                int(counts[k]), n, *middle, int(away[k]),
            ))  # fmt: skip
        return rows


class Rangees:
    """Keys by what they are sorted by, then by themselves; sorted no further than a slice needs."""

    def __init__(self, cles, order):
        """cles: sorted; order: what each is sorted by."""
        self.cles, self.order = cles, order

    def __getitem__(self, part):
        stop = min(part.stop, len(self.cles))
        if not stop:
            return []
        limit = np.partition(self.order, stop - 1)[stop - 1]
        near = np.flatnonzero(self.order <= limit)
        near = near[np.argsort(self.order[near], kind="stable")]
        return self.cles[near[part.start : stop]].tolist()


class Parcourues:
    """The keys that are kept, in the order of a query that walks an index: where they are many,
    few of its rows are read for a page.
    """

    def __init__(self, gardees, rows, autrement):
        """gardees: `Lignes`; rows: the keys of all, in order; autrement: of those alone."""
        self.gardees, self.rows, self.autrement = gardees, rows, autrement

    def __getitem__(self, part):
        number = self.gardees.count() or 1
        size = 2 * part.stop * len(self.gardees.colonnes) // number  # of which half would do
        if size > LOT:
            return self.autrement[part]
        found, start = [], 0
        while len(found) < part.stop and (keys := list(self.rows[start : start + size])):
            found += self.gardees.parmi_cles(keys)
            start += size
        return found[part.start : part.stop]


# --- The copy of this process ---------------------------------------------------------------------


class Copie:
    """The `Colonnes` of this process, if somebody tends them (`veiller`) and rows are many."""

    def __init__(self):
        self._lock = Lock()
        self._appel = Event()
        self.forget_all()

    def forget_all(self):
        self._tenue = None
        self._appel.clear()

    def faire(self):
        """Make the whole copy, now."""
        self._tenue = Colonnes.lire()

    def veiller(self):
        """Tend it aside, for as long as the process lives: nobody who asks waits for it."""
        Thread(target=self._veiller, daemon=True).start()

    def _veiller(self):
        while True:
            self.tenir()
            self._appel.wait(VEILLE)
            self._appel.clear()

    def tenir(self):
        """Read what changed; make it whole once rows are many, or when it could not follow."""
        try:
            with limites.during(limites.files()):
                if self._suivie() is None:
                    many = Rangement.objects.order_by("pk")[BEAUCOUP - 1 :].exists()
                    self._tenue = Colonnes.lire() if many else None
                if held := self._tenue:
                    held.repetes, held.finances  # noqa: B018 - read before somebody waits for them
        except (DatabaseError, InterfaceError) as error:
            logger.warning("the rangements could not be laid out: %s", error)
        finally:
            if not connection.in_atomic_block:
                connection.close()

    def lue(self):
        """The `Colonnes` of what the database says now; None when the queries are to answer."""
        if self._tenue is None or moment.actuel():
            return None
        if (found := self._suivie()) is None:
            self._appel.set()
        return found

    def _suivie(self):
        held = self._tenue
        if held is None:
            return None
        after = Retouche.objects.filter(pk__gte=held.retouche).order_by("pk")
        known, *since = [
            *([(0, 0)] if held.retouche == 0 else []),
            *after.values_list("pk", "projet")[: TROP + 1],
        ] or [(-1, 0)]
        changed = {key for _, key in since}
        if known[0] != held.retouche or None in changed or len(since) >= TROP:
            return None
        if not since:
            return held
        last, keys = since[-1][0], sorted(changed)
        if connection.attend_la_fin():
            return held.suivre(last, keys)  # what is not committed is nobody else's
        with self._lock:
            if self._tenue is held:
                self._tenue = held.suivre(last, keys)
            now = self._tenue
        return now if now.retouche == last else None


copie = Copie()


def lignes():
    """All the rangements, to be filtered and counted: in memory, or by queries."""
    held = copie.lue()
    return Rangement.objects.all() if held is None else Lignes(held)


def _cles(value):
    """The primary keys that an `__in` is given, as an array."""
    keys = getattr(value, "cles", None)
    if isinstance(keys, np.ndarray):
        return keys
    if keys is None and isinstance(value, Expression):
        keys = Rangement.objects.filter(pk__in=value).values_list("pk", flat=True)
    return np.array([_une(key) for key in (value if keys is None else keys)], dtype=np.int64)


def _une(value):
    """A value of an `__in`: itself, or of the row that a queryset gives."""
    if isinstance(value, Model):
        return value.pk
    return next(iter(value.values())) if isinstance(value, dict) else value
