# The one door to every task. `make` alone lists them.

# A later Node than the machine's, where `make tools` had to bring one.
export PATH := $(CURDIR)/target/tools/node/node_modules/.bin:$(PATH)

.PHONY: help demo test tools fmt lint sim bench scaling outages example screens

help: ## List the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: ## Build MUTT and play traffic at it; ARGS="--for 60s" ends it with a summary
	cargo run --bin mutt -- demo $(ARGS)

test: tools ## Install what the tests need, then run all checks and all tests
	cargo fmt --all --check
	cargo deny --log-level error check licenses bans sources
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	scripts/walls.sh
	cd ui && npm run --silent check && npm test --silent
	cargo nextest run --workspace --all-features
	cargo test --workspace --all-features --doc -q

tools: ## Bring the programs that the tests use
	scripts/test-tools.sh

fmt: ## Format all code
	cargo fmt --all

lint: ## Clippy, warnings are errors
	cargo clippy --workspace --all-targets --all-features -- -D warnings

sim: ## Simulate: SEEDS=10000 runs more
	cargo run --release --bin mutt-sim -- --seeds $(or $(SEEDS),2000)

bench: ## Measure throughput and latency of the whole (see benches/README.md)
	cargo run --release --bin mutt -- bench

scaling: tools ## Measure what judging costs at 1, 2 and 4 `mutt alert`
	cargo nextest run --release -p mutt --test guarantees how_judging_scales --run-ignored only --no-capture

outages: tools ## Redis and PostgreSQL away for ten minutes, processes stopped for three leases; an hour
	cargo nextest run --release -p mutt --test guarantees --run-ignored only --no-capture \
		--config-file .config/outages.toml three_leases ten_minutes

example: ## Write mutt.example.toml and ui/openapi.json from the code that they describe
	cargo build -q --all-features --bin mutt
	target/debug/mutt config example > mutt.example.toml
	target/debug/mutt openapi > ui/openapi.json

screens: tools ## Make the pictures of the pages in docs/screens anew
	UI_SCREENS=$(CURDIR)/docs/screens cargo nextest run --workspace --all-features \
		-E 'package(mutt) & test(the_pages_lead_people)'
