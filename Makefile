# The workshop. Every target sets up what it needs: `make demo` or `make test` on a fresh clone is enough.
# Needed on the machine: Python 3.11 or newer, make, and a package index that pip can reach.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

# The first of these that runs and is new enough. `make PYTHON=...` overrides it, for making .venv only.
CANDIDATES := python3.11 python3 python3.12 python3.13 python3.14
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in $(CANDIDATES); do \
	"$$python" -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && echo "$$python" && break; done)

NEED_PYTHON = "$(PYTHON)" -c '$(NEW_ENOUGH)' >/dev/null 2>&1 || { \
	echo "setup: Python 3.11 or newer is needed: install it, or name it with make PYTHON=/path/to/python3" >&2; exit 1; }

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
READY := $(VENV)/.ready

# `make test TEST=tests/engine`, `make test TEST_FLAGS=-x`, `make bench BENCH=parse`, `make simulate ARGS=...`
TEST :=
TEST_FLAGS :=
# One more than CI has cores: tests wait for processes, servers and disks.
WORKERS := 3
PYTEST = $(PY) -m pytest --numprocesses=$(WORKERS) $(TEST_FLAGS)
# Which tests are heavy is written in tests/cost.py. Who names a path wants all of it.
LIGHT = $(if $(TEST),$(TEST),-m "not heavy")
# libfaketime fakes the clock, but not the times of files.
ON_ANY_DAY = $(if $(TEST),$(TEST) -m "not machine_times",-m "not heavy and not machine_times")
# Tests start hundreds of processes, each of which would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE
BENCH := $(filter-out simulate kills,$(basename $(notdir $(wildcard bench/[a-z]*.py))))
ARGS :=

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## make .venv with every dependency, pinned and hash-checked (other targets do it by themselves)

# The stamp lies inside .venv, so that it goes when .venv goes. A .venv that another tool has made is kept if its
# Python is new enough; it may lack pip.
$(READY): constraints.txt pyproject.toml
	@$(PY) -c '$(NEW_ENOUGH)' >/dev/null 2>&1 || { \
		$(NEED_PYTHON); \
		echo "setup: making $(VENV) with $(PYTHON)"; \
		"$(PYTHON)" -m venv --clear $(VENV); \
	}
	@$(PY) -c 'import pip' 2>/dev/null || $(PY) -m ensurepip >/dev/null
	@echo "setup: installing what constraints.txt lists"
	@$(PIP) install --require-hashes --requirement constraints.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: lint
lint: $(READY) ## check style and layout (ruff, every rule that pyproject.toml does not excuse)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: format
format: $(READY) ## lay the code out, and repair what ruff can repair safely
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: types
types: $(READY) ## check types, with mypy --strict and with pyright's strict rules
	$(BIN)/mypy
	$(BIN)/basedpyright --pythonpath $(PY)

.PHONY: test
test: $(READY) ## run the tests but for the heavy ones (TEST=path for all of a path, TEST_FLAGS=-x)
	$(PYTEST) $(LIGHT)

.PHONY: test-heavy
test-heavy: $(READY) ## run the heavy tests, which make test leaves out
	$(PYTEST) -m heavy

.PHONY: test-day
test-day: $(READY) ## run make test's tests on another day, drawn from the commit's hash (needs faketime)
	$(PY) scripts/run_tests.py day=$$(git rev-parse HEAD 2>/dev/null || echo none) --numprocesses=$(WORKERS) $(TEST_FLAGS) $(ON_ANY_DAY)

.PHONY: test-days
test-days: $(READY) ## run make test's tests on each of the other days (needs faketime)
	$(PY) scripts/run_tests.py days --numprocesses=$(WORKERS) $(TEST_FLAGS) $(ON_ANY_DAY)

.PHONY: test-busy
test-busy: $(READY) ## run make test's tests while something else keeps every core busy
	$(PY) scripts/run_tests.py busy --numprocesses=$(WORKERS) $(TEST_FLAGS) $(LIGHT)

.PHONY: test-explore
test-explore: $(READY) ## run all tests, with other random examples each time, and 2000 where a test names no number
	HYPOTHESIS_PROFILE=explore $(PYTEST)

# Beside the environment and not in it: what lies on the path first is what is imported.
OLDEST := $(VENV)/oldest

$(OLDEST)/.ready: constraints-oldest.txt $(READY)
	@$(PIP) install --no-deps --require-hashes --upgrade --target $(OLDEST) --requirement constraints-oldest.txt
	@touch $@

.PHONY: test-oldest
test-oldest: HEAVY := -m "not heavy"
test-oldest: export TZ := Pacific/Auckland
test-oldest: $(OLDEST)/.ready ## run the archive's tests with the oldest DuckDB that pyproject.toml admits, in Auckland
	@PYTHONPATH=$(OLDEST) $(PY) -c 'import duckdb; print("duckdb", duckdb.__version__)' | tee $(OLDEST)/imported
	@grep -q "^duckdb==$$(sed 's/duckdb //' $(OLDEST)/imported) " constraints-oldest.txt
	PYTHONPATH=$(OLDEST) $(PYTEST) $(HEAVY) tests/archive tests/sync

