# Two commands do all set-up on a fresh machine: `make demo` and `make test`. They need Python 3.11 or newer, and make.
PY ?= python3
BIN = .venv/bin

.PHONY: demo test check check-maven torture bench wheel clean

demo: .venv/ready
	$(BIN)/playbook demo demo

test: .venv/dev
	$(BIN)/pytest -n auto

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest tests/test_architecture.py

# On the public Maven export, which is not part of this repository: make check-maven DATA=folder
check-maven: .venv/dev
	@test -n "$(DATA)" || { echo "say where the Maven CSV files are: make check-maven DATA=folder"; exit 2; }
	MAVEN_DATA="$(abspath $(DATA))" $(BIN)/pytest tests/maven -s

# At least 500 killed ticks, every crash point at least five times (about ten minutes); `make test` has the quick form
torture: .venv/dev
	PLAYBOOK_TORTURE=full $(BIN)/pytest tests/torture -s

bench: .venv/dev
	$(BIN)/python benchmarks/tick.py

wheel: .venv/dev
	$(BIN)/python -m hatchling build -t wheel

clean:
	rm -rf .venv dist demo

.venv/ready: pyproject.toml constraints.txt
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "This needs Python 3.11 or newer; '$(PY)' is $$($(PY) --version 2>&1). Try: make $(MAKECMDGOALS) PY=python3.12"; exit 2; }
	@$(PY) -m venv .venv || { \
	  echo "Python cannot make a virtual environment here. On Debian or Ubuntu: apt install python3-venv"; exit 2; }
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/dev: .venv/ready
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@
