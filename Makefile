# Two commands do everything on a fresh machine, the network for packages aside: make run, make test.
VENV ?= .venv
BIN := $(VENV)/bin
SHELL := /bin/bash
PORT ?= 8501
IS_SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
SAY_VERSION := import sys; print("%d.%d" % sys.version_info[:2])

# Whoever names a PYTHON gets that one. Otherwise an environment that exists stays as it is, and a
# new one is made with the first supported Python on the PATH.
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for p in $(abspath $(BIN))/python python3 python3.11 python3.12 python3.13; do \
	"$$p" -c '$(IS_SUPPORTED)' 2>/dev/null && { echo "$$p"; break; }; done)
else
override PYTHON := $(or $(shell bash scripts/find_python.sh "$(PYTHON)"),$(PYTHON))
endif
VERSION := $(shell "$(PYTHON)" -c '$(SAY_VERSION)' 2>/dev/null)
STAMP := $(VENV)/.installed-$(VERSION)
ASSETS := parkplan/frontend/vendor/.lock-sha256

.DEFAULT_GOAL := help
.PHONY: help env run demo screenshots test test-all lint format text docs wheel clean system

help: ## what each target does
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 12

env: $(STAMP) $(ASSETS) ## make .venv with everything installed (PYTHON=python3.12 chooses another Python)

$(STAMP): requirements.txt requirements-dev.txt pyproject.toml
	@"$(PYTHON)" -c '$(IS_SUPPORTED)' 2>/dev/null || { \
		echo 'Parkplan needs Python 3.11, 3.12 or 3.13, and "$(PYTHON)" is none. Say where one is: make env PYTHON=/path/to/python3.11' >&2; exit 1; }
	@test "$$($(BIN)/python -c '$(SAY_VERSION)' 2>/dev/null)" = "$(VERSION)" || "$(PYTHON)" -m venv --clear $(VENV)
	@rm -f $(VENV)/.installed-*
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c 'from geo.density import dbscan; dbscan([(0, 0)], 1, 1)' # compiled once, not at the first page
	@touch $@

$(ASSETS): package.json package-lock.json scripts/assets.py | $(STAMP)
	$(BIN)/python scripts/assets.py
	@touch $@

run: env ## compute the built-in sample's plan, then serve the app on it (PORT=8501)
	@$(BIN)/python scripts/run.py --port $(PORT)

demo: env ## the samples' plans, maps and pictures in out/, without a browser
	@$(BIN)/python scripts/demo.py

lint: env ## style, types, arrows
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-logo

system: ## the browser and the Chinese font that the browser tests need
	@bash scripts/system_packages.sh

test: env system lint ## every test
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

test-all: ## every test on each of Python 3.11, 3.12, 3.13 that is found
	@bash scripts/test_all.sh

format: env ## put the code into its form
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

screenshots: env system ## take the pictures of the READMEs from the running app
	$(BIN)/python scripts/screenshots.py

text: env ## collect the messages and compile the catalogues
	$(BIN)/python scripts/text.py

docs: env ## write the pages of docs/ that the code says itself
	$(BIN)/python scripts/docs.py

wheel: env ## build dist/*.whl, front-end libraries included
	rm -rf build
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

clean: ## remove what was made
	rm -rf .venv .venv-node .venvs node_modules parkplan/frontend/vendor build dist out *.egg-info \
		.mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
