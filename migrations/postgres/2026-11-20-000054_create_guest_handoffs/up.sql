-- One-time codes with which another device takes over a guest's session. `hash`: SHA-256 of the code. `family_id`: the
-- device that made it, or none for the one that started the session. `redeemed_by`: the device that came of it.
CREATE TABLE handoff_codes (
    hash         TEXT    NOT NULL PRIMARY KEY,
    session_id   TEXT    NOT NULL,
    family_id    TEXT,
    scope        TEXT    NOT NULL,
    redeemed_by  TEXT,
    expires_at   BIGINT  NOT NULL
);
CREATE INDEX handoff_codes_by_expiry ON handoff_codes (expires_at);

-- Devices to which a guest's session was handed over, each with refresh tokens of its own. The device that started the
-- session has no row: its client, scope and deadline are the session's. `parent_id`: the device that handed it over, if it has one.
CREATE TABLE session_families (
    id               TEXT    NOT NULL PRIMARY KEY,
    session_id       TEXT    NOT NULL,
    parent_id        TEXT,
    client_id        TEXT    NOT NULL,
    scope            TEXT    NOT NULL,
    created_at       BIGINT  NOT NULL,
    last_used_at     BIGINT  NOT NULL,
    idle_expires_at  BIGINT  NOT NULL,
    closed_at        BIGINT
);
CREATE INDEX session_families_by_session ON session_families (session_id);
CREATE INDEX session_families_by_client ON session_families (client_id);
CREATE INDEX session_families_by_parent ON session_families (parent_id) WHERE parent_id IS NOT NULL;

-- The device that the token is of, or none for the one that started the session.
ALTER TABLE refresh_tokens ADD COLUMN family_id TEXT;
