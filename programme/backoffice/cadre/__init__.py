"""What every admin screen shares: the perimeter, the version seen, the history, deletion."""

from .base import EcranAdmin, LectureSeuleAdmin, LignesEmpilees, LignesEnTable
from .fiche import FicheAdmin
from .filtres import (
    FiltreOperateur,
    FiltrePerimetre,
    FiltreRegion,
    FiltreRenseigne,
    filtres_declares,
)

__all__ = [
    "EcranAdmin",
    "FicheAdmin",
    "FiltreOperateur",
    "FiltrePerimetre",
    "FiltreRegion",
    "FiltreRenseigne",
    "LectureSeuleAdmin",
    "LignesEmpilees",
    "LignesEnTable",
    "filtres_declares",
]
