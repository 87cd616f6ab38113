"""The public journal: what changed in the published records, field by field."""

from .lignes import of_record, of_territoire

__all__ = ["of_record", "of_territoire"]
