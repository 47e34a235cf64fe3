# Two commands do everything from a fresh clone: `make quickstart` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
CONSTRAINTS := constraints.txt
TOLD_INSTALL := $(PIP) install --no-compile --constraint $(CONSTRAINTS)
INSTALL := $(TOLD_INSTALL) --quiet
PYTEST_ARGS :=
RUN_READY := $(VENV)/.ready-to-run
LOCAL_READY := $(VENV)/.ready-to-classify
DEV_READY := $(VENV)/.ready-to-develop
COMPILED := $(VENV)/.compiled

# Most of what is installed is never imported. The rest is compiled when it is, once, for the many processes of the tests.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help quickstart local-demo test lint types layers branches pytest schemas browser soak soak-crash bench coverage r-check clean

help: ## Show what there is to make.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo
	@echo '  Some of the tests:   make pytest PYTEST_ARGS="-x -k resume"'
	@echo '  Another Python:      make quickstart PYTHON=python3.12'
	@echo '  Another environment: make test VENV=/tmp/coralrun-venv'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "coralrun needs Python 3.11 or later; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	-$(INSTALL) --upgrade pip  # Python's own looks at what an index offers for three times as long

$(RUN_READY): pyproject.toml $(CONSTRAINTS) | $(BIN)/python
	@echo "Installing coralrun and what it needs into $(VENV): a minute or so, once."
	$(TOLD_INSTALL) --editable ".[emulator]"
	@touch $@

$(LOCAL_READY): pyproject.toml $(CONSTRAINTS) | $(BIN)/python
	$(INSTALL) --editable ".[emulator,local]"
	@touch $@ $(RUN_READY)

$(DEV_READY): pyproject.toml $(CONSTRAINTS) | $(BIN)/python
	$(INSTALL) --editable ".[bucket,emulator,excel,keyring,local,parquet,dev]"
	@touch $@ $(RUN_READY) $(LOCAL_READY)

quickstart: $(RUN_READY) ## Install, then run the example survey on the embedded CoralNet.
	$(BIN)/coralrun apply examples/quickstart/survey.yaml --yes

local-demo: $(LOCAL_READY) ## Train a classifier on photos of a drawn reef, and classify the others here.
	$(BIN)/python examples/local/draw.py runs/local-demo
	$(BIN)/coralrun train --labels runs/local-demo/annotations.csv --photos runs/local-demo/photos \
	  --labelled-by people --site "a drawn reef" --out runs/local-demo/model
	$(BIN)/coralrun apply runs/local-demo/survey.yaml --yes

test: $(DEV_READY) ## The whole check: style, types, layers, tests and branches.
	$(MAKE) --jobs 2 types $(COMPILED) lint layers
	$(MAKE) pytest

lint: $(DEV_READY) ## Style (ruff).
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV_READY) ## Types (mypy, strict).
	$(BIN)/mypy

layers: $(DEV_READY) ## The architecture (import-linter).
	$(BIN)/lint-imports --no-cache

$(COMPILED): $(DEV_READY)
	-$(BIN)/pytest -qq --collect-only > /dev/null
	@touch $@

branches: $(DEV_READY) ## Every branch of machine, store, codec and limiter is held by a test beside it.
	CORALRUN_BRANCHES=1 $(BIN)/pytest -q -n 2 $$($(BIN)/python -m tests.branches)

pytest: $(DEV_READY) ## The tests, on six processes: two cores, and many of the tests wait.
	$(if $(PYTEST_ARGS),,CORALRUN_BRANCHES=1) $(BIN)/pytest -n 6 --dist worksteal $(PYTEST_ARGS)

schemas: $(DEV_READY) ## Write the schemas that are made of the types of the files (a test holds them to these).
	$(BIN)/python -m coralrun.formats schemas

browser: ## Install Chromium (Debian's, as root), axe and yaml-language-server (npm): tests of pages and editors.
	apt-get install -y chromium chromium-driver
	npm install --prefix .node --no-save --no-package-lock axe-core@4.14.1 yaml-language-server@1.25.0

soak: $(DEV_READY) ## Simulate as many surveys as fit into MINUTES (10); the other half of a soak is soak-crash.
	nice $(BIN)/python -m tests.sim --seeds 100000000 --start 100000 --minutes $(or $(MINUTES),10) --jobs 2

soak-crash: $(DEV_READY) ## Kill real runs at every single moment, crash small ones at each and in pairs, flip every bit.
	CORALRUN_CRASH=all $(BIN)/pytest -s tests/crash tests/exhaustive tests/e2e/test_changed_surveys.py

bench: $(DEV_READY) ## Measure against other ways to use the same server; rewrites benchmarks/RESULTS.md.
	nice $(BIN)/python -m benchmarks.scale --json benchmarks/scale.json
	nice $(BIN)/python -m benchmarks.inputs --json benchmarks/inputs.json
	nice $(BIN)/python -m benchmarks --scale benchmarks/scale.json --inputs benchmarks/inputs.json \
	  --markdown benchmarks/RESULTS.md --json benchmarks/results.json

coverage: $(DEV_READY) ## How often intervals hold the truth, on REEFS (10000) drawn reefs each; rewrites docs/coverage.md.
	nice $(BIN)/python -m tests.statistics.coverage --reefs $(or $(REEFS),10000) --into docs/coverage.md

r-check: $(DEV_READY) ## Ask R (package survey) once more, hold it to what is kept of it, and tell how far we are.
	$(BIN)/python -m tests.statistics.r_check

clean: ## Remove what was built and cached; runs stay.
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
