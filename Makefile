# `make run` and `make test` need Rust, Go with a C compiler, and Node. `make test` also needs a
# Chromium.

# The browser tests run in end2end/. A relative KRATOS_BIN is relative to this folder.
ifdef KRATOS_BIN
export KRATOS_BIN := $(abspath $(KRATOS_BIN))
endif

.DEFAULT_GOAL := help
.PHONY: help run dev stack gallery pictures check test lint browser postgres base soak bench kratos audit sbom clean-state

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 20

run: ## run Genkan, Kratos, a mail catcher and an OpenID provider on http://localhost:3000
	@node end2end/stack.mjs run

dev: ## the same, rebuilt after each change; the browser reloads the page (needs cargo-leptos)
	@node end2end/stack.mjs dev

stack: ## the same without Genkan
	@node end2end/stack.mjs stack

gallery: ## serve every screen in every state, without Kratos, on http://localhost:3000/gallery
	@cargo run -- gallery

pictures: end2end/node_modules/.package-lock.json ## retake the pictures that the tests compare each screen with
	cd end2end && npx --no-install playwright test pictures --project=gallery --update-snapshots

check: lint ## format, lints and Rust tests
	cargo test

test: browser check end2end/node_modules/.package-lock.json ## the same, and the browser tests against a real Kratos
	cd end2end && npx --no-install playwright test

lint:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
# Checks licences, sources and banned crates if cargo-deny is installed. Known vulnerabilities are
# left to `make audit`: they need the network, and the result changes from day to day.
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check bans licenses sources; else echo 'licences were not checked: cargo-deny is not installed'; fi

browser:
	@for tool in faketime sqlite3; do command -v $$tool >/dev/null || { echo "The failure tests need $$tool: \`apt-get install $$tool\` on Debian."; exit 1; }; done
	@command -v chromium >/dev/null || ls -d $${PLAYWRIGHT_BROWSERS_PATH:-$$HOME/.cache/ms-playwright}/chromium* >/dev/null 2>&1 || { \
	  echo 'The browser tests need a Chromium: `apt-get install chromium fonts-noto-cjk` on Debian,'; \
	  echo 'or `cd end2end && npm ci && npx playwright install chromium` elsewhere.'; \
	  exit 1; }

end2end/node_modules/.package-lock.json: end2end/package-lock.json
	cd end2end && npm ci --no-audit --no-fund --loglevel=error

postgres: browser end2end/node_modules/.package-lock.json ## run the journeys of the browser tests with Kratos on Postgres
	cd end2end && DATABASE=postgres npx --no-install playwright test $(JOURNEYS) --project='htmx ja' --project='no-js en'

JOURNEYS = journey login logout recovery registration sessions settings verification code link mfa oidc passkey two-step expiry limits

base: browser end2end/node_modules/.package-lock.json ## run the same journeys with Genkan below /auth
	cd end2end && BASE_PATH=/auth npx --no-install playwright test $(JOURNEYS) --project='htmx ja' --project='no-js en'

# k6 is a Go program. The version is fixed here, and Go checks it against its checksum database.
target/k6:
	GOBIN=$(abspath target) go install go.k6.io/k6@v1.8.1

soak: target/k6 ## run many users at once (DURATION=10m CONNECTIONS=64); nothing may fail, memory may not grow
	cargo build --release
	GENKAN_BIN=target/release/genkan K6=target/k6 node end2end/soak.mjs

bench: ## measure the speed of Genkan beside Kratos, and write docs/performance.md (needs wrk)
	@command -v wrk >/dev/null || { echo 'The benchmark needs wrk: `apt-get install wrk` on Debian.'; exit 1; }
	cargo build --release
	cargo bench --bench page | tee target/parts.txt
	GENKAN_BIN=$(abspath target/release/genkan) PARTS=$(abspath target/parts.txt) node end2end/bench.mjs

kratos: ## build the Kratos server into target/kratos/
	@node end2end/stack.mjs kratos

audit: ## look up known vulnerabilities of all dependencies (needs the network)
	cargo deny check advisories
	cd end2end && npm audit

sbom: ## write the list of dependencies (CycloneDX) to target/
	@command -v cargo-cyclonedx >/dev/null || { \
	  echo 'The list needs cargo-cyclonedx: `cargo install cargo-cyclonedx --locked`.'; \
	  exit 1; }
	@mkdir -p target
# The tool can only write next to Cargo.toml.
	cargo cyclonedx --format json --spec-version 1.5 --no-build-deps --override-filename sbom
	@mv sbom.json target/genkan.cdx.json
	@echo 'target/genkan.cdx.json'

clean-state: ## delete all accounts and mails of `make run`
	rm -rf target/dev.sqlite* target/stack/mail
