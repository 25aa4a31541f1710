DROP INDEX idempotency_keys_by_expiry;
DROP INDEX revoked_tokens_by_expiry;
ALTER TABLE sessions DROP COLUMN closed_at;
DROP TABLE job_leases;
