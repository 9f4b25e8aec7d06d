PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
CLIENTS := $(or $(MODELMERIT_NODE_CLIENTS),.clients)
JUDGES := tests/acceptance/clients
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_CONSTRAINT := constraints.txt

.PHONY: demo test clients check format docs clean

demo: $(VENV)/.installed ## show the whole loop on a simulated history
	@$(BIN)/modelmerit demo

test: $(VENV)/.installed-dev ## run the test suite
	$(BIN)/pytest -q -n auto --dist worksteal --ignore=$(JUDGES)

clients: $(VENV)/.installed-dev $(CLIENTS)/.installed ## let independent MCP clients judge both servers (needs npm)
	MODELMERIT_NODE_CLIENTS=$(abspath $(CLIENTS)) $(BIN)/pytest -q -n auto $(JUDGES)

check: $(VENV)/.installed-dev ## run the linters CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/cog --check README.md

format: $(VENV)/.installed-dev ## format the code and sort imports
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.installed-dev ## regenerate the tables in the README and the JSON schema of models.json
	$(BIN)/cog -r README.md
	$(BIN)/python -m modelmerit.policy.json_schema config/models.schema.json

clean: ## remove the environment, the clients and caches
	rm -rf $(VENV) .clients .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "modelmerit needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet -e .
	@$(BIN)/python -m compileall -q servers shared
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet -e '.[dev]'
	@touch $@

$(CLIENTS)/.installed: tests/acceptance/clients/package.json
	@tests/acceptance/clients/install $(CLIENTS)
	@touch $@
