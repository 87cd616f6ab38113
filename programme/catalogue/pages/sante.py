"""Health: 200 when the database answers and every migration is applied; and whether it can write.

Every answer comes within a few seconds, whatever the database does: who asks has a limit too.
"""

from contextlib import contextmanager

from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from programme.catalogue.suivre.envois import en_machine
from programme.models import DonneesVersion
from programme.pannes import limites
from programme.pannes.causes import panne_of
from programme.taches import minuteur

ATTENTE = 1  # seconds for each question
ETATS = {None: "ok", "OCCUPEE": "occupé", "LECTURE_SEULE": "lecture seule", "ABSENTE": "en panne"}


@never_cache
@require_safe
def sante(request):
    try:
        with limites.briefly(ATTENTE):
            executor = MigrationExecutor(connection)
            missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
            version = DonneesVersion.objects.values_list("numero", flat=True).first()
            passage = minuteur.dernier_passage() if not missing else None
            suivi = en_machine() if not missing else None
    except (DatabaseError, InterfaceError):
        return _ill("la base de données ne répond pas")
    if missing:
        return _ill(f"{len(missing)} migration(s) à appliquer")
    told = {"base": connection.vendor, "version_des_donnees": version, "minuteur": passage}
    told["recapitulatifs"] = suivi
    refusal = why_not_written()
    if refusal is None:
        return JsonResponse({"etat": "ok", **told})
    # Pages are served: whoever watches must not take them away by restarting the site.
    return JsonResponse({"etat": ETATS[refusal.name], "raison": refusal.phrase, **told})


def why_not_written():
    """The `Panne` that a write meets, in the cache that all processes share; None without any."""
    try:
        with limites.briefly(ATTENTE), _hurried():
            cache.set("sante", True, 60)
    except (DatabaseError, InterfaceError) as error:
        if found := panne_of(error):
            return found
        raise
    return None


@contextmanager
def _hurried():
    """SQLite waits by itself for the lock of another: less, for this question."""
    if connection.vendor != "sqlite" or connection.connection is None:
        yield
        return
    raw = connection.connection
    (usual,) = raw.execute("PRAGMA busy_timeout").fetchone()
    raw.execute(f"PRAGMA busy_timeout = {ATTENTE * 1000}")
    try:
        yield
    finally:
        raw.execute(f"PRAGMA busy_timeout = {usual}")


def _ill(reason):
    return JsonResponse({"etat": "en panne", "raison": reason}, status=503)
