# The words of the README, of CI and of everybody. `make help` lists them.

# That of the system where it will do: it is compiled with its profile, which makes it twice as fast
# as one that pyenv builds without.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' \
  2>/dev/null && echo /usr/bin/python3 || echo python3)
PORT ?= 8000
JOBS ?= 2
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
CACHE := .cache
UV := $(CACHE)/uv/bin/uv

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-sqlite test-postgresql quality bench epreuves images couverture audit audit-en-ligne lock clean
.SILENT:

help: ## Liste ces commandes
	awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Environment --------------------------------------------------------------------------------
# Stamps live in the environment: it goes, they go.

$(VENV)/.cree:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 ou plus récent est nécessaire : make PYTHON=/chemin/vers/python3.11")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.execution: requirements.txt | $(VENV)/.cree
	echo "Installation des dépendances…"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

$(VENV)/.developpement: requirements-dev.txt | $(VENV)/.cree
	echo "Installation des dépendances de développement…"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

# Settings are safe for production by default: a developer's machine asks for plain HTTP, here.
.env: | $(VENV)/.cree
	umask 077 && { \
	  echo "# Poste de développement (voir .env.example). Fichier ignoré par git."; \
	  echo "SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')"; \
	  echo "ALLOWED_HOSTS=127.0.0.1,localhost"; \
	  echo "HTTPS=False"; \
	  echo "DEMONSTRATION=True"; \
	} > $@

# --- Run ----------------------------------------------------------------------------------------

# One stamp per database, given by the environment or by .env; empty is the SQLite file.
ADRESSE := $(or $(DATABASE_URL),$(shell sed -n 's/^DATABASE_URL=//p' .env 2>/dev/null))
BASE := $(CACHE)/donnees-$(shell printf '%s' '$(ADRESSE)' | cksum | cut -d ' ' -f 1)
STATIC_SOURCES = $(shell find static -type f 2>/dev/null)
DATA_SOURCES = $(shell find fixtures */migrations */management -type f -not -name '*.pyc' 2>/dev/null)
ifneq ($(PORT),8000)
export SITE_URL ?= http://127.0.0.1:$(PORT)
endif

run: $(VENV)/.execution .env $(CACHE)/statiques ## Sert le site sur http://127.0.0.1:8000 (PORT=… pour un autre port)
	test -n '$(ADRESSE)' || test -f db.sqlite3 || rm -f $(BASE)
	$(MAKE) --no-print-directory $(BASE)
	echo "Le site répond sur http://127.0.0.1:$(PORT)/ (administration : http://127.0.0.1:$(PORT)/admin/)"
	$(MANAGE) minuteur --boucle & BIND=127.0.0.1:$(PORT) exec $(BIN)/gunicorn --config python:programme.gunicorn programme.wsgi

$(CACHE)/statiques: $(VENV)/.execution .env $(STATIC_SOURCES)
	echo "Préparation des fichiers statiques…"
	$(MANAGE) collectstatic --no-input --clear --verbosity 0
	mkdir -p $(@D) && touch $@

$(BASE): $(VENV)/.execution .env $(DATA_SOURCES)
	$(MANAGE) migrate --no-input --verbosity 0
	$(MANAGE) charger_donnees
	DEMONSTRATION=True $(MANAGE) creer_agents_demonstration
	DEMONSTRATION=True $(MANAGE) creer_exemples_demonstration
	mkdir -p $(@D) && touch $@

# pytest rewrites the asserts of each file: it must be able to keep what it compiled.
export PYTHONDONTWRITEBYTECODE :=

# --- Prove --------------------------------------------------------------------------------------

# What no database decides runs on one of the two; each alone runs everything (tests/partage.py).
test: PARTAGE := --partage
# A process that holds many tests at the end works alone: browser tests take seconds each.
PYTEST = $(BIN)/pytest -n $(JOBS) --maxschedchunk 50 $(PARTAGE) $(ARGS)
test: test-sqlite test-postgresql ## Toute la suite, sur SQLite puis sur PostgreSQL (ARGS=… pour pytest)

test-sqlite: $(VENV)/.developpement ## La suite sur SQLite
	echo "=== SQLite ==="
	env -u DATABASE_URL $(PYTEST)

test-postgresql: $(VENV)/.developpement ## La suite sur un PostgreSQL privé et jetable
	echo "=== PostgreSQL ==="
	$(BIN)/python -m tests.postgresql -- $(PYTEST)

# What production sets, for the checks that judge production settings.
PRODUCTION = ENV_FILE=/dev/null SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
  ALLOWED_HOSTS=portail.example SITE_URL=https://portail.example DATABASE_URL=sqlite://:memory: \
  SITE_EDITEUR=x SITE_DIRECTEUR=x SITE_HEBERGEUR=x SITE_CONTACT=x@portail.example EMAIL_URL=smtp+tls://portail.example

