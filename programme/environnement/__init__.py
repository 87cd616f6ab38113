"""The environment: its reader, and what each variable may hold."""

from .lecteur import REQUIRED, Environnement, ReglagesRefuses

__all__ = ["REQUIRED", "Environnement", "ReglagesRefuses"]
