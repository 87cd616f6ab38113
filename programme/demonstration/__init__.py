"""Desks of a demonstration that have something to do: fictitious records, on real territories.

Each is a draft that says « exemple fictif », noted as it is made: what was noted, and what officers
added to it, goes in one act. Nothing is ever public, unless an officer publishes it.
"""

EXEMPLE = "Exemple fictif"
FICHIER = "exemples-fictifs"
"""What `LigneChargee.fichier` says of them."""
