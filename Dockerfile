# docker build -t territoires-industrie .
# docker run --env-file production.env -p 8000:8000 territoires-industrie
# docker run --env-file production.env --rm territoires-industrie python manage.py migrate
# docker run --env-file production.env territoires-industrie python manage.py minuteur --boucle
#
# Never alone before visitors: a buffering reverse proxy (docs/nginx.conf) terminates HTTPS, and keeps
# slow connections away from the few threads that serve pages.

FROM python:3.11-slim-bookworm AS dependances
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --require-hashes --only-binary=:all: -r requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=programme.settings \
    BIND=0.0.0.0:8000 \
    LOG_FORMAT=json
# pg_dump, for `manage.py sauvegarder`: of the server's version, or newer.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin portail
COPY --from=dependances /opt/venv /opt/venv
WORKDIR /srv/portail
COPY manage.py ./
COPY programme programme
COPY territoires territoires
COPY templates templates
COPY static static
COPY fixtures fixtures
# True for a site of the État only: collects its fonts and marks.
ARG SITE_OFFICIEL=False
# Hashed and compressed once, here; the key of this step signs nothing and stays in no layer.
RUN SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(50))') DATABASE_URL=sqlite://:memory: \
    ALLOWED_HOSTS=localhost \
    python manage.py collectstatic --no-input --verbosity 0 \
 && install --directory --owner=portail --group=portail media
# The code belongs to root: the process that serves it cannot change it.
USER portail
EXPOSE 8000
# /sante/ answers over plain HTTP and is not redirected; the host must be one of ALLOWED_HOSTS.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD \
    ["python", "-c", "import os, urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:8000/sante/', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0].strip().lstrip('.').replace('*', 'localhost')}), timeout=4)"]
# The heartbeat file must not wait for a disk: /dev/shm.
CMD ["gunicorn", "--config", "python:programme.gunicorn", "--worker-tmp-dir", "/dev/shm", "programme.wsgi"]
