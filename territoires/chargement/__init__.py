"""Load the CSV files of `fixtures/` into the models: strict to read, careful to write."""

from django.dispatch import Signal

from .ecriture import Bilan, charger
from .lecture import ErreurDeChargement, Fichier

donnees_chargees = Signal()
"""Sent in the transaction of a load that changed rows; bulk writes send no other signal."""

__all__ = ["Bilan", "ErreurDeChargement", "Fichier", "charger", "donnees_chargees"]
