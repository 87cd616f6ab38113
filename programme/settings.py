"""The only settings file: read from the environment, safe for production when it is silent.

Variables are listed, with their meaning, in `.env.example`. What cannot be read stops the start,
all faults at once (`env.finish()`, last).
"""

from pathlib import Path

from csp.constants import NONE, SELF

from programme.environnement import Environnement
from programme.environnement.valeurs import (
    bind,
    boolean,
    choice,
    database,
    email_address,
    fingerprints,
    folder,
    hosts,
    integer,
    log_file,
    mailer,
    number,
    object_storage,
    opaque,
    origins,
    replicas,
    secret,
    secrets,
    service_url,
    shared_cache,
    site_url,
    text,
    token,
    writable_folder,
)

BASE_DIR = Path(__file__).resolve().parent.parent
# Seconds and days beyond these are slips of the hand.
YEAR, TEN_YEARS_IN_DAYS = 366 * 86_400, 3_660

env = Environnement.of_the_process(BASE_DIR / ".env")


def _newest_source_file():
    """When the code, templates or static files last changed, as text."""
    newest = max(
        path.stat().st_mtime
        for folder in ("programme", "territoires", "templates", "static")
        for pattern in ("*.py", "*.html", "*.css", "*.js")
        for path in (BASE_DIR / folder).rglob(pattern)
    )
    return f"{int(newest):x}"


# --- Security ---------------------------------------------------------------------------------

DEBUG = env("DEBUG", boolean, default=False)
DEMONSTRATION = env("DEMONSTRATION", boolean, default=False)
SECRET_KEY = env("SECRET_KEY", secret)
# What a former key signed or encrypted is still read, never written.
SECRET_KEY_FALLBACKS = env("SECRET_KEY_FALLBACKS", secrets, default=[])
if SECRET_KEY and SECRET_KEY in SECRET_KEY_FALLBACKS:
    env.refuse("SECRET_KEY_FALLBACKS", "contient la clé actuelle. N’y mettez que les anciennes.")
ALLOWED_HOSTS = env("ALLOWED_HOSTS", hosts)
if "*" in (ALLOWED_HOSTS or []) and not (DEBUG or DEMONSTRATION):
    env.refuse("ALLOWED_HOSTS", "« * » laisse n’importe qui nommer le site. Donnez ses noms.")
CSRF_TRUSTED_ORIGINS = env("CSRF_TRUSTED_ORIGINS", origins, default=[])
# The site is served at the root of a name: no header of a request says otherwise.
FORCE_SCRIPT_NAME = ""

# Plain HTTP is for a developer's own machine only: it has to be asked for.
HTTPS = env("HTTPS", boolean, default=True)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
# Browsers then refuse one that another name of the same domain, or plain HTTP, would set.
_host = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_host}sessionid", f"{_host}csrftoken"
_hsts = env("SECURE_HSTS_SECONDS", integer(0, 10 * YEAR), default=31_536_000)
SECURE_HSTS_SECONDS = _hsts if HTTPS else 0
# They bind the whole domain, for months: its owner asks for them.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env("SECURE_HSTS_INCLUDE_SUBDOMAINS", boolean, default=False)
SECURE_HSTS_PRELOAD = env("SECURE_HSTS_PRELOAD", boolean, default=False)
if SECURE_HSTS_PRELOAD and not (SECURE_HSTS_INCLUDE_SUBDOMAINS and _hsts >= 31_536_000):
    env.refuse(
        "SECURE_HSTS_PRELOAD",
        "les navigateurs ne l’acceptent qu’avec SECURE_HSTS_INCLUDE_SUBDOMAINS=True et "
        "SECURE_HSTS_SECONDS d’un an (31536000) au moins. Donnez les trois, ou aucun.",
    )
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # both, as just said
SECURE_REDIRECT_EXEMPT = [r"^sante/"]
BEHIND_PROXY = env("BEHIND_PROXY", boolean, default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "programme.backoffice.identite.saisies.csrf_refused"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Seconds without a request, then seconds since signing in, after which a session is closed.
SESSION_INACTIVITE = env("SESSION_INACTIVITE", integer(60, YEAR), default=2 * 3600)
SESSION_DUREE = env("SESSION_DUREE", integer(60, YEAR), default=12 * 3600)
SESSION_COOKIE_AGE = SESSION_DUREE
# Seconds during which an administrator may see the portal as another agent, read-only.
VOIR_COMME_DUREE = env("VOIR_COMME_DUREE", integer(60, 86_400), default=1800)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Applications -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "territoires",
    "programme",
    "programme.backoffice.apps.BackofficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_filters",
    "django_tables2",
    "dsfr",
    "simple_history",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "programme.exploitation.observation.Observation",
    "programme.exploitation.entetes.Entetes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "programme.donnees.cors.DonneesOuvertes",
    "programme.donnees.debit.PorteDeLApi",
    "programme.jour.JourMiddleware",
    "programme.catalogue.cache.PublicCacheMiddleware",
    "programme.catalogue.cache.Compression",
    "csp.middleware.CSPMiddleware",
    "programme.backoffice.identite.sessions.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "programme.backoffice.identite.sessions.LimitesDeSession",
    "programme.backoffice.identite.saisies.SaisiesGardees",
    "programme.backoffice.identite.second_facteur.SecondFacteurRequis",
    "programme.backoffice.identite.voir_comme.VoirComme",
    "programme.catalogue.pages.erreurs.MethodeRefusee",
    "programme.catalogue.moments.LireAuMoment",
    "programme.catalogue.adresse.AdressesStrictes",
]

