"""Django's cache in the database, that says when the database cannot write.

Django's own answers « no » alike for a key that is taken and for a write that failed: a limit that
counts in it would then take the failure for somebody who asks too often.
"""

from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, IntegrityError, connections, router, transaction


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
