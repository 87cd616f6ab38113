"""What every admin screen shares: the perimeter, the version seen, the history, deletion."""

from .base import EcranAdmin, LectureSeuleAdmin, LignesEmpilees, LignesEnTable
from .fiche import FicheAdmin
from .filtres import FiltreOperateur, FiltrePerimetre, FiltreRegion, FiltreRenseigne, FiltreValeurs

__all__ = [
    "EcranAdmin",
    "FicheAdmin",
    "FiltreOperateur",
    "FiltrePerimetre",
    "FiltreRegion",
    "FiltreRenseigne",
    "FiltreValeurs",
    "LectureSeuleAdmin",
    "LignesEmpilees",
    "LignesEnTable",
]
