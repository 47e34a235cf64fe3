# Two commands do everything from a fresh clone: `make quickstart` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUN_READY := $(VENV)/.ready-to-run
DEV_READY := $(VENV)/.ready-to-develop

.DEFAULT_GOAL := help
.PHONY: help quickstart test lint types layers pytest clean

help: ## Show what there is to make.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "coralrun needs Python 3.11 or later; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUN_READY): pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --editable ".[emulator]"
	@touch $@

$(DEV_READY): pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --editable ".[emulator,parquet,keyring,dev]"
	@touch $@ $(RUN_READY)

quickstart: $(RUN_READY) ## Install, then run the example survey on the embedded CoralNet.
	$(BIN)/coralrun apply examples/quickstart/survey.yaml --yes

test: lint types layers pytest ## The whole check: style, types, layers, tests.

lint: $(DEV_READY) ## Style (ruff).
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV_READY) ## Types (mypy, strict).
	$(BIN)/mypy

layers: $(DEV_READY) ## The architecture (import-linter).
	$(BIN)/lint-imports --no-cache

pytest: $(DEV_READY) ## The tests, on two processes.
	$(BIN)/pytest -n 2

clean: ## Remove what was built and cached; runs stay.
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
