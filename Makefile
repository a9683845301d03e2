# Everything happens in .venv, with locked packages. `make serve` installs the packages that serve; what needs the
# developers' packages adds them to the same folder.

PYTHON ?= python3
VENV ?= .venv
READY = $(VENV)/.ready
DEV_READY = $(VENV)/.ready-dev
PORT ?= 8000
SBOM ?= var/sbom.cdx.json

.PHONY: help install serve demo test test-long test-all nightly variations test-pythons test-newest mutation chaos lint audit sbom generate bench pictures lock
.DEFAULT_GOAL := serve

help: ## Say what there is to make.
	@sed -n 's/^\([a-z-]*\):.* ## /\1|/p' Makefile | while IFS='|' read -r target help; do printf '%-12s %s\n' "$$target" "$$help"; done

serve: $(READY) ## Serve on http://127.0.0.1:8000, or another port: make serve PORT=8080.
	$(VENV)/bin/module-registry serve --port $(PORT)

demo: $(DEV_READY) ## Serve the same with made-up accounts, votes and requests, and say how to sign in.
	$(VENV)/bin/python tests/demo.py --port $(PORT)

test: $(DEV_READY) ## Run the plain tests, which need nothing but Python.
	$(VENV)/bin/python -m pytest

# Browsers need whole cores, and other tests say how long a client waits.
test-long: $(DEV_READY) ## Run the tests that drive other programs, or take long.
	$(VENV)/bin/python -m pytest -m "long and not nightly" --ignore tests/browser
	$(VENV)/bin/python -m pytest -m "long and not nightly" --numprocesses 2 tests/browser

test-all: test test-long ## Run both.

# Hours: what .github/workflows/nightly.yaml runs each night. .ci/tools installs what it drives. One that fails stops no other.
nightly: $(DEV_READY) ## Run all variations, every Python, chaos and mutation.
	@status=0; for run in variations test-pythons chaos mutation; do \
	    $(MAKE) --no-print-directory $$run || status=1; \
	done; exit $$status

variations: $(DEV_READY) ## Run the tests that vary others, and the plain ones with more examples.
	$(VENV)/bin/python -m pytest -m nightly --ignore tests/browser
	$(VENV)/bin/python -m pytest -m nightly --numprocesses 2 tests/browser
	EXAMPLES_OF_EACH=many $(VENV)/bin/python -m pytest

# It takes the time that nothing else needs, and a lot of it. More: python tests/mutation --help.
mutation: $(DEV_READY) ## Change the code in random places, and see whether tests notice.
	nice -n 19 $(VENV)/bin/python tests/mutation --jobs 2

lint: $(DEV_READY) ## Check style, types and imports.
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# Each Python from 3.11 on that is on PATH, but for that of .venv, which `make test` has.
test-pythons: $(DEV_READY) ## Run the tests on every other Python that is here.
	@for minor in 11 12 13 14 15 16; do python=python3.$$minor; \
	    if [ -e $(VENV)/bin/$$python ] || ! $$python -c "import ensurepip, venv" 2>/dev/null; then continue; fi; \
	    echo "== $$python"; \
	    $(MAKE) --no-print-directory test PYTHON=$$python VENV=$(VENV)-$$python || exit 1; \
	done

# It shows what the next `make lock` will meet.
test-newest: ## Run the plain tests with the newest release of each dependency, without the locks.
	$(PYTHON) -m venv --clear $(VENV)-newest
	$(VENV)-newest/bin/pip install --quiet --editable '.[oidc,otel,mcp,dev]'
	$(VENV)-newest/bin/python -m pytest

# Where the data cannot be had, it says so and goes on.
audit: $(DEV_READY) ## Look for known vulnerabilities of the dependencies.
	$(VENV)/bin/python tests/vulnerabilities.py

