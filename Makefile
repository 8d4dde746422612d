# Everything a maintainer does, by name. `make` alone lists it.
PYTHON := .venv/bin/python
SOURCES := manage.py retention catalog customers campaigns tests benchmarks

help: ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-10s %s\n", $$1, $$2}'

check: ## Lint, format, types, contracts, migrations, templates
	.venv/bin/ruff check $(SOURCES)
	.venv/bin/ruff format --check $(SOURCES)
	.venv/bin/mypy $(SOURCES)
	.venv/bin/lint-imports
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) manage.py check
	.venv/bin/djlint templates --lint --quiet

test: ## All tests, on both databases
	python3 manage.py test

faults: ## The long proofs of docs/reliability.md: kills, lost replies, lost brokers
	FAULTS=whole python3 manage.py test -- -m faults tests

bench: ## Benchmarks against their peers
	uv pip install --quiet --python $(PYTHON) -r requirements-bench.txt || $(PYTHON) -m pip install --quiet -r requirements-bench.txt
	for name in benchmarks/[a-z]*.py; do $(PYTHON) -m benchmarks.$$(basename $$name .py) || exit 1; done

browser: ## A real browser goes through the tour and takes pictures
	uv pip install --quiet --python $(PYTHON) --group browser || $(PYTHON) -m pip install --quiet playwright
	$(PYTHON) -m pytest tests/browser -m browser

locks: ## New lock files from pyproject.toml
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes -q -o requirements.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes -q -c requirements.txt -o requirements-dev.txt
	uv pip compile pyproject.toml --group bench --universal --python-version 3.11 -q -c requirements.txt -o requirements-bench.txt

.PHONY: help check test faults bench browser locks
