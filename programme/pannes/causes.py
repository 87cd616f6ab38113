"""What happened to the database or to the files, read from the exception that a request met."""

import errno
import sqlite3
from enum import Enum

from django.db import DatabaseError, InterfaceError


class Panne(Enum):
    """`(what a person reads, seconds after which to try again, the same in English)`."""

    ABSENTE = (
        "La base de données ne répond pas en ce moment.",
        30,
        "The database does not answer at the moment.",
    )
    OCCUPEE = (
        "La base de données est occupée par un autre travail.",
        10,
        "The database is busy with other work.",
    )
    LECTURE_SEULE = (
        "Le portail est en lecture seule : rien ne peut y être enregistré.",
        60,
        "The portal is read-only: nothing can be recorded.",
    )
    PLEIN = (
        "Le disque du portail est plein : aucun fichier ne peut y être reçu.",
        60,
        "The disk of the portal is full: it can receive no file.",
    )
    MEMOIRE = (
        "La mémoire partagée ne répond pas : personne ne peut se connecter en ce moment.",
        30,
        "The memory that the servers of the portal share does not answer: nobody can sign in.",
    )
    DOCUMENTS = (
        "Les fichiers du portail ne répondent pas en ce moment ; les pages, si.",
        30,
        "The files of the portal do not answer at the moment; its pages do.",
    )

    def __init__(self, phrase, attente, anglais):
        self.phrase = phrase
        self.attente = attente
        self.anglais = anglais


# https://www.postgresql.org/docs/current/errcodes-appendix.html, by code, then by class.
SQLSTATES = {
    "25006": Panne.LECTURE_SEULE,  # read-only transaction: a standby, or a setting
    "25P03": Panne.OCCUPEE,  # idle in transaction for too long
    "40001": Panne.OCCUPEE,
    "40P01": Panne.OCCUPEE,  # deadlock
    "53100": Panne.LECTURE_SEULE,  # disk full
    "55P03": Panne.OCCUPEE,  # a lock that was waited for
    "57014": Panne.OCCUPEE,  # a statement that lasted too long
    "58030": Panne.LECTURE_SEULE,  # the disk refuses
}
CLASSES = {"08": Panne.ABSENTE, "53": Panne.ABSENTE, "57": Panne.ABSENTE, "58": Panne.ABSENTE}
# https://www.sqlite.org/rescode.html, by primary code.
SQLITE = {
    sqlite3.SQLITE_BUSY: Panne.OCCUPEE,
    sqlite3.SQLITE_LOCKED: Panne.OCCUPEE,
    sqlite3.SQLITE_READONLY: Panne.LECTURE_SEULE,
    sqlite3.SQLITE_FULL: Panne.LECTURE_SEULE,
    sqlite3.SQLITE_IOERR: Panne.LECTURE_SEULE,
    sqlite3.SQLITE_CANTOPEN: Panne.ABSENTE,
    sqlite3.SQLITE_CORRUPT: Panne.ABSENTE,
    sqlite3.SQLITE_NOTADB: Panne.ABSENTE,
}
# Of libraries that are imported by who has `CACHE_URL` or `DOCUMENTS_URL` alone.
ABSENTS = {"MemoireAbsente": Panne.MEMOIRE, "StockageAbsent": Panne.DOCUMENTS}
DISQUE = {
    errno.ENOSPC: Panne.PLEIN,
    errno.EDQUOT: Panne.PLEIN,
    errno.EROFS: Panne.LECTURE_SEULE,
}


def panne_of(error):
    """The `Panne` that `error`, or what it comes from, tells; None for a fault of the code."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if found := _told_by(error):
            return found
        error = error.__cause__ or error.__context__
    return None


def _told_by(error):
    if found := ABSENTS.get(type(error).__name__):
        return found
    if isinstance(error, OSError):
        return DISQUE.get(error.errno)
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return SQLITE.get((getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF)
    if state := getattr(cause, "sqlstate", None):
        return SQLSTATES.get(state) or CLASSES.get(state[:2])
    # Without a code nobody answered: the connection was refused, lost, or waited for too long.
    return Panne.ABSENTE if type(error).__name__ in ("OperationalError", "InterfaceError") else None
