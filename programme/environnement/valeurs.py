"""What a variable may hold: each parser turns its text into a value, or raises `Faute`.

A fault says what is wrong and what to write; it never quotes a secret, nor an address that may
hold one.
"""

import math
import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

TRUE = {"true", "oui", "vrai", "yes", "on", "1", "y", "o", "t", "v"}
FALSE = {"false", "non", "faux", "no", "off", "0", "n", "f"}
SHORTEST_SECRET = 50
NEW_SECRET = "python -c 'import secrets; print(secrets.token_urlsafe(50))'"  # noqa: S105
PERMISSIONS = "Donnez-en le droit à l’utilisateur qui lance le portail."


class Faute(ValueError):
    """Why a value cannot be read, and what to write: « n’est ni oui ni non. Écrivez … »."""


def reason(error):
    return "droits insuffisants" if isinstance(error, PermissionError) else error.strerror


def quoted(value):
    """« value », short enough for a line."""
    return f"« {value if len(value) <= 60 else value[:60] + '…'} »"


# --- Values --------------------------------------------------------------------------------------


def text(value):
    return value


def opaque(value):
    """A secret made elsewhere."""
    return value


def secret(value):
    """A key of ours, hard to guess."""
    if len(value) < SHORTEST_SECRET:
        raise Faute(
            f"trop courte, {len(value)} caractère{'s' if len(value) > 1 else ''} : il en faut "
            f"{SHORTEST_SECRET} au moins, tirés au hasard : {NEW_SECRET}"
        )
    if len(set(value)) < 5 or value.startswith("django-insecure-"):
        raise Faute(f"trop facile à deviner. Tirez-en une au hasard : {NEW_SECRET}")
    return value


def secrets(value):
    """Former keys, whatever their quality then."""
    return words(value)


OPAQUE = {opaque, secret, secrets}


def words(value):
    """A list, separated by commas."""
    return [word for word in (part.strip() for part in value.split(",")) if word]


def boolean(value):
    if value.casefold() in TRUE:
        return True
    if value.casefold() in FALSE:
        return False
    raise Faute(
        f"{quoted(value)} n’est ni oui ni non. Écrivez True ou False (oui et non, vrai et faux se "
        "comprennent aussi)."
    )


def integer(minimum, maximum):
    """A parser of whole numbers, both limits included."""

    def parse(value):
        if re.fullmatch(r"[+-]?[0-9]{1,15}", value) and minimum <= int(value) <= maximum:
            return int(value)
        raise Faute(
            f"{quoted(value)} n’est pas un nombre entier de {minimum} à {maximum}. Écrivez-le en "
            "chiffres, sans espace ni unité."
        )

    return parse


def number(minimum, maximum):
    """A parser of numbers with decimals, both limits included; the comma is understood."""

    def parse(value):
        if re.fullmatch(r"[+-]?[0-9]{1,15}([.,][0-9]{1,15})?", value):
            read = float(value.replace(",", "."))
            if math.isfinite(read) and minimum <= read <= maximum:
                return read
        raise Faute(
            f"{quoted(value)} n’est pas un nombre de {minimum} à {maximum}. Écrivez-le en "
            "chiffres, sans espace ni unité : 1.5"
        )

    return parse


def choice(*choices):
    """A parser of one of `choices`, whatever the case."""

    def parse(value):
        if value.upper() in choices:
            return value.upper()
        raise Faute(f"{quoted(value)} n’existe pas. Choisissez parmi {', '.join(choices)}.")

    return parse


def token(value):
    """What may stand in the header of an answer."""
    if not re.fullmatch(r"[A-Za-z0-9._+-]{1,64}", value):
        raise Faute(
            f"{quoted(value)} ne convient pas. Écrivez 64 caractères au plus : lettres sans "
            "accent, chiffres, point, tiret."
        )
    return value


def email_address(value):
    """« portail@exemple.fr » or « Le portail <portail@exemple.fr> »."""
    if not re.fullmatch(r"(?:[^<>@,]+<[^<>@\s,]+@[^<>@\s,]+>|[^<>@\s,]+@[^<>@\s,]+)", value):
        raise Faute(
            f"{quoted(value)} n’est pas une adresse électronique. Écrivez-la comme "
            "portail@exemple.fr"
        )
    return value


