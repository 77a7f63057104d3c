# hilf: every task of a day. `make help` lists them; each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests
export PYTHONHASHSEED ?= random

.DEFAULT_GOAL := help
.PHONY: help install setup assets demo test check fix bench nightly mutation lock docs migrations messages screenshots clean

help: ## list the tasks
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

# Two environments' worth of packages, one folder: what a node needs, then what its developers need.
$(VENV)/run.stamp: requirements/run.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

# Styles, scripts, fonts and languages of the console, gathered and given names with fingerprints.
CONSOLE := src/hilf/console
$(VENV)/assets.stamp: $(VENV)/run.stamp package-lock.json $(wildcard assets/*.py assets/*.js) \
  $(shell find $(CONSOLE)/templates $(CONSOLE)/static $(CONSOLE)/locale -name '*.html' -o -name '*.css' -o -name '*.js' -o -name '*.svg' -o -name '*.po')
	$(BIN)/python assets/build.py
	@touch $@

install: $(VENV)/assets.stamp ## what a node needs, in .venv

setup: $(VENV)/dev.stamp $(VENV)/assets.stamp ## everything for developing

assets: $(VENV)/assets.stamp ## styles, scripts, fonts and languages of the console

demo: $(VENV)/assets.stamp ## three nations on this machine: the whole story, checked and timed
	$(BIN)/hilf demo $(DEMO)

test: $(VENV)/dev.stamp $(VENV)/assets.stamp ## all tests, in parallel and in any order; pages only where there is a chromium
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST) $(TESTS)

check: $(VENV)/dev.stamp ## format, lint, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

fix: $(VENV)/dev.stamp ## mend what the formatter and linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp ## own figure, peer and limit, from one run
	$(BIN)/python -m bench $(BENCH)

nightly: $(VENV)/dev.stamp $(VENV)/assets.stamp ## the long runs: 200 kills, 60 stale backups, 10,000 examples a law
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n 2 --timeout 3000 -m "nightly or not nightly" tests

mutation: $(VENV)/dev.stamp ## take every rule of accord/ and markings/ out, then change each: does a test notice?
	$(BIN)/python -m bench.mutation $(MUTATE)

lock: $(VENV)/dev.stamp ## resolve the locks anew, with hashes
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	  --python-version 3.11 --extra postgres --extra demo --extra print --group build pyproject.toml -o requirements/run.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	  --python-version 3.11 --extra postgres --extra demo --extra print --group build --group dev -c requirements/run.lock pyproject.toml -o requirements/dev.lock

docs: $(VENV)/dev.stamp ## write the reference pages from the code
	$(BIN)/python docs/generate.py

migrations: $(VENV)/dev.stamp ## write the migration for changed tables
	$(BIN)/python -m hilf.store.makemigrations

messages: $(VENV)/dev.stamp ## bring the catalogues of the console's languages up to its pages
	$(BIN)/python assets/messages.py

screenshots: $(VENV)/dev.stamp $(VENV)/assets.stamp ## every page of the console as a picture, in docs/screens
	rm -rf docs/screens
	HILF_BROWSER=required HILF_SCREENS=docs/screens $(BIN)/python -m pytest -q -p no:randomly tests/browser/test_screens.py

clean: ## remove what make made
	rm -rf $(VENV) node_modules src/hilf/console/vendor src/hilf/console/served demo mutants build dist bench/.venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
