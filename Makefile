# `make help` lists the targets. All paths are relative, because make splits names at spaces
# and the clone may lie in a folder with spaces; for the same reason nothing is started through
# the console scripts of .venv/bin, whose first line holds an absolute path.

SHELL := bash
.DEFAULT_GOAL := all
.NOTPARALLEL:

# The interpreters to try, best first. TensorFlow has wheels for Python 3.11 to 3.13.
PYTHON ?= python3 python3.13 python3.12 python3.11
# More arguments for `make run`, such as ARGS="--budget 10m".
ARGS ?=

python := .venv/bin/python

# Installed again when pyproject.toml is newer than the stamp, when the clone has moved (an
# editable install holds its path), and when the interpreter has gone.
usable := $(shell test "$$(cat .venv/.installed-at 2>/dev/null)" = "$$PWD" \
	&& $(python) -c '' 2>/dev/null && echo yes)
ifneq ($(usable),yes)
.venv/.runtime .venv/.dev: again
endif

all: format test  ## Format, then lint, check types and run all tests

run: .venv/.runtime  ## Search on the embedded data: the default space; ARGS="..." adds arguments
	@$(python) -m cnnsearch run $(ARGS)

test: check  ## Lint, check types and test, as the CI does
	@$(python) -m pytest -n auto --maxprocesses 4 --dist worksteal -m "not exhaustive"

test-all: check  ## The same with the exhaustive tests, which take many minutes
	@$(python) -m pytest

test-quick: .venv/.dev  ## Run the tests that are not marked slow
	@$(python) -m pytest -m "not slow and not exhaustive"

check: .venv/.dev  ## Lint and check types, changing nothing
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@$(python) -m mypy

format: .venv/.dev  ## Format the code and repair what the linter can
	@$(python) -m ruff check --fix
	@$(python) -m ruff format

clean:  ## Remove caches and build output; keep .venv and runs/
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find cli tests -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## List these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-19s%s\n", $$1, $$2}'

# A stamp is written last, so that an interrupted installation is done again.
.venv/.runtime: pyproject.toml
	@$(make_venv)
	@echo "Installing cnnsearch into .venv; the first time takes a minute or more (TensorFlow is large)."
	@$(call install,.)
	@printf '%s\n' "$$PWD" > .venv/.installed-at && touch $@

.venv/.dev: pyproject.toml
	@$(make_venv)
	@echo "Installing cnnsearch and its development tools into .venv; the first time takes a minute or more."
	@$(call install,.[dev])
	@printf '%s\n' "$$PWD" > .venv/.installed-at && touch .venv/.runtime $@

# One progress line a package from pip, whose errors pass through unchanged.
install = set -o pipefail; \
	$(python) -m pip install --disable-pip-version-check --progress-bar off --editable '$(1)' \
	| while IFS= read -r line; do [[ $$line != Collecting* ]] || echo "  $${line% (from *}"; done

# Keeps a .venv that works; otherwise makes one with the first interpreter that can.
define make_venv
if $(python) -m pip --version >/dev/null 2>&1 && $(python) -c '$(new_enough)'; then exit 0; fi; \
old=; bare=; \
for candidate in $(PYTHON); do \
	"$$candidate" -c '' >/dev/null 2>&1 || continue; \
	"$$candidate" -c '$(new_enough)' || { old="$$candidate"; continue; }; \
	"$$candidate" -c 'import ensurepip, venv' 2>/dev/null || { bare="$$candidate"; continue; }; \
	echo "Making .venv with $$("$$candidate" --version)."; \
	exec "$$candidate" -m venv --clear .venv; \
done; \
if [ -n "$$bare" ]; then \
	echo "Error: $$bare cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; \
elif [ -n "$$old" ]; then \
	echo "Error: cnnsearch needs Python 3.11 or newer, and $$old is $$("$$old" --version)." >&2; \
	echo "Install a newer one, or name it: make PYTHON=/path/to/python3.12 ..." >&2; \
else \
	echo "Error: no Python found; tried: $(PYTHON). Install Python 3.11, 3.12 or 3.13." >&2; \
fi; exit 1
endef
new_enough := import sys; sys.exit(sys.version_info < (3, 11))

again:
.PHONY: all run test test-all test-quick check format clean help again
