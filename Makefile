# A thin front over CMake: the two commands of the README, and what developers use besides.
PRESET ?= dev
PYTHON := /usr/bin/python3
BUILD = build/$(PRESET)
JOBS ?= $(shell nproc)
# of tests: they wait more than they work
TESTS ?= $(shell expr $$(nproc) + 1)
WORKERS ?= $(shell expr $$(nproc) \* 2 + 2)
SECONDS ?= 60
SEEDS ?= 100
FROM ?= 1

# Sanitized programs are slower; their reports go to files that the tests look for.
SLOWER = $(if $(filter asan tsan,$(PRESET)),3,1)
RUN = WAVEGATE_BIN=$(CURDIR)/$(BUILD)/bin WAVEGATE_SLOWER=$(SLOWER) PYTHONPYCACHEPREFIX=$(CURDIR)/build/pycache

.PHONY: demo test unit system installers packages packages-test boot-test scale-test scale-suite web web-test web-pictures agent-small footprint speed build setup lint style format play picture docs fuzz sim sim-mutations cuts bench bench-plan bench-intake bench-orchestrators bench-dispatch bench-dispatch-wide bench-growth bench-campaign bench-storm soak clean help compose-test

help:
	@echo 'make demo     a fleet, two campaigns, on this machine, in two minutes'
	@echo 'make test     all tests (PRESET=asan: with sanitizers)'
	@echo 'make unit     the tests of pure parts and of the store'
	@echo 'make system   the tests on real services'
	@echo 'make play     services and a fleet to try things with, until Ctrl-C'
	@echo 'make installers  every installer, cut everywhere, on the real rauc, swupdate, apt and docker; installs them'
	@echo 'make packages the Debian packages, in build/packages/deb: wavegate-server, wavegate-agent, wavegate-cli'
	@echo 'make packages-test  built twice alike, lintian, SBOM, installed and purged in a root of its own; as root; installs lintian, debootstrap'
	@echo 'make boot-test  virtual machines updated for real, their power cut at random; BOOT="--cuts 60 --seed 7"; installs qemu'
	@echo 'make scale-test  several brokers, databases, orchestrators, and one of them killed; SCALE="-k shards"; installs HAProxy and others'
	@echo 'make scale-suite  the system tests on several brokers; BROKERS=haproxy-through, haproxy-ended or rabbit'
	@echo 'make compose-test  docker-compose.yml: a fleet of containers, a campaign, and parts of it killed; COMPOSE="--devices 50"'
	@echo 'make web      the dashboard, from orchestrator/web into its dist, which is kept; from the npm registry'
	@echo 'make web-test the dashboard in a real browser, and whether dist is what the sources build; installs Chromium'
	@echo 'make fuzz     new inputs for every parser, SECONDS=60 each; ONLY="campaign area" for some'
	@echo 'make sim      the whole system in virtual time, with faults, from seeds: SEEDS=1000 FROM=1'
	@echo 'make sim-mutations  the product broken on purpose, one way at a time; MUTATION=word for some'
	@echo 'make cuts     the power of real agents cut at every call that changes something'
	@echo 'make agent-small  the agent in one static file of 800 kB, in build/small/bin; fetches source packages of Debian'
	@echo 'make footprint  what agents cost a device, beside what else is installed for that'
	@echo 'make speed    a streaming installation beside bare decryption and writing'
	@echo 'make bench    all that is measured beside a bare broker, a query by hand or a smaller fleet, as one table; BENCHES="plan growth" for some'
	@echo 'make bench-plan, bench-intake, bench-orchestrators, bench-dispatch, bench-growth  one of them; INTAKE="--rounds 1" for less'
	@echo 'make bench-campaign  a whole campaign over 15,000 simulated devices; CAMPAIGN="--devices 45000 --brokers 3"'
	@echo 'make bench-storm  all of them lose their connection while orders are open; STORM="--how cut"'
	@echo 'make soak     an hour of everything, with deaths of each part; SOAK="--minutes 5 --devices 1000" for less'
	@echo 'make docs     the pages that are printed from the code; man pages are in build/dev/man'
	@echo 'make lint     formatting, clang-tidy, arrows'

setup:
	@./deploy/setup.sh

build: setup
	@mkdir -p build
	@echo 'build: $(PRESET), in $(BUILD)'
	@cmake --preset $(PRESET) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@cmake --build $(BUILD) -j $(JOBS) >$(BUILD).log 2>&1 || { grep -E 'error|warning|FAILED|undefined' $(BUILD).log || cat $(BUILD).log; exit 1; }

demo: PRESET := release
demo: build
	@$(RUN) $(PYTHON) -m deploy.demo.demo

test: unit system

unit: build
	@echo 'test: pure parts and store'
	@ctest --test-dir $(BUILD) --output-on-failure -j $(TESTS)

