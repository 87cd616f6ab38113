"""What the map tells whoever is above it."""

from django.dispatch import Signal

donnees_chargees = Signal()
"""Sent in the transaction of a load that changed rows: its bulk writes send no other signal."""