# --- Hosts and addresses ------------------------------------------------------------------------

HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
)
IPV6 = re.compile(r"\[[0-9A-Fa-f:.]+\]")


def is_host(name):
    return bool(HOST.fullmatch(name) or IPV6.fullmatch(name)) and len(name) <= 253


def is_port(number):
    return re.fullmatch(r"[0-9]{1,5}", number) is not None and 1 <= int(number) <= 65535


def hosts(value):
    """Names as Django compares them: without scheme or port; a leading dot takes subdomains."""
    names = words(value)
    for name in names:
        if name != "*" and not is_host(name.removeprefix(".")):
            raise Faute(
                f"{quoted(name)} n’est pas un nom d’hôte. Donnez le nom seul (portail.exemple.fr), "
                "sans https://, sans port ni chemin ; séparez-en plusieurs par des virgules."
            )
    return names or None


def _url(value, example, schemes=("https", "http")):
    """The parts of an address with a host; its value is shown only if it holds no password."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        parts, port = None, None
    if parts and parts.scheme in schemes and "@" not in parts.netloc and port != 0:
        host = parts.netloc.removesuffix(f":{port}") if port else parts.netloc
        if is_host(host) and not re.search(r"\s", value):
            return parts
    shown = "la valeur" if "@" in value else quoted(value)
    raise Faute(f"{shown} n’est pas une adresse. Écrivez-la comme {example}")


def site_url(value):
    """The address of a site, without a final slash: nothing follows the host."""
    parts = _url(value.rstrip("/"), "https://portail.exemple.fr")
    if parts.path or parts.query or parts.fragment:
        raise Faute(
            f"{quoted(value)} a un chemin ; le portail est servi à la racine d’un nom. Écrivez-la "
            f"comme {parts.scheme}://{parts.netloc}"
        )
    return f"{parts.scheme}://{parts.netloc}"


def service_url(value):
    """The address of another service, with its path, without a final slash."""
    return _url(value, "https://service.exemple.fr/api/v2").geturl().rstrip("/")


def origins(value):
    """« https://portail.exemple.fr », several separated by commas; `*.` takes subdomains."""
    found = []
    for word in words(value):
        site_url(word.replace("://*.", "://", 1))
        found.append(word.rstrip("/"))
    return found


def bind(value):
    """Where the server listens: `host:port`, `unix:/path`, several separated by commas."""
    found = words(value)
    for place in found:
        if re.fullmatch(r"unix:.+|fd://[0-9]+", place):
            continue
        host, colon, port = place.rpartition(":")
        if not colon or (host and not is_host(host)) or not re.fullmatch(r"[0-9]{1,5}", port):
            raise Faute(
                f"{quoted(place)} n’est pas une adresse où écouter. Écrivez-la comme 127.0.0.1:8000"
            )
        if not is_port(port):
            raise Faute(f"le port {port} n’existe pas. Choisissez-en un de 1 à 65535.")
    return found


# --- Files --------------------------------------------------------------------------------------


def _nearest(path):
    """`path`, or the nearest of its parents that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def folder(value):
    """An absolute path whose files, if any, can be read."""
    path = Path(value)
    if not path.is_absolute():
        raise Faute(
            f"{quoted(value)} n’est pas un chemin complet. Écrivez-le depuis la racine (/)."
        )
    nearest = _nearest(path)
    if not nearest.is_dir():
        raise Faute(f"{nearest} est un fichier, pas un dossier. Corrigez le chemin.")
    return str(path)


def writable_folder(value):
    """A folder where files can be written, or made."""
    path = Path(folder(value))
    nearest = _nearest(path)
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise Faute(f"le dossier {nearest} ne peut pas être écrit. {PERMISSIONS}")
    return str(path)


def log_file(value):
    """« - », the standard output, or a file in a folder that can be written."""
    if value == "-":
        return value
    path = Path(value).absolute()
    if path.is_dir():
        raise Faute(f"{path} est un dossier. Donnez le chemin d’un fichier, ou « - ».")
    if not path.parent.is_dir():
        raise Faute(f"le dossier {path.parent} n’existe pas. Créez-le, ou écrivez « - ».")
    writable_folder(str(path.parent))
    return value


def fingerprints(value):
    """A file of SHA-1 fingerprints, « HASH:count » a line, sorted."""
    path = Path(value).absolute()
    if not path.is_file():
        raise Faute(f"le fichier {path} n’existe pas. Corrigez son chemin.")
    with path.open("rb") as lines:
        if not re.match(rb"[0-9A-Fa-f]{40}(:[0-9]+)?\r?\n", lines.readline(80)):
            raise Faute(
                f"{path} n’est pas une liste d’empreintes SHA-1, une par ligne et triées "
                "(« pwned-passwords-downloader » en fait une)."
            )
    return str(path)


# --- Services -----------------------------------------------------------------------------------


def database(value):
    """Django's settings of one database: `sqlite:///path`, `postgres://…` as libpq reads it."""
    scheme, separator, rest = value.partition("://")
    if separator and scheme.lower() == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": _sqlite_file(rest)}
    if separator and scheme.lower() in {"postgres", "postgresql"}:
        return _postgresql(rest)
    found = f"le genre {quoted(scheme)} n’est pas connu" if separator else "n’est pas une adresse"
    raise Faute(f"{found}. Écrivez {DATABASE_EXAMPLES}")


