-- Idle deadline of the device that started the session, once it differs from that of the session, which is the latest of
-- all its devices; none: the same.
ALTER TABLE sessions ADD COLUMN root_idle_expires_at BIGINT;
