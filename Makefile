# make demo    rnnlint check on a notebook with its module, the flake8 plugin on the fixtures of the documented claims
# make test    every test, the ones that run torch included (CPU)
# make lint    format, lint, types, layers
# make docs    docs/ as a site in site/, its links and what its pages load checked
# make docs-check   the same, and every page read in a headless Chromium; SCREENSHOTS=FOLDER keeps what it has seen
# make bench   what a file costs, beside the goals; asserts nothing.  BENCH="--labels TSV --files FOLDER --cache FOLDER"
#              says which real files, see docs/cost.md
# make ecosystem   lint published packages, and say what changed against what was judged by hand
# make laws    the laws on examples drawn anew, some thousands of each; SEED=N repeats a run
# make mutants   what the tests notice of small changes to the linter; SAMPLE=N for N of them, else hours
# Each sets up what it needs: the demo a virtual environment with flake8 only, the others one with torch.
# PYTHON is the interpreter they are made from, TORCH what pip is asked for, e.g. make test TORCH=torch==2.6.0

PYTHON ?= python3
TORCH ?= torch==2.13.0
WORKERS ?= 2

PROJECT := fixtures/projects/notebook
SHOWN := fixtures/claims fixtures/demo/classifier.py
DEMO := .venv
DEV := .venv-dev
PIP := -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs docs-check bench ecosystem laws mutants clean

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | sed '/^$$/q'

$(DEMO)/.ready: pyproject.toml
	@echo "== making $(DEMO): rnnlint and flake8, no torch"
	@$(PYTHON) -m venv $(DEMO)
	@$(DEMO)/bin/python $(PIP) --editable .
	@touch $@

$(DEV)/.ready: pyproject.toml
	@echo "== making $(DEV): rnnlint, $(TORCH) and the tools of the tests (some minutes the first time)"
	@$(PYTHON) -m venv $(DEV)
	@$(DEV)/bin/python $(PIP) $(TORCH)
	@$(DEV)/bin/python $(PIP) --editable '.[dev]'
	@touch $@

demo: $(DEMO)/.ready
	@echo "== rnnlint check $(PROJECT)"
	@$(DEMO)/bin/python -m rnnlint check --isolated --no-cache --output-format full $(PROJECT); \
		[ $$? -eq 1 ] || { echo "== nothing is found, or something cannot be read: something is broken"; exit 1; }
	@echo "== flake8 --select=RNN,E9 $(SHOWN)"
	@$(DEMO)/bin/python -m flake8 --isolated --select=RNN,E9 --count --exit-zero $(SHOWN) > $(DEMO)/findings.txt
	@cat $(DEMO)/findings.txt
	@! grep -q ": E9" $(DEMO)/findings.txt || { echo "== a file that cannot be read: something is broken"; exit 1; }
	@grep -q ": RNN" $(DEMO)/findings.txt || { echo "== no finding at all: something is broken"; exit 1; }
	@echo "== $$(grep -c RNN $(DEMO)/findings.txt) findings, as expected: these files hold mistakes on purpose"

test: $(DEV)/.ready
	@echo "== pytest, $(WORKERS) workers"
	@$(DEV)/bin/python -m pytest -n $(WORKERS) -q

lint: $(DEV)/.ready
	@echo "== format"
	@$(DEV)/bin/ruff format --check .
	@echo "== lint"
	@$(DEV)/bin/ruff check .
	@echo "== types"
	@$(DEV)/bin/mypy
	@echo "== layers"
	@$(DEV)/bin/lint-imports

format: $(DEV)/.ready
	@$(DEV)/bin/ruff format .
	@$(DEV)/bin/ruff check --fix .

docs: $(DEV)/.ready
	@echo "== docs/ -> site/index.html"
	@$(DEV)/bin/python -m tools.site

docs-check: docs
	@echo "== every page in a headless Chromium (some minutes)"
	@$(DEV)/bin/python -m tools.site browser $(if $(SCREENSHOTS),--screenshots $(SCREENSHOTS))

bench: $(DEV)/.ready
	@$(DEV)/bin/python -m benchmarks.bench $(BENCH)
	@$(DEV)/bin/python -m benchmarks.audit

ecosystem: $(DEV)/.ready
	@$(DEV)/bin/python -m tools.ecosystem

laws: $(DEV)/.ready
	@$(DEV)/bin/python -m pytest -n $(WORKERS) -q -m hypothesis --hypothesis-profile=long \
		$(if $(SEED),--hypothesis-seed=$(SEED))

mutants: $(DEV)/.ready
	@OMP_NUM_THREADS=1 $(DEV)/bin/python -m tools.mutation $(if $(SAMPLE),--sample $(SAMPLE) --seed $(or $(SEED),0))

clean:
	@rm -rf $(DEMO) $(DEV) site .cache
