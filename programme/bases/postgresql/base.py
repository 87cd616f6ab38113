"""PostgreSQL, as the portal speaks to it."""

from programme.bases import FinDeTransaction
from programme.pannes.postgresql import base


class DatabaseWrapper(FinDeTransaction, base.DatabaseWrapper):
    pass
