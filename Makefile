# make demo     set up, run the tutorial, make a NIX file of a description, validate and show both
# make test     run the tests                      (make test ARGS="-k units -x")
# make check    lint, format, types, imports, generated files    (make -k check: all of them)
# make format   mend what ruff can mend
# make bench    speed, memory and sizes, against nixio and plain h5py
# make schemas  write the generated files again
# make clean    remove the environment, caches and builds
#
# Needed: Python 3.11 or newer and make. Another Python: make PYTHON=python3.12

PYTHON ?= python3
VENV ?= .venv
ARGS ?=

BIN := $(VENV)/bin
TUTORIAL := build/tutorial
RECORDING := examples/multichannel/multichannel.yaml

.PHONY: demo test check lint types imports fresh format bench schemas clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.run
	MPLBACKEND=agg $(BIN)/python examples/tutorial.py $(TUTORIAL)
	$(BIN)/nixschema validate $(TUTORIAL)/tutorial.nix
	$(BIN)/nixschema show $(TUTORIAL)/tutorial.nix
	$(BIN)/nixschema convert $(RECORDING) build/multichannel.nix --force
	$(BIN)/nixschema validate build/multichannel.nix
	$(BIN)/nixschema show build/multichannel.nix

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: lint types imports fresh

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports --no-logo

fresh: $(VENV)/.dev
	$(BIN)/python docs/generate.py --check
	$(BIN)/python examples/make_notebook.py --check

format: $(VENV)/.dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.bench $(ARGS)

schemas: $(VENV)/.dev
	$(BIN)/python docs/generate.py
	$(BIN)/python examples/make_notebook.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. Stamps tell what is installed in it; a change of pyproject.toml installs again.

$(VENV)/.created:
	@version=$$($(PYTHON) -c 'import platform; print(platform.python_version())' 2>/dev/null) \
	    || version="not found"; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	    || { echo "nixschema needs Python 3.11 or newer; $(PYTHON) is $$version. Another one: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: pyproject.toml | $(VENV)/.created
	$(BIN)/python -m pip install --quiet --editable '.[plot]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/.created
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.run
