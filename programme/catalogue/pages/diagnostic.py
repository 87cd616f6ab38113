"""Recruitment needs of the basins that a territory lies in (enquête BMO)."""

from dataclasses import dataclass, field

from programme.models import BassinTerritoire


@dataclass
class Metier:
    """Needs of one trade over all the basins; None when every basin's figure is secret."""

    nom: str
    projets: int | None = None
    difficiles: int | None = None
    secrets: int = 0
    largeur: int = 0
    largeur_difficiles: int = 0


@dataclass(frozen=True)
class Bassin:
    """A basin, and how many of the territory's communes lie in it."""

    nom: str
    nb_communes: int
    nb_communes_territoire: int


@dataclass
class Diagnostic:
    """`metiers`, the greatest need first; `secrets` counts the figures under statistical secret."""

    annee: int | None = None
    bassins: list[Bassin] = field(default_factory=list)
    metiers: list[Metier] = field(default_factory=list)
    secrets: int = 0


def of_territoire(territoire, *, shown=12):
    """The diagnosis of the latest year, in one query; a secret figure is counted, not added."""
    rows = (
        BassinTerritoire.objects.filter(territoire=territoire)
        .order_by("-nb_communes_communes", "bassin__nom", "bassin")
        .values_list(
            "bassin__nom",
            "nb_communes_communes",
            "nb_communes_territoire",
            "bassin__besoins__annee",
            "bassin__besoins__metier__nom",
            "bassin__besoins__projets",
            "bassin__besoins__difficiles",
        )
    )
    rows = list(rows)
    found = Diagnostic(annee=max((row[3] for row in rows if row[3]), default=None))
    found.bassins = list(dict.fromkeys(Bassin(*row[:3]) for row in rows))
    trades: dict[str, Metier] = {}
    for *_, year, name, projets, difficiles in rows:
        if year and year == found.annee:
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
