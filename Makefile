# Everything a newcomer needs: `make run`, `make test`. Every target but `setup` depends on it.
# Needs Python 3.11 or later and pip; no root, no git.

PYTHON ?= python3
VENV := .venv
BENCH ?= main_job dependence location resilience forum
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup run test story published lint bench serve docs

setup: $(STAMP)

# A bare Debian has python3 and pip but may lack ensurepip; virtualenv then makes the environment.
$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Coproduce needs Python 3.11 or later; set PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV) 2>/dev/null || { \
	  rm -rf $(VENV) .setup; \
	  $(PYTHON) -m pip install --quiet --target .setup virtualenv && \
	  PYTHONPATH=.setup $(PYTHON) -m virtualenv --quiet $(VENV); }

$(STAMP): $(BIN)/python requirements/dev.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --no-build-isolation --editable .
	@touch $(STAMP)

run: setup
	$(BIN)/coproduce plan --out out

test: setup
	$(BIN)/python -m pytest -q -m "not slow and not long"

story: setup
	$(BIN)/python -m pytest -q -m "slow and not long"

# The public location instances with a published optimum that take long; the rest is in `story`.
published: setup
	$(BIN)/python -m pytest -q -m long

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: setup
	$(BIN)/python -m coproduce.records.docs docs/reference/tables.md

# Benchmarks run beside the named peers, which live in an environment of their own.
bench: .venv-bench/.installed
	for script in $(BENCH); do .venv-bench/bin/python benchmarks/$$script.py || exit 1; done

.venv-bench/.installed: setup requirements/bench.txt
	$(MAKE) --no-print-directory VENV=.venv-bench .venv-bench/bin/python
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r requirements/bench.txt
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --no-build-isolation --editable .
	@touch $@

serve: setup
	$(BIN)/coproduce serve --out out
