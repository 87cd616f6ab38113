"""The acts of a filtered list on the map: who has signed, and how far the others are."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from programme.catalogue.ordre import fold
from territoires.carte import code_membre
from territoires.models import Phase, Rattachement, Territoire

from .dessin import Aplat, dessin_ensemble, dessin_proche
from .themes import AVANCEMENT, Cle

AUTRES = ("carte-voisin", "aucun acte de cette liste")
RANG = list(AVANCEMENT)


@dataclass(frozen=True, slots=True)
class Signataire:
    """A territory of the list: its furthest status, and where its acts are read."""

    territoire: Territoire
    statut: str
    url: str


class CarteDesContrats:
    """The territories of the filtered `contrats`, each once, under its furthest status.

    suite: what the links of the acts end with; requete: that of the list.
    """

    def __init__(self, contrats, requete, suite):
        self.contrats, self.requete, self.suite = contrats, requete, suite

    @cached_property
    def signataires(self):
        """In the order of the statuses, the furthest first, then of the names."""
        rows = self.contrats.order_by("pk").select_related("territoire")
        acts = defaultdict(list)
        for row in rows:
            acts[row.territoire].append(row)
        found = [
            Signataire(
                territoire,
                max((act.statut for act in told), key=RANG.index),
                told[0].get_absolute_url() + self.suite
                if len(told) == 1
                else self.requete.avec(territoire=territoire.pk),
            )
            for territoire, told in acts.items()
        ]
        return sorted(found, key=lambda o: (-RANG.index(o.statut), fold(o.territoire.nom)))

    @cached_property
    def par_statut(self):
        """`{status: its territories}`, the furthest first."""
        found = defaultdict(list)
        for one in self.signataires:
            found[one.statut].append(one)
        return dict(found)

    @cached_property
    def membres(self):
        """`{territory: codes of its members}` on the lists of the catalogue of every phase."""
        found = defaultdict(set)
        phases = Phase.objects.values_list("numero", flat=True)
        for row in Rattachement.objects.catalogue(*phases).select_related("territoire"):
            found[row.territoire].add(code_membre(row))
        return found

    @cached_property
    def autres(self):
        """The territories of phase 1, where acts were signed, that have none here."""
        named = {one.territoire.pk for one in self.signataires}
        return [row for row in self.membres if row.phase_id == 1 and row.pk not in named]

    @cached_property
    def dessin(self):
        """Near when a single région is asked for; on the whole map, the others are one shape."""
        classe, words = AUTRES
        shapes = [self._aplat(one) for one in self.signataires]
        others = [
            Aplat(row.pk, f"{row.nom} : {words}", classe, frozenset(self.membres[row]))
            for row in self.autres
        ]
        regions = self.requete.data.getlist("region")
        if len(regions) == 1:
            outline = ("regions", frozenset(regions))
            if near := dessin_proche(shapes, voisins=others, contour=outline):
                return near
        together = frozenset().union(*(one.membres for one in others))
        return dessin_ensemble([Aplat("", words, classe, together), *shapes] if others else shapes)

    def _aplat(self, one):
        row = one.territoire
        members = frozenset(self.membres.get(row, ()))
        title = f"{row.nom} : {one.statut}"
        return Aplat(row.pk, title, AVANCEMENT[one.statut][0], members, one.url)

    @property
    def cles(self):
        told = [
            Cle(AVANCEMENT[statut][0], statut, len(rows))
            for statut, rows in self.par_statut.items()
        ]
        return [*told, Cle(*AUTRES, len(self.autres))] if self.autres else told
