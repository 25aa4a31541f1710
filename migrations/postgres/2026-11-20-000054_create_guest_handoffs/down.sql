-- Without its column a handed-over token would pass for one of the device that started the session.
DELETE FROM refresh_tokens WHERE family_id IS NOT NULL;
ALTER TABLE refresh_tokens DROP COLUMN family_id;
DROP TABLE session_families;
DROP TABLE handoff_codes;
