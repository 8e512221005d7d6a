FROM rust:1.95-slim-bookworm AS build
# A C compiler, for the parts of the TLS library that are written in C and assembler.
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /genkan
COPY Cargo.toml Cargo.lock build.rs ./
COPY src src
# Cargo looks for all that its manifest names.
COPY benches benches
# build.rs puts these into the binary.
COPY style style
COPY public public
COPY locales locales
RUN cargo build --release --locked --bin genkan

# No shell and no package manager: the C library, certificates for a Kratos that is reached over https, and a user who is not root.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /genkan/target/release/genkan /usr/local/bin/genkan
ENV HOST=0.0.0.0 PORT=3000
EXPOSE 3000
# Asks the server in this container whether it is ready, Kratos included.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["/usr/local/bin/genkan", "health"]
ENTRYPOINT ["/usr/local/bin/genkan"]