ROOT_URLCONF = "programme.urls"
WSGI_APPLICATION = "programme.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "programme.catalogue.context_processors.site",
            ],
        },
    },
]
# Our templates override those of packages, form widgets included.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")
DJANGO_TABLES2_TEMPLATE = "programme/partials/table.html"
FILTERS_EMPTY_CHOICE_LABEL = "Indifférent"

# --- Database ---------------------------------------------------------------------------------

SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(BASE_DIR / "db.sqlite3")}
DATABASES = {"default": env("DATABASE_URL", database, default=SQLITE)}
# Seconds that a request may wait for: a connection, one statement, somebody else's lock, itself in
# a transaction. Commands and files on their way have their own (programme/pannes/limites.py).
BASE_LIMITES = {
    "connexion": env("BASE_CONNEXION", integer(2, 60), default=2),
    "requete": env("BASE_REQUETE", number(1, 600), default=10.0),
    "verrou": env("BASE_VERROU", number(1, 600), default=5.0),
    "transaction": env("BASE_TRANSACTION", number(1, 3600), default=60.0),
}
# Seconds that `migrate` waits for a table that others use, before it gives up and says so.
MIGRATION_VERROU = env("MIGRATION_VERROU", number(1, 3600), default=10.0)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers queue instead of failing; readers never wait for them.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
# Read by visitors alone (programme/bases/repliques.py).
for _rang, _replique in enumerate(env("DATABASE_REPLICAS", replicas, default=[]), start=1):
    DATABASES[f"replique_{_rang}"] = {**_replique, "TEST": {"MIRROR": "default"}}
if len({each["ENGINE"] for each in DATABASES.values()}) > 1:
    env.refuse(
        "DATABASE_REPLICAS", "la base elle-même est SQLite. Donnez DATABASE_URL=postgres://…"
    )
_connexion = {
    "CONN_MAX_AGE": env("CONN_MAX_AGE", integer(0, 86_400), default=60),
    "CONN_HEALTH_CHECKS": True,
}
# The same databases, which do once, before COMMIT, what follows many writes.
for _one in DATABASES.values():
    _one |= {
        **_connexion,
        "ENGINE": _one["ENGINE"].replace("django.db.backends.", "programme.bases."),
    }

# --- Caches -------------------------------------------------------------------------------------
# "default" is what all processes must share: the count of failed sign-ins, the codes already used.
# "memoire" is each process's own; the kept pages too (programme/catalogue/copies.py).

# What the code itself changes in a page: the newest of our files.
RELEASE = env("RELEASE", token, default="") or _newest_source_file()
DONNEES_VERSION_TTL = env("DONNEES_VERSION_TTL", number(0, 3600), default=1.0)
_base = {
    "BACKEND": "programme.pannes.cache_partage.CachePartage",
    "LOCATION": "cache_partage",
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}
_memoire = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
_sur_sqlite = DATABASES["default"]["ENGINE"].endswith("sqlite3")
_partagee = env("CACHE_URL", shared_cache, default=None)
MEMOIRES_PARTAGEES = ["default", "base"] if _partagee else ["default"]
CACHES = {
    "default": _partagee or _base,
    "base": _base,
    "memoire": _memoire,
    # Who has a record open: SQLite has one writer, which a page that is opened must not wait for.
    "presence": _partagee or (_memoire | {"LOCATION": "presence"} if _sur_sqlite else _base),
}
# Pages that one process keeps for addresses with parameters, as many for those without; and bytes
# of memory for all of them.
PAGES_KEPT = env("PAGES_KEPT", integer(1, 1_000_000), default=2_000)
PAGES_OCTETS = env("PAGES_OCTETS", integer(1_000_000, 100_000_000_000), default=100_000_000)

