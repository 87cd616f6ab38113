"""Django's cache in the database, that says when the database cannot write.

Django's own answers « no » alike for a key that is taken and for a write that failed: a limit that
counts in it would then take the failure for somebody who asks too often.
"""

from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, IntegrityError, connections, router


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

        connection = connections[router.db_for_write(self.cache_model_class)]
        with connection.execute_wrapper(note):
            done = super()._base_set(*args, **kwargs)
        if failures:
            raise failures[0]
        return done
