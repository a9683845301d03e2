# Everything happens in .venv, with the locked dependencies; `make serve` and `make test` need nothing else.

PYTHON ?= python3
VENV ?= .venv
READY = $(VENV)/.ready

.PHONY: serve test test-all lint bench lock

serve: $(READY)
	$(VENV)/bin/module-registry serve

test: $(READY)
	$(VENV)/bin/python -m pytest

# With the tests that take long.
test-all: $(READY)
	$(VENV)/bin/python -m pytest -m ""

lint: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# Beside its peers, with wrk and nginx (Debian packages of these names), on two idle cores; about two minutes.
bench: $(READY)
	$(VENV)/bin/python tests/bench

# Resolve setup.cfg anew, for every platform and Python that it allows.
lock: $(READY)
	$(VENV)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --extra dev --output-file requirements.lock --upgrade setup.cfg

$(READY): requirements.lock setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
