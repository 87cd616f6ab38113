"""Which territory each entry of a complete list is: recognised by members and names, never by code.

Codes are reused between lists for other territories; members are not. An entry is a territory of
the map when they share most of their members, each way, or bear one name and share some. What no
rule recognises is new, or comes from others; whoever imports the list has the last word.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from territoires.recherche.texte import plier

AUTRE_NOM = 0.7
"""The share of members, of each side, from which an entry of another name is the territory."""


class ChoixErrone(ValidationError):
    """What was chosen for an entry, of code `entree`, cannot be."""

    def __init__(self, entree, message):
        self.entree = entree.code
        super().__init__(message)


@dataclass(frozen=True)
class Entree:
    """One territory of a list: its code there, name, région porteuse and members' codes."""

    code: str
    nom: str
    region: str
    membres: frozenset


@dataclass
class Ligne:
    """One line of the table: an entry and the territory that it is, or one of them alone.

    `sources`: for an entry, {territory: what it takes of it}; `heritiers`: for a territory that is
    on the list no more, {entry: what it takes}, of `taille` in all: members, or their communes.
    """

    entree: Entree | None
    territoire: object = None
    avant: frozenset = frozenset()
    sources: dict = field(default_factory=dict)
    heritiers: dict = field(default_factory=dict)
    taille: int = 0

    @property
    def natures(self):
        """What happened, in words; « reconnu » alone when nothing did."""
        if self.entree is None:
            if not self.heritiers:
                return ["disparu"]
            return ["réuni"] if len(self.heritiers) == 1 else ["partagé"]
        if self.territoire is None:
            if not self.sources:
                return ["nouveau"]
            return ["issu d’une réunion"] if len(self.sources) > 1 else ["issu d’un partage"]
        found = ["reconnu"]
        if self.entree.code != code_de_liste(self.territoire):
            found.append("renuméroté")
        if self.entree.nom != self.territoire.nom:
            found.append("renommé")
        return found

    @property
    def reconnu(self):
        return self.entree is not None and self.territoire is not None

    @property
    def gagnes(self):
        return sorted(self.entree.membres - self.avant) if self.entree else []

    @property
    def perdus(self):
        return sorted(self.avant - self.entree.membres) if self.entree else sorted(self.avant)

    @property
    def porteurs(self):
        """The codes of the territories whose contracts and projects are at stake."""
        if self.territoire is not None:
            return [self.territoire.pk]
        return [territoire.pk for territoire in self.sources]


def code_de_liste(territoire):
    """The code that lists give to a territory."""
    return territoire.code_anct or territoire.pk


def correspondance(entrees, membres, choix=None, parties=None):
    """The `Ligne`s of a list, the entries in their order, then the territories without any.

    entrees: `Entree`s. membres: {territory: set of its members' codes}. choix: {code of the list:
    code of a territory, or "" for none}, which overrules what was recognised. `parties`: {member:
    its communes} of those that the other side names by their communes.
    """
    choix = choix or {}
    listed = {entree: _parts(entree.membres, parties) for entree in entrees}
    drawn = {territoire: _parts(theirs, parties) for territoire, theirs in membres.items()}
    shared = _shared(listed, drawn)
    chosen = _chosen(entrees, membres, choix)
    found = dict(chosen)
    taken = set(chosen.values()) - {None}
    for entree, territoire in _recognised(listed, drawn, shared):
        if entree.code not in found and territoire not in taken:
            found[entree.code] = territoire
            taken.add(territoire)
    lines = []
    for entree in entrees:
        territoire = found.get(entree.code)
        line = Ligne(entree, territoire, frozenset(membres.get(territoire, ())))
        line.sources = {t: n for t, n in shared[entree.code].items() if t is not territoire}
        lines.append(line)
    for territoire, theirs in membres.items():
        if territoire not in taken:
            line = Ligne(None, territoire, frozenset(theirs), taille=len(drawn[territoire]))
            line.heritiers = {
                e: shared[e.code][territoire] for e in entrees if territoire in shared[e.code]
            }
            lines.append(line)
    return lines


def _parts(codes, parties):
    """Members, those of `parties` by their communes."""
    parties = parties or {}
    return frozenset(part for code in codes for part in parties.get(code, (code,)))


def _shared(listed, drawn):
    """{code of an entry: {territory: how much they share}}."""
    owner = defaultdict(list)
    for territoire, theirs in drawn.items():
        for code in theirs:
            owner[code].append(territoire)
    found = {}
    for entree, parts in listed.items():
        counts = defaultdict(int)
        for code in sorted(parts):
            for territoire in owner[code]:
                counts[territoire] += 1
        found[entree.code] = dict(counts)
    return found


def _recognised(listed, drawn, shared):
    """(entry, territory) of what is recognised, the surest first."""
    pairs = []
    for entree, parts in listed.items():
        for territoire, count in shared[entree.code].items():
            share = min(count / len(parts), count / len(drawn[territoire]))
            same = plier(entree.nom) == plier(territoire.nom)
            if same or share >= AUTRE_NOM:
                pairs.append((same, share, count, entree, territoire))
    pairs.sort(key=lambda pair: (-pair[1], -pair[0], -pair[2], pair[3].code, pair[4].pk))
    return [(entree, territoire) for *_, entree, territoire in pairs]


def _chosen(entrees, membres, choix):
    by_code = {territoire.pk: territoire for territoire in membres}
    found, takers = {}, {}
    for entree in entrees:
        if entree.code not in choix:
            continue
        code = choix[entree.code]
        if code and code not in by_code:
            raise ChoixErrone(
                entree,
                f"« {entree.nom} » ({entree.code}) : aucun territoire de la carte n’a le code "
                f"« {code} ». Prenez-en un dans la liste proposée, ou videz la case : il sera "
                "nouveau.",
            )
        if code and code in takers:
            raise ChoixErrone(
                entree,
                f"« {entree.nom} » et « {takers[code]} » ne peuvent pas être tous deux "
                f"« {by_code[code]} » : videz une des deux cases.",
            )
        takers[code] = entree.nom
        found[entree.code] = by_code.get(code)
    return found
