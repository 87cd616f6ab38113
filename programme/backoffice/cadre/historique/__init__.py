"""The history of a record and of its related rows, in words; what was is put back from there."""

from .mots import MASQUE, VIDE, Changement, Formateur, lignes_en_mots, who_and_when
from .pages import HistoriqueMixin

__all__ = [
    "MASQUE",
    "VIDE",
    "Changement",
    "Formateur",
    "HistoriqueMixin",
    "lignes_en_mots",
    "who_and_when",
]
