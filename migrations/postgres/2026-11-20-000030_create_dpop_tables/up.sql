-- DPoP proofs that were used, until their time is over. `hash`: SHA-256 of key thumbprint and jti.
CREATE TABLE dpop_proofs (
    hash        TEXT    NOT NULL PRIMARY KEY,
    expires_at  BIGINT  NOT NULL
);
CREATE INDEX dpop_proofs_by_expiry ON dpop_proofs (expires_at);

-- What all instances of both servers must agree on and nobody need configure.
CREATE TABLE server_secrets (
    name    TEXT  NOT NULL PRIMARY KEY,
    secret  TEXT  NOT NULL
);

-- Thumbprint of the key that a session's refresh tokens are bound to, where they are.
ALTER TABLE sessions ADD COLUMN key_thumbprint TEXT;
