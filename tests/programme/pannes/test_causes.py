"""What an exception tells of the database; a fault of the code stays a fault."""

import errno
import sqlite3

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, InternalError, OperationalError, connection
from django.db.utils import InterfaceError, ProgrammingError
from psycopg import errors

from programme.pannes.causes import Panne, panne_of


def wrapped(cause, kind=OperationalError):
    """As Django raises it."""
    error = kind(str(cause))
    error.__cause__ = cause
    return error


def of_sqlite(code):
    error = sqlite3.OperationalError("…")
    error.sqlite_errorcode = code
    return wrapped(error)


@pytest.mark.parametrize(
    ("error", "panne"),
    [
        (wrapped(psycopg.OperationalError("connection refused")), Panne.ABSENTE),
        (wrapped(errors.ConnectionTimeout()), Panne.ABSENTE),
        (wrapped(errors.AdminShutdown()), Panne.ABSENTE),
        (wrapped(errors.TooManyConnections()), Panne.ABSENTE),
        (wrapped(psycopg.InterfaceError("closed"), InterfaceError), Panne.ABSENTE),
        (OperationalError("the database did not answer a moment ago"), Panne.ABSENTE),
        (wrapped(errors.LockNotAvailable()), Panne.OCCUPEE),
        (wrapped(errors.QueryCanceled()), Panne.OCCUPEE),
        (wrapped(errors.DeadlockDetected()), Panne.OCCUPEE),
        (wrapped(errors.ReadOnlySqlTransaction(), InternalError), Panne.LECTURE_SEULE),
        (wrapped(errors.DiskFull()), Panne.LECTURE_SEULE),
        (of_sqlite(sqlite3.SQLITE_BUSY), Panne.OCCUPEE),
        (of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), Panne.OCCUPEE),
        (of_sqlite(sqlite3.SQLITE_FULL), Panne.LECTURE_SEULE),
        (of_sqlite(sqlite3.SQLITE_READONLY), Panne.LECTURE_SEULE),
        (of_sqlite(sqlite3.SQLITE_IOERR_WRITE), Panne.LECTURE_SEULE),
        (of_sqlite(sqlite3.SQLITE_CANTOPEN), Panne.ABSENTE),
        (OSError(errno.ENOSPC, "no space"), Panne.PLEIN),
        (OSError(errno.EROFS, "read-only"), Panne.LECTURE_SEULE),
        (of_sqlite(sqlite3.SQLITE_ERROR), None),
        (wrapped(errors.UniqueViolation(), IntegrityError), None),
        (wrapped(errors.UndefinedTable(), ProgrammingError), None),
        (OSError(errno.ENOENT, "no file"), None),
        (DatabaseError("threads"), None),
        (ValueError("a fault of ours"), None),
        (None, None),
    ],
    ids=repr,
)
def test_each_exception_has_its_cause(error, panne):
    assert panne_of(error) is panne


def test_what_an_exception_comes_from_is_read_too():
    outer = ValueError("while it was being handled")
    outer.__context__ = wrapped(errors.LockNotAvailable())
    assert panne_of(outer) is Panne.OCCUPEE


@pytest.mark.django_db
def test_a_missing_table_is_no_failure_of_the_database():
    with pytest.raises(DatabaseError) as caught, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM nulle_part")
    assert panne_of(caught.value) is None
