# make demo: from a bare machine to figures.  make test: the tests.  Both make .venv first, from exact pins.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made
BENCH := $(VENV)/bench
CONFIG ?=
NOISE := ^(Select jobs|Execute [0-9]+ jobs|\[[A-Z][a-z]{2} |Finished jobid|Assuming|$$)
OVERLAY := $(if $(CONFIG),--configfile $(CONFIG),)
TARGETS ?=

.PHONY: demo check test test-slurm slurm bench plan schema envs lock clean help

help:                ## What there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 12

demo: $(STAMP) check ## Run the workflow of config.yaml and say where the figures are (CONFIG=… adds an overlay)
	@PATH="$(CURDIR)/$(BIN):$$PATH" snakemake --quiet host reason $(OVERLAY) 2>&1 | grep --line-buffered -vE '$(NOISE)'
	@PYTHONPATH=workflow $(BIN)/python -m easy2hard.summary

check: $(STAMP)      ## Check config.yaml (and CONFIG=…) without running anything
	@PYTHONPATH=workflow $(BIN)/python -m easy2hard.check_config config.yaml $(CONFIG)

test: $(STAMP)       ## Run the tests
	$(BIN)/python -m ruff check .
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests

test-slurm: $(STAMP) ## Run the tests that need a Slurm: a real one, of their own, on this machine
	$(BIN)/python tests/slurm/install.py
	$(BIN)/python -m pytest tests/slurm --durations 0

slurm: $(STAMP)      ## Run on a Slurm cluster, after what a killed run left there (TARGETS="figures report" CONFIG=…)
	PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONPATH=workflow python -m easy2hard.cluster $(TARGETS) $(OVERLAY)

bench: $(BENCH)/.made ## Run the benchmarks: ratios measured in one run
	$(BENCH)/bin/python tests/benchmarks/run.py

plan: $(STAMP)       ## Say what a run costs, before anything runs (CONFIG=… GPU=h100 PRICE=2.5)
	PYTHONPATH=workflow $(BIN)/python -m easy2hard.plan $(OVERLAY) $(if $(GPU),--gpu $(GPU)) $(if $(PRICE),--price $(PRICE))

schema: $(STAMP)     ## Write the JSON schema of the config again
	PYTHONPATH=workflow $(BIN)/python -m easy2hard.schema config/schema.json

envs: $(STAMP)       ## Write envs/cpu.yaml and envs/gpu.yaml from envs/lock.txt
	$(BIN)/python envs/environments.py

lock:                ## Resolve envs/packages.txt anew into envs/lock.txt, then the environments
	$(PYTHON) envs/lock.py

clean:               ## Remove .venv (results stay)
	rm -rf $(VENV)

$(BENCH)/.made: envs/bench.txt $(STAMP)
	$(BIN)/python -m venv --clear $(BENCH)
	$(BIN)/python -c 'import site; print(site.getsitepackages()[0])' > $$(echo $(BENCH)/lib/python3*/site-packages)/project.pth
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --requirement envs/bench.txt
	@touch $@

$(STAMP): envs/lock.txt envs/make_venv.sh
	envs/make_venv.sh $(PYTHON) $(VENV)
	@touch $@
