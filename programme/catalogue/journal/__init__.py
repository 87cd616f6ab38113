"""The public journal: what changed in the published records, field by field."""

from .lignes import dernieres, of_record, of_territoire

__all__ = ["dernieres", "of_record", "of_territoire"]
