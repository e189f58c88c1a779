# Two commands for a newcomer: `make demo` and `make test`. Both make the environment first.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test check bench pictures lock clean

VENV := .venv
BIN := $(VENV)/bin
UV ?= uv
PEERS := .venv-bench

# The first interpreter that really runs (a shim may not) and that we support; looked for once, when needed.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(eval PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if $$p -c '$(SUPPORTED)' >/dev/null 2>&1; then command -v $$p; break; fi; done))$(PYTHON)

# Arguments of the targets below.
ARGS ?=
ONLY ?=
WORKERS ?= 2
TESTS ?= tests

help: ## Show this list
	@echo "make TARGET"
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  \1\t/' | expand -t 10

demo: $(VENV)/.stamp ## Load the 2,300-car case, run it, leave the board open (ARGS="--help" for more)
	@$(BIN)/campaign demo $(ARGS)

test: $(VENV)/.stamp ## Run every test (TESTS=tests/unit for a part, WORKERS=4 on a bigger machine)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -ra $(TESTS)

check: $(VENV)/.stamp ## Format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The solvers are big: their environment is made when plans are compared, not before.
bench: $(VENV)/.stamp $(if $(or $(findstring plan,$(ONLY)),$(if $(ONLY),,all)),$(PEERS)/.stamp) ## Measure against peers (ONLY=plan,... for some); writes build/bench.json
	@$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY))

pictures: $(VENV)/.stamp ## Make the pictures of the docs again, from the real pages in Chromium
	@PICTURES=1 $(BIN)/python -m pytest tests/e2e

COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-strip-extras --no-emit-index-url --no-emit-find-links --upgrade

lock: ## Pin every dependency again (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	@echo "Resolving for Python 3.11 to 3.13 ..."
	@$(COMPILE) --extra test --extra virtual-car --output-file requirements.lock pyproject.toml
	@$(COMPILE) --group bench --output-file requirements-bench.lock
	@for lock in requirements.lock requirements-bench.lock; do echo "$$lock pins $$(grep -c == $$lock) packages"; done

clean: ## Remove the environment, caches and built files (never var/, which holds your data)
	rm -rf $(VENV) $(PEERS) build dist ./*.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# An existing environment without a stamp is kept and completed.
$(VENV)/.stamp: requirements.lock pyproject.toml
	@if [ ! -x $(BIN)/python ]; then \
		if [ -z "$(PYTHON)" ]; then \
			echo "Python 3.11, 3.12 or 3.13 was not found. Install one, or name it: make PYTHON=/path/to/python3 ..."; \
			exit 1; \
		fi; \
		echo "[1/3] Making $(VENV) with $(PYTHON)"; \
		"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
			echo "$(PYTHON) cannot make an environment. On Debian: apt-get install python3-venv"; exit 1; }; \
	else echo "[1/3] Using the environment in $(VENV)"; fi
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@echo "[2/3] Installing $$(grep -c == requirements.lock) locked packages (a minute or more the first time)"
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off \
		--require-hashes -r requirements.lock | awk ' \
		/^(Collecting|Requirement already)/ { if (++n % 25 == 0) { print "      " n " packages read"; fflush() } } \
		/^Installing collected/ { print "      putting them in place"; fflush() }'
	@echo "[3/3] Installing campaign"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(PEERS)/.stamp: requirements-bench.lock | $(VENV)/.stamp
	@echo "Making $(PEERS): solvers to compare plans with, about 400 MB (a minute the first time)"
	@$(BIN)/python -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@
