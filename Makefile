# Two commands matter: `make run` and `make test`. Everything else is for those who build the house.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run install install-dev test test-all lint bench bench-run bench-scoring bench-models bench-terms lock clean

run: $(VENV)/.runtime
	$(BIN)/haixia demo $(ARGS)

install: $(VENV)/.runtime

install-dev: $(VENV)/.dev

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	touch $@

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(VENV)/.dev lint
	$(BIN)/pytest -q -n 2 --dist loadgroup -m "not slow" $(ARGS)

test-all: $(VENV)/.dev lint
	HAIXIA_THOROUGH=20 $(BIN)/pytest -q -n 2 --dist loadgroup $(ARGS)

bench: bench-run bench-scoring bench-models bench-terms

bench-run: $(VENV)/.dev
	$(BIN)/python -m experiments.benchmarks.run

bench-scoring: $(VENV)/.dev build/peers/scoring/.installed
	$(BIN)/python -m experiments.benchmarks.scoring $(ARGS)

bench-terms: $(VENV)/.dev build/peers/scoring/.installed
	$(BIN)/python -m experiments.benchmarks.terms $(ARGS)

# Credit files to compare on: every Parquet file of the folder, each with a column `target` (1 = bad).
DATA ?= ../shared/data

bench-models: $(VENV)/.dev build/peers/models/.installed
	$(BIN)/python -m experiments.benchmarks.models --data $(DATA) $(ARGS)

# Peers of a benchmark live in an environment of their own and exchange Parquet with ours.
build/peers/%/.installed: requirements/peers_%.lock
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

# Locks are made with uv from pyproject.toml; they carry hashes and no index addresses.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header pyproject.toml requirements/build.in -o requirements/runtime.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --group dev -c requirements/runtime.lock -o requirements/dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header requirements/peers_scoring.in -o requirements/peers_scoring.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header requirements/peers_models.in -o requirements/peers_models.lock

clean:
	rm -rf $(VENV) build *.egg-info
