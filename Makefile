PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.installed
# npm's own note of what it installed
NODE := node_modules/.package-lock.json
PEERS := .venv-peers/.installed
JAVA_PEERS := bench/peers/java/target/.built
AUDIT := .venv-audit/.installed
# run as Python first, then compiled with everything else
RULES_TESTS := tests/rules tests/generated tests/spec tests/agents
PLAYER := player/node_modules/.package-lock.json

# what Python has compiled is kept, also where the shell says otherwise: tests start it some
# hundreds of times
export PYTHONDONTWRITEBYTECODE :=

COMPILE := $(VENV)/bin/uv pip compile --quiet --generate-hashes --no-emit-find-links --no-header \
  --no-annotate --python-version 3.11

.PHONY: bench bench-collector bench-path compile demo chaos docs test checks rules player bundle system lock audit
TEACHERS ?= 500
SEED ?= 1
RUNS ?= 1

# SITE=1: everything runs until Ctrl-C, with a website to watch videos at
demo: $(STAMP) $(if $(SITE),$(NODE) bundle system)  ## the main job on a local real Kafka: play, decide, load, publish, check
	$(VENV)/bin/xueshi $(if $(SITE),up,demo --teachers $(TEACHERS) --seed $(SEED))

chaos: $(STAMP)  ## everything fails under load, and nobody may lose or gain a second; some minutes
	$(VENV)/bin/xueshi chaos --seed $(SEED) --runs $(RUNS)

test: $(STAMP) $(NODE) system  ## everything CI checks
	$(MAKE) --no-print-directory --jobs 2 --output-sync=target rules checks player
	$(VENV)/bin/pytest -n 4 --dist loadfile --no-loadscope-reorder

checks: $(STAMP)
	$(VENV)/bin/ruff check
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy

rules: $(STAMP)  # their tests as Python, and compiled then
	$(VENV)/bin/python hatch_build.py --aside
	FEWER=4 $(VENV)/bin/pytest -n 2 $(RULES_TESTS) -m "not kafka and not soak"
	$(VENV)/bin/python hatch_build.py

compile: $(STAMP)  ## the rules again, after a change of pipeline/rules/
	$(VENV)/bin/python hatch_build.py

player: $(PLAYER)  ## check, test and bundle the browser SDK and its adapters: player/dist/
	cd player && npm run --silent check && npm test --silent && npm run --silent build
	@for file in player/dist/*.min.js; do \
	  echo "$${file##*/}: $$(gzip -9c $$file | wc -c) bytes gzipped"; done

bundle: $(PLAYER)
	cd player && npm run --silent build

system:  ## what tests need of the system: Chromium, letters for Chinese, ffmpeg, Prometheus
	@.ci/system

bench: $(STAMP) $(PEERS) $(JAVA_PEERS)  ## everything that is measured; some hours, best with nothing beside it
	mkdir -p var
	$(VENV)/bin/python -m bench.watching run --json var/bench-watching.json
	$(VENV)/bin/python -m bench.watching growth --json var/bench-growth.json
	$(VENV)/bin/python -m bench.watching growth --at-once 200 --json var/bench-growth-at-once.json
	$(VENV)/bin/python -m bench.watching restart --json var/bench-restart.json
	$(VENV)/bin/python -m bench.collector --json var/bench-collector.json
	$(VENV)/bin/python -m bench.path all --json var/bench-path.json

bench-collector: $(STAMP)  ## posts a CPU-second of the collector, its latency and memory
	$(VENV)/bin/python -m bench.collector

bench-path: $(STAMP)  ## the rest of the path: crediting to pages, end to end, recovery; half an hour and more
	$(VENV)/bin/python -m bench.path all

docs: $(STAMP)  ## the documentation as a site: var/docs/index.html
	$(VENV)/bin/python -m sphinx -q -W --keep-going -b html docs var/docs

audit: $(AUDIT)  ## known vulnerabilities of what is locked; asks package services over the network
	@.ci/audit .venv-audit/bin/pip-audit || { [ $$? = 3 ] && echo "audit: not told in full" >&2; }

lock: $(STAMP)  ## resolve the dependencies again
	$(VENV)/bin/pip install --quiet uv
	$(COMPILE) --upgrade --extra dev pyproject.toml -o requirements/dev.lock
	$(COMPILE) --extra image --constraint requirements/dev.lock pyproject.toml -o requirements/image.lock
	$(COMPILE) --upgrade requirements/audit.in -o requirements/audit.lock
	$(COMPILE) --upgrade bench/peers/python/requirements.in -o bench/peers/python/requirements.lock

$(STAMP): pyproject.toml requirements/dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "xueshi needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(PEERS): bench/peers/python/requirements.lock  # what others would use; none of it is the product's
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(JAVA_PEERS): bench/peers/java/pom.xml $(shell find bench/peers/java/src -name '*.java' 2>/dev/null)
	mvn -q -B -f bench/peers/java/pom.xml package
	@touch $@

$(AUDIT): requirements/audit.lock  # apart, so that what audits is none of what is audited
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(NODE): package.json package-lock.json  # ECharts for the pages, axe for their tests
	@command -v npm >/dev/null || { echo "the dashboard's pictures need npm (Node.js 18+)" >&2; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(PLAYER): player/package.json player/package-lock.json  # esbuild, tsc and fast-check; no runtime ones
	@command -v npm >/dev/null || { echo "the player's tests need npm (Node.js 20+)" >&2; exit 1; }
	cd player && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
