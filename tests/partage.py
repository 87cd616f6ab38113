"""On which database a test runs, when `make test` runs the suite on SQLite then on PostgreSQL.

What no database decides is proved once, on one of the two, always the same: the tests that ask for
no database, and those marked `rendu` or `une_base`. `une_base(ensemble=True)` keeps together those
of a module, which ask for their pages once for all of them. All the others run on both. Only
`--partage` shares so: without it (a file, a folder, `make test-sqlite`), every test runs.
"""

import zlib

from django.db import connection
from django.test import TransactionTestCase

from tests import postgresql

BASES = ("sqlite", "postgresql")
MARQUES = ("rendu", "une_base")
# Whoever reaches a database asks for one of these, himself or through his fixtures.
OUVRENT = {"django_db_setup", "live_server"}


def pytest_addoption(parser):
    parser.addoption(
        "--partage",
        action="store_true",
        help="what no database decides runs on one of the two only (see tests/partage.py)",
    )


def is_shared(config):
    """Whether another run of the suite, on the other database, proves the rest."""
    # Without PostgreSQL there is no other run.
    return config.getoption("partage") and postgresql.find_binaries() is not None


def is_here(name, vendor=None):
    """Whether what `name` tells is proved on this database."""
    return BASES[zlib.crc32(name.encode()) % len(BASES)] == (vendor or connection.vendor)


def name_of(item):
    """What says where a test is proved: its own name, or that of its module."""
    marker = item.get_closest_marker("une_base")
    together = marker is not None and marker.kwargs.get("ensemble")
    return item.nodeid.partition("::")[0] if together else item.nodeid


def depends_on_the_database(item):
    """Whether a test must be seen on both databases."""
    if any(item.get_closest_marker(name) for name in MARQUES):
        return False
    # Who is skipped on one database cannot be given to it alone.
    if any(item.iter_markers("skipif")):
        return True
    return bool(
        item.get_closest_marker("django_db")
        or OUVRENT & set(getattr(item, "fixturenames", ()))
        or issubclass(getattr(item, "cls", None) or object, TransactionTestCase)
    )


def pytest_collection_modifyitems(config, items):
    if not is_shared(config):
        return
    elsewhere = [
        item for item in items if not depends_on_the_database(item) and not is_here(name_of(item))
    ]
    config.hook.pytest_deselected(items=elsewhere)
    elsewhere = set(elsewhere)
    items[:] = [item for item in items if item not in elsewhere]
