"""What `manage.py check` says of the settings: doubtful names, and what a public site must tell."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.checks import Error, Tags, Warning, register  # noqa: A004 - their own names

MENTIONS = {
    "SITE_EDITEUR": "editeur",
    "SITE_DIRECTEUR": "directeur",
    "SITE_HEBERGEUR": "hebergeur",
    "SITE_CONTACT": "contact",
}


@register
def doubtful_names(app_configs, **kwargs):
    return [Warning(sentence, id="programme.W001") for sentence in settings.REGLAGES_DOUTEUX]


@register(Tags.security, deploy=True)
def legal_notices(app_configs, **kwargs):
    """The law asks them of whoever publishes; a demonstration says that it is one instead."""
    if settings.DEMONSTRATION:
        return [
            Warning(
                "DEMONSTRATION : le site se dit en démonstration et ses agents entrent sans second "
                "facteur. Retirez ce réglage d’un site ouvert au public.",
                id="programme.W002",
            )
        ]
    return [
        Error(
            f"{name} manque : la loi demande cette mention (/mentions-legales/). Donnez-la à "
            "l’environnement.",
            id="programme.E001",
        )
        for name, key in MENTIONS.items()
        if not settings.SITE[key]
    ]


@register(Tags.security, deploy=True)
def public_address(app_configs, **kwargs):
    """Mails, feeds and citations carry it."""
    parts = urlsplit(settings.SITE["url"])
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not local and (parts.scheme == "https" or not settings.HTTPS):
        return []
    return [
        Error(
            f"SITE_URL : « {settings.SITE['url']} » n’est pas l’adresse publique du site, que les "
            "courriels, les flux et les citations portent. Écrivez https://portail.exemple.fr",
            id="programme.E002",
        )
    ]


@register(Tags.security, deploy=True)
def mail_leaves(app_configs, **kwargs):
    if settings.COURRIER_BACKEND.startswith("django.core.mail.backends.smtp."):
        return []
    return [
        Warning(
            "EMAIL_URL : aucun courriel ne part, donc aucune invitation. Écrivez "
            "smtp+tls://utilisateur:motdepasse@smtp.exemple.fr:587",
            id="programme.W003",
        )
    ]


ICI = {"", "127.0.0.1", "localhost", "::1"}
CHIFFRE = {"require", "verify-ca", "verify-full"}


@register(Tags.security, deploy=True)
def links_in_clear(app_configs, **kwargs):
    """What leaves the machine unencrypted: passwords and personal data would be read on the way."""
    return [
        Warning(
            f"{name} : ce qui va à « {host} » n’est pas chiffré. {remedy} Sans objet sur un réseau "
            "qui ne sort pas de la machine.",
            id="programme.W004",
        )
        for name, host, encrypted, remedy in _links()
        if not (encrypted or host in ICI or host.startswith("/"))
    ]


def _links():
    """(setting, host, whether it is encrypted, how to have it be) of each service called."""
    for alias, base in settings.DATABASES.items():
        name = "DATABASE_URL" if alias == "default" else "DATABASE_REPLICAS"
        encrypted = base.get("OPTIONS", {}).get("sslmode") in CHIFFRE
        yield name, base.get("HOST", ""), encrypted, "Ajoutez ?sslmode=verify-full."
    cache = urlsplit(settings.CACHES["default"]["LOCATION"])
    yield "CACHE_URL", cache.hostname or "", cache.scheme == "rediss", "Écrivez rediss://…"
    files = urlsplit(settings.STORAGES["default"].get("OPTIONS", {}).get("endpoint_url", ""))
    yield "DOCUMENTS_URL", files.hostname or "", files.scheme == "https", "Écrivez s3://…"
    mail = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    host = settings.EMAIL_HOST if settings.COURRIER_BACKEND.endswith("smtp.EmailBackend") else ""
    yield "EMAIL_URL", host, mail, "Écrivez smtp+tls://… ou smtp+ssl://…"


@register(Tags.security, deploy=True)
def static_files_of_this_identity(app_configs, **kwargs):
    """Whatever SITE_OFFICIEL says now, `collectstatic` knew it too."""
    collected = getattr(staticfiles_storage, "hashed_files", {})
    if not collected or ("css/theme-etat.css" in collected) is settings.SITE["officiel"]:
        return []
    return [
        Error(
            "SITE_OFFICIEL : les fichiers statiques ont été préparés pour l’autre identité. "
            "Relancez python manage.py collectstatic --clear avec ce réglage.",
            id="programme.E003",
        )
    ]
