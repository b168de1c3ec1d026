# One command a habit. Each does its own set-up: nothing is needed but Python 3.11 or later, make and git.

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
SEEDS ?= 1000
MINUTES ?= 60
ROUNDS ?= 20
SHARED_DATA ?= ../shared/data
export SHARED_DATA

.PHONY: help demo test explore check bench bench-quick simulate soak ui lock format clean

help: ## Say what there is
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## Invoices from inbox to paid on a sandbox company (ARGS="--headless" runs through)
	@$(PYTHON) tools/setup.py run
	@$(BIN)/clearance demo $(ARGS)

test: ## Everything that must hold: lint, types, import direction, all tests
	@$(PYTHON) tools/setup.py dev
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

explore: ## Every property on new random examples (ROUNDS=20 times; make test tries the same ones each time)
	@$(PYTHON) tools/setup.py dev
	@for round in $$(seq $(ROUNDS)); do \
		$(BIN)/python -m pytest -q -n auto -m hypothesis --hypothesis-profile=explore $(ARGS) || exit 1; \
	done

check: ## Lint, types (of the user interface too) and import direction only
	@$(PYTHON) tools/setup.py dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python hatch_build.py types

bench: ## Ours beside the peers, same work, one run
	@$(PYTHON) tools/setup.py dev
	@$(BIN)/python -m benchmarks $(ARGS)

bench-quick: ## The same, small, in under a minute
	@$(PYTHON) tools/setup.py dev
	@$(BIN)/python -m benchmarks --quick $(ARGS)

simulate: ## The engine through everything that can go wrong (SEEDS=1000)
	@$(PYTHON) tools/setup.py dev
	@$(BIN)/python -m clearance.testing.simulation --seeds $(SEEDS) $(ARGS)

soak: ## Mixed load for an hour (MINUTES=60): memory and file size must stay flat
	@$(PYTHON) tools/setup.py dev
	@$(BIN)/python -m tests.load.soak --minutes $(MINUTES) $(ARGS)

ui: ## Build the user interface again
	@$(PYTHON) tools/setup.py dev
	@$(BIN)/python hatch_build.py

format: ## Let ruff mend what it can
	@$(PYTHON) tools/setup.py dev
	@$(BIN)/ruff check --fix -q .
	@$(BIN)/ruff format -q .

lock: ## Lock the dependencies anew (needs uv)
	uv pip compile pyproject.toml --extra examples --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header -q -o requirements/run.lock
	uv pip compile pyproject.toml --extra examples --extra agents --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header -q -c requirements/run.lock \
		-o requirements/dev.lock

clean: ## Remove what was made here
	rm -rf .venv .clearance .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis ui/node_modules