def replicas(value):
    """Those of one PostgreSQL, separated by spaces: a comma may stand in an address."""
    found = [database(word) for word in value.split()]
    if any(each["ENGINE"] != "django.db.backends.postgresql" for each in found):
        raise Faute(f"seul PostgreSQL a des répliques. Écrivez {REPLICAS_EXAMPLE}")
    return found


REPLICAS_EXAMPLE = "postgres://lecture:motdepasse@replique:5432/base, et une espace entre deux."
DATABASE_EXAMPLES = "postgres://utilisateur:motdepasse@hote:5432/base ou sqlite:///fichier"


def _sqlite_file(rest):
    if rest in {":memory:", "/:memory:"}:
        return ":memory:"
    if not rest.startswith("/") or not rest.strip("/"):
        raise Faute("le fichier manque. Écrivez sqlite:///fichier ou sqlite:////chemin/fichier")
    path = Path(unquote(rest[1:]))
    if path.is_dir():
        raise Faute(f"{path} est un dossier. Donnez le chemin d’un fichier.")
    if not path.absolute().parent.is_dir():
        raise Faute(f"le dossier {path.absolute().parent} n’existe pas. Créez-le.")
    writable_folder(str(path.absolute().parent))
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        raise Faute(f"le fichier {path} ne peut pas être lu et écrit. {PERMISSIONS}")
    return str(path)


def _postgresql(rest):
    """libpq reads the address; its own words are not shown, they may quote the password."""
    try:
        parts = conninfo_to_dict(f"postgresql://{rest}")
    except psycopg.Error:
        raise Faute(
            "l’adresse est mal formée : un caractère spécial du mot de passe s’écrit en % "
            "(%40 pour @, %2F pour /, %25 pour %), et une option doit être connue de PostgreSQL. "
            f"Écrivez {DATABASE_EXAMPLES}"
        ) from None
    name, port = parts.pop("dbname", ""), parts.pop("port", "")
    host = parts.pop("host", "")
    if not host and name.startswith("/"):  # postgres:////run/postgresql/base: a socket's folder
        host, _, name = name.rpartition("/")
    if not name or "/" in name or "@" in name + host:
        raise Faute(
            "le nom de la base manque, ou un caractère spécial du mot de passe (@ / # ?) n’est pas "
            f"écrit en %. Écrivez {DATABASE_EXAMPLES}"
        )
    if not host.startswith("/") and not re.fullmatch(r"[\w.:,-]*", host):
        raise Faute(f"l’hôte n’est pas un nom. Écrivez {DATABASE_EXAMPLES}")
    if not all(is_port(each) for each in port.split(",") if each):
        raise Faute(
            "le port n’est pas un nombre de 1 à 65535 (ou un / du mot de passe n’est pas écrit "
            f"%2F). Écrivez {DATABASE_EXAMPLES}"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": host,
        "PORT": port,
        "OPTIONS": parts,
    }


CACHE_EXAMPLE = "redis://:motdepasse@hote:6379/0"


