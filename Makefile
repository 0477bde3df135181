# Two commands: `make run` starts the shop, `make test` runs the whole suite. The others are for those who change it.
PYTHON ?= python3
# Nothing is written outside .venv and DATA_DIR.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/.cache/pycache
# Compiled sources are kept there, whatever the machine thinks of it: each process of the shop starts in half the time.
unexport PYTHONDONTWRITEBYTECODE
export UV_CACHE_DIR := $(CURDIR)/.venv/.cache/uv
BIN := .venv/bin
IN_ENV = sed -n 's/^\(export \)\{0,1\} *DEMO=//p' .env 2>/dev/null | tr -d " '\""

.PHONY: run test check bench prove gallery lock install install-dev

run: install
	@if [ -z "$$DEMO" ] && [ -z "$$($(IN_ENV))" ]; then export DEMO=1; fi; exec $(BIN)/python manage.py up

test: install-dev
	@exec $(BIN)/python scripts/test.py $(ARGS)

check: install-dev
	@exec $(BIN)/python scripts/check.py

bench: install-dev
	@exec $(BIN)/python -m bench $(ARGS)

# make prove NAME=confirmation_mails: the long proof of that name at full size, written down in docs/proofs/.
prove: install-dev
	@exec $(BIN)/python scripts/prove.py "$(NAME)"

# Pictures of every page and mail a shopper sees, in docs/gallery/, and of what staff sees, in docs/pictures/. Needs Chromium.
gallery: install-dev
	@UPDATE_PICTURES=1 exec $(BIN)/python -m pytest -q tests/browser/test_pictures.py tests/browser/test_pictures_of_the_admin.py

# Turns requirements*.in into full locks (all packages, exact versions).
lock: install-dev
	$(BIN)/uv pip compile --quiet --python-version 3.11 --no-annotate --no-header $(ARGS) requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --python-version 3.11 --no-annotate --no-header $(ARGS) requirements-dev.in -o requirements-dev.txt

install:
	@$(PYTHON) scripts/bootstrap.py requirements.txt

install-dev:
	@$(PYTHON) scripts/bootstrap.py requirements-dev.txt
