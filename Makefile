# `make help` explains every target.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.synced
ARGS ?=

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(STAMP) ## Make .venv with exactly what uv.lock says

$(STAMP): pyproject.toml uv.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Needs Python 3.11 or newer with the venv module: set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet 'uv>=0.8,<1'
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --frozen --quiet --inexact
	@touch $@

run: setup ## Start Askwatch with a demonstration company; options: make run ARGS="--port 8100 --data DIR"
	@exec $(BIN)/askwatch up $(ARGS)

test: setup ## Run all tests, with every real server whose run-time is found
	@$(BIN)/python deploy/local/run_tests.py $(ARGS)

check: format-check lint types imports ## What a change must pass: format, lint, types, imports, corpus, embedded tests
	@$(BIN)/askwatch corpus check --golden tests/nlp/golden --golden tests/nlp/golden.jsonl
	@$(BIN)/pytest -q -n auto -m "not kafka and not elasticsearch and not postgres and not mailpit and not browser"

format: setup ## Lay out the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix --quiet .

format-check: setup
	@$(BIN)/ruff format --check .

lint: setup ## Find mistakes, and source files above 400 lines
	@$(BIN)/ruff check .
	@$(BIN)/python deploy/local/check_length.py

types: setup ## Check types
	@$(BIN)/mypy

imports: setup ## Check who imports whom
	@$(BIN)/lint-imports

bench: setup ## Measure rates as ratios to a baseline of the same run
	@$(BIN)/python -m bench $(ARGS)

servers: setup ## Fetch and start real Kafka, Elasticsearch, PostgreSQL and Mailpit
	@$(BIN)/python deploy/local/servers.py start $(ARGS)

servers-stop: setup ## Stop them
	@$(BIN)/python deploy/local/servers.py stop $(ARGS)

.PHONY: help setup run test check format format-check lint types imports bench servers servers-stop
