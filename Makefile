# A thin front over CMake: the two commands of the README, and what developers use besides.
PRESET ?= dev
PYTHON := /usr/bin/python3
BUILD = build/$(PRESET)
JOBS ?= $(shell nproc)
# of system tests: they wait more than they work
WORKERS ?= $(shell expr $$(nproc) + 1)
SECONDS ?= 60
SEEDS ?= 100
FROM ?= 1

# Sanitized programs are slower; their reports go to files that the tests look for.
SLOWER = $(if $(filter asan tsan,$(PRESET)),3,1)
RUN = WAVEGATE_BIN=$(CURDIR)/$(BUILD)/bin WAVEGATE_SLOWER=$(SLOWER) PYTHONDONTWRITEBYTECODE=1

.PHONY: demo test unit system installers build setup lint format play picture fuzz sim sim-mutations cuts bench clean help

help:
	@echo 'make demo     a fleet, two campaigns, on this machine, in two minutes'
	@echo 'make test     all tests (PRESET=asan: with sanitizers)'
	@echo 'make unit     the tests of pure parts and of the store'
	@echo 'make system   the tests on real services'
	@echo 'make play     services and a fleet to try things with, until Ctrl-C'
	@echo 'make installers  every installer, cut everywhere, on the real rauc, swupdate, apt and docker; installs them'
	@echo 'make fuzz     new inputs for every parser, SECONDS=60 each; ONLY="campaign area" for some'
	@echo 'make sim      the whole system in virtual time, with faults, from seeds: SEEDS=1000 FROM=1'
	@echo 'make sim-mutations  the product broken on purpose, one way at a time; MUTATION=word for some'
	@echo 'make cuts     the power of real agents cut at every call that changes something'
	@echo 'make bench    what planning costs over 1,000,000 devices; BENCH="--devices 100000" for less'
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
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

system: build
	@echo 'test: real broker, database, web server, processes'
	@$(RUN) $(PYTHON) -m pytest -q -n $(WORKERS) --dist loadfile -p no:cacheprovider tests/system

# Installs what it needs (tests/installers/packages.txt); about a quarter of an hour; as root, for a loop device and an engine.
installers: setup
	@./deploy/setup.sh tests/installers/packages.txt
	@$(RUN) $(PYTHON) -m pytest -q -n $(WORKERS) --dist loadfile -p no:cacheprovider tests/installers

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
	@$(RUN) $(PYTHON) -m tests.cuts $(CUTS)

bench: PRESET := release
bench: build
	@$(RUN) $(PYTHON) -m tests.bench.plan_bench $(BENCH)

play: build
	@$(RUN) $(PYTHON) -m tests.lab

# The README's picture, from the real command on a real terminal.
picture: PRESET := release
picture: build
	@$(RUN) $(PYTHON) -m docs.picture >docs/running-campaign.svg

format: setup
	@git ls-files '*.c' '*.h' | xargs clang-format -i

lint: build
	@git ls-files '*.c' '*.h' | xargs clang-format --dry-run --Werror
	@git ls-files '*.c' | grep -v '^tests/' | xargs -P $(JOBS) -n 1 clang-tidy -p $(BUILD) --quiet 2>/dev/null
	@./tests/arrows.sh .
	@shellcheck -x -P SCRIPTDIR agent/installers/[!R]* tests/installers/fake_engine tests/installers/example/images

clean:
	@rm -rf build
