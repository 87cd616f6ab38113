"""Django's cache in Redis or Valkey (`CACHE_URL`), that says when it does not answer.

What is counted there is who fails to sign in: a count that is lost in silence would let anybody try
for ever. Values are JSON: whoever can write there makes nobody run anything.
"""

import functools
import json

from django.core.cache.backends.redis import RedisCache
from django.db import OperationalError
from redis.exceptions import RedisError

QUESTIONS = (
    "add", "clear", "delete", "delete_many", "get", "get_many", "has_key", "incr", "set",
    "set_many", "touch",
)  # fmt: skip


class MemoireAbsente(OperationalError):
    """Nobody answers at `CACHE_URL`."""


class Json:
    """Of a value, its text; whole numbers as Redis adds to them."""

    def dumps(self, value):
        return value if type(value) is int else json.dumps(value)

    def loads(self, data):
        return json.loads(data)


class CacheRedis(RedisCache):
    pass


def _told(question):
    @functools.wraps(question)
    def asked(*args, **kwargs):
        try:
            return question(*args, **kwargs)
        except RedisError as error:
            raise MemoireAbsente(type(error).__name__) from error

    return asked


for _name in QUESTIONS:
    setattr(CacheRedis, _name, _told(getattr(RedisCache, _name)))
