"""SQLite, as Django speaks to it."""

from django.db.backends.sqlite3 import base

from programme.bases import FinDeTransaction, Moments


class DatabaseWrapper(FinDeTransaction, Moments, base.DatabaseWrapper):
    pass
