# A thin front for CMake. `make help` lists the targets.

SHELL = /bin/sh
BUILD = build/release

.PHONY: help build install run test bench fuzz powercut size lint format clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

build: ## build everything in build/release
	@scripts/build release

install: ## put otter and otter-sim into PREFIX (default /usr/local); ./run or make build first
	@cmake --install $(BUILD) --prefix $(or $(PREFIX),/usr/local)

run: ## update a virtual device over the air, from version 1 to version 2
	@scripts/build release otter otter-sim images
	@scripts/demo $(BUILD)

test: ## build and run every test, plain and under sanitizers, and the cross builds
	@scripts/test

bench: build ## run the benchmarks, each beside its reference
	@scripts/bench $(BUILD)

fuzz: ## fuzz every decoder for FUZZ_SECONDS (default 30) each
	@scripts/fuzz

powercut: build ## cut the power at every flash operation, with every outcome
	@scripts/powercut $(BUILD)

size: ## text, data, bss and worst stack per module, on the LX106 and on Cortex-M0+
	@scripts/size

lint: ## clang-format, clang-tidy, cppcheck and the include table
	@scripts/lint

format: ## format every C file in place
	@git ls-files -z -- '*.c' '*.h' | xargs -0 clang-format -i

clean: ## remove everything that was built
	rm -rf build