system: build
	@echo 'test: real broker, database, web server, processes'
	@rm -rf $(BUILD)/ledger
	@WAVEGATE_LEDGER=$(CURDIR)/$(BUILD)/ledger $(RUN) $(PYTHON) -m pytest -q -n $(WORKERS) --dist loadfile -p no:cacheprovider tests/system
	@test -n "$$WAVEGATE_SANITIZED_PART" || $(RUN) $(PYTHON) -m tests.lab.ledger $(BUILD)/ledger

# Installs what it needs (tests/installers/packages.txt); about a quarter of an hour; as root, for a loop device and an engine.
installers: setup
	@./deploy/setup.sh tests/installers/packages.txt
	@$(RUN) $(PYTHON) -m pytest -q -n $(WORKERS) --dist loadfile -p no:cacheprovider tests/installers

# The time of deploy/debian/changelog is that of all files in them.
packages: PRESET := packages
packages: build
	@umask 022 && cd $(BUILD) && SOURCE_DATE_EPOCH=$$(dpkg-parsechangelog -l $(CURDIR)/deploy/debian/changelog -S Timestamp) \
		cpack -B $(CURDIR)/$(BUILD)/deb >deb.log 2>&1 || { cat deb.log; exit 1; }
	@rm -rf $(BUILD)/deb/_CPack_Packages
	@ls -l $(BUILD)/deb/*.deb

# Installs what it needs (tests/packages/packages.txt); builds all of it twice; as root, for a root of its own.
packages-test: packages
	@./deploy/setup.sh tests/packages/packages.txt
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest -q -p no:cacheprovider tests/packages

# Installs what it needs (tests/boot/packages.txt) and downloads a kernel; no root besides; about half an hour.
boot-test: build
	@./deploy/setup.sh tests/boot/packages.txt
	@$(RUN) $(PYTHON) -u -m tests.boot $(BOOT)

# Installs what it needs (tests/scale/packages.txt); some minutes.
scale-test: build
	@./deploy/setup.sh tests/scale/packages.txt
	@$(RUN) $(PYTHON) -m pytest -q -p no:cacheprovider tests/scale $(SCALE)

# The system tests on other brokers: a RabbitMQ cluster of three for each worker, so that these are fewer. POOLER=1: behind PgBouncer, on any of them.
BROKERS ?= haproxy-through
scale-suite: WORKERS := $(if $(filter rabbit,$(BROKERS)),2,$(WORKERS))
scale-suite: build
	@./deploy/setup.sh tests/scale/packages.txt
	@WAVEGATE_LAB_BROKERS=$(BROKERS) WAVEGATE_LAB_POOLER=$(POOLER) $(RUN) $(PYTHON) -m pytest -q -n $(WORKERS) --dist loadfile -p no:cacheprovider tests/system $(SUITE)

# Installs what it needs (tests/compose/packages.txt); as root, for an engine; a quarter of an hour, most of it for the images, that are built anew.
compose-test:
	@./deploy/setup.sh tests/compose/packages.txt
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -u -m tests.compose $(COMPOSE)

# What orchestrator/web/package-lock.json pins; the copy of the lock is laid beside it last, and says that it is whole.
build/web/installed.json: orchestrator/web/package-lock.json orchestrator/web/package.json
	@mkdir -p build/web
	@cp orchestrator/web/package.json orchestrator/web/package-lock.json orchestrator/web/.npmrc build/web/
	@cd build/web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefer-offline >/dev/null
	@cp orchestrator/web/package-lock.json build/web/installed.json

build/oidc/installed.json: tests/oidc/package-lock.json tests/oidc/package.json
	@mkdir -p build/oidc
	@cp tests/oidc/package.json tests/oidc/package-lock.json tests/oidc/.npmrc build/oidc/
	@cd build/oidc && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefer-offline >/dev/null
	@cp tests/oidc/package-lock.json build/oidc/installed.json

web: build/web/installed.json
	@node orchestrator/web/build.mjs

# Its parts one after the other: each has the processor to itself. The last is on the real server and real agents.
web-test: build build/web/installed.json build/oidc/installed.json
	@./deploy/setup.sh tests/web/packages.txt
	@node --test tests/web/parts.test.mjs
	@node --test tests/web/pages.test.mjs
	@node --test tests/web/work.test.mjs
	@node --test tests/web/office.test.mjs
	@node --test tests/web/live.test.mjs
	@node --test tests/web/commands.test.mjs
	@$(RUN) $(PYTHON) -m pytest -q -p no:cacheprovider tests/web tests/oidc

# The README's pictures of the dashboard.
web-pictures: build/web/installed.json
	@./deploy/setup.sh tests/web/packages.txt
	@node tests/web/screens.mjs docs

fuzz: PRESET := fuzz
fuzz: setup
	@mkdir -p build
	@cmake --preset fuzz >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@cmake --build --preset fuzz -j $(JOBS) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@tests/fuzz/run.sh $(BUILD) $(SECONDS) $(ONLY)

sim: PRESET := release
sim: build
	@tests/sim/sim.sh $(BUILD)/bin/wavegate-sim --from $(FROM) --seeds $(SEEDS) --failures 3 $(SIM)

# In a copy of the tree, with a release build of its own; about a quarter of an hour.
sim-mutations: setup
	@$(PYTHON) -u tests/sim/mutations.py --only "$(MUTATION)"

# Real agents, killed at every call that changes something; some minutes.
cuts: build
	@for test in cut block_cut set_cut; do WAVEGATE_CUTS=all $(BUILD)/bin/test_agent_$$test || exit 1; done
	@$(RUN) $(PYTHON) -m tests.cuts $(CUTS)

# Three quarters of an hour; the aims of all of them as one table at the end, in the folder of the build too.
BENCHES := plan intake orchestrators dispatch dispatch-wide growth campaign storm
bench: PRESET := release
bench: TABLE = $(BUILD)/bench.jsonl
bench: build
	@rm -f $(TABLE); missed=; \
	for one in $(BENCHES); do \
	$(MAKE) --no-print-directory WAVEGATE_BENCH_TABLE=$(abspath $(TABLE)) bench-$$one || missed="$$missed $$one"; done; \
	$(PYTHON) -m tests.bench.aims $(TABLE); test -z "$$missed"

bench-plan: FLAGS = $(BENCH)
bench-intake: FLAGS = $(INTAKE)
bench-dispatch: FLAGS = $(DISPATCH)
bench-dispatch-wide: FLAGS = --devices 45000 --brokers 3 --rounds 2
bench-dispatch-wide: MODULE = dispatch
bench-orchestrators: FLAGS = $(ORCHESTRATORS)
bench-growth: FLAGS = $(GROWTH)
# A fleet of real agent cores with mutual TLS.
bench-campaign: FLAGS = $(CAMPAIGN)
bench-storm: FLAGS = $(STORM)
$(BENCHES:%=bench-%): PRESET := release
$(BENCHES:%=bench-%): bench-%: build
	@$(RUN) $(PYTHON) -u -m tests.bench.$(or $(MODULE),$*)_bench $(FLAGS)

soak: PRESET := release
soak: build
	@$(RUN) $(PYTHON) -u -m tests.bench.soak $(SOAK)

# docs/decisions/0029-agent-small.md
agent-small:
	@./deploy/setup.sh deploy/small/packages.txt
	@./deploy/small/sources.sh build/small-sources
	@cmake --preset small >build/small.log 2>&1 || { cat build/small.log; exit 1; }
	@cmake --build --preset small -j $(JOBS) >build/small.log 2>&1 || { cat build/small.log; exit 1; }
	@strip build/small/bin/wavegate-agent
	@stat -c 'agent-small: build/small/bin/wavegate-agent, %s bytes' build/small/bin/wavegate-agent

footprint: PRESET := release
footprint: build agent-small
	@$(RUN) $(PYTHON) -m tests.bench.footprint_bench --small build/small/bin/wavegate-agent $(FOOTPRINT)

speed: PRESET := release
speed: build
	@$(RUN) $(PYTHON) -m tests.bench.speed_bench $(SPEED)

play: build
	@$(RUN) $(PYTHON) -m tests.lab

# The README's picture, from the real command on a real terminal.
picture: PRESET := release
picture: build
	@$(RUN) $(PYTHON) -m docs.picture >docs/running-campaign.svg

# Pages that are printed from what runs; a test says when one is old.
docs: build
	@$(BUILD)/bin/agent_states >docs/agent-states.md
	@$(BUILD)/bin/command_pages >docs/command.md
	@$(BUILD)/bin/wavegate-api --routes | $(PYTHON) -m docs.roles >docs/roles.md
	@$(PYTHON) -m docs.reference campaign >docs/campaign-reference.md
	@$(PYTHON) -m docs.reference protocol >docs/protocol.md

format: setup
	@git ls-files '*.c' '*.h' | xargs clang-format -i

lint: build style

# Of a tree that is built. NODES: how far clang's analyzer follows the paths of a function; it is nearly all of what this takes.
NODES ?= 225000
ANALYZER = $(foreach word,-Xclang -analyzer-config -Xclang max-nodes=$(NODES),--extra-arg=$(word))
style:
	@git ls-files '*.c' '*.h' | xargs clang-format --dry-run --Werror
	@git ls-files '*.c' | grep -vE '^(tests|deploy/small)/' | xargs -P $(JOBS) -n 1 clang-tidy -p $(BUILD) --quiet $(ANALYZER) 2>/dev/null
	@./tests/arrows.sh .
	@shellcheck -x -P SCRIPTDIR agent/installers/[!R]* tests/installers/fake_engine tests/installers/example/images tests/boot/guest/* examples/pipeline/release examples/pipeline/comment $(filter-out %.yaml %.json %.conf,$(wildcard deploy/compose/*))

clean:
	@rm -rf build
