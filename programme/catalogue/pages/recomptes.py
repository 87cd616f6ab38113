"""Why an announced figure and its recount differ: computed from the records, never written.

A `Recompte` says what the published records add up to at the date of a figure, and of which records
that is made. `expliquer()` makes the gap of these parts; what they do not make is « non expliqué ».
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import Enum

from programme.enonces import quantite
from programme.models import ChiffreAnnonce, Precision

Nature = ChiffreAnnonce.Nature


@dataclass(frozen=True)
class Part:
    """What some records make of the gap: `nombre`, signed, in the unit of the figure; and why."""

    nombre: int
    raison: str


@dataclass(frozen=True)
class Groupe:
    """Records that can make a part of a gap: `nombre` at most, in the unit of the figure."""

    nombre: int
    raison: str


@dataclass(frozen=True)
class Recompte:
    """What the records add up to.

    valeur: None when no record states it, which is not zero. fiches: how many records are counted.
    propres: those that rest on the documents of the announcement alone. posterieures: what counted
    records later than the announcement add. incertaines: counted, though maybe later.
    ecartees: not counted, though maybe there. A sum whose records do not all state a value names
    them in `notes`. reconstitues: counted by reconstruction, which no document states.
    manque: why there is no value, where the records say more than their silence.
    """

    valeur: int | None
    fiches: int = 0
    propres: int = 0
    posterieures: Groupe | None = None
    incertaines: tuple[Groupe, ...] = ()
    ecartees: tuple[Groupe, ...] = ()
    renseignes: int | None = None
    possibles: int | None = None
    reconstitues: int = 0
    notes: tuple[str, ...] = ()
    manque: str = ""

    @property
    def circulaire(self):
        """Whether all that is counted comes from the announcement itself."""
        return bool(self.fiches) and self.propres == self.fiches


@dataclass(frozen=True)
class Explication:
    """The gap, in parts that add up to it with `reste`, which nothing explains."""

    ecart: int
    parts: tuple[Part, ...] = ()
    reste: int = 0
    compatible: bool = False


def admet(annonce, valeur):
    """Whether the words of the announcement allow this value: « plus de 1 400 » allows 1 500."""
    if annonce.nature == Nature.PLUS_DE:
        return valeur > annonce.valeur
    if annonce.nature == Nature.AU_MOINS:
        return valeur >= annonce.valeur
    return valeur == annonce.valeur


def expliquer(annonce, recompte):
    """The `Explication` of the gap between a figure and its recount; None without a value.

    Records later than the announcement are taken off first: they prove nothing of it. Then those
    that the records leave open are named, no more of them than the gap needs.
    """
    if recompte is None or recompte.valeur is None:
        return None
    gap = rest = recompte.valeur - annonce.valeur
    parts = []
    if (later := recompte.posterieures) and later.nombre:
        parts.append(Part(later.nombre, later.raison))
        rest -= later.nombre
    if admet(annonce, annonce.valeur + rest):
        return Explication(gap, tuple(parts), rest, compatible=True)
    groups = recompte.ecartees if rest < 0 else recompte.incertaines
    sign = -1 if rest < 0 else 1
    for group in groups:
        if taken := min(group.nombre, abs(rest)):
            parts.append(Part(sign * taken, group.raison))
            rest -= sign * taken
    return Explication(gap, tuple(parts), rest, compatible=False)


class Verdict(Enum):
    """What a recount says of a figure: a title, and what it is worth."""

    RETROUVE = (
        "chiffre retrouvé,chiffres retrouvés",
        "chaque ligne dit ce qui vient d’une reconstitution ou de l’annonce elle-même",
    )
    CIRCULAIRE = (
        "chiffre retrouvé dans l’annonce seule,chiffres retrouvés dans l’annonce seule",
        "ce qui est compté vient de l’annonce elle-même, et n’en prouve rien",
    )
    EXPLIQUE = (
        "chiffre qui diffère et s’explique,chiffres qui diffèrent et s’expliquent",
        "ce que les fiches laissent ouvert, par leurs dates ou leur silence, suffit à l’écart",
    )
    INEXPLIQUE = (
        "chiffre dont l’écart reste inexpliqué,chiffres dont l’écart reste inexpliqué",
        "les fiches n’expliquent pas tout l’écart : ce qui manque est dit",
    )
    NON_RECOMPTABLE = (
        "chiffre qui ne se recompte pas,chiffres qui ne se recomptent pas",
        "les fiches publiées ne disent rien qui permette de les compter",
    )

    def __init__(self, formes, portee):
        self.formes, self.portee = formes, portee


def juger(recompte, explication):
    """The `Verdict` of a recount and of the explanation of its gap."""
    if explication is None:
        return Verdict.NON_RECOMPTABLE
    if not (explication.compatible or explication.ecart == 0):
        return Verdict.INEXPLIQUE if explication.reste else Verdict.EXPLIQUE
    return Verdict.CIRCULAIRE if recompte.circulaire else Verdict.RETROUVE


# --- Dates ------------------------------------------------------------------------------------


class Situation(Enum):
    """Where a dated fact lies, seen from the day of a figure."""

    COMPTEE = "comptée"
    OUVERTE = "ouverte"
    POSTERIEURE = "postérieure"


def jour_de_calcul(annonce):
    """The day to compute at: the last one of what the figure's date stands for."""
    return _etendue(annonce.date, annonce.precision_date)[1]


def _etendue(day, precision):
    """The first and last day that a date can mean; no first one for « au plus tard »."""
    if precision == Precision.AU_PLUS_TARD:
        return None, day
    if precision == Precision.ANNEE:
        return date(day.year, 1, 1), date(day.year, 12, 31)
    if precision == Precision.MOIS:
        last = monthrange(day.year, day.month)[1]
        return day.replace(day=1), day.replace(day=last)
    return day, day


def situation(annonce, day, precision):
    """Where a fact dated `day`, known to `precision`, lies: « au plus tard D » is before the event
    of D, « jour D » is on it, and counts unless the figure was stated before that event."""
    if day is None:
        return Situation.OUVERTE
    limit = jour_de_calcul(annonce)
    first, last = _etendue(day, precision)
    before = precision == Precision.AU_PLUS_TARD or annonce.jour_compris
    if last < limit or (last == limit and before):
        return Situation.COMPTEE
    if first is not None and (first > limit or (first == limit and not annonce.jour_compris)):
        return Situation.POSTERIEURE
    return Situation.OUVERTE


# --- Sentences --------------------------------------------------------------------------------


def reserve(recompte):
    """What weakens a figure that is found again, in a few words; "" when nothing does."""
    if not recompte or recompte.circulaire:
        return ""
    said = []
    if recompte.reconstitues:
        said.append(f"{quantite(recompte.reconstitues)} par reconstitution")
    if recompte.propres:
        of_all = f"{quantite(recompte.propres)} fiches sur {quantite(recompte.fiches)}"
        said.append(f"{of_all} d’après l’annonce seule")
    return ", ".join(said)


def note_des_sources(recompte):
    """What a recount drawn from the announcement itself is worth; "" when it is not."""
    if not recompte or not recompte.fiches or not recompte.propres:
        return ""
    if recompte.circulaire:
        return (
            "Recompte circulaire : tout ce qui est compté vient de l’annonce elle-même, le "
            "retrouver ne prouve rien."
        )
    return (
        f"{quantite(recompte.propres)} des {quantite(recompte.fiches)} fiches comptées ne "
        "reposent que sur l’annonce elle-même."
    )
