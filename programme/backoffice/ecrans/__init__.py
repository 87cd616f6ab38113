"""The admin screens of the programme, one module per subject."""

from . import (
    chiffres,
    comites,
    contrats,
    diagnostic,
    documents,
    geographie,
    operateurs,
    parutions,
    presentation,
    projets,
    propositions,
    territoires,
    traces,
)

__all__ = [
    "chiffres",
    "comites",
    "contrats",
    "diagnostic",
    "documents",
    "geographie",
    "operateurs",
    "parutions",
    "presentation",
    "projets",
    "propositions",
    "territoires",
    "traces",
]
