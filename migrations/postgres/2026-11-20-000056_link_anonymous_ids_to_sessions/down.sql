ALTER TABLE anonymous_ids DROP COLUMN session_id;
