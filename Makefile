# imagedb: `make` lists the targets. Everything runs in .venv, which the targets make themselves.

PYTHON ?= python3
UV ?= uv
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
LOCKED := $(PIP) install --require-hashes
CODE := imagedb tests benchmarks tools migrations demo

MADE := $(VENV)/.made
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

# ------------------------------------------------------------------------------- environment
# Three stamps: the bare environment, what imagedb needs to run (the demo), what developers need.

$(MADE):
	@command -v "$(PYTHON)" >/dev/null || \
	  { echo "imagedb needs Python 3.11 or newer, and there is no $(PYTHON): install it, or say make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "imagedb needs Python 3.11 or newer, and $(PYTHON) is $$("$(PYTHON)" -V 2>&1): say make PYTHON=/path/to/a/newer/python" >&2; exit 1; }
	@echo "making $(VENV) with $$("$(PYTHON)" -V)"
	@"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(RUNTIME): $(MADE) requirements/runtime.txt requirements/build.txt pyproject.toml
	@echo "installing imagedb and what it needs"
	@$(LOCKED) -r requirements/runtime.txt -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(RUNTIME) requirements/dev.txt
	@echo "installing the tools for tests and checks"
	@$(LOCKED) -r requirements/dev.txt
	@touch $@

.PHONY: venv
venv: $(DEV) ## make the environment for development in .venv

# --------------------------------------------------------------------------------------- use

.PHONY: demo
demo: $(RUNTIME) ## show imagedb at work on a small fleet
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m demo.run $(ARGS)

.PHONY: bench
bench: $(DEV) ## measure; ARGS="--help" lists the options
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: stress
stress: $(DEV) ## many processes, faults, and proof of what they were told; ARGS="--help" lists the options
	@$(BIN)/python -m benchmarks.stress $(or $(ARGS),--faults)

# ----------------------------------------------------------------------------------- develop

.PHONY: test
test: $(DEV) ## run the tests; ARGS="-k delete" picks some
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

.PHONY: check
check: format lint types imports docs-check sizes hygiene ## run every check; `make -k check` runs on after a failure

.PHONY: fmt
fmt: $(DEV) ## lay out the code and mend what ruff can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

.PHONY: format
format: $(DEV)
	$(BIN)/ruff format --check

.PHONY: lint
lint: $(DEV)
	$(BIN)/ruff check

.PHONY: types
types: $(DEV)
	$(BIN)/mypy

.PHONY: imports
imports: $(DEV)
	$(BIN)/lint-imports --no-logo

.PHONY: docs
docs: $(DEV) ## write the generated parts of the documents
	$(BIN)/python tools/generate_docs.py
	$(BIN)/python -m demo.run --svg docs/demo.svg

.PHONY: docs-check
docs-check: $(DEV)
	@if [ -f tools/check_docs.py ]; then set -x; $(BIN)/python tools/check_docs.py; fi

.PHONY: sizes
sizes: $(DEV)
	$(BIN)/python tools/check_sizes.py $(CODE)

.PHONY: hygiene
hygiene: $(DEV)
	$(BIN)/python tools/check_hygiene.py

.PHONY: wheel
wheel: $(DEV) ## build the source archive and the wheel into dist/
	$(BIN)/python -m build --no-isolation

.PHONY: lock
lock: export UV_CUSTOM_COMPILE_COMMAND = make lock
lock: COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url $(ARGS)
lock: ## pin the requirements anew with uv; ARGS=--upgrade takes the newest releases
	$(COMPILE) pyproject.toml --all-extras --group dev --output-file requirements/dev.txt
	$(COMPILE) pyproject.toml --constraint requirements/dev.txt --output-file requirements/runtime.txt
	$(COMPILE) --group build --constraint requirements/dev.txt --output-file requirements/build.txt

.PHONY: clean
clean: ## remove builds and caches
	rm -rf build dist .demo .coverage* htmlcov .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

.PHONY: distclean
distclean: clean ## remove the environment too
	rm -rf $(VENV)
