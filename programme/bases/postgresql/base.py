"""PostgreSQL, as Django speaks to it."""

from django.db.backends.postgresql import base

from programme.bases import FinDeTransaction


class DatabaseWrapper(FinDeTransaction, base.DatabaseWrapper):
    pass