# --- Agents -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "territoires.Agent"
AUTHENTICATION_BACKENDS = ["programme.backoffice.identite.authentification.AgentBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
# DEMONSTRATION allows `creer_agents_demonstration`, and signing in without a second factor.
SECOND_FACTEUR_OBLIGATOIRE = env("SECOND_FACTEUR_OBLIGATOIRE", boolean, default=not DEMONSTRATION)
# An invitation lives that long; a link to choose a new password, one hour.
INVITATION_JOURS = env("INVITATION_JOURS", integer(1, 365), default=7)
PASSWORD_RESET_TIMEOUT = INVITATION_JOURS * 86_400
REINITIALISATION_DUREE = 3600
JOURNAL_ACCES_JOURS = env("JOURNAL_ACCES_JOURS", integer(1, TEN_YEARS_IN_DAYS), default=365)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "programme.backoffice.identite.mots_de_passe.RecommandationCnil"},
]
# Beyond the twenty thousand commonest, which Django holds: a list of all that were stolen.
MOTS_DE_PASSE_VOLES = env("MOTS_DE_PASSE_VOLES", fingerprints, default="")

# Agents are invited: no sign-up; the address is the agent's own, in `Agent.email` only.
ACCOUNT_ADAPTER = "programme.backoffice.identite.adaptateurs.AdaptateurCompte"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "programme.backoffice.identite.jetons.Liens"  # noqa: S105
# A key is an address with where one types: a network, or a browser in which its agent signed in
# before; `compte` is the address alone, from any network. So a stranger shuts nobody out.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "20/m/ip,5/10m/key",
    "login_failed_appareil": "5/10m/key",
    "login_failed_compte": "100/h/key",
}
ACCOUNT_FORMS = {
    "login": "programme.backoffice.identite.formulaires.Connexion",
    "reauthenticate": "programme.backoffice.identite.formulaires.Confirmation",
    "change_password": "programme.backoffice.identite.formulaires.ChangementMotDePasse",
    "set_password": "programme.backoffice.identite.formulaires.PremierMotDePasse",
    "reset_password": "programme.backoffice.identite.formulaires.MotDePasseOublie",
    "reset_password_from_key": "programme.backoffice.identite.formulaires.NouveauMotDePasse",
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)
MFA_ADAPTER = "programme.backoffice.identite.adaptateurs.AdaptateurSecondFacteur"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
SITE_NOM = env("SITE_NOM", text, default="Territoires d’industrie")
MFA_TOTP_ISSUER = SITE_NOM
MFA_TOTP_TOLERANCE = 1
# Browsers call http://localhost a secure origin; nothing else without HTTPS.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_FORMS = {
    "authenticate": "programme.backoffice.identite.formulaires.Code",
    "reauthenticate": "programme.backoffice.identite.formulaires.CodeDeConfirmation",
    "activate_totp": "programme.backoffice.identite.formulaires.ActivationApplication",
    "add_webauthn": "programme.backoffice.identite.formulaires.AjoutCle",
    "edit_webauthn": "programme.backoffice.identite.formulaires.NomDeCle",
}

# ProConnect is offered when the three variables are given.
PROCONNECT = {
    "server_url": env("PROCONNECT_SERVER_URL", service_url, default=""),
    "client_id": env("PROCONNECT_CLIENT_ID", opaque, default=""),
    "secret": env("PROCONNECT_CLIENT_SECRET", opaque, default=""),
}
env.together("PROCONNECT_SERVER_URL", "PROCONNECT_CLIENT_ID", "PROCONNECT_CLIENT_SECRET")
SOCIALACCOUNT_ADAPTER = "programme.backoffice.identite.proconnect.AdaptateurProConnect"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10