quality: $(VENV)/.developpement ## Style, gabarits, architecture, types des règles, réglages de production, migrations, verrou
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	$(PRODUCTION) $(MANAGE) makemigrations --check --dry-run
	$(BIN)/pytest -q tests/test_lock.py

# What is asked for once in a while is installed beside the environment, which stays that of the lock.
OUTILS := $(CACHE)/outils
JUGES := vnu-jar@26.9.27 lighthouse@12.8.2

# What judges pages from outside: its drills say that they judged nothing where it is not there.
$(OUTILS)/.juges:
	mkdir -p $(@D)
	if command -v npm > /dev/null; then npm install --silent --no-save --prefix $(OUTILS) $(JUGES) && touch $@; fi

# Who is measured beside the portal; it finds the portal's own packages.
PAIRS := datasette==1.0a41 django-import-export==4.4.3

$(OUTILS)/.pairs: $(VENV)/.developpement
	mkdir -p $(@D)
	$(PYTHON) -m venv $(OUTILS)/pairs
	$(OUTILS)/pairs/bin/python -m pip install --quiet --disable-pip-version-check $(PAIRS)
	echo "$$($(BIN)/python -c 'import django, pathlib; print(pathlib.Path(django.__file__).parents[1])')" \
	  > $$($(OUTILS)/pairs/bin/python -c 'import site; print(site.getsitepackages()[0])')/portail.pth
	touch $@

bench: $(VENV)/.developpement .env $(CACHE)/statiques $(OUTILS)/.pairs ## Mesures des pages et des fichiers, en rapports (ARGS="--lignes 100000", fichiers…)
	$(BIN)/python -m bench $(ARGS)

# What takes minutes: real failures of the database, faults put on purpose, the long tests whole on
# both databases.
epreuves: $(VENV)/.developpement .env $(CACHE)/statiques $(OUTILS)/.juges ## Pannes, fautes, essais longs, Lighthouse (ARGS="pannes --ecrire", mutants, essais…)
	JOBS=$(JOBS) $(BIN)/python -m tests.epreuves $(ARGS)

images: $(VENV)/.developpement .env $(CACHE)/statiques $(BASE) ## Refait les images du README et de docs/backoffice (ARGS=dossier : quinze pages, quatre fois chacune)
	$(BIN)/python -m tests.images $(ARGS)
	$(if $(ARGS),,ECRIRE_CAPTURES=1 $(BIN)/pytest -q -n0 tests/e2e/test_parcours_agent.py)

# Rules: pure functions of what they are given, and their tests.
REGLES := territoires/fusion.py,territoires/lecture/*,territoires/reponses.py,programme/promesses/regle.py
ESSAIS_DES_REGLES := tests/territoires/test_fusion.py tests/territoires/test_lecture.py tests/territoires/lecture \
  tests/programme/promesses tests/programme/test_reponses.py tests/programme/backoffice/imports/test_fichiers.py \
  tests/programme/backoffice/imports/test_valeurs.py

couverture: $(VENV)/.developpement $(OUTILS)/coverage ## Part des branches des règles que leurs essais parcourent (95 % au moins)
	PYTHONPATH=$(OUTILS)/coverage COVERAGE_FILE=$(CACHE)/couverture $(BIN)/python -m coverage run --branch --include='$(REGLES)' \
	  -m pytest -q -p no:randomly $(ESSAIS_DES_REGLES)
	PYTHONPATH=$(OUTILS)/coverage COVERAGE_FILE=$(CACHE)/couverture $(BIN)/python -m coverage report --show-missing --fail-under=95

audit: $(VENV)/.developpement ## Dépendances : verrous, empreintes, licences (hors ligne)
	$(BIN)/python -m tests.audit

audit-en-ligne: $(OUTILS)/pip-audit ## Failles connues des dépendances (pip-audit : demande le réseau)
	PYTHONPATH=$(OUTILS)/pip-audit $(BIN)/python -m pip_audit --require-hashes -r requirements.txt
	PYTHONPATH=$(OUTILS)/pip-audit $(BIN)/python -m pip_audit --require-hashes -r requirements-dev.txt

$(OUTILS)/%: | $(VENV)/.cree
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --target $@ $*

# --- Dependencies -------------------------------------------------------------------------------

LOCK = $(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml

lock: $(UV) ## Refait les verrous à partir de pyproject.toml (ARGS=--upgrade pour tout mettre à jour)
	$(LOCK) $(ARGS) -o requirements.txt
	$(LOCK) $(ARGS) -o requirements-dev.txt --extra dev -c requirements.txt

$(UV):
	$(PYTHON) -m venv $(CACHE)/uv
	$(CACHE)/uv/bin/python -m pip install --quiet --disable-pip-version-check uv

clean: ## Efface ce que ces commandes ont fabriqué, base de démonstration comprise
	rm -rf $(VENV) $(CACHE) staticfiles .env db.sqlite3 db.sqlite3-wal db.sqlite3-shm