# Of the dependencies that run, with the digests of requirements-dev.lock: a CycloneDX document. Its tool is not among the
# dependencies: beside what it brings, jsonschema takes a second more to import.
sbom: $(DEV_READY) ## Write what the service is made of to var/sbom.cdx.json, or another file: make sbom SBOM=FILE.
	@mkdir -p $(dir $(SBOM))
	@$(VENV)/bin/uv pip compile --quiet --generate-hashes --no-header --no-annotate --no-emit-index-url \
	    --extra oidc --extra otel --extra mcp --constraints requirements-dev.lock --output-file $(SBOM).txt setup.cfg >/dev/null
	@$(VENV)/bin/uv tool run --quiet --from cyclonedx-bom==7.5.0 cyclonedx-py requirements --output-reproducible --output-file $(SBOM) $(SBOM).txt
	@rm $(SBOM).txt
	@echo $(SBOM)

# A new text of a page has no translation then, which a test reports.
generate: $(DEV_READY) ## Write the committed files that are derived from the schema, the settings, the rules and the texts.
	$(VENV)/bin/python tests/generate.py

# With wrk and nginx (Debian packages of these names), on two idle cores; about two minutes.
bench: $(DEV_READY) ## Measure the service beside its peers.
	$(VENV)/bin/python tests/bench

# On five kinds of store, one after another: more than an hour.
chaos: $(DEV_READY) ## Kill, suspend and cut off what runs, while people vote, and see what is lost.
	$(VENV)/bin/python tests/chaos

# With chromium-headless-shell and fonts-inter (Debian's packages of these names). Every page goes to tests/browser/screenshots.
pictures: $(DEV_READY) ## Make the pictures of README, and one of each page.
	$(VENV)/bin/python tests/browser/pictures.py

# For every platform and Python that setup.cfg allows.
lock: $(DEV_READY) ## Resolve the dependencies of setup.cfg again, into the locks, and print what changed.
	$(VENV)/bin/python tests/locks.py

# --no-deps: pip before 23.3 resolves the extra of a locked package again, such as coverage[toml], and then finds a
# release that is newer than the lock. `pip check` shows that nothing is missing.
PIP = $(VENV)/bin/python -m pip --disable-pip-version-check
INSTALL = $(PIP) install --quiet --no-deps
RUN_PIP = run() { "$$@" >$(VENV)/pip.log 2>&1 || { $(EXPLAIN) >&2; exit 1; }; }; run
define EXPLAIN
printf '%s\n' \
    "The packages cannot be installed. The last lines of pip, which are also in $(VENV)/pip.log:" '' \
    "$$(tail -n 6 $(VENV)/pip.log | cut -c 1-500)" '' \
    'The likely causes, and what to do:' \
    '- No network: run "$(VENV)/bin/python -m pip download --no-deps pip" to see whether the package index answers.' \
    '- A proxy or a package index of your own lacks a file: compare the output of "$(VENV)/bin/python -m pip config list".' \
    "- A Python older than 3.11: this is $$($(VENV)/bin/python -V 2>&1). Name another: make PYTHON=python3.13" \
    'Then run the same command again.'
endef

install: $(READY) ## Install the packages that serve, and the command module-registry, into .venv.

$(READY): service/deploy/requirements.lock setup.cfg pyproject.toml
	@echo "Setting up $(VENV), which takes half a minute the first time."
	@$(PYTHON) -m venv $(VENV)
	@$(RUN_PIP) $(INSTALL) --require-hashes --requirement service/deploy/requirements.lock
	@$(RUN_PIP) $(INSTALL) --no-build-isolation --editable .
	@$(RUN_PIP) $(PIP) check
	@touch $@

$(DEV_READY): requirements-dev.lock $(READY)
	@echo "Adding the developers' packages to $(VENV), which takes a minute the first time."
	@$(RUN_PIP) $(INSTALL) --require-hashes --requirement requirements-dev.lock
	@$(RUN_PIP) $(PIP) check
	@touch $@
