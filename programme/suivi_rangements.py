"""The rangements follow the projects, and the places that they are computed from.

At a moment they are computed from the projects and the places of then.
"""

from functools import lru_cache

from django.apps import apps
from django.db import connections, router, transaction
from django.db.models.signals import post_delete, post_migrate, post_save, pre_save

from programme.bases import a_la_fin, d_abord
from programme.donnees.instantane import compile_query
from programme.models import DonneesVersion, Financement, Projet, Rangement, Retouche
from programme.models.rangement import PREFIXE, calcules
from territoires import moment
from territoires.models import (
    CodePostal,
    Commune,
    Departement,
    Liste,
    MouvementCommune,
    Phase,
    Rattachement,
    Territoire,
)
from territoires.signaux import carte_changee, donnees_chargees

LIEUX = (
    CodePostal,
    Commune,
    Departement,
    Liste,
    MouvementCommune,
    Phase,
    Rattachement,
    Territoire,
)
"""What says where a project lies: any may move many of them."""
TABLE = Rangement._meta.db_table
COLONNES = [field.column for field in Rangement._meta.concrete_fields]
LOT = 500
BEAUCOUP = 5_000
"""Beyond, the rows of a moment are a query in each statement that reads them."""


def connect():
    for signal in (post_save, post_delete):
        signal.connect(_on_project, sender=Projet, dispatch_uid="rangements.projet")
        for modele in LIEUX:
            signal.connect(_on_place, sender=modele, dispatch_uid="rangements.lieu")
    for signal in (pre_save, post_save, post_delete):
        signal.connect(_on_payment, sender=Financement, dispatch_uid="rangements.financement")
    carte_changee.connect(_on_place, dispatch_uid="rangements.carte")
    donnees_chargees.connect(_on_load, dispatch_uid="rangements.chargement")
    moment.derivee(Rangement, _d_alors)
    programme = apps.get_app_config("programme")
    post_migrate.connect(_after_migration, sender=programme, dispatch_uid="rangements.migration")


def _on_project(sender, instance, raw=False, **kwargs):
    if not raw:
        a_la_fin(ranger, instance.pk)


def _on_payment(sender, instance, signal, raw=False, **kwargs):
    if raw:
        return
    if signal is not pre_save:
        a_la_fin(noter, instance.projet_id)
    elif not instance._state.adding:
        # It may go to another project than the one that it paid for.
        paid = Financement.objects.filter(pk=instance.pk).values_list("projet", flat=True)
        a_la_fin(noter, *paid)


def _on_place(sender, raw=False, **kwargs):
    # A raw fixture may name rows that are not there yet.
    if not raw:
        a_la_fin(refaire)


def _on_load(sender, **kwargs):
    refaire()


def _after_migration(sender, using, **kwargs):
    """A base that was loaded before there was a table gets its rows with the table."""
    tables = connections[using].introspection.table_names()
    if TABLE in tables and not Rangement.objects.using(using).exists():
        refaire()


@d_abord
def ranger(projets):
    """Write the rows of these projects, by their keys; those that are not public lose theirs."""
    with transaction.atomic():
        for start in range(0, len(projets), LOT):
            part = projets[start : start + LOT]
            _ecrire(Rangement.objects.filter(pk__in=part), part)
    a_la_fin(noter, *projets)


@d_abord
def refaire(_=()):
    """Write all of them anew, whatever a transaction changed."""
    with transaction.atomic():
        connection = _connexion()
        if connection.vendor == "postgresql":
            # Whoever writes a row of it meanwhile computed it from places that we do not see.
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {TABLE} IN SHARE ROW EXCLUSIVE MODE")
        _ecrire(Rangement.objects.all())
    a_la_fin(noter, None)


def noter(projets):
    """Tell those who hold a copy of the rows which changed, by the keys of the projects; None: all.

    At the end of a transaction: nobody else writes the version of the data until its COMMIT, so
    that the numbers of the notes follow each other as the commits do.
    """
    with transaction.atomic(savepoint=False):
        if not DonneesVersion.objects.select_for_update().filter(pk=1).values_list("pk"):
            DonneesVersion.objects.current()
        told = [None] if None in projets else projets
        Retouche.objects.bulk_create((Retouche(projet=pk) for pk in told), batch_size=LOT)


def _ecrire(known, projets=()):
    """Write the rows of these projects, or of all; `known`: those that may have to go."""
    public = Projet.objects.published().order_by().values("pk")
    gone = known.exclude(pk__in=public)
    gone._raw_delete(gone.db)
    connection = _connexion()
    sql, params = _compilee(moment.today(), connection.vendor, len(projets))
    kept = ", ".join(f"{name} = excluded.{name}" for name in COLONNES[1:])
    # On SQLite, « ON » after a SELECT without WHERE would be read as that of a join.
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} ({', '.join(COLONNES)}) {sql} "
            f"ON CONFLICT ({COLONNES[0]}) DO UPDATE SET {kept}",
            [*params, *projets],
        )


@lru_cache(maxsize=16)
def _compilee(date, vendor, count):
    """The query of the rows of so many projects, or of all, and its parameters but their keys.

    `date`: the day that it is of. To compile it takes longer than to run it on one project.
    """
    if not count:
        return compile_query(calcules(), _connexion())
    # The condition added last has the last parameters.
    sql, params = compile_query(calcules().filter(pk__in=range(count)), _connexion())
    return sql, params[:-count]


def _connexion():
    return connections[router.db_for_write(Rangement)]


def _d_alors(connection):
    """The query of the rows at the moment that is read.

    SQLite would compute every column of them for each count of a list: it is given the rows
    themselves, read once for the block, unless they are `BEAUCOUP`.
    """
    if connection.vendor == "sqlite" and (rows := _lues(connection)):
        return rows
    named = ", ".join(f"{PREFIXE}{name} AS {name}" for name in COLONNES)
    computed = moment.ecrite(*compile_query(calcules(), connection), connection)
    return moment.Lisant(f"SELECT {named} FROM ({computed}) r")  # noqa: S608 - columns of ours


def _lues(connection):
    kept = moment.bloc()
    if TABLE not in kept:
        rows = list(calcules()[: BEAUCOUP + 1])
        few = len(rows) <= BEAUCOUP
        kept[TABLE] = moment.lignes(Rangement, rows, connection) if few else ""
    return kept[TABLE]
