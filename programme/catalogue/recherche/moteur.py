"""The search: from what a person types to ranked entries, the same on both databases.

Rank: the exact name; an earlier name or a code; the beginning of a name; the name but for plurals;
all the words; then what a slip may have meant. Within a rank the heaviest entry comes first.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain

from django.db.models import Case, IntegerField, Q, Value, When

from programme.catalogue.recherche.corrections import corriger
from programme.models import EntreeIndex
from programme.models.index import PLAFOND, tous, un_de
from territoires.models import CodePostal, Commune
from territoires.recherche.texte import mots, plier, racine

MOTS_LUS = 12
"""Words beyond are not read: each one more can only find less."""

PEU = 3
"""With as few entries as this, and no name among them, what a slip may have meant is added."""

MAXIMUM = PLAFOND - 1
GROUPEMENTS = frozenset(
    {
        "agglo", "agglomeration", "ca", "cc", "communaute", "communes", "cu", "intercommunalite",
        "metropole", "urbaine",
    }
)  # fmt: skip
GENERIQUES = GROUPEMENTS | {
    *("code", "com", "commune", "departement", "industrie", "mairie", "pays", "postal", "region"),
    *("siren", "siret", "territoire", "territoires", "ville", "village"),
    *("cherche", "est", "je", "ma", "mon", "notre"),
}
"""Words that a name is typed with, though it has none of them: left out when nothing is found."""
CODE_POSTAL = re.compile(r"[0-9]{5}", re.ASCII)
SUGGESTIONS = 8
_PAR_LES_MOTS = 9
_CORRIGEES = 10  # ranks of what a slip may have meant come after those of what was typed
_DEBUT_LISIBLE = 2  # letters: a shorter beginning of a word is in most of the index


@dataclass(frozen=True)
class Lecture:
    """What was typed, as words; `cles` are the names it may be, its last word unfinished or not."""

    mots: tuple[str, ...]
    cles: tuple[str, ...]

    @classmethod
    def of(cls, texte):
        finis = tuple(mots(texte)[:MOTS_LUS])
        en_cours = mots(texte, en_cours=True)[:MOTS_LUS]
        return cls(finis, tuple(dict.fromkeys([" ".join(en_cours), " ".join(finis)])))

    @property
    def radical(self):
        """The name it may be, but for plurals."""
        return " ".join(racine(mot) for mot in self.mots)

    def nomme(self, nom):
        """Whether it is in `nom`: its beginning, or all the words."""
        propres = mots(nom)
        return " ".join(propres).startswith(self.cles) or set(self.radical.split()) <= {
            racine(mot) for mot in propres
        }

    def expressions(self, *, saisie=False):
        """What finds the very name, and what finds the rest.

        `saisie`: it is still being typed, its last word may be the beginning of another.
        """
        choix = [[f"s_{racine(mot)}", f"j_{mot}"] for mot in self.mots]
        if saisie and len(self.mots[-1]) >= _DEBUT_LISIBLE:
            choix[-1].append(f"{self.mots[-1]}*")
        noms = [f"{sorte}_{cle.replace(' ', '_')}" for cle in self.cles for sorte in "na"]
        par_les_mots = un_de(*chain.from_iterable(choix))
        if len(self.mots) > 1:  # alone, a word is never found by its context
            chacun = (
                un_de(*formes, f"c_{racine(mot)}")
                for mot, formes in zip(self.mots, choix, strict=True)
            )
            par_les_mots = tous(*chacun, par_les_mots)
        radical = f"r_{self.radical.replace(' ', '_')}"
        return un_de(*noms, radical), un_de(par_les_mots, *(f"{nom}*" for nom in noms))

    @property
    def type(self):
        """The type that its generic words name, when one of them does: « CC du Pays de Lacq »."""
        if GROUPEMENTS.intersection(self.mots):
            return EntreeIndex.Type.INTERCOMMUNALITE
        return EntreeIndex.Type.TERRITOIRE if "territoire" in self.mots else None

    def rang_corrige(self, corrigee):
        """The rank among what `corrigee` finds: first what is of the type named, if one is."""
        named = When(type=self.type, then=corrigee.rang(_CORRIGEES))
        return Case(named, default=corrigee.rang(2 * _CORRIGEES))

    def rang(self, base=0):
        """From `base`, the exact name, to `base` + `_PAR_LES_MOTS`, all the words."""
        etapes = []
        for cle in self.cles:
            etapes += [("noms", f"|{cle}|"), ("autres", f"|{cle}|")]
            etapes += [("noms", f"|{cle}"), ("autres", f"|{cle}")]
        etapes.append(("noms", f"|={self.radical}|"))
        cas = [
            When(**{f"{colonne}__contains": texte}, then=Value(base + rang))
            for rang, (colonne, texte) in enumerate(etapes)
        ]
        defaut = Value(base + _PAR_LES_MOTS)
        return Case(*cas, default=defaut, output_field=IntegerField())


class Classees:
    """Ranked entries, of which only those that are shown are read whole; each has its `rang`."""

    def __init__(self, rangs=()):
        """rangs: (rank, primary key) of each, in order."""
        self._rangs = {key: rang for rang, key in rangs}
        self._cles = list(self._rangs)

    def __len__(self):
        return len(self._cles)

    def __getitem__(self, part):
        if isinstance(part, int):
            return self[part : part + 1][0]
        entrees = EntreeIndex.objects.select_related("projet__territoire", "contrat__territoire")
        read = entrees.in_bulk(self._cles[part])
        for key, entree in read.items():
            entree.rang = self._rangs[key]
        return [read[key] for key in self._cles[part]]

    def __iter__(self):
        return iter(self[:])

    def valeurs(self, *noms):
        """These columns of all, in their order."""
        rows = EntreeIndex.objects.filter(pk__in=self._cles).values_list("pk", *noms)
        read = {key: values for key, *values in rows}
        return [read[key] for key in self._cles]


@dataclass(frozen=True)
class Reponse:
    """`entrees`: ranked, `MAXIMUM` at most. `comptes`: how many there are of each type.

    `aussi`: what a postcode is also the INSEE code of, that it does not answer for.
    `correction`: what was searched for too, or instead when nothing was found as typed.
    """

    entrees: Classees = field(default_factory=Classees)
    aussi: list[Commune] = field(default_factory=list)
    comptes: dict[str, int] = field(default_factory=dict)
    total: int = 0
    correction: str = ""
    exactes: int = 0

    @property
    def plafonnee(self):
        """Whether there are more than the search ranks."""
        return self.total > MAXIMUM


def chercher(texte, type_=""):
    """The `Reponse` to what was typed; `comptes` are of all types, the rest of `type_` if given."""
    lecture = Lecture.of(texte)
    if not lecture.mots:
        return Reponse()
    aussi = autres_communes(texte)
    codes = [commune.pk for commune in aussi]
    expressions, rang = lecture.expressions(), lecture.rang()
    trouvees = _lire(expressions, rang, sauf=codes)
    exactes, correction = len(trouvees), ""
    if exactes <= PEU and (autre := _corriger(lecture, expressions)):
        correction, sures, corrigee = autre
        expressions += corrigee.expressions()
        rang = Case(When(pk__in=sures, then=rang), default=lecture.rang_corrige(corrigee))
        if len(elargies := _lire(expressions, rang, sauf=codes)) == exactes:
            correction = ""
        trouvees = elargies
    comptes = _compter(trouvees)
    if type_ and len(trouvees) > MAXIMUM:
        trouvees = _lire(expressions, rang, type_, codes)
    rangs = [(rang, pk) for rang, _, pk, found in sorted(trouvees) if type_ in ("", found)]
    return Reponse(Classees(rangs[:MAXIMUM]), aussi, comptes, len(rangs), correction, exactes)


def suggerer(texte):
    """The first entries for what is being typed, and the words of a slip, "" when there is none.

    One query; a few more when nothing was found.
    """
    lecture = Lecture.of(texte)
    if not lecture.mots:
        return [], ""
    expressions = lecture.expressions(saisie=True)
    found = _trouver(expressions, sauf=[commune.pk for commune in autres_communes(texte)])
    if trouvees := list(_classer(found, lecture.rang())[:SUGGESTIONS]):
        return trouvees, ""
    for correction in _corrections(lecture.mots):
        corrigee = Lecture.of(correction)
        entrees = _classer(_trouver(corrigee.expressions()), lecture.rang_corrige(corrigee))
        if trouvees := list(entrees[:SUGGESTIONS]):
            return trouvees, correction
    return [], ""


def autres_communes(texte):
    """The communes that a postcode finds by an INSEE code alone: those of another place.

    Without a postcode, none: an INSEE code answers for its commune.
    """
    code = texte.strip()
    if not CODE_POSTAL.fullmatch(code):
        return []
    served = set(CodePostal.objects.filter(code=code).values_list("commune", flat=True))
    if not served:
        return []
    named = Q(pk=code) | Q(anciennes__code=code)
    return list(Commune.objects.filter(named).exclude(pk__in=served).distinct())


def _trouver(expressions, type_="", sauf=()):
    """The public entries that `expressions` find, without the communes of the codes `sauf`."""
    if type_:
        expressions = [tous(expression, f"t_{plier(type_)}") for expression in expressions]
    entrees = EntreeIndex.objects.matching(*expressions).public()
    if sauf:
        entrees = entrees.exclude(type=EntreeIndex.Type.COMMUNE, identifiant__in=sauf)
    return entrees


def _lire(expressions, rang, type_="", sauf=()):
    """(rank, weight, primary key, type) of what `_trouver` gives, looked for once, then counted and
    sorted here as `_classer` does; the heaviest has the least weight.
    """
    rows = _trouver(expressions, type_, sauf).annotate(rang=rang)
    read = rows.values_list("rang", "poids", "pk", "type")
    return [(rang, -poids, pk, found) for rang, poids, pk, found in read]


def _compter(trouvees):
    """How many entries of each type, in the order of the types."""
    nombres = Counter(type_ for *_, type_ in trouvees)
    return {type_: nombres[type_] for type_ in EntreeIndex.Type.values if type_ in nombres}


def _classer(entrees, rang):
    # Ids follow the order of types and names: the last rebuild gave them.
    return entrees.annotate(rang=rang).order_by("rang", "-poids", "id")


def _corrections(typed, *, trouve=False):
    """What the words typed may have meant: without slips; then, found by none, without the words
    that any group of communes has in its name (« CC du Pays de Lacq » : Lacq), slips or not.
    """
    yield from corriger(typed, trouve=trouve)
    own = [mot for mot in typed if mot not in GENERIQUES]
    if not trouve and 0 < len(own) < len(typed):
        yield " ".join(own)
        yield from corriger(own)


def _corriger(lecture, expressions):
    """`(words, primary keys found without them, Lecture)` of a slip; None when there is none.

    A name that was found as typed is no slip.
    """
    sures = dict(_trouver(expressions).annotate(rang=lecture.rang()).values_list("pk", "rang"))
    if any(rang < _PAR_LES_MOTS for rang in sures.values()):
        return None
    for correction in _corrections(lecture.mots, trouve=bool(sures)):
        corrigee = Lecture.of(correction)
        if _trouver(corrigee.expressions()).exclude(pk__in=list(sures)).exists():
            return correction, list(sures), corrigee
    return None
