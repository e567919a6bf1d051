# The whole command surface of the repository. Every target is safe to repeat.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup demo demo-down test lint bench lock clean

help: ## show this
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-10s %s\n", $$1, $$2 }'

setup: $(READY) ## make .venv; afterwards .venv/bin/flotilla is the command

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "flotilla: $$($(PYTHON) --version 2>&1) is too old: Python 3.11 or newer is needed; make setup PYTHON=python3.11" >&2; exit 3; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "flotilla: $(PYTHON) has no venv module; on Debian: apt-get install python3-venv" >&2; exit 3; }
	@echo "setting up .venv (about a minute, once)"
	@rm -f $@
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## bring up the 14 shops of stack dev on this machine, and buy from each
	@$(BIN)/flotilla sandbox up dev --verify

demo-down: ## leave no process of the demo and no change to the machine; tools and images stay in the cache
	@if [ -x $(BIN)/flotilla ]; then $(BIN)/flotilla sandbox down; else echo "nothing to take down: never set up"; fi

test: setup lint ## every test that this machine can run
	@$(BIN)/pytest

lint: setup ## formatting, rules, types, layers
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: setup ## ratios against peers, taken side by side
	@$(BIN)/python bench/render.py
	@$(BIN)/python bench/program.py
	@$(BIN)/python bench/check.py
	@$(BIN)/python bench/pack.py

lock: setup ## compile requirements.txt anew after pyproject.toml changed
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --python-version 3.11 --universal --quiet --output-file requirements.txt

clean: ## remove .venv and what tools left in the checkout
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
