# `make run` and `make test` need Rust, Go with a C compiler, and Node; `make test` also needs a Chromium.

# The tests run in end2end/, and a path that is given is meant from here.
ifdef KRATOS_BIN
export KRATOS_BIN := $(abspath $(KRATOS_BIN))
endif

.DEFAULT_GOAL := help
.PHONY: help run stack gallery pictures test lint browser postgres base soak bench kratos audit sbom clean-state

help: ## these lines
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 20

run: ## Genkan, Kratos, a mail catcher and an OpenID provider, on http://localhost:3000
	@node end2end/stack.mjs run

stack: ## the same without Genkan, beside `cargo leptos watch --server-only`
	@node end2end/stack.mjs stack

gallery: ## every screen in every state, with no Kratos, on http://localhost:3000/gallery
	@cargo run -- gallery

pictures: end2end/node_modules/.package-lock.json ## take the pictures anew that the tests compare every screen with
	cd end2end && npx --no-install playwright test pictures --project=gallery --update-snapshots

test: lint browser end2end/node_modules/.package-lock.json ## format, lints, Rust tests, browser tests against the real Kratos
	cargo test
	cd end2end && npx --no-install playwright test

lint:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
# Licences and doubtful crates, where cargo-deny is installed. Known vulnerabilities (`cargo deny check advisories`) need the
# network, and what they find changes from day to day: that is no test.
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check bans licenses sources; else echo 'licences: not checked, cargo-deny is not installed'; fi

browser:
	@for tool in faketime sqlite3; do command -v $$tool >/dev/null || { echo "The tests of failures need $$tool: \`apt-get install $$tool\` on Debian."; exit 1; }; done
	@command -v chromium >/dev/null || ls -d $${PLAYWRIGHT_BROWSERS_PATH:-$$HOME/.cache/ms-playwright}/chromium* >/dev/null 2>&1 || { \
	  echo 'The browser tests need a Chromium: `apt-get install chromium fonts-noto-cjk` on Debian,'; \
	  echo 'or `cd end2end && npm ci && npx playwright install chromium` elsewhere.'; \
	  exit 1; }

end2end/node_modules/.package-lock.json: end2end/package-lock.json
	cd end2end && npm ci --no-audit --no-fund --loglevel=error

postgres: browser end2end/node_modules/.package-lock.json ## the journeys of the browser tests with Kratos on a Postgres of their own
	cd end2end && DATABASE=postgres npx --no-install playwright test $(JOURNEYS) --project='htmx ja' --project='no-js en'

JOURNEYS = journey login logout recovery registration sessions settings verification code link mfa oidc passkey two-step expiry limits

base: browser end2end/node_modules/.package-lock.json ## the same journeys with everything below /auth
	cd end2end && BASE_PATH=/auth npx --no-install playwright test $(JOURNEYS) --project='htmx ja' --project='no-js en'

# k6 is a Go program: the version is fixed here, Go's checksum database vouches for it.
target/k6:
	GOBIN=$(abspath target) go install go.k6.io/k6@v1.8.1

soak: target/k6 ## many people at once for ten minutes (DURATION=10m CONNECTIONS=64): nothing fails, memory stays flat
	cargo build --release
	GENKAN_BIN=target/release/genkan K6=target/k6 node end2end/soak.mjs

bench: ## how fast the program is beside the Kratos that it asks; writes docs/performance.md (needs wrk)
	@command -v wrk >/dev/null || { echo 'The load is made by wrk: `apt-get install wrk` on Debian.'; exit 1; }
	cargo build --release
	cargo bench --bench page | tee target/parts.txt
	GENKAN_BIN=$(abspath target/release/genkan) PARTS=$(abspath target/parts.txt) node end2end/bench.mjs

kratos: ## build the Kratos server into target/kratos/
	@node end2end/stack.mjs kratos

audit: ## known vulnerabilities in what the program and its tests are made of (needs the network)
	cargo deny check advisories
	cd end2end && npm audit

sbom: ## what the program is made of, as CycloneDX, in target/
	@command -v cargo-cyclonedx >/dev/null || { \
	  echo 'The list is made by cargo-cyclonedx: `cargo install cargo-cyclonedx --locked`.'; \
	  exit 1; }
	@mkdir -p target
# The tool writes beside Cargo.toml only.
	cargo cyclonedx --format json --spec-version 1.5 --no-build-deps --override-filename sbom
	@mv sbom.json target/genkan.cdx.json
	@echo 'target/genkan.cdx.json'

clean-state: ## forget all accounts and mails of `make run`
	rm -rf target/dev.sqlite* target/stack/mail
