# Everything one does with this repository. `make` alone lists it.
#
# Go and make are enough for all of it but the window, which needs a C compiler and the
# headers of the desktop: `make run` installs them on Debian, after a question. Two things
# are better with more: `make test` uses the race detector where there is a C compiler
# and tests real windows where there is Xvfb, and `make lab` needs root.

GO     ?= go
# The form without a window: for servers, and what most tests are of.
TAGS   := headless
# The form with a window. One set of flags everywhere: another one builds OpenGL's
# bindings anew, for minutes.
comma  := ,
GLES   := $(if $(filter Linux,$(shell uname)),gles)
WINDOW := $(if $(GLES),$(GLES)$(comma))migrated_fynedo
# Folders of Go code, for the tools that take folders.
CODE   := $(wildcard app core storage ui assets)
CROSS  := linux/arm64 windows/amd64 darwin/arm64

# make bench BENCH=Stream BENCHTIME=5x COUNT=5; SHORT=1 for a small run of everything
BENCH     ?= .
BENCHTIME ?= 1s
COUNT     ?= 1
# make bench-peers ROUNDS=5
ROUNDS ?= 3
# make fuzz FUZZTIME=10m PKG=./core/willow/...: time for each fuzz target of some packages.
# Without PKG, make fuzz is about the data layer, and make soak about all, and more.
FUZZTIME ?= 1m
PKG      ?=
DATA     := ./core/willow/... ./core/meadowcap ./core/blob ./core/carry

.DEFAULT_GOAL := help
.PHONY: help go toolkit run run-checked demo build build-headless package shots golden words \
	test test-window check fmt gofumpt vet staticcheck gocyclo layers generated window cross \
	interop fuzz bench bench-peers bench-window soak lab vuln tools

help: ## List what make can do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

go:
	@command -v $(GO) >/dev/null || { echo "Go 1.26 or newer is needed: https://go.dev/doc/install" >&2; exit 1; }

toolkit: go
	@.ci/toolkit

# What there is to show on: anything but Linux has a screen.
SCREEN := $(DISPLAY)$(WAYLAND_DISPLAY)$(if $(GLES),,yes)

ifneq ($(SCREEN),)
run: build ## Run Meadow; without a display, the demo instead
	bin/meadow
else
run:
	@echo "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set): this is the demo without a window."
	@$(MAKE) --no-print-directory demo
endif

run-checked: toolkit ## Run Meadow and report what touches the window off its thread
	$(GO) build -tags '$(GLES)' -o bin/meadow-checked ./app/meadow
	bin/meadow-checked

demo: go ## Two nodes pair and keep this repository's own tree in step
	CGO_ENABLED=0 $(GO) run -tags $(TAGS) ./app/demo

build: toolkit ## Build the program with its window: bin/meadow
	CGO_ENABLED=1 $(GO) build -tags $(WINDOW) -o bin/meadow ./app/meadow

build-headless: go ## Build the program without a window, one static file: bin/meadow-headless
	CGO_ENABLED=0 $(GO) build -tags $(TAGS) -o bin/meadow-headless ./app/meadow

package: toolkit ## Pack the program for this Linux, with icon, menu entry and licences: bin/meadow-*.tar.gz
	.ci/package -tags $(WINDOW)

shots: go ## Draw every screen in both themes and several sizes, without a display: bin/shots
	CGO_ENABLED=0 $(GO) run -tags ci,$(TAGS) ./app/shots -out bin/shots

golden: go ## Write what the tests of screens and widgets compare with; look at the difference
	GOLDEN=1 CGO_ENABLED=0 $(GO) test -count=1 -tags ci,$(TAGS) ./ui/...
	git diff --stat -- ui

words: go ## Collect the window's texts for translators: ui/words/translations/en.json
	$(GO) generate ./ui/words

test: go ## Run unit tests and stories, with the race detector if there is a C compiler, and those of real windows
	@race="$$(.ci/race)" && set -x && \
	CGO_ENABLED=$$([ "$$race" ] && echo 1 || echo 0) $(GO) test $$race -tags ci,$(TAGS) -timeout 20m ./...
	@if .ci/desktop && { [ "$$CI" = true ] || .ci/toolkit --look; }; then $(MAKE) --no-print-directory test-window; \
		else [ "$$CI" != true ] && echo "the tests of real windows are LEFT OUT (headers: make tools)"; fi

