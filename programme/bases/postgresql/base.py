"""PostgreSQL, as the portal speaks to it."""

from django.db.backends.postgresql import features

from programme.bases import FinDeTransaction, Moments, MomentsFeatures
from programme.pannes.postgresql import base

EN_COURS = """
    SELECT min(xact_start) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
        AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
"""
"""A row is given its moment after a first write of its transaction, which has a number by then.

The server's own writers (autovacuum) write statistics, and no row of ours.
"""


class DatabaseFeatures(MomentsFeatures, features.DatabaseFeatures):
    pass


class DatabaseWrapper(FinDeTransaction, Moments, base.DatabaseWrapper):
    features_class = DatabaseFeatures

    def ecritures_depuis(self):
        """Of who may be seen: every session of the same role."""
        with self.cursor() as cursor:
            if self.in_atomic_block:  # which keeps what it saw first of others
                cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(EN_COURS)
            (since,) = cursor.fetchone()
        return since
