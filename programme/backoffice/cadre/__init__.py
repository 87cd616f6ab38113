"""What every admin screen shares: the perimeter, the version seen, the history, deletion."""

from .adresses import AdresseMixin
from .base import BackofficeAdmin, LectureSeuleAdmin, LignesEmpilees, LignesEnTable
from .filtres import FiltrePerimetre, FiltreRegion, FiltreRenseigne, filtres_declares

__all__ = [
    "AdresseMixin",
    "BackofficeAdmin",
    "FiltrePerimetre",
    "FiltreRegion",
    "FiltreRenseigne",
    "LectureSeuleAdmin",
    "LignesEmpilees",
    "LignesEnTable",
    "filtres_declares",
]
