-- What a customer allowed a client, until the client asks for its tokens. A used code stays until its row is purged: should it
-- come again, its session is revoked. `authorized_by`: the session of the customer's own token.
-- `key_thumbprint`: the key that the exchange must show, where one was named.
CREATE TABLE authorization_codes (
    hash                   TEXT     NOT NULL PRIMARY KEY,
    client_id              TEXT     NOT NULL,
    redirect_uri           TEXT     NOT NULL,
    is_redirect_uri_named  BOOLEAN  NOT NULL,
    challenge              TEXT     NOT NULL,
    customer_id            TEXT     NOT NULL,
    scope                  TEXT     NOT NULL,
    store_key              TEXT,
    authorized_by          TEXT     NOT NULL,
    key_thumbprint         TEXT,
    created_at             BIGINT   NOT NULL,
    expires_at             BIGINT   NOT NULL,
    used_at                BIGINT,
    session_id             TEXT
);
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at);
