"""What every admin screen shares: the perimeter, the version seen, the history, deletion."""

from .base import EcranAdmin, LectureSeuleAdmin, LignesEmpilees, LignesEnTable
from .fiche import FicheAdmin
from .filtres import (
    FiltreDepartement,
    FiltreOperateur,
    FiltrePerimetre,
    FiltreRegion,
    FiltreRenseigne,
    FiltreTerritoire,
    filtres_declares,
)

__all__ = [
    "EcranAdmin",
    "FicheAdmin",
    "FiltreDepartement",
    "FiltreOperateur",
    "FiltrePerimetre",
    "FiltreRegion",
    "FiltreRenseigne",
    "FiltreTerritoire",
    "LectureSeuleAdmin",
    "LignesEmpilees",
    "LignesEnTable",
    "filtres_declares",
]