# What BI tools bring along: versions that we do not run with, and that open archive.duckdb all the same.
READERS := 1.0 1.4

$(VENV)/duckdb-%/.ready: constraints-duckdb-%.txt $(READY)
	@$(PIP) install --no-deps --require-hashes --upgrade --target $(@D) --requirement $<
	@touch $@

.PHONY: test-readers
test-readers: $(READERS:%=$(VENV)/duckdb-%/.ready) $(OLDEST)/.ready ## open archive.duckdb with old versions of DuckDB
	$(PY) scripts/check_readers.py $(READERS:%=$(VENV)/duckdb-%) $(OLDEST)

# East and west of UTC: what an archive answers must not depend on where it is asked.
ZONES := America/Chicago Pacific/Auckland

.PHONY: test-zones
test-zones: HEAVY := -m "not heavy"
test-zones: $(READY) ## run the archive's tests on machines of other time zones
	for zone in $(ZONES); do TZ=$$zone $(PYTEST) $(HEAVY) tests/archive tests/sync; done

.PHONY: docs-fields
docs-fields: $(READY) ## write docs/fields.md anew from the models' docstrings
	$(PY) scripts/write_fields.py

.PHONY: build
build: $(READY) ## build the source archive, and the wheel from that archive, into dist/
	rm -rf dist
	$(BIN)/hatchling build --target sdist --directory dist
	$(PIP) wheel --no-build-isolation --no-deps --wheel-dir dist dist/*.tar.gz
	@ls dist

.PHONY: wheel-check
wheel-check: build ## install the wheel into clean environments outside the tree, and use it there
	$(PY) scripts/check_wheel.py dist/*.whl

# A machine west of UTC for all of it, and one east of it for the archive (test-oldest): no answer depends on the place.
CHECKS := lint types test test-heavy test-oldest test-readers test-day kills wheel-check
.PHONY: check
check: export TZ := America/Chicago
check: ## everything that CI checks: style, types, all tests, other zones, another day, kills, and the built wheel
	@for target in $(CHECKS); do echo "== make $$target"; \
		$(MAKE) --no-print-directory $$target ARGS="-n 40 --simulated 400"; done

# Hours, and nothing is left out because something before it failed.
NIGHTLY := lint types test-explore test-oldest test-readers test-zones test-days test-busy simulate kills wheel-check
.PHONY: nightly
nightly: ## everything at full size: exploring tests, 20,000 exports, 2,200 kills, all the days, busy cores
	@failed=(); for target in $(NIGHTLY); do echo "== make $$target"; \
		$(MAKE) --no-print-directory $$target N=20000 HEAVY= || failed+=("$$target"); done; \
	if (($${#failed[@]})); then echo "nightly: failed: $${failed[*]}"; exit 1; fi; echo "nightly: all good"

.PHONY: demo
demo: $(READY) ## see it work, against a local sandbox
	$(BIN)/sonnys demo $(ARGS)

.PHONY: bench
bench: $(READY) ## run the benchmarks, each of which prints a ratio (BENCH=name for one)
	@for name in $(BENCH); do echo "== bench/$$name.py"; $(PY) -m "bench.$$name" $(ARGS); done

.PHONY: simulate
simulate: N := 2000
simulate: $(READY) ## judge N simulated exports full of faults and crashes (N=20000; ARGS="--seed 7 --trace" for one)
	$(PY) -m bench.simulate -n $(N) $(ARGS)

.PHONY: kills
kills: $(READY) ## kill syncs: 2000 times in virtual time, 200 times for real (ARGS="-n 20 --simulated 100")
	$(PY) -m bench.kills $(ARGS)

# uv resolves for every Python from 3.11 on and every platform at once. No index is named in what it writes, so
# the file holds wherever packages come from. Its own environment lies apart: nothing else here needs it.
RESOLVE := $(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command 'make lock'

.PHONY: lock
lock: ## resolve constraints.txt anew from pyproject.toml (LOCK_FLAGS=--upgrade for newer releases)
	@$(NEED_PYTHON)
	@"$(PYTHON)" -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip --disable-pip-version-check --quiet install uv
	$(RESOLVE) --all-extras --group dev $(LOCK_FLAGS) --output-file constraints.txt pyproject.toml
	grep -o 'duckdb>=[0-9.]*' pyproject.toml | $(RESOLVE) --resolution lowest --output-file constraints-oldest.txt -
	for version in $(READERS); do \
		echo "duckdb==$$version.*" | $(RESOLVE) --resolution lowest --output-file constraints-duckdb-$$version.txt -; done

.PHONY: clean
clean: ## remove .venv and everything that was built or cached
	rm -rf $(VENV) dist demo-output .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
