"""Recruitment needs of the basins that a territory lies in (enquête BMO)."""

from dataclasses import dataclass, field

from programme.models import BassinTerritoire, BesoinMainOeuvre


@dataclass
class Metier:
    """Needs of one trade over all the basins; None when every basin's figure is secret."""

    nom: str
    projets: int | None = None
    difficiles: int | None = None
    secrets: int = 0
    largeur: int = 0
    largeur_difficiles: int = 0


@dataclass
class Diagnostic:
    """`metiers`, the greatest need first; `secrets` counts the figures under statistical secret."""

    annee: int | None = None
    bassins: list = field(default_factory=list)
    metiers: list[Metier] = field(default_factory=list)
    secrets: int = 0


def of_territoire(territoire, *, shown=12):
    """The diagnosis of the latest year, in two queries; a secret figure is counted, not added."""
    bassins = BassinTerritoire.objects.filter(territoire=territoire).select_related("bassin")
    found = Diagnostic(bassins=list(bassins.order_by("-nb_communes_communes", "bassin")))
    needs = BesoinMainOeuvre.objects.filter(bassin__territoires=territoire)
    trades: dict[str, Metier] = {}
    columns = ("annee", "metier__nom", "projets", "difficiles")
    for year, name, projets, difficiles in needs.order_by("-annee").values_list(*columns):
        found.annee = found.annee or year
        if year == found.annee:
            _add(trades.setdefault(name, Metier(name)), projets, difficiles)
    found.secrets = sum(trade.secrets for trade in trades.values())
    found.metiers = sorted(trades.values(), key=lambda m: (-(m.projets or 0), m.nom))[:shown]
    _measure(found.metiers)
    return found


def _add(trade, projets, difficiles):
    if projets is not None:
        trade.projets = (trade.projets or 0) + projets
    if difficiles is not None:
        trade.difficiles = (trade.difficiles or 0) + difficiles
    trade.secrets += (projets is None) + (difficiles is None)


def _measure(trades):
    """Widths of the bars, in hundredths of the greatest need."""
    greatest = max((trade.projets or 0 for trade in trades), default=0)
    for trade in trades:
        if greatest:
            trade.largeur = round(100 * (trade.projets or 0) / greatest)
            trade.largeur_difficiles = round(100 * (trade.difficiles or 0) / greatest)
