"""Load the CSV files of `fixtures/` into the models: strict to read, careful to write."""

from .ecriture import Bilan, charger
from .lecture import ErreurDeChargement, Fichier

__all__ = ["Bilan", "ErreurDeChargement", "Fichier", "charger"]
