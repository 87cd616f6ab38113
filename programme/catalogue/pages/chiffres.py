"""Every announced figure beside what the published records add up to, and the sources."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from programme.catalogue.pages.indicateurs import INDICATEURS, SANS_DONNEE, Indicateur, calculer
from programme.catalogue.personnes import sans_personne
from programme.models import ChiffreAnnonce, Precision, Source
from territoires.carte import cartes_at


@dataclass(frozen=True)
class Comparaison:
    """One announced figure, what is computed at its date (None: nothing to add up), and the gap.

    `renseignes` counts the records that state what is added up; `possibles`, the territories that
    may have been on the map too.
    """

    annonce: ChiffreAnnonce
    indicateur: Indicateur
    calcule: int | None = None
    renseignes: int | None = None
    possibles: int | None = None

    @property
    def recomptable(self):
        return self.indicateur.calcul is not None

    @property
    def ecart(self):
        return None if self.calcule is None else self.calcule - self.annonce.valeur


@sans_personne
@require_safe
def chiffres(request):
    context = {
        "date": timezone.localdate(),
        "comparaisons": comparer(ChiffreAnnonce.objects.published()),
        "sources": Source.objects.order_by("date", "code"),
    }
    return render(request, "programme/pages/chiffres.html", context)


def comparer(announced):
    """A `Comparaison` for each announced figure, by indicator and date, computed in one query."""
    rows = list(announced.order_by("date", "pk"))
    wanted = {}
    for row in rows:
        indicateur = indicateur_of(row)
        if indicateur.calcul:
            wanted[f"calcul_{row.pk}"] = indicateur.calcul(jour_de_calcul(row))
        if indicateur.renseignes:
            wanted[f"renseignes_{row.pk}"] = indicateur.renseignes(jour_de_calcul(row))
    found = calculer(wanted) if wanted else {}
    possibles = _possibles(rows)
    compared = [_comparaison(row, found, possibles.get(row.pk)) for row in rows]
    return sorted(compared, key=_rank)


def _comparaison(row, found, possibles):
    """What no record states adds up to nothing known, not to zero."""
    renseignes = found.get(f"renseignes_{row.pk}")
    calcule = None if renseignes == 0 else found.get(f"calcul_{row.pk}")
    return Comparaison(row, indicateur_of(row), calcule, renseignes, possibles)


_RANKS = {code: rank for rank, code in enumerate(INDICATEURS)}


def _rank(comparaison):
    code = comparaison.indicateur.code
    return _RANKS.get(code, len(_RANKS)), code


def indicateur_of(chiffre):
    """The declared indicator, or one that nobody knows how to compute."""
    code = chiffre.indicateur
    return INDICATEURS.get(code) or Indicateur(
        code, code.replace("_", " ").capitalize(), chiffre.unite, SANS_DONNEE, ""
    )


def jour_de_calcul(chiffre):
    """The day to compute at: the last one of what the figure's date stands for."""
    year, month = chiffre.date.year, chiffre.date.month
    if chiffre.precision_date == Precision.ANNEE:
        return date(year, 12, 31)
    if chiffre.precision_date == Precision.MOIS:
        return date(year, month, monthrange(year, month)[1])
    return chiffre.date


def _possibles(rows):
    """How many territories were possible, not attested, at the date of each figure of the map."""
    of_the_map = {row.pk: jour_de_calcul(row) for row in rows if row.indicateur == "territoires"}
    cartes = cartes_at(of_the_map.values()) if of_the_map else {}
    return {pk: len(cartes[day].possibles) for pk, day in of_the_map.items()}
