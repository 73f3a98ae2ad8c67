# Every target that needs Python prepares .venv first; with nothing to do, that takes a tenth of a second.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
# Set in many containers: pytest and TensorFlow would be compiled again in every process, which takes twice the time of the tests.
unexport PYTHONDONTWRITEBYTECODE

# One job instead of all three: make run RUN='fashion-mnist --data-dir FOLDER'
RUN ?=
# Passed on to pytest: make test PYTEST_ARGS='-m "not slow"'
PYTEST_ARGS ?=
# Passed on to the benchmarks: make bench BENCH_ARGS='evaluation_vs_bare --rows 5000 --runs 1'
BENCH_ARGS ?=
# Passed on to the audit: make audit AUDIT_ARGS='--database CLONE --state 2024-10-10'
AUDIT_ARGS ?=
# How long each loader is fuzzed, in seconds, and how many runs are killed: make fuzz SECONDS=60, make faults KILLS=13
SECONDS ?= 300
KILLS ?= 30
# One notebook instead of all: make notebooks NAME=inspect FAIRGATE_ROOT=runs/civil-comments
NAME ?=
# The name of the container image, and the image that it is built on instead of the one in kubeflow/base-image.txt.
IMAGE ?= fairgate:latest
BASE ?=

# All lines of the library; says something only where one is not reached.
define LIBRARY_COVERED
.venv/bin/coverage report --include='fairgate/*' --fail-under=100 --show-missing >runs/library-coverage.txt 2>&1 \
|| { cat runs/library-coverage.txt; echo "make test: the library fairgate/ must be covered to 100 percent"; exit 1; }
endef

.PHONY: help setup environments run test lint format types audit policy-reference api pytest bench load engines airflow image lock-upgrade test-modern test-older test-other test-wheel wheel-check test-kubeflow test-kubeflow-backend test-container test-kfp-local fuzz faults situations mutation charts golden notebooks clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: ## prepare .venv: a suitable Python and the locked packages
	@scripts/setup.sh

environments: ## make the environments of what does not resolve beside TFX: fairlearn and Aequitas, MLflow, XGBoost, Airflow, a newer kfp (2 GB; a minute)
	@scripts/environments.sh

run: setup ## run the main jobs: the toxicity task on a generated sample by default and as the published exercise, then the digits
	@$(if $(RUN),.venv/bin/fairgate run $(RUN),scripts/run_jobs.sh)

# Coverage is that of all tests: with PYTEST_ARGS it would fall short.
test: COVERAGE := $(if $(PYTEST_ARGS),,--cov --cov-report=term:skip-covered)
test: lint types pytest ## run lint, types and all tests, and measure their coverage
	@$(if $(COVERAGE),$(LIBRARY_COVERED))

pytest: setup ## run the tests alone, or some: make pytest PYTEST_ARGS=tests/fairgate/gate
	@$(PYTHON) -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --junit-xml runs/tests.xml $(COVERAGE) $(PYTEST_ARGS)

lint: setup ## check rules and format (ruff)
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

format: setup ## format the code and apply ruff's automatic fixes
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

types: setup ## check types (mypy --strict)
	@.venv/bin/mypy

audit: setup ## compare the locked packages with known security advisories, and write docs/audit.md
	@$(PYTHON) scripts/audit.py $(AUDIT_ARGS)

policy-reference: setup ## write docs/policy-reference.md from the code
	@.venv/bin/fairgate policy explain --markdown >docs/.policy-reference.md && mv docs/.policy-reference.md docs/policy-reference.md

api: setup ## write the API reference of the library to runs/api
	@$(PYTHON) scripts/api.py

bench: setup ## measure the promised speeds, as ratios (two hours)
	@$(PYTHON) benchmarks/run.py $(BENCH_ARGS)

mutation: setup ## run mutation tests of gate, intervals and metrics (half an hour)
	@scripts/mutation.sh

load: setup ## run the toxicity task on 1.8 million comments; report time and memory of every step
	@$(PYTHON) benchmarks/load.py

engines: setup ## start Flink and Spark here, compare them with memory, break them (Java 17, Maven; full disks and hosts need root)
	@$(PYTHON) -m tests.engines.table
	@$(PYTHON) -m pytest -m engines tests/engines

airflow: setup ## start Apache Airflow on this machine, with the digits as its DAG (1 GiB; docs/schedule.md)
	@scripts/airflow.sh

image: ## build the container image for Kubeflow Pipelines (needs docker or podman)
	@kubeflow/build.sh $(IMAGE) $(BASE)

lock-upgrade: ## update all packages to the newest that both stacks allow, then run the tests
	@scripts/uv.sh lock --upgrade
	@$(MAKE) test

test-modern: setup ## compare both stacks, here and on Debian 13 with Python 3.13 (needs root and debootstrap)
	@scripts/test_modern.sh

test-older: setup ## both stacks, where the modern one is this machine's: tests and sample run with Python 3.10, and here
	@scripts/test_older.sh

test-other: setup ## test-modern or test-older, as it suits this machine
	@scripts/test_other.sh

test-wheel: setup ## install the wheel with pip into empty environments of Python 3.10, 3.12 and 3.13, and use it there (3 minutes)
	@scripts/test_wheel.sh

wheel-check: setup ## size and time of the wheel in fresh environments of Python 3.10 and 3.13, and the tutorial there (a minute)
	@scripts/wheel_check.sh

test-kubeflow: setup ## simulate a cluster: run the compiled pipelines container by container, and accept a played backend (half an hour)
	@$(PYTHON) -m pytest -m cluster tests/kubeflow
	@PYTHON=$(CURDIR)/$(PYTHON) kubeflow/check.sh

test-kubeflow-backend: setup ## accept an installation of Kubeflow Pipelines, named by KF_PIPELINES_ENDPOINT (an hour or two; kubeflow/README.md)
	@$(PYTHON) -m pytest -m backend -v -rs tests/kubeflow/backend $(PYTEST_ARGS)

test-container: ## run the toxicity task on its sample in a container of the image (needs docker or podman; ten minutes the first time)
	@BASE=$(BASE) scripts/test_container.sh

test-kfp-local: ## execute the compiled pipeline by Kubeflow's own local engine, a container per step (needs docker or podman)
	@BASE=$(BASE) scripts/test_kfp_local.sh

fuzz: setup ## fuzz every loader with damaged files, five minutes each (more than an hour)
	@FAIRGATE_FUZZ_SECONDS=$(SECONDS) $(PYTHON) -m pytest -m fuzz tests/fuzz

faults: setup ## kill 30 runs, fill disks, damage files (half an hour; full disks need root)
	@FAIRGATE_KILLS=$(KILLS) $(PYTHON) -m pytest -m faults tests/faults

situations: setup ## play situations of the corpus through the whole graph (ten minutes)
	@$(PYTHON) -m pytest -m 'situations or slow' tests/situations/test_graph.py

charts: setup ## compile the charts of the report ahead, into fairgate/report/assets
	@$(PYTHON) -c 'from fairgate.report.specs import compiling; compiling.write()'

golden: setup ## rewrite the golden files of the compiled pipelines
	@FAIRGATE_GOLDEN=write $(PYTHON) -m pytest -q tests/kubeflow/test_compile.py -k golden

notebooks: setup ## run the notebooks, after make run, and write them with their outputs
	@$(PYTHON) scripts/notebooks.py $(NAME)

clean: ## remove generated files, except .venv and runs/
	@rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find fairgate data components pipeline kubeflow tests benchmarks -name __pycache__ -type d -exec rm -rf {} + 2>/dev/null || true
