"""Between dates of two phases, where every territory has another code: what changed, by lignée."""

from dataclasses import dataclass, replace
from functools import cached_property

from territoires import lignees
from territoires.carte import Differences, Presence
from territoires.lignees import Compte, Filiation
from territoires.models.lignee import Nature

AUTRES_COMMUNES = ("carte-n3", "élargi, réduit ou recomposé")


@dataclass(frozen=True, slots=True)
class Ligne:
    """A filiation with the territory of each side as it was called; None where there is none."""

    avant: Presence | None
    apres: Presence | None
    filiation: Filiation


@dataclass(frozen=True)
class Passage:
    """What became of the territories of the first date: `lignes`, and how many of each nature."""

    lignes: tuple[Ligne, ...]

    @cached_property
    def comptes(self) -> list[Compte]:
        found = {nature: set() for nature in Nature}
        for ligne in self.lignes:
            told = ligne.apres or ligne.avant
            found[ligne.filiation.nature].add(told.territoire.code)
        return [Compte(nature, len(codes)) for nature, codes in found.items()]

    @cached_property
    def par_nature(self) -> list[tuple[Nature, list[Ligne]]]:
        """The lines that have both sides, by nature: who came and who left are told apart."""
        both = [ligne for ligne in self.lignes if ligne.avant and ligne.apres]
        return [
            (nature, found)
            for nature in Nature
            if (found := [ligne for ligne in both if ligne.filiation.nature == nature])
        ]

    @cached_property
    def changes(self) -> dict[str, tuple[str, str]]:
        """By code, how the maps show the territories of either date whose communes changed."""
        return {
            side.territoire.code: AUTRES_COMMUNES
            for ligne in self.lignes
            for side in (ligne.avant, ligne.apres)
            if side and ligne.filiation.nature != Nature.IDENTIQUE
        }


def passage(found: Differences) -> Passage | None:
    """The `Passage` between the two maps; None when no territory is of another phase.

    Only what is attested at the first date is compared.
    """
    avant, apres = ({p.territoire.phase_id for p in c.presents} for c in (found.de, found.a))
    if not avant or not apres or avant & apres:
        return None
    before, after = found.de.par_code, found.a.par_code
    lines = lignees.entre(found.de.date, found.a.date)
    return Passage(tuple(Ligne(before.get(f.avant), after.get(f.apres), f) for f in lines))


def sans_les_heritiers(found: Differences, passage: Passage) -> Differences:
    """`found`, whose entries are the *nouveaux* and whose exits are the *sortis*."""
    natures = (Nature.NOUVEAU, Nature.SORTI)
    alone = {
        (ligne.apres or ligne.avant).territoire.code
        for ligne in passage.lignes
        if ligne.filiation.nature in natures
    }
    entrees, sorties = (
        tuple(m for m in moved if m.territoire.code in alone)
        for moved in (found.entrees, found.sorties)
    )
    return replace(found, entrees=entrees, sorties=sorties, fusions=())
