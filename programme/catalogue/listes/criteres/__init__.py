"""The kinds of filters: what each keeps, counts, and says in words.

A filter narrows a queryset by a condition on the row itself or by a subquery, never by a join:
a row comes once, whatever it is linked to.
"""

from .base import Critere, count_all, facette
from .choix import Choix, ChoixLie, ChoixMultiple, ChoixSansCompte, Conditions
from .intervalles import Intervalle, Periode
from .valeurs import Cles, Egal, Jour, Lieu, Oui, Texte

__all__ = [
    "Choix",
    "ChoixLie",
    "ChoixMultiple",
    "ChoixSansCompte",
    "Cles",
    "Conditions",
    "Critere",
    "Egal",
    "Intervalle",
    "Jour",
    "Lieu",
    "Oui",
    "Periode",
    "Texte",
    "count_all",
    "facette",
]
