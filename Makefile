# A newcomer needs two targets, `make demo` and `make test`; either makes the environment that it needs.
# Nothing but Python 3.11 (or newer), git and make has to be there beforehand.

# The first interpreter that is new enough; `make PYTHON=/path/to/python …` chooses another.
PYTHON  ?= $(shell for p in python3.11 python3 python; do \
             $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV    ?= .venv
WORKERS ?= auto
TODAY   := $(shell date +%F)
# Of `make stress` and `make matrix`.
MINUTES ?= 10
PROCESSES ?= 4
SEED    ?= 1

BIN     := $(VENV)/bin
PYTEST  := $(BIN)/pytest -q -n $(WORKERS) --dist loadgroup
RUFF    := $(BIN)/ruff --quiet
CHECKED := pmax $(wildcard tests/builders.py)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-slow e2e matrix stress check format docs screenshots bench coverage clean distclean

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target text; do \
	    printf '%-18s %s\n' "$$target" "$$text"; done

demo: $(VENV)/.made-demo  ## take the tour: simulator, Cinder drivers and the pmax command
	@$(BIN)/python demo/tour.py

test: check  ## check the code, then run every test but the slow ones
	@echo '== pytest'
	@$(PYTEST) -m 'not slow and not deployed and not matrix'

# pytest ends with 5 when it finds no test, which is no failure here.
test-slow: $(VENV)/.made-test  ## run the slow tests
	@echo '== pytest, slow tests'
	@$(PYTEST) -m slow || { status=$$?; [ $$status -eq 5 ] && echo 'there are no slow tests' || exit $$status; }

# Needs Debian's rabbitmq-server, mariadb-server and redis-server; without them it is skipped, which CI=true forbids.
# One process: the deployment is there once.
e2e: $(VENV)/.made-test  ## run Cinder as it is deployed, two volume services in a cluster, over the simulator
	@echo '== pytest, deployed Cinder'
	@$(BIN)/pytest -q -m deployed tests/e2e/real_cinder

check: $(VENV)/.made-test  ## format, lint, types and layers, changing nothing
	@echo '== ruff';         $(RUFF) format --check --output-format concise . && \
	    $(RUFF) check --output-format concise .
	@$(MAKE) --no-print-directory -j2 long-checks
	@echo '== import-linter'; $(BIN)/lint-imports --no-logo > $(VENV)/layers.txt || { cat $(VENV)/layers.txt; exit 1; }

.PHONY: long-checks types
long-checks: types $(VENV)/.bandit $(VENV)/.audited-$(TODAY)
	@:

types: $(VENV)/.made-test
	@echo '== mypy';         $(BIN)/mypy --no-error-summary $(CHECKED)

# Both take their time, so they run when there is something new: other code, another environment or another day.
$(VENV)/.bandit: $(shell find pmax -name '*.py') pyproject.toml
	@echo '== bandit';       $(BIN)/bandit --quiet --configfile pyproject.toml --recursive pmax 2>/dev/null
	@touch $@

$(VENV)/.audited-$(TODAY): $(VENV)/.made-test
	@echo '== pip-audit';    $(BIN)/python tests/audit.py
	@rm -f $(VENV)/.audited-*; touch $@

format: $(VENV)/.made-test  ## format the code and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --quiet --output-format concise --fix .

docs: $(VENV)/.made-docs  ## build docs/_build/html, warnings being errors
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -b html docs docs/_build/html
	@echo 'docs/_build/html/index.html'

screenshots: $(VENV)/.made-test  ## run pmax against a simulator, and draw the pictures of docs/_static/terminal
	@$(BIN)/python docs/screenshots.py

bench: $(VENV)/.made-bench  ## measure, print the figures, and write docs/benchmarks.md
	@$(BIN)/python benchmarks/run.py

matrix: $(VENV)/.made-test  ## every operation, every fault, every death at every call: make matrix SEED=1
	@PMAX_MATRIX_SEED=$(SEED) $(PYTEST) -m matrix tests/faults tests/kills

stress: $(VENV)/.made-test  ## several processes over one array, with faults and deaths: make stress MINUTES=10 SEED=1
	@$(BIN)/python -W ignore -m tests.stress.crowd $(MINUTES) $(PROCESSES) $(SEED)

.PHONY: pythons
pythons: $(VENV)/.made-test  ## try the built wheel on every declared Python that is on this machine
	@$(BIN)/python -m tests.packaging.pythons

coverage: $(VENV)/.made-test  ## run the tests and report the branches that none of them takes
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -q -n $(WORKERS) --dist loadgroup -m 'not slow and not deployed and not matrix'; status=$$?; \
	    $(BIN)/coverage combine --quiet && $(BIN)/coverage report; exit $$status

clean:  ## remove what was built and cached
	rm -rf build dist docs/_build htmlcov .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache \
	    .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean  ## likewise, and the environment
	rm -rf $(VENV)

# --- the environment: one directory, made larger as targets ask for more --------------------------------------------

# $(1) is the list of extras. A stamp is newer than pyproject.toml once its extras are installed.
define install
	@[ -n '$(PYTHON)' ] || { echo 'pmax needs Python 3.11 or newer on the PATH, or make PYTHON=…'; exit 1; }
	@[ -x $(BIN)/pip ] || { echo '== making $(VENV)'; $(PYTHON) -m venv $(VENV); }
	@echo '== installing pmax[$(1)], which takes a minute or two the first time'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(1)]'
	@touch $@
endef

$(VENV)/.made-test: pyproject.toml
	$(call install,test)
	@touch $(VENV)/.made-demo

$(VENV)/.made-bench: pyproject.toml
	$(call install,bench)

$(VENV)/.made-docs: pyproject.toml
	$(call install,docs)

$(VENV)/.made-demo: pyproject.toml
	$(call install,cinder$(comma)simulator)

comma := ,
