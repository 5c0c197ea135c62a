# All that is needed is make and Python 3.11 to 3.13; the first target that needs more installs it into .venv.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# The first Python that fits, unless PYTHON names one.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(FITS)' 2>/dev/null && echo $$p && break; done)

# The tests start hundreds of processes of this checkout. Without bytecode files, which some environments turn off,
# each compiles all of its modules, and each process of the tests rewrites the assertions of all test files.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test coverage lint browser soak nightly bench clean distclean

help: ## show this
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

demo: $(INSTALLED) ## start everything, crawl an invented world on local sites, show the gold tables
	$(BIN)/songnodes demo

# Three processes, each with servers of its own (1.2 GB): tests of servers wait more than they work, and two kept two
# cores busy for half of the time. A fourth one, of low priority, runs tests without servers meanwhile. Files start in
# the order of tests/support/scheduling.py, the longest first.
test: lint browser ## lint, then the whole test suite on real servers; what CI runs
	$(BIN)/python -m pytest -n 4 --dist loadfile --durations 30

coverage: $(INSTALLED) ## branch coverage of the unit tests, with a floor; no servers, a few minutes
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --cov tests/unit

lint: $(INSTALLED) ## ruff, spelling, types of code and tests, the borders between packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/lint-imports

# Pages that need scripts are rendered by a Chromium, which no Python package carries. As root on Debian it is
# installed; elsewhere the tests of rendered pages name what is missing.
BROWSERS := chromium-headless-shell chromium chromium-browser google-chrome-stable google-chrome
browser:
	@for name in $(BROWSERS); do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null; \
	else echo "There is no Chromium here: install the package chromium" >&2; fi

soak: $(INSTALLED) ## long runs under faults
	$(BIN)/python -m pytest -m soak --timeout=0

nightly: $(INSTALLED) ## parsers against 200,000 damaged pages, processes against 90,000 extreme values
	SONGNODES_FUZZ_INPUTS=200000 $(BIN)/python -m pytest --timeout=0 tests/unit/producers/test_sources_fuzz.py \
		tests/unit/producers/test_tracklists1001_fuzz.py
	SONGNODES_FUZZ_PAGES=10000 SONGNODES_FUZZ_RECORDS=50000 $(BIN)/python -m pytest --timeout=0 \
		tests/unit/stream_processors/test_value_fuzz.py
	SONGNODES_FUZZ_ANSWERS=2000 $(BIN)/python -m pytest --timeout=0 \
		tests/unit/enrichment/providers/test_never_raises.py
	SONGNODES_FUZZ_ROWS=20000 $(BIN)/python -m pytest --timeout=0 tests/integration/sinks/test_sinks_value_fuzz.py
	SONGNODES_FUZZ_RESOLVED=5000 SONGNODES_FUZZ_WATCHED=5000 $(BIN)/python -m pytest --timeout=0 \
		tests/integration/resolver/test_resolver_value_fuzz.py \
		tests/integration/producers/test_drift_value_fuzz.py

bench: $(INSTALLED) ## all measurements of benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

clean: ## stop the servers, remove their data and all caches of the checkout
	@if [ -x $(BIN)/songnodes ] && [ -d .songnodes ]; then $(BIN)/songnodes down --discard; fi
	rm -rf .songnodes build dist *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## the same, and the virtual environments
	rm -rf $(VENV) .songnodes-bench

$(INSTALLED): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "songnodes needs Python 3.11 to 3.13; PYTHON=... names one" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@
