"""The lignées follow the map, the phases and the communes that they are computed from.

At a moment they are computed from those of then.
"""

from dataclasses import astuple

from django.apps import apps
from django.core.cache import caches
from django.db import connections
from django.db.models import Max
from django.db.models.signals import post_delete, post_migrate, post_save

from programme.bases import a_la_fin
from programme.catalogue.version import version_reader
from territoires import lignees, moment
from territoires.models import (
    Commune,
    Lignee,
    MouvementCommune,
    Phase,
    Rattachement,
    Territoire,
)
from territoires.signaux import carte_changee, donnees_chargees


def connect():
    for modele in (Rattachement, Phase, Commune, MouvementCommune):
        for signal in (post_save, post_delete):
            signal.connect(_on_change, sender=modele, dispatch_uid="lignees")
    carte_changee.connect(_on_change, dispatch_uid="lignees.carte")
    donnees_chargees.connect(_on_load, dispatch_uid="lignees.chargement")
    programme = apps.get_app_config("programme")
    moment.derivee(Lignee, _d_alors)
    post_migrate.connect(_after_migration, sender=programme, dispatch_uid="lignees.migration")


def _on_change(sender, raw=False, **kwargs):
    # A raw fixture may name rows that are not there yet.
    if not raw:
        a_la_fin(refaire)


def _on_load(sender, **kwargs):
    refaire()


def _after_migration(sender, using, **kwargs):
    """A base that was loaded before there was a table gets its lignées with the table."""
    tables = connections[using].introspection.table_names()
    if Lignee._meta.db_table in tables and not Lignee.objects.using(using).exists():
        refaire()


def refaire(_=()):
    """Compute the lignées anew, whatever a transaction changed."""
    lignees.refaire()


def _d_alors(connection):
    """The rows of the table at the moment that is read: the same for as long as no member moves."""
    last = [
        model.history.aggregate(dernier=Max("history_id"))["dernier"]
        for model in (Rattachement, Territoire)
    ]
    key = f"lignees-{version_reader.current()}-{last}".replace(" ", "")
    rows = caches["memoire"].get_or_set(key, _calculees)
    return moment.lignes(Lignee, rows, connection)


def _calculees():
    return [(rank, *astuple(line)) for rank, line in enumerate(lignees.calculees(), 1)]