test-window: toolkit ## Run the tests of real windows and of the tray, on a desktop of their own
	.ci/desktop $(GO) test -count=1 -tags ci ./ui/eye
	.ci/desktop $(GO) test -count=1 -tags $(WINDOW),desktop -run '^TestDesktop' -timeout 20m ./app/meadow

check: gofumpt vet staticcheck gocyclo layers generated window cross ## Format, lint, layers, generated files, the window, other platforms

fmt: go ## Format all code as check wants it
	$(GO) tool gofumpt -l -w $(CODE)

gofumpt: go
	@out="$$($(GO) tool gofumpt -l $(CODE))" && test -z "$$out" || \
		{ echo "not formatted ('make fmt' does it):"; echo "$$out"; exit 1; }

vet: toolkit
	$(GO) vet ./core/... ./storage/...
	$(GO) vet -tags ci,$(TAGS) ./...
	CGO_ENABLED=1 $(GO) vet -tags $(WINDOW),desktop ./app/meadow ./ui/...

staticcheck: toolkit
	$(GO) tool staticcheck -tags ci,$(TAGS) ./...
	CGO_ENABLED=1 $(GO) tool staticcheck -tags $(WINDOW),desktop ./app/meadow ./ui/...

gocyclo: go
	$(GO) tool gocyclo -over 15 -ignore '_test\.go$$' $(CODE)

layers: go
	$(GO) test -count=1 app/meadow/layers_test.go

generated: go
	$(GO) mod tidy -diff
	.ci/generated $(CODE)

window: build

cross: go
	@set -e; for p in $(CROSS); do echo "build for $$p"; \
		GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 $(GO) build -tags $(TAGS) ./core/... ./storage/... ./app/meadow; done

interop: go ## Test against independent implementations (with cargo) and published vectors
	.ci/interop -tags $(TAGS) ./core/...

bench: go ## Benchmarks of packages, then of the program: BENCH=regexp BENCHTIME=5x COUNT=n SHORT=1
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCHTIME) -count $(COUNT) \
		$(if $(SHORT),-short) -timeout 60m ./core/... ./storage/...
	CGO_ENABLED=0 $(GO) run -tags $(TAGS) ./app/bench $(if $(SHORT),-rounds 1 -mib 64 -files 1000)

bench-peers: go ## The same work with Syncthing and rsync in turn, as a table: ROUNDS=3 (installs both, on Debian)
	@command -v syncthing >/dev/null && command -v rsync >/dev/null || .ci/install syncthing rsync
	CGO_ENABLED=0 $(GO) run -tags $(TAGS) ./app/bench -peers -rounds $(ROUNDS)

bench-window: toolkit ## Time to the first window, memory and work at rest, and how quickly it answers while a drop is taken in (7 minutes)
	.ci/desktop $(GO) test -count=1 -tags $(WINDOW),desktop -run '^$$' -bench '^Benchmark(Window|TakingIn)$$' -benchtime 1x -timeout 30m ./app/meadow

fuzz: go ## Fuzz the data layer's decoders, or those of PKG=, for FUZZTIME=1m each
	.ci/fuzz $(FUZZTIME) ci,$(TAGS) $(or $(PKG),$(DATA))

soak: go ## Fuzz every decoder for FUZZTIME=1m each, or only those of PKG=; then repeat the concurrent tests and kill two nodes 1,000 times
	$(if $(PKG),.ci/fuzz $(FUZZTIME) ci$(comma)$(TAGS) $(PKG),.ci/soak $(FUZZTIME) ci$(comma)$(TAGS))

lab: go ## Endpoints and nodes that find each other, in network namespaces (Linux, root)
	.ci/lab

vuln: toolkit ## Look for known vulnerabilities in what the program calls (network)
	$(GO) run golang.org/x/vuln/cmd/govulncheck@latest -tags $(WINDOW) ./app/meadow

tools: ## Install what the window is built with, which has the race detector's C compiler; asks before it uses sudo
	.ci/toolkit