def shared_cache(value):
    """Django's settings of a cache in Redis or Valkey: `redis://`, `rediss://` (TLS)."""
    parts = urlsplit(value)
    if parts.scheme not in {"redis", "rediss", "valkey", "valkeys"} or not parts.hostname:
        raise Faute(f"ce n’est pas l’adresse d’un Redis ou d’un Valkey. Écrivez {CACHE_EXAMPLE}")
    return {
        "BACKEND": "programme.pannes.cache_redis.CacheRedis",
        "LOCATION": value.replace("valkey", "redis", 1),
        "OPTIONS": {
            "serializer": "programme.pannes.cache_redis.Json",
            "socket_timeout": CACHE_ATTENTE,
            "socket_connect_timeout": CACHE_ATTENTE,
        },
    }


DOCUMENTS_EXAMPLE = "s3://cle:secret@s3.exemple.fr/seau?region=paris"


def object_storage(value):
    """Django's storage of the files on a server that speaks S3; `s3+http://` asks it in clear."""
    parts = urlsplit(value)
    bucket = parts.path.strip("/")
    said = dict(parse_qsl(parts.query))
    if parts.scheme not in {"s3", "s3+http"} or not parts.hostname or not bucket:
        raise Faute(f"ce n’est pas l’adresse d’un seau S3. Écrivez {DOCUMENTS_EXAMPLE}")
    if not (parts.username and parts.password):
        raise Faute(f"la clé et le secret manquent. Écrivez {DOCUMENTS_EXAMPLE}")
    if said.keys() - {"region"} or "/" in bucket:
        raise Faute(f"seule la région suit le nom du seau. Écrivez {DOCUMENTS_EXAMPLE}")
    scheme = "http" if parts.scheme == "s3+http" else "https"
    return {
        "BACKEND": "programme.pannes.stockage_s3.StockageS3",
        "OPTIONS": {
            "endpoint_url": f"{scheme}://{parts.netloc.rpartition('@')[2]}",
            "bucket_name": bucket,
            "access_key": unquote(parts.username),
            "secret_key": unquote(parts.password),
            "region_name": said.get("region"),
            "file_overwrite": False,
        },
    }


CACHE_ATTENTE = 1  # seconds
MAILERS = {
    "consolemail": ("console", {}),
    "dummymail": ("dummy", {}),
    "memorymail": ("locmem", {}),
    "filemail": ("filebased", {}),
    "smtp": ("smtp", {}),
    "smtp+tls": ("smtp", {"EMAIL_USE_TLS": True}),
    "smtps": ("smtp", {"EMAIL_USE_TLS": True}),
    "smtp+ssl": ("smtp", {"EMAIL_USE_SSL": True}),
}


def mailer(value):
    """Django's settings of mail: `consolemail://`, `smtp+tls://user:password@host:587`…"""
    example = "smtp+tls://utilisateur:motdepasse@smtp.exemple.fr:587"
    scheme, separator, _ = value.partition("://")
    if not separator or scheme.lower() not in MAILERS:
        found = (
            f"le genre {quoted(scheme)} n’est pas connu" if separator else "n’est pas une adresse"
        )
        raise Faute(f"{found}. Écrivez {example}, ou l’un de : {', '.join(MAILERS)}.")
    backend, options = MAILERS[scheme.lower()]
    found = {"EMAIL_BACKEND": f"django.core.mail.backends.{backend}.EmailBackend", **options}
    if backend == "filebased":
        return {**found, "EMAIL_FILE_PATH": writable_folder(urlsplit(value).path or "/")}
    return {**found, **_smtp(value, example)} if backend == "smtp" else found


def _smtp(value, example):
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise Faute(f"le port n’est pas un nombre de 1 à 65535. Écrivez {example}") from None
    if not re.fullmatch(r"[\w.-]+", parts.hostname or "") or port == 0:
        raise Faute(
            "l’hôte manque, ou un caractère spécial du mot de passe n’est pas écrit en % "
            f"(%40 pour @). Écrivez {example}"
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise Faute(
            "quelque chose suit l’hôte ; un / # ou ? du mot de passe s’écrit en % (%2F, %23, %3F). "
            f"Écrivez {example}"
        )
    default = {"smtp+ssl": 465, "smtp": 25}.get(parts.scheme, 587)
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or default,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
    }
