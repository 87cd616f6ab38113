"""Every announced figure beside what the published records add up to, and the sources."""

from dataclasses import dataclass

from django.shortcuts import render
from django.utils import timezone

from programme.catalogue.pages.indicateurs import INDICATEURS, Indicateur, calculer
from programme.models import ChiffreAnnonce, Source
from territoires.carte import cartes_at


@dataclass(frozen=True)
class Comparaison:
    """One announced figure, what is computed at its date (None: cannot be), and the gap.

    `possibles` counts the territories that may have been on the map too.
    """

    annonce: ChiffreAnnonce
    indicateur: Indicateur | None
    calcule: int | None = None
    renseignes: int | None = None
    possibles: int | None = None

    @property
    def ecart(self):
        return None if self.calcule is None else self.calcule - self.annonce.valeur


def chiffres(request):
    context = {
        "date": timezone.localdate(),
        "comparaisons": comparer(ChiffreAnnonce.objects.published().order_by("-date", "pk")),
        "sources": Source.objects.order_by("date", "code"),
    }
    return render(request, "programme/pages/chiffres.html", context)


def comparer(announced):
    """A `Comparaison` for each announced figure, all computed in one query."""
    rows = list(announced)
    wanted = {}
    for row in rows:
        indicateur = INDICATEURS.get(row.indicateur)
        if indicateur and indicateur.calcul:
            wanted[f"calcul_{row.pk}"] = indicateur.calcul(row.date)
        if indicateur and indicateur.renseignes:
            wanted[f"renseignes_{row.pk}"] = indicateur.renseignes(row.date)
    found = calculer(wanted) if wanted else {}
    possibles = _possibles(rows)
    return [
        Comparaison(
            row,
            INDICATEURS.get(row.indicateur),
            found.get(f"calcul_{row.pk}"),
            found.get(f"renseignes_{row.pk}"),
            possibles.get(row.pk),
        )
        for row in rows
    ]


def _possibles(rows):
    """How many territories were possible, not attested, at the date of each figure of the map."""
    of_the_map = [row for row in rows if row.indicateur == "territoires"]
    cartes = cartes_at(row.date for row in of_the_map) if of_the_map else {}
    return {row.pk: len(cartes[row.date].possibles) for row in of_the_map}
