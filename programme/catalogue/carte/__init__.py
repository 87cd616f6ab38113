"""The drawn map: what the public pages show with `templates/partials/carte.html`."""

from .dessin import Aplat, Dessin, Repere, dessin_ensemble, dessin_proche

__all__ = ["Aplat", "Dessin", "Repere", "dessin_ensemble", "dessin_proche"]
