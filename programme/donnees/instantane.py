"""One consistent state of the database, for as long as a file is being written."""

from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

from programme.pannes import limites

BEGIN = {
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    # Deferred: a reader of SQLite's WAL never holds back a writer.
    "sqlite": "BEGIN DEFERRED",
}


@contextmanager
def snapshot(using=DEFAULT_DB_ALIAS):
    """A connection of its own whose queries all see the same state, whatever is written meanwhile.

    It is not the request's connection, which stays free for whatever the response still needs.
    Inside a transaction of the caller (a test, ATOMIC_REQUESTS) that transaction is the snapshot:
    another connection would not see what it has written. An SQLite database in memory, which only
    tests have, locks its readers out of each other's way: it keeps to one connection.
    """
    current = connections[using]
    in_memory = current.vendor == "sqlite" and current.is_in_memory_db()
    if current.in_atomic_block or in_memory:
        yield current
        return
    connection = current.copy()
    # The server may close the response, and with it this connection, from another thread.
    connection.inc_thread_sharing()
    try:
        with limites.during(limites.files()), connection.cursor() as cursor:
            cursor.execute(BEGIN[connection.vendor])
        yield connection
    finally:
        connection.close()


def compile_query(queryset, connection):
    """The SQL and parameters of `queryset` for `connection`. Raises EmptyResultSet for none()."""
    return queryset.query.get_compiler(connection=connection).as_sql()
