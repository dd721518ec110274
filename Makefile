# Everything a developer or an operator types. Plain `make` lists it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
BENCHES := demo mapping run fast_lane api ws storage analysis web alerts

# Compiled once, not again by each of the processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check web bench new-bookmaker $(BENCHES:%=bench-%) fmt lock faults shots unit quick web-deps web-check clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@for name in $(BENCHES); do printf "  make %-14s %s\n" "bench-$$name" "the $$name table alone"; done

# --- for users: Python 3.11 or newer, make and git are enough ---------------------------------------------

demo: .venv ## simulated bookmakers, the whole product, the page on http://127.0.0.1:8000
	@$(BIN)/overround demo

test: .venv/dev ## every test that needs no Node and no browser
	@$(BIN)/pytest -n auto -q

.venv: requirements.lock pyproject.toml scripts/install.sh
	@PYTHON="$(PYTHON)" scripts/install.sh $(VENV) requirements.lock
	@touch $(VENV)

.venv/dev: requirements-dev.lock pyproject.toml scripts/install.sh
	@PYTHON="$(PYTHON)" scripts/install.sh $(VENV) requirements-dev.lock
	@touch $(VENV) $(VENV)/dev

# --- for developers: also Node 20 and Chromium (apt-get install nodejs npm chromium; brew install node chromium)

check: .venv/dev web-deps ## format, lint, types, layers, docs, a few faults, the built page, tests of the page, browser tests
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/pyright
	@$(BIN)/lint-imports
	@$(BIN)/pytest tests/faults --faults short -q
	@$(MAKE) --no-print-directory web-check

web-check: web-deps .venv/dev
	@scripts/web-types.sh --check
	@cd web && npm run -s format:check && npm run -s lint && npm run -s typecheck && npm run -s test
	@scripts/compare-web.sh
	@cd web && npm run -s size
	@cd web && npm run -s e2e

web: web-deps .venv/dev ## renew the types of the API, build the page into src/overround/static
	@scripts/web-types.sh
	@cd web && npm run -s build

shots: .venv web ## pictures of every page, both themes, two sizes, in shots/
	@cd web && node scripts/shots.mjs

web-deps: web/node_modules/.package-lock.json

web/node_modules/.package-lock.json: web/package-lock.json
	@command -v npm >/dev/null || { echo "make web and make check need Node 20: apt-get install nodejs npm, or brew install node"; exit 1; }
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

quick: .venv/dev ## the tests that take less than a minute
	@$(BIN)/pytest -n auto -q -m "not slow"

faults: .venv/dev ## kill -9, databases stopped, cut and slow, full disks: nothing accepted may be lost
	@$(BIN)/pytest tests/faults --faults full -q

fmt: .venv/dev ## format the Python code
	@$(BIN)/ruff check -q --fix-only . ; $(BIN)/ruff format -q .

bench: $(BENCHES:%=bench-%) ## every table of benchmarks/, each with its bars

$(BENCHES:%=bench-%): bench-%: .venv/dev
	@$(BIN)/python -m benchmarks.$*

new-bookmaker: .venv/dev ## NAME=acme: folder and tests of a new bookmaker, failing with instructions
	@$(BIN)/python scripts/new_bookmaker.py "$(NAME)"

lock: .venv/dev ## renew both lock files from pyproject.toml
	@$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --universal --python-version 3.11 --extra build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --universal --python-version 3.11 --extra dev --extra build pyproject.toml -o requirements-dev.lock

clean: ## remove what make made, the virtual environment included
	@rm -rf $(VENV) web/node_modules benchmarks/out shots .pytest_cache .ruff_cache .hypothesis
