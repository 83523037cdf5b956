# Every target makes its own virtual environment the first time and is quick afterwards.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
DIR ?= handbook
export Q

.PHONY: ask test lint check format bench models writer imagine docs clean

ask: $(VENV)/.installed  ## answer a question: make ask Q="How does LoRA save memory?" [DIR=handbook]
	@if [ -z "$$Q" ]; then echo 'usage: make ask Q="How does LoRA save memory?" [DIR=handbook]'; exit 2; fi
	@$(BIN)/openbook ask -- "$$Q" "$(DIR)" || [ $$? -eq 3 ]  # 3 is an honest "not in these documents"

test: $(VENV)/.developing  ## all tests, the slow ones too
	$(BIN)/python -m pytest --numprocesses=2 --dist=worksteal --durations=25 --durations-min=4

lint: $(VENV)/.developing  ## format, lint, types, floors, generated docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/python -m openbook.report.docs --check README.md docs/*.md handbook/*.md

check: lint test  ## what a commit must pass

format: $(VENV)/.developing
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.developing  ## run the benchmarks, write evidence/, fill the tables: make bench [ONLY=asking|measuring|guarding|training|aligning|drawing|NAME]
	benchmarks/run $(BIN)/python $(ONLY)
	$(BIN)/python -m openbook.report.docs README.md docs/*.md handbook/*.md

models: $(VENV)/.developing  ## build the shipped models from their originals
	$(BIN)/python -m openbook.compress.minilm recipes/minilm-int8.toml

writer: $(VENV)/.developing  ## train the shipped writer anew, two hours on two cores: make writer OPENBOOK_DATA=FOLDER
	$(BIN)/python -m openbook.heads.writer_data runs/writer-data
	$(BIN)/openbook train recipes/writer-base.toml
	$(BIN)/openbook train recipes/writer.toml
	$(BIN)/python -m openbook.heads.writer_ship runs/writer/model src/openbook/weights/writer

imagine: $(VENV)/.developing  ## train the shipped text-to-picture model anew, two hours on two cores
	$(BIN)/openbook train recipes/world-diffusion.toml
	$(BIN)/python -m openbook.diffusion.learn.ship runs/world-diffusion/model src/openbook/weights/imagine --sampler ddpm --steps 12 --guidance 3

docs: $(VENV)/.developing  ## fill the tables of the docs from evidence/
	$(BIN)/python -m openbook.report.docs README.md docs/*.md handbook/*.md

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "setting up $(VENV) (once)"
	@$(PIP) --editable ".[docs]"
	@touch $@

$(VENV)/.developing: $(VENV)/.installed
	@$(PIP) --editable ".[dev]"
	@touch $@
