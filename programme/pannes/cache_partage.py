"""Django's cache in the database, that says when the database cannot write.

Django's own answers « no » alike for a key that is taken and for a write that failed: a limit that
counts in it would then take the failure for somebody who asks too often.
"""

from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, IntegrityError, connections, router, transaction
from django.utils import timezone


class CachePartage(DatabaseCache):
    def _base_set(self, *args, **kwargs):
        failures = []

        def note(execute, *call):
            try:
                return execute(*call)
            except IntegrityError:  # another process wrote the same key first
                raise
            except DatabaseError as error:
                failures.append(error)
                raise

        using = router.db_for_write(self.cache_model_class)
        # Django's own transaction is one inside ours: a commit that fails fails here.
        with connections[using].execute_wrapper(note), transaction.atomic(using=using):
            done = super()._base_set(*args, **kwargs)
            if failures:
                raise failures[0]
        return done

    def oublier(self):
        """Delete what has expired, which Django leaves there until it is asked for; how many."""
        connection = connections[router.db_for_write(self.cache_model_class)]
        now = connection.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))
        table, expires = map(connection.ops.quote_name, (self._table, "expires"))
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE {expires} < %s", [now])  # noqa: S608
            return cursor.rowcount
