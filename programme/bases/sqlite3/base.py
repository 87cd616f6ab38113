"""SQLite, as Django speaks to it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db.backends.sqlite3 import base

from programme.bases import FinDeTransaction, Moments

LE_DEBUT = datetime(2000, 1, 1, tzinfo=UTC)


class DatabaseWrapper(FinDeTransaction, Moments, base.DatabaseWrapper):
    def ecritures_depuis(self):
        """There is one writer at a time: what it writes is later than all that is committed."""
        path = Path(str(self.settings_dict["NAME"]))
        if self.in_atomic_block or self.is_in_memory_db() or not self._is_being_written(path):
            return None
        with self.cursor() as cursor:
            cursor.execute('SELECT max("instant") FROM "territoires_modification"')
            (last,) = cursor.fetchone()
        since = datetime.fromisoformat(last).replace(tzinfo=UTC) if last else LE_DEBUT
        return since + timedelta(microseconds=1)

    @staticmethod
    def _is_being_written(path):
        address = f"{path.absolute().as_uri()}?mode=rw"
        try:
            with closing(
                sqlite3.connect(address, uri=True, timeout=0, isolation_level=None)
            ) as other:
                other.execute("BEGIN IMMEDIATE")
                other.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            return "locked" in str(error)
        return False
