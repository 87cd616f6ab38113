"""The public journal: what changed in the published records, field by field."""

from .lignes import of_contrat, of_projet, of_territoire

__all__ = ["of_contrat", "of_projet", "of_territoire"]
