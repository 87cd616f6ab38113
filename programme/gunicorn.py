"""How gunicorn serves the portal: `gunicorn --config python:programme.gunicorn programme.wsgi`.

Threads, so that a few slow downloads do not hold the site; each worker keeps its own database
connections. Variables are listed in `.env.example`.
"""

import os

bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
# One import for all workers, which then share its memory.
preload_app = True
# Nobody drives it from a socket in somebody's home.
control_socket_disable = True
timeout = 60
graceful_timeout = 30
# Workers are renewed now and then, never all at once.
max_requests = 10_000
max_requests_jitter = 1_000
accesslog = os.environ.get("ACCESS_LOG") or None
