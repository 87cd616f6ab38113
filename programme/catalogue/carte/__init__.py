"""The drawn map: what the public pages show with `templates/partials/carte.html`."""

from .dessin import Aplat, Dessin, Repere, dessin_ensemble, dessin_proche
from .themes import CarteDeFrance, Cle, Theme, carte_de_france

__all__ = [
    "Aplat",
    "CarteDeFrance",
    "Cle",
    "Dessin",
    "Repere",
    "Theme",
    "carte_de_france",
    "dessin_ensemble",
    "dessin_proche",
]
