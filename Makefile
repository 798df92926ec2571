# Everything that is built lands in build/, except node_modules. Each target can be run again at any
# time and does only what is not done yet; `make -j2` works. `make` alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := help

# The tools that `npm ci` installs, before others of the same name.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

STAMPS := build/stamps
NODE_MODULES := node_modules/.ballast-key
STEP := scripts/step.sh

files_in = $(shell find $(wildcard $(1)) -type f | LC_ALL=C sort)
TS_SOURCES := $(filter %.ts,$(call files_in,bench lib src test))
LAUNCHER_SOURCES := $(call files_in,native/launcher)
NATIVE_SOURCES := $(filter-out $(LAUNCHER_SOURCES),$(call files_in,native))
AGENT_SOURCES := guest/CMakeLists.txt $(call files_in,guest/agent guest/reseed guest/test)
IMAGE_SOURCES := $(call files_in,guest/image guest/runtimes)

##@ Use
.PHONY: help setup run smoke clean
help: ## list the targets
	@awk -F ':.*## ' '/^##@ /{ print "\n" substr($$0, 5) } \
	  /^[a-z-]+:.*## /{ printf "  make %-16s %s\n", $$1, $$2 }' Makefile

# What others wait for comes first: two of these are made at a time.
setup: packages node-modules launcher agent addons native image ts kvm ## install and build all
	@echo '[setup] ready'

run: setup ## set up, then the service with a demonstration; Ctrl-C stops it
	@exec node --enable-source-maps build/src/cli/main.js serve --demo

smoke: setup ## set up, then resize one real VM to three sizes and compare what it sees
	@node --enable-source-maps build/test/smoke/smoke.js
	@scripts/vms.sh check

clean: ## remove build/ and any VM of this checkout
	@scripts/clean.sh

##@ Check
.PHONY: test lint tidy sanitize bench test-provision test-packages bench-packages
test: setup test-packages ## set up, then every check and test, real VMs included
	@scripts/test.sh

lint: packages node-modules test-packages ## formatters, linters, import rules, unused code
	@scripts/lint.sh

tidy: node-modules test-packages ## clang-tidy over the C++ sources
	@scripts/tidy-cpp.sh

bench: setup bench-packages build/bench-calls/loop ## measure; BENCH_JSON=FILE has the rows
	@node --enable-source-maps build/bench/main.js

sanitize: ts ## the addon's tests under AddressSanitizer and UBSan
	@scripts/sanitize.sh

test-provision: packages ## the provisioning script of vagrant/ in a clean Debian 13 (root only)
	@scripts/test-provision.sh

test-packages: packages # the Debian packages that only the checks and tests need
	@scripts/packages.sh test

bench-packages: packages # the Debian packages that only the benchmark needs
	@scripts/packages.sh bench

build/bench-calls/loop: bench/calls/loop.cc scripts/build-loop.sh | packages
	@$(STEP) bench-calls 'compiling the loop that calls are compared with' scripts/build-loop.sh

##@ Change
.PHONY: format addons native launcher ts agent image docs
format: packages node-modules ## format the TypeScript and C++ sources, fix what linters can fix
	@scripts/format.sh

addons: $(STAMPS)/addons ## build the addons among the Node.js packages
native: $(STAMPS)/native ## build the project's own addon
launcher: $(STAMPS)/launcher ## build the programs that run on the host as QEMU's user
ts: $(STAMPS)/ts ## compile the TypeScript
agent: $(STAMPS)/agent ## build the guest agent
image: $(STAMPS)/image ## build the guest image

docs: node-modules ## write the binding's API reference to build/docs/
	@$(STEP) docs 'writing the API reference' typedoc
	@echo '[docs] build/docs/index.html'

##@ Parts of the set-up
.PHONY: check-host packages node-modules kvm
check-host: ## refuse a machine or a Node.js that cannot work
	@scripts/check-host.sh

packages: check-host ## install the Debian packages that are missing
	@scripts/packages.sh setup

node-modules: $(NODE_MODULES) ## run npm ci if the lock file or Node.js changed

kvm: packages ## make sure that there is QEMU's user, and that it can open /dev/kvm
	@scripts/qemu-user.sh
	@scripts/kvm-access.sh

# Stamps record what was built from which sources. Packages only have to be there first: they
# rebuild nothing, hence `|`. Nor does a forced rule that leaves its target untouched.
.PHONY: FORCE
FORCE:

$(NODE_MODULES): FORCE | packages
	@scripts/node-modules.sh

$(STAMPS)/addons: $(NODE_MODULES) scripts/build-addons.sh
	@$(STEP) addons 'compiling SQLite for Node.js, unless it comes compiled' scripts/build-addons.sh
	@mkdir -p $(@D) && touch $@

$(STAMPS)/native: binding.gyp $(NATIVE_SOURCES) $(NODE_MODULES) scripts/build-native.sh | packages
	@$(STEP) native 'compiling the addon' scripts/build-native.sh
	@mkdir -p $(@D) && touch $@

$(STAMPS)/launcher: $(LAUNCHER_SOURCES) scripts/build-launcher.sh | packages
	@$(STEP) launcher "compiling the programs that run as QEMU's user" scripts/build-launcher.sh
	@mkdir -p $(@D) && touch $@

# The names of the sources: it changes when a file comes or goes, which no file's time tells.
$(STAMPS)/ts-sources: FORCE
	@mkdir -p $(@D)
	@cmp --quiet $@ <(printf '%s\n' $(TS_SOURCES)) || printf '%s\n' $(TS_SOURCES) >$@

$(STAMPS)/ts: $(TS_SOURCES) $(STAMPS)/ts-sources tsconfig.json $(NODE_MODULES) scripts/build-ts.sh
	@$(STEP) ts 'compiling the TypeScript' scripts/build-ts.sh
	@touch $@

$(STAMPS)/agent: $(AGENT_SOURCES) $(NODE_MODULES) scripts/build-agent.sh | packages
	@$(STEP) agent 'compiling the guest agent' scripts/build-agent.sh
	@mkdir -p $(@D) && touch $@

# Beside what has to be compiled first: it mostly waits for the network.
$(STAMPS)/debian: guest/image/packages.txt guest/image/fetch.sh guest/image/lib.sh | packages
	@$(STEP) debian 'downloading what the guest image takes from Debian' guest/image/fetch.sh
	@mkdir -p $(@D) && touch $@

$(STAMPS)/image: $(IMAGE_SOURCES) $(STAMPS)/debian $(STAMPS)/agent | packages
	@$(STEP) image 'building the guest image: kernel, initramfs, root disk' guest/image/build.sh
	@mkdir -p $(@D) && touch $@
