"""What a territory became or comes from, and what phase 1 did where one of phase 2 is today.

What phase 1 did is shown on its heirs as such, never as theirs.
"""

from dataclasses import dataclass

from django.db.models import Q

from programme.catalogue.listes.filters import de_la_lignee
from programme.colonnes import lignes
from programme.models import Contrat, Projet, Rangement
from territoires.models import Lignee, Territoire
from territoires.models.lignee import Nature


@dataclass(frozen=True, slots=True)
class Lien:
    """The territory of the other phase that shares communes; the parts are of the page's own."""

    autre: Territoire
    nature: str
    communes: int
    part_communes: float
    part_habitants: float | None


@dataclass(frozen=True, slots=True)
class Heritage:
    """What one territory is in the other phase. `de`: the territory whose lignée is told: itself,
    or, when it left before the end of its phase, the one that took it over.

    `natures`: of all its lines, `nouveau` and `sorti` too; none when no list was compared.
    `reste`: the part of its communes that are in no territory of the other phase.
    """

    de: Territoire
    liens: tuple[Lien, ...]
    natures: frozenset[str]

    @property
    def connu(self) -> bool:
        return bool(self.natures)

    @property
    def sorti(self) -> bool:
        return Nature.SORTI in self.natures

    @property
    def nouveau(self) -> bool:
        return Nature.NOUVEAU in self.natures

    @property
    def nature(self) -> str:
        """The one nature of all its lines; "" when its heirs are of several."""
        return next(iter(self.natures)) if len(self.natures) == 1 else ""

    @property
    def reste(self) -> float:
        return max(0.0, 1 - sum(lien.part_communes for lien in self.liens))

    @property
    def entier(self) -> bool:
        """Whether each of its communes is in a territory of the other phase."""
        return self.reste < 1e-9


def heritage_of(territoire: Territoire) -> Heritage:
    """The `Heritage` of a territory with its `successeur`, in one query."""
    here = Q(avant=territoire) | Q(apres=territoire)
    if territoire.successeur_id:
        here |= Q(avant=territoire.successeur_id)
    rows = list(Lignee.objects.filter(here).with_territoires())
    own = [row for row in rows if territoire.pk in (row.avant_id, row.apres_id)]
    de = territoire if own or not territoire.successeur_id else territoire.successeur
    shown = own or rows
    liens = [_lien(row, row.avant_id == de.pk) for row in shown if row.avant_id and row.apres_id]
    liens.sort(key=lambda lien: (-lien.communes, lien.autre.nom))
    return Heritage(de, tuple(liens), frozenset(row.nature for row in shown))


def _lien(row: Lignee, est_avant: bool) -> Lien:
    if est_avant:
        parts = row.part_communes_avant, row.part_habitants_avant
    else:
        parts = row.part_communes_apres, row.part_habitants_apres
    return Lien(row.apres if est_avant else row.avant, row.nature, row.communes, *parts)


def lignes_de(territoire: Territoire):
    """Its published projects, to be counted, as their list has them: its own, and those that lie
    today in one of phase 2, whosever they are.
    """
    return lignes().filter(dans(territoire))


def projets_de(territoire: Territoire):
    """The same, to be read."""
    if territoire.phase_id == 1:
        return Projet.objects.published().filter(territoire=territoire)
    rows = Rangement.objects.filter(dans(territoire))
    return Projet.objects.published().filter(pk__in=rows.values("pk"))


def dans(territoire: Territoire) -> Q:
    """The same, as the condition on their rangements."""
    inside = Q(territoire=territoire.pk)
    return inside if territoire.phase_id == 1 else inside | Q(situation=territoire.pk)


def contrats_de(territoire: Territoire) -> list[Contrat]:
    """Its published contracts, then those of the territories of phase 1 that it comes from."""
    acts = Q(territoire=territoire)
    if territoire.phase_id != 1:
        acts |= Q(pk__in=de_la_lignee(territoire.pk))
    rows = Contrat.objects.published().filter(acts).select_related("territoire", "seance")
    return sorted(rows, key=lambda act: act.territoire_id != territoire.pk)
