"""Settings of the test suite: the production settings, told where they stand.

Only the environment is set here, and the little that makes tests fast. `DATABASE_URL` chooses the
database; without it the suite runs on SQLite in memory.
"""

import os

os.environ["ENV_FILE"] = os.devnull  # a developer's own .env must not change what is tested
os.environ.setdefault("SECRET_KEY", "cle-de-test-" + "0123456789abcdef" * 4)
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ["HTTPS"] = "False"
os.environ["SECOND_FACTEUR_OBLIGATOIRE"] = "False"

from programme.settings import *  # noqa: F403

if DATABASES["default"]["ENGINE"].endswith(".sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # noqa: F405
COURRIER_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SUR_DISQUE = "ESSAIS_SUR_DISQUE" in os.environ  # a portal that is served beside the tests
STORAGES = {
    "default": {
        "BACKEND": "programme.stockage.StockageEntier"
        if SUR_DISQUE
        else "django.core.files.storage.InMemoryStorage"
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A test sees its own change at once, and never another test's page.
DONNEES_VERSION_TTL = 0
# A test may leave files unread.
EXPORTS_SIMULTANES = EXPORTS_PAR_ADRESSE = 10_000
API_PAR_MINUTE = 1_000_000
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "memoire": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "memoire",
    },
    "presence": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "presence",
    },
}
PAGES_KEPT = 0
# Static files come from their sources: no collectstatic before a test.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
