ALTER TABLE sessions DROP COLUMN root_idle_expires_at;
