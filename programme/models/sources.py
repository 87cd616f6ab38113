"""The sources of the rows that a page, a total or a file shows, read with them."""

import json

from django.db.models import Aggregate, TextField


class Sources(Aggregate):
    """The distinct texts of a `source` field over the rows, sorted: a list, empty ones left out.

    Both databases make a JSON array of them: a text may hold any separator.
    """

    output_field = TextField()
    template = "%(function)s(DISTINCT %(expressions)s)"

    def as_sqlite(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **extra)

    def as_postgresql(self, compiler, connection, **extra):
        template = f"CAST({self.template} AS TEXT)"
        return self.as_sql(compiler, connection, function="JSON_AGG", template=template, **extra)

    def convert_value(self, value, expression, connection):
        return self.read(value)

    @property
    def empty_result_set_value(self):
        """Of rows that no query is needed to know that there are none."""
        return []

    @staticmethod
    def read(value):
        return sorted(text for text in json.loads(value or "[]") if text)
