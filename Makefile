# Each target is one line of a real tool; Windows users find the same lines in the README.
# Variables: PYTHON (which interpreter makes .venv), VENV, CONSTRAINTS (empty: newest allowed versions), LAB_ARGS.
MIN_PYTHON := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(MIN_PYTHON)' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
CONSTRAINTS ?= requirements/ci.txt
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check $(addprefix -c ,$(CONSTRAINTS))
INPUTS := pyproject.toml requirements.txt $(CONSTRAINTS)
# JupyterLab refuses to start as root (the usual user in containers) unless told that this is meant.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

# For developers and instructors, besides: PYTEST_ARGS, BENCH_ARGS, CLASS_ARGS, SUBMITTED, GRADES, GRADE_ARGS, COLAB_ARGS,
# COMPAT_ARGS, SLIDES_ARGS, RELEASE_ARGS.
# A process for each core, but not more than four: each loads torch. A file, and so a notebook, stays in one process, and
# the notebooks come first: reordered by their number of tests, the longest files would be left for the end.
IN_PARALLEL := -n auto --maxprocesses 4 --dist loadscope --no-loadscope-reorder
TORCH_ONE_THREAD := OMP_NUM_THREADS=$(or $(OMP_NUM_THREADS),1)
# Hundreds of tests start a Python of their own: compiled modules are kept also where the environment says otherwise.
COMPILED := PYTHONDONTWRITEBYTECODE=

# The answer key is not installed: hidden tests in the solution notebooks find it here.
WITH_KEY := PYTHONPATH=$(CURDIR)
# What the first half of `make test` runs.
TESTED ?= notebooks tests
SUBMITTED ?= submitted
GRADES ?= grades

.PHONY: help lab test test-lessons test-exercises compat colab notebooks exercises grade bench class-server bench-class train-mini slides release clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

lab: $(VENV)/.installed  ## open the lessons in JupyterLab (installs on the first start)
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb $(AS_ROOT) $(LAB_ARGS)

test: test-lessons test-exercises  ## run all tests and every notebook against its saved output

# The halves of `make test`; `make compat` runs them one by one, so that it can read the outcome of each.
test-lessons: $(VENV)/.installed-test
	COURSE_MODEL=mini $(TORCH_ONE_THREAD) $(COMPILED) $(BIN)/python -m pytest $(IN_PARALLEL) --nbval --nbval-current-env $(TESTED) $(PYTEST_ARGS)

test-exercises: $(VENV)/.installed-test
	COURSE_MODEL=mini $(TORCH_ONE_THREAD) $(COMPILED) $(WITH_KEY) $(BIN)/python -m pytest $(IN_PARALLEL) --nbval-lax --nbval-current-env --nbval-cell-timeout=120 solutions exercises

compat: $(VENV)/.installed-test  ## run all that on sets of versions, each in a fresh environment (COMPAT_ARGS="colab oldest")
	$(BIN)/python -m tools.compat $(COMPAT_ARGS)

colab: $(VENV)/.installed-test  ## run all notebooks in a simulated Colab (COLAB_ARGS="--python PATH" takes an environment that is there)
	$(BIN)/python -m tools.colab_run $(COLAB_ARGS)

notebooks: $(VENV)/.installed-test  ## run the notebooks in place on the bundled model and save their output
	$(TORCH_ONE_THREAD) $(BIN)/python -m tools.run_notebooks

exercises: $(VENV)/.installed-test  ## write the checks' sheets and release exercises/ from solutions/
	$(BIN)/python -m answer_key.sheet
	$(BIN)/python -m tools.exercises

grade: $(VENV)/.installed  ## grade the folder SUBMITTED (default: submitted) into the folder GRADES (default: grades)
	$(BIN)/python -m course_utils.grading grade "$(SUBMITTED)" --out "$(GRADES)" $(GRADE_ARGS)

bench: $(VENV)/.installed-test  ## measure speed and size on this machine against their budgets
	$(BIN)/python -m tools.bench $(BENCH_ARGS)

class-server: $(VENV)/.installed  ## open a model server for a class without a GPU (CLASS_ARGS="--lan --model exaone")
	$(BIN)/python -m tools.class_server llama $(CLASS_ARGS)

bench-class: $(VENV)/.installed-test  ## drive a class server with 40 simulated students
	$(BIN)/python -m tools.class_load $(BENCH_ARGS)

train-mini: $(VENV)/.installed  ## train the bundled model again (resumable, about 90 minutes on 2 cores)
	$(BIN)/python -m tools.mini

slides: $(VENV)/.installed-test  ## make slides of the lessons for the projector in slides/ (SLIDES_ARGS="04": one lesson)
	$(BIN)/python -m tools.slides $(SLIDES_ARGS)

release: $(VENV)/.installed-test  ## make and verify wheel, sdist and student zip (RELEASE_ARGS="--repository OWNER/REPO")
	$(BIN)/python -m tools.release $(RELEASE_ARGS)

clean:  ## remove what the other targets made (a training run in build/mini stays)
	rm -rf $(VENV) build/lib build/bdist.* dist *.egg-info .pytest_cache .ruff_cache .coverage htmlcov

$(BIN)/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(MIN_PYTHON)' || { \
		echo "파이썬 3.11 이상이 필요합니다(Python 3.11 or newer is needed). 설치한 뒤 다시 실행하거나" \
		"'make lab PYTHON=/path/to/python3.11'처럼 위치를 알려 주십시오." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(INPUTS) | $(BIN)/python
	@echo "필요한 패키지를 설치합니다. 처음에는 몇 분 걸립니다(installing packages) ..."
	$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(INSTALL) -e '.[test]'
	@touch $@
