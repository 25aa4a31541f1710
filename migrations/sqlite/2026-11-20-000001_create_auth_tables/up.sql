-- Tables the auth server owns. Times are epoch milliseconds. Secrets and tokens are stored as hashes only.

CREATE TABLE api_clients (
    id                     TEXT    NOT NULL PRIMARY KEY,
    project_key            TEXT    NOT NULL,
    name                   TEXT    NOT NULL,
    scope                  TEXT    NOT NULL,
    access_token_seconds   BIGINT,
    refresh_token_seconds  BIGINT,
    refresh_token_mode     TEXT    NOT NULL,
    access_token_format    TEXT    NOT NULL,
    grace_seconds          BIGINT  NOT NULL,
    created_at             BIGINT  NOT NULL,
    delete_at              BIGINT,
    last_used_on           TEXT
);
CREATE INDEX api_clients_by_project ON api_clients (project_key, created_at, id);

CREATE TABLE client_secrets (
    client_id   TEXT    NOT NULL REFERENCES api_clients (id) ON DELETE CASCADE,
    tag         TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    expires_at  BIGINT,
    PRIMARY KEY (client_id, tag)
);

-- One sign-in of a customer or one guest. `state`: active, ended, revoked, expired, evicted.
CREATE TABLE sessions (
    id                   TEXT    NOT NULL PRIMARY KEY,
    project_key          TEXT    NOT NULL,
    anonymous_id         TEXT,
    customer_id          TEXT,
    client_id            TEXT    NOT NULL,
    store_key            TEXT,
    scope                TEXT    NOT NULL,
    state                TEXT    NOT NULL,
    state_reason         TEXT,
    generation           BIGINT  NOT NULL,
    created_at           BIGINT  NOT NULL,
    last_used_at         BIGINT  NOT NULL,
    idle_expires_at      BIGINT  NOT NULL,
    absolute_expires_at  BIGINT
);
CREATE UNIQUE INDEX sessions_anonymous_id ON sessions (project_key, anonymous_id);
CREATE INDEX sessions_by_customer ON sessions (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX sessions_by_client ON sessions (client_id);

-- Anonymous ids that are taken without a session of their own: chosen ones, and those that backends wrote on resources.
CREATE TABLE anonymous_ids (
    project_key   TEXT  NOT NULL,
    anonymous_id  TEXT  NOT NULL,
    origin        TEXT  NOT NULL,
    PRIMARY KEY (project_key, anonymous_id)
);

-- One row per generation. `state`: live, spent, retired.
CREATE TABLE refresh_tokens (
    hash              TEXT    NOT NULL PRIMARY KEY,
    session_id        TEXT    NOT NULL,
    generation        BIGINT  NOT NULL,
    state             TEXT    NOT NULL,
    created_at        BIGINT  NOT NULL,
    first_used_at     BIGINT,
    successor_hash    TEXT,
    successor_sealed  TEXT
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

CREATE TABLE opaque_access_tokens (
    hash        TEXT    NOT NULL PRIMARY KEY,
    claims      TEXT    NOT NULL,
    expires_at  BIGINT  NOT NULL
);
CREATE INDEX opaque_access_tokens_by_expiry ON opaque_access_tokens (expires_at);

-- Access tokens that were revoked one by one, until they would have expired anyway.
CREATE TABLE revoked_tokens (
    jti         TEXT    NOT NULL PRIMARY KEY,
    expires_at  BIGINT  NOT NULL
);

-- `state`: pending, active, retired, removed.
CREATE TABLE signing_keys (
    kid            TEXT    NOT NULL PRIMARY KEY,
    algorithm      TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    public_jwk     TEXT    NOT NULL,
    sealed_key     TEXT,
    created_at     BIGINT  NOT NULL,
    activated_at   BIGINT,
    retired_at     BIGINT
);

CREATE TABLE idempotency_keys (
    hash        TEXT    NOT NULL PRIMARY KEY,
    response    TEXT    NOT NULL,
    expires_at  BIGINT  NOT NULL
);

CREATE TABLE audit_events (
    id          TEXT    NOT NULL PRIMARY KEY,
    project_key TEXT    NOT NULL,
    event       TEXT    NOT NULL,
    session_id  TEXT,
    client_id   TEXT,
    detail      TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL
);
CREATE INDEX audit_events_by_session ON audit_events (session_id, created_at);
