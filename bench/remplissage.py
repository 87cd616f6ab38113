"""The rows that the measures read: the real data, and copies of its projects."""

from django.core.management import call_command
from django.db import connection, transaction


def fill(lines):
    """Load the real data, then copy its projects until there are `lines` of them.

    Returns how many projects are published. Works on both databases; the copies keep the dates,
    places and amounts of the project they come from, under codes and addresses of their own.
    """
    from programme.models import DonneesVersion, Projet

    call_command("migrate", verbosity=0)
    call_command("charger_donnees", verbosity=0)
    real = Projet.objects.count()
    table = Projet._meta.db_table
    columns = [f.column for f in Projet._meta.concrete_fields if f.column not in ("id", "code")]
    copied = ", ".join("p.slug || '-' || n" if c == "slug" else f'p."{c}"' for c in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (code, {names}) "
            "WITH RECURSIVE copies (n) AS "
            "(SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < %s) "
            f"SELECT 'B' || n || '-' || p.id, {copied} FROM {table} p CROSS JOIN copies LIMIT %s",
            [lines // real + 1, max(lines - real, 0)],
        )
        DonneesVersion.objects.bump()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Projet.objects.published().count()
