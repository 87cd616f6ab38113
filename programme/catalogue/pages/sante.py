"""Health: 200 when the database answers and every migration is applied."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from programme.models import DonneesVersion


@never_cache
@require_safe
def sante(request):
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return _ill(f"{len(missing)} migration(s) à appliquer")
        version = DonneesVersion.objects.values_list("numero", flat=True).first()
    except DatabaseError:
        return _ill("la base de données ne répond pas")
    return JsonResponse({"etat": "ok", "base": connection.vendor, "version_des_donnees": version})


def _ill(reason):
    return JsonResponse({"etat": "en panne", "raison": reason}, status=503)
