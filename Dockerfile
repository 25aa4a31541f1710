# Both servers in one image: `auth-server` and `commerce-api`, without system libraries beyond glibc.
# docker build --build-arg GUESTCART_COMMIT=$(git rev-parse HEAD) -t guestcart .

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# The repository is not part of the context; without it `--version` says "unknown".
ARG GUESTCART_COMMIT
# libpq with TLS, from source; see the features of crates/shared.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p auth-server -p commerce-api \
        --no-default-features --features bundled-tls \
    && mkdir /out \
    && cp target/release/auth-server target/release/commerce-api /out/

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home guestcart
COPY --from=build /out/ /usr/local/bin/
USER guestcart
WORKDIR /tmp
EXPOSE 8080 8081
# Which of the two is the caller's choice: `auth-server serve`, `commerce-api serve`, `… migrate`.
CMD ["auth-server", "--help"]