# --- Language, files, mail --------------------------------------------------------------------

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = env("STATIC_ROOT", folder, default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "programme.statiques.PaquetsFinder",
]
MEDIA_ROOT = env("MEDIA_ROOT", writable_folder, default=str(BASE_DIR / "media"))
STORAGES = {
    "default": env("DOCUMENTS_URL", object_storage, default=None)
    or {"BACKEND": "programme.stockage.StockageEntier"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Where the clock makes a backup each day, how many it keeps, and the age key that alone reads them.
SAUVEGARDES = {
    "dossier": env("SAUVEGARDES", writable_folder, default=""),
    "gardees": env("SAUVEGARDES_GARDEES", integer(1, 10_000), default=14),
    "cle": env("SAUVEGARDES_CLE", text, default=""),
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FIXTURES_ROOT = BASE_DIR / "fixtures"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "programme.stockage.TeleversementTemporaire",
]

DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", email_address, default="portail@localhost")
vars().update(env("EMAIL_URL", mailer, default=mailer("consolemail://")))
# Pages put mails in a queue; the clock hands them to this one.
COURRIER_BACKEND = vars()["EMAIL_BACKEND"]
EMAIL_BACKEND = "programme.taches.courriels.FileDAttente"
# Seconds that the clock waits for the mail server.
EMAIL_TIMEOUT = env("EMAIL_TIMEOUT", integer(1, 300), default=10)

_log_level = env(
    "LOG_LEVEL", choice("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), default="INFO"
)
# `json` for a machine that gathers logs, with one line a request; `texte` for a terminal.
LOG_FORMAT = env("LOG_FORMAT", choice("TEXTE", "JSON"), default="TEXTE")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "TEXTE": {"()": "programme.exploitation.journal.Texte"},
        "JSON": {"()": "programme.exploitation.journal.Json"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": _log_level},
    "loggers": {
        "programme.exploitation.observation": {
            "level": _log_level if LOG_FORMAT == "JSON" else "ERROR"
        }
    },
}
# What Prometheus sends to read /sante/metriques; without it there is no such page.
METRIQUES_JETON = env("METRIQUES_JETON", token, default="")

# --- The site's identity ----------------------------------------------------------------------
# The DSFR's Marianne block belongs to the État's own sites: it is shown only when OFFICIEL is set.

SITE = {
    "nom": SITE_NOM,
    "accroche": env("SITE_ACCROCHE", text, default="Le programme, territoire par territoire"),
    "institution": env("SITE_INSTITUTION", text, default=""),
    "officiel": env("SITE_OFFICIEL", boolean, default=False),
    "url": env("SITE_URL", site_url, default="http://127.0.0.1:8000"),
    "contact": env("SITE_CONTACT", email_address, default=""),
    "editeur": env("SITE_EDITEUR", text, default=""),
    "directeur": env("SITE_DIRECTEUR", text, default=""),
    "hebergeur": env("SITE_HEBERGEUR", text, default=""),
    "demonstration": DEMONSTRATION,
}

# --- The server (programme/gunicorn.py) ---------------------------------------------------------

SERVEUR = {
    "bind": env("BIND", bind, default=["127.0.0.1:8000"]),
    "workers": env("WEB_CONCURRENCY", integer(1, 256), default=2),
    "threads": env("WEB_THREADS", integer(2, 256), default=8),
    "access_log": env("ACCESS_LOG", log_file, default=""),
}
# Files that one process sends at once: half of its threads stay free for pages; and to one
# address: half of these places stay free for the others.
EXPORTS_SIMULTANES = env(
    "EXPORTS_SIMULTANES", integer(1, 255), default=max(1, SERVEUR["threads"] // 2)
)
EXPORTS_PAR_ADRESSE = env(
    "EXPORTS_PAR_ADRESSE", integer(1, 255), default=max(1, EXPORTS_SIMULTANES // 2)
)
if SERVEUR["threads"] <= EXPORTS_SIMULTANES:
    env.refuse(
        "EXPORTS_SIMULTANES",
        f"{EXPORTS_SIMULTANES} fichiers occuperaient les {SERVEUR['threads']} fils d’un processus "
        "(WEB_THREADS) et plus aucune page ne répondrait. Donnez-en moins.",
    )
if EXPORTS_PAR_ADRESSE > EXPORTS_SIMULTANES:
    env.refuse("EXPORTS_PAR_ADRESSE", "dépasse EXPORTS_SIMULTANES. Donnez-en moins.")
# Requests of the API that each process grants to one address in a minute.
API_PAR_MINUTE = env("API_PAR_MINUTE", integer(1, 1_000_000), default=600)

# What is worth a word but stops nothing: told by `manage.py check` and by the server's log.
REGLAGES_DOUTEUX = env.finish()
