# One set of commands for people and for CI. Needs Python 3.11+, pip and make; uses uv where it is there.
.DELETE_ON_ERROR:
.PHONY: help install demo lab test test-fast test-pandas2 test-all check docs build matrix release-notes prism binder bench bench-peers \
	mutants pictures lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/dev.lock.txt
READY := $(VENV)/.ready
SPARK_LOCK := requirements/spark.lock.txt
SPARK := $(VENV)/.spark
SITE_LOCK := requirements/site.lock.txt
SITE := $(VENV)/.site
PEERS_LOCK := requirements/peers.lock.txt
PEERS := $(VENV)/.peers
PRISM_VERSION := 5.14.2
PRISM := $(VENV)/prism/.ready-$(PRISM_VERSION)
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	--no-emit-index-url --no-annotate --no-header -q

help: ## Show the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

install: $(READY) ## Install everything into .venv (quick the second time)

$(READY): $(LOCK) pyproject.toml
	@PYTHON="$(PYTHON)" sh requirements/install.sh "$(VENV)" "$(LOCK)"
	@touch $@

$(SPARK): $(READY) $(SPARK_LOCK)
	@sh requirements/install.sh "$(VENV)" "$(SPARK_LOCK)" --add
	@touch $@

$(SITE): $(READY) $(SITE_LOCK)
	@sh requirements/install.sh "$(VENV)" "$(SITE_LOCK)" --add
	@touch $@

$(PEERS): $(READY) $(PEERS_LOCK)
	@sh requirements/install.sh "$(VENV)" "$(PEERS_LOCK)" --add
	@touch $@

$(PRISM): | $(READY)
	@sh requirements/prism.sh "$(VENV)" "$(PRISM_VERSION)"
	@touch $@

demo: $(READY) ## Load the two made-up businesses over real HTTP, and close their books
	@$(BIN)/rutterframe demo

lab: $(READY) ## Open JupyterLab on the notebooks
	@$(BIN)/jupyter lab --ServerApp.root_dir=notebooks $(ARGS)

test: $(READY) ## Run the tests; with coverage: make test COV=--cov
	@$(BIN)/python -m pytest -n auto --dist=worksteal -m "not long" $(COV) $(ARGS)

# What none of the quick tests needs is not even imported.
NOT_FAST := $(addprefix --ignore=tests/,browser canary client/test_operations.py demo/live/test_live_contract.py demo/test_fuzz.py \
	frames/test_fuzz.py frames/test_fuzz_live.py test_binder.py)

FAST := -q -n auto -m "not (long or slow or engine or prism or case)" $(NOT_FAST)

test-fast: $(READY) ## Run the quick tests, one case of each: within a minute on two cores
	@$(BIN)/python -m pytest $(FAST) $(ARGS)

# The versions of Python to run the quick tests on; floors is the lowest version of each dependency.
MATRIX ?= 3.11 3.12 3.13 floors

matrix: ## Run the quick tests on each Python of this machine, and on the lowest versions of the dependencies
	@for run in $(MATRIX); do sh requirements/matrix.sh "$$run" "$(VENV)/matrix/$$run" $(LOCK) -- $(FAST) $(ARGS) || exit 1; done

test-pandas2: ## Run the tests on pandas 2.3, in an environment of its own (needs uv)
	@PYTHON="$(PYTHON)" sh requirements/install.sh build/pandas2 "$(LOCK)"
	@uv pip install --quiet --python build/pandas2/bin/python "pandas==2.3.*"
	@build/pandas2/bin/python -m pytest -n auto --dist=worksteal -m "not long" $(ARGS)

test-all: test $(SPARK) $(SITE) ## Run the tests, then the long ones: browsers, Spark, fuzzing, soak, kill -9
	@$(BIN)/python -m pytest -n auto --dist=loadgroup -m long $(ARGS)

check: $(READY) ## Lint, types, import contracts, words, locks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/pyright
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.check_words
	@sh requirements/check.sh "$(LOCK)"
	@sh requirements/check.sh "$(SPARK_LOCK)"
	@sh requirements/check.sh "$(SITE_LOCK)"
	@sh requirements/check.sh "$(PEERS_LOCK)"

prism: $(PRISM) ## Install Prism, a mock server that judges requests, for the tests that need it

binder: $(READY) ## Do what Binder does, without docker: build, run the notebooks, measure
	@$(BIN)/python binder/check.py

docs: $(SITE) ## Build the documentation site into build/site, where a warning is an error, and test it
	@rm -rf build/site build/doctrees build/site-screenshots
	@$(BIN)/python -m sphinx -W --keep-going -n -q -j auto -d build/doctrees -b html docs build/site
	@SITE=build/site $(BIN)/python -m pytest -q -n auto --dist=loadgroup -m long tests/docs/test_site.py $(ARGS)
	@echo "The site: build/site/index.html; pictures of some pages, light and dark: build/site-screenshots"

build: $(SITE) ## Build wheel and source distribution into dist/, and test them in an environment of their own
	@rm -rf dist
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --no-isolation --outdir dist .
	@$(BIN)/twine check --strict dist/*
	@DISTRIBUTIONS=dist $(BIN)/python -m pytest -q tests/release $(ARGS)

release-notes: ## Print the changelog of TAG, such as v1.2.3, once it is the version and has a date
	@$(PYTHON) requirements/release_notes.py "$(TAG)"

bench: $(READY) ## Measure speed and memory; writes benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks.load --full $(ARGS)
	@$(BIN)/python -m benchmarks.reports

bench-peers: $(PEERS) ## Measure beside dlt, msgspec, DuckDB and others (needs Chromium)
	@$(BIN)/python -m benchmarks.peers $(ARGS)

mutants: $(READY) ## Change the code in 60 places, and list the changes that no test notices
	@$(BIN)/python -m tests.mutants $(ARGS)

pictures: $(READY) ## Draw the README's pictures anew (needs Chromium)
	@$(BIN)/python docs/aging_picture.py
	@$(BIN)/python docs/picker_picture.py

lock: ## Resolve the dependencies anew (needs uv)
	@$(COMPILE) pyproject.toml --extra lab --extra keyring --extra dataset --extra duckdb --extra polars \
		--extra postgresql --extra ibis --group dev \
		-o $(LOCK) $(ARGS)
	@$(COMPILE) --group spark -o $(SPARK_LOCK) $(ARGS)
	@$(COMPILE) --group docs --group build --group apps --constraint $(LOCK) -o $(SITE_LOCK) $(ARGS)
	@$(COMPILE) --group peers --constraint $(LOCK) -o $(PEERS_LOCK) $(ARGS)

clean: ## Remove the environment and every cache
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov
