"""How gunicorn serves the portal: `gunicorn --config python:programme.gunicorn programme.wsgi`.

Threads, so that a few slow downloads do not hold the site; each worker keeps its own database
connections. Variables are listed in `.env.example`, and read by the settings with all others. A
buffering proxy stands in front (docs/nginx.conf): slow visitors are its work, not ours.
"""

import os
import socket
import struct

from django.conf import settings

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
# Seconds after which a visitor who reads nothing, or sends nothing, is let go.
SILENCE = 30


def on_starting(server):
    for sentence in settings.REGLAGES_DOUTEUX:
        server.log.warning(sentence)


def when_ready(server):
    """Connections inherit these limits from the socket that accepts them."""
    limit = struct.pack("ll", SILENCE, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
