"""How gunicorn serves the portal: `gunicorn --config python:programme.gunicorn programme.wsgi`.

Threads, so that a few slow downloads do not hold the site; each worker keeps its own database
connections. Variables are listed in `.env.example`, and read by the settings with all others. A
buffering proxy stands in front (docs/nginx.conf): slow visitors are its work, not ours.
"""

import errno
import gc
import os
import shutil
import socket
import struct
import sys
import tempfile

from django.apps import apps
from django.conf import settings
from gunicorn import util
from gunicorn.http import wsgi

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "programme.settings")

bind = settings.SERVEUR["bind"]
worker_class = "gthread"
workers = settings.SERVEUR["workers"]
threads = settings.SERVEUR["threads"]
# One import for all workers, which then share its memory.
preload_app = True
# Nobody drives it from a socket in somebody's home.
control_socket_disable = True
timeout = 60
graceful_timeout = 30
# Workers are renewed now and then, never all at once.
max_requests = 10_000
max_requests_jitter = 1_000
accesslog = settings.SERVEUR["access_log"] or None
# No header rewrites what the portal is asked: neither its scheme (Django's BEHIND_PROXY reads the
# proxy's word), nor its path, whoever sends it and however its name is spelt.
forwarded_allow_ips = ""
secure_scheme_headers = {}
forwarder_headers = ""
header_map = "drop"
if settings.LOG_FORMAT == "JSON":
    # gunicorn then takes the log of accesses for asked: the portal has a line of its own for each.
    _quiet = {"level": "INFO" if accesslog else "CRITICAL", "handlers": ["console"]}
    _said = {"level": "INFO", "handlers": ["error_console"]}
    logconfig_dict = {
        "formatters": {"generic": settings.LOGGING["formatters"]["JSON"]},
        "loggers": {
            "gunicorn.access": _quiet | {"propagate": False},
            "gunicorn.error": _said | {"propagate": False},
        },
    }
# Before the site is imported: its counters are then summed over all workers (and over a reload).
COMPTEURS = "PROMETHEUS_MULTIPROC_DIR"
if settings.METRIQUES_JETON and COMPTEURS not in os.environ:
    os.environ[COMPTEURS] = tempfile.mkdtemp(prefix="portail-compteurs-")
REFUSALS = {
    errno.EADDRINUSE: "ce port est déjà pris par un autre programme",
    errno.EACCES: "ce port demande des droits que l’utilisateur n’a pas",
    errno.EADDRNOTAVAIL: "cette adresse n’est pas celle de cette machine",
}
# Seconds after which a visitor who reads nothing, or sends nothing, is let go.
SILENCE = 30


# Sockets that a former server, or systemd, hands over.
INHERITED = {"GUNICORN_FD", "LISTEN_FDS"}


def on_starting(server):
    for sentence in settings.REGLAGES_DOUTEUX:
        server.log.warning(sentence)
    if INHERITED.isdisjoint(os.environ):
        for address in server.cfg.address:
            if isinstance(address, tuple):
                _check_free(*address[:2])


def _check_free(host, port):
    """Stop on a sentence when nobody can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = REFUSALS.get(error.errno, error.strerror)
            sys.exit(f"BIND : {host}:{port}, {why}. Choisissez-en un autre (make run PORT=…).")


def when_ready(server):
    """Connections inherit these limits from the socket that accepts them."""
    # What is imported lives as long as the workers: no collection looks at it again, nor copies it.
    gc.collect()
    gc.freeze()
    limit = struct.pack("ll", SILENCE, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)


# --- What gunicorn says by itself -----------------------------------------------------------------

REFUS = {
    400: "Cette demande n’est pas comprise : elle n’est pas écrite comme HTTP le veut.",
    403: "Cette demande est refusée.",
    414: "Cette adresse est trop longue : raccourcissez-la.",
    431: "Les en-têtes de cette demande sont trop longs : effacez les témoins de ce site.",
}
ENTETES_DE_REFUS = {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Connection": "close",
}
_default_headers = wsgi.Response.default_headers


def _without_banner(self):
    """No name of a program, whose weaknesses are listed by name."""
    return [line for line in _default_headers(self) if not line.startswith("Server:")]


def write_error(sock, status_int, reason, mesg):
    """What is no request of HTTP reaches no view: it gets a sentence too, and the same care."""
    told = REFUS.get(status_int, REFUS[400] if status_int < 500 else "Le portail est en panne.")
    body = f"{told}\n".encode()
    lines = [f"HTTP/1.1 {status_int} {reason}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in ENTETES_DE_REFUS.items()]
    util.write_nonblock(sock, "\r\n".join([*lines, "", ""]).encode("latin-1") + body)


wsgi.Response.default_headers = _without_banner
util.write_error = write_error


def post_worker_init(worker):
    """A long list is laid out before somebody asks for it (`programme.colonnes`), aside."""
    if apps.ready:  # else what is served makes the site at its first request
        from programme.colonnes import copie  # noqa: PLC0415 - once the site is there

        copie.veiller()


def on_exit(server):
    if folder := os.environ.get(COMPTEURS):
        shutil.rmtree(folder, ignore_errors=True)
