# Everything one does with this repository. `make` alone lists it.
#
# Go and make are enough for all of it. Two things are better with more: `make test`
# uses the race detector where there is a C compiler, and `make lab` needs root.

GO     ?= go
# The form without a window: what is tested, demonstrated and measured so far.
TAGS   := headless
# Folders of Go code, for the tools that take folders.
CODE   := $(wildcard app core storage ui)
CROSS  := linux/arm64 windows/amd64 darwin/arm64

# make bench BENCH=Stream BENCHTIME=5x COUNT=5; SHORT=1 for a small run of everything
BENCH     ?= .
BENCHTIME ?= 1s
COUNT     ?= 1
# make bench-peers ROUNDS=5
ROUNDS ?= 3
# make soak SOAK=10m: time for each fuzz target
SOAK   ?= 1m

.DEFAULT_GOAL := help
.PHONY: help go run demo build test check fmt gofumpt vet staticcheck gocyclo layers generated cross \
	interop words bench bench-peers soak lab vuln tools

help: ## List what make can do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

go:
	@command -v $(GO) >/dev/null || { echo "Go 1.26 or newer is needed: https://go.dev/doc/install" >&2; exit 1; }

run: demo ## Run Meadow: as there is no window yet, this is the demo

words: go ## Collect the texts of the window for translators
	cd ui/words && $(GO) generate

demo: go ## Two nodes pair and keep this repository's own tree in step
	CGO_ENABLED=0 $(GO) run -tags $(TAGS) ./app/demo

build: go ## Build the program without a window: bin/meadow
	CGO_ENABLED=0 $(GO) build -tags $(TAGS) -o bin/meadow ./app/meadow

test: go ## Run unit tests and stories, with the race detector if there is a C compiler
	@race="$$(.ci/race)" && set -x && \
	CGO_ENABLED=$$([ "$$race" ] && echo 1 || echo 0) $(GO) test $$race -tags ci,$(TAGS) -timeout 20m ./...

check: gofumpt vet staticcheck gocyclo layers generated cross ## Format, lint, layers, generated files, other platforms

fmt: go ## Format all code as check wants it
	$(GO) tool gofumpt -l -w $(CODE)

gofumpt: go
	@out="$$($(GO) tool gofumpt -l $(CODE))" && test -z "$$out" || \
		{ echo "not formatted ('make fmt' does it):"; echo "$$out"; exit 1; }

vet: go
	$(GO) vet -tags gles,migrated_fynedo ./...
	$(GO) vet -tags ci,$(TAGS) ./...

staticcheck: go
	$(GO) tool staticcheck -tags ci,$(TAGS) ./...

gocyclo: go
	$(GO) tool gocyclo -over 15 -ignore '_test\.go$$' $(CODE)

layers: go
	$(GO) test -count=1 app/meadow/layers_test.go

generated: go
	$(GO) mod tidy -diff
	.ci/generated $(CODE)

cross: go
	@set -e; for p in $(CROSS); do echo "build for $$p"; \
		GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 $(GO) build -tags $(TAGS) ./core/... ./storage/... ./app/meadow; done

interop: go ## Test against independent implementations and published vectors
	.ci/interop -tags $(TAGS) ./core/...

bench: go ## Benchmarks of packages, then of the program: BENCH=regexp BENCHTIME=5x COUNT=n SHORT=1
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCHTIME) -count $(COUNT) \
		$(if $(SHORT),-short) -timeout 60m ./core/... ./storage/...
	CGO_ENABLED=0 $(GO) run -tags $(TAGS) ./app/bench $(if $(SHORT),-rounds 1 -mib 64 -files 1000)

bench-peers: go ## The same work with Syncthing and rsync in turn, as a table: ROUNDS=3 (installs both, on Debian)
	@command -v syncthing >/dev/null && command -v rsync >/dev/null || .ci/install syncthing rsync
	CGO_ENABLED=0 $(GO) run -tags $(TAGS) ./app/bench -peers -rounds $(ROUNDS)

soak: go ## Fuzz every decoder for SOAK=1m each, then repeat the concurrent tests in random order and kill two nodes 1,000 times
	.ci/soak $(SOAK) ci,$(TAGS)

lab: go ## Endpoints and nodes that find each other, in network namespaces (Linux, root)
	.ci/lab

vuln: go ## Look for known vulnerabilities in what the program calls (network)
	$(GO) run golang.org/x/vuln/cmd/govulncheck@latest -tags $(TAGS) ./...

tools: ## Install a C compiler, for the race detector; asks before it uses sudo
	.ci/install gcc libc6-dev
