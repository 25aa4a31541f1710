-- Who does which housekeeping job, and when it is due again. One instance at a time works on a job.
CREATE TABLE job_leases (
    job          TEXT    NOT NULL PRIMARY KEY,
    holder       TEXT,
    expires_at   BIGINT  NOT NULL,
    due_at       BIGINT  NOT NULL,
    position     TEXT,
    finished_at  BIGINT,
    failure      TEXT
);

-- Since when a session is over: ended, revoked, expired or evicted.
ALTER TABLE sessions ADD COLUMN closed_at BIGINT;

CREATE INDEX revoked_tokens_by_expiry ON revoked_tokens (expires_at);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
