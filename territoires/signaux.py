"""What the map tells whoever is above it."""

from django.dispatch import Signal

donnees_chargees = Signal()
"""Sent in the transaction of a load that changed rows: its bulk writes send no other signal."""

carte_changee = Signal()
"""Sent in the transaction of an act on the map, with the `codes` of the territories concerned."""
