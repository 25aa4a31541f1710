-- The session that an anonymous id belonged to, once its row is gone: the way to what the audit trail knows of it.
ALTER TABLE anonymous_ids ADD COLUMN session_id TEXT;
