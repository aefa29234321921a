# `make` alone lists the tasks. A bare machine needs Python ≥ 3.11 and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup chat test lint format check evaluate figures picture transcripts compare clinc lock

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1	/'

setup: .venv/.runtime  ## create .venv with the locked dependencies

.venv/.runtime: requirements/runtime.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	touch $@

.venv/.dev: .venv/.runtime requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

chat: .venv/.runtime  ## a conversation in the terminal, no token needed
	$(BIN)/python run_bot.py chat

test: .venv/.dev  ## pass the tests
	$(BIN)/pytest --cov --numprocesses auto --dist worksteal

lint: .venv/.dev  ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev  ## write the code as the formatter would
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: .venv/.runtime  ## validate the knowledge folder
	$(BIN)/python run_bot.py check knowledge

evaluate: .venv/.runtime  ## measure the decisions on the development questions
	$(BIN)/python run_bot.py evaluate tests/data/questions-dev.jsonl

picture: .venv/.runtime  ## draw docs/picture/conversation.svg anew
	PYTHONPATH=. $(BIN)/python docs/picture/make.py

transcripts: .venv/.runtime  ## write docs/transcripts.md anew: five conversations
	PYTHONPATH=. $(BIN)/python docs/transcripts/make.py

figures: .venv/.runtime  ## measure how well questions are understood: writes docs/figures.md
	$(BIN)/python benchmarks/figures.py

.venv-benchmarks/.ready: requirements/benchmarks.txt
	$(PYTHON) -m venv .venv-benchmarks
	.venv-benchmarks/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/benchmarks.txt
	touch $@

compare: .venv-benchmarks/.ready  ## Passerelle beside its peers: writes docs/comparison.md and its plots
	.venv-benchmarks/bin/python benchmarks/compare.py

clinc: .venv-benchmarks/.ready  ## the same on CLINC150: make clinc CLONE=folder of github.com/clinc/oos-eval
	.venv-benchmarks/bin/python benchmarks/clinc150.py $(CLONE)

lock: .venv/.dev  ## refresh the locked dependencies from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --no-strip-extras --universal --generate-hashes --python-version 3.11 --no-header -o requirements/runtime.txt
	$(BIN)/uv pip compile pyproject.toml --no-strip-extras --extra postgresql --universal --generate-hashes --python-version 3.11 --no-header -c requirements/runtime.txt -o requirements/postgresql.txt
	$(BIN)/uv pip compile pyproject.toml --no-strip-extras --group dev --universal --generate-hashes --python-version 3.11 --no-header -o requirements/dev.txt
	# ChatterBot wants another SQLAlchemy; all else stays as in runtime.txt, which uv takes for what was locked before.
	cp requirements/runtime.txt requirements/benchmarks.txt
	$(BIN)/uv pip compile pyproject.toml --group benchmarks --universal --generate-hashes --python-version 3.11 --no-header -o requirements/benchmarks.txt
