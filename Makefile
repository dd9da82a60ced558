PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.installed
# npm's own note of what it installed
NODE := node_modules/.package-lock.json
PLAYER := player/node_modules/.package-lock.json

.PHONY: demo chaos test player bundle browser lock
TEACHERS ?= 500
SEED ?= 1
RUNS ?= 1

# SITE=1: everything runs until Ctrl-C, with a website to watch videos at
demo: $(STAMP) $(if $(SITE),$(NODE) bundle browser)  ## the main job on a local real Kafka: play, decide, load, publish, check
	$(VENV)/bin/xueshi $(if $(SITE),up,demo --teachers $(TEACHERS) --seed $(SEED))

chaos: $(STAMP)  ## everything fails under load, and nobody may lose or gain a second; some minutes
	$(VENV)/bin/xueshi chaos --seed $(SEED) --runs $(RUNS)

test: $(STAMP) $(NODE) player browser  ## everything CI checks
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/pytest -n 2 --dist loadfile

player: $(PLAYER)  ## check, test and bundle the browser SDK and its adapters: player/dist/
	cd player && npm run --silent check && npm test --silent && npm run --silent build
	@for file in player/dist/*.min.js; do \
	  echo "$${file##*/}: $$(gzip -9c $$file | wc -c) bytes gzipped"; done

bundle: $(PLAYER)
	cd player && npm run --silent build

browser:  ## what the browser tests need of the system: Chromium, letters for Chinese, and ffmpeg
	@if command -v chromium >/dev/null && command -v ffmpeg >/dev/null && fc-list :lang=zh | grep -q .; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
	    --no-install-recommends chromium ffmpeg fontconfig fonts-noto-cjk >/dev/null; \
	else echo "the browser tests need Chromium, ffmpeg and a Chinese font, as root on Debian: " \
	  "apt-get install chromium ffmpeg fontconfig fonts-noto-cjk" >&2; exit 1; fi

lock: $(STAMP)  ## resolve the dependencies again
	$(VENV)/bin/pip install --quiet uv
	$(VENV)/bin/uv pip compile --quiet --upgrade --generate-hashes --no-emit-find-links --no-header \
	  --no-annotate --extra dev --python-version 3.11 pyproject.toml -o requirements/dev.lock

$(STAMP): pyproject.toml requirements/dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "xueshi needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(NODE): package.json package-lock.json  # ECharts for the pages, axe for their tests
	@command -v npm >/dev/null || { echo "the dashboard's pictures need npm (Node.js 18+)" >&2; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(PLAYER): player/package.json player/package-lock.json  # esbuild, tsc and fast-check; no runtime ones
	@command -v npm >/dev/null || { echo "the player's tests need npm (Node.js 20+)" >&2; exit 1; }
	cd player && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
